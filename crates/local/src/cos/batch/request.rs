//! What a batch job may be asked for.

use tcloud_core::codec::xml;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;
use tcloud_cos::operation::create_job::CreateJobRequest;
use tcloud_cos::types::{
    BatchCopy, BatchDirective, BatchManifest, BatchManifestField, BatchManifestFormat,
    BatchOperation, BatchRestore, BatchTagging,
};

use super::fault::refused;
use super::role::caller;
use super::task::{Copying, tags_of};
use crate::cos::bucket::setting::rules::bucket_of;
use crate::cos::fault::not_implemented;
use crate::cos::tags;
use crate::state::State;
use crate::store::{BatchJob, ObjectName, StoreError};

/// The root of the document that a job is kept as.
const ROOT: &str = "CreateJobRequest";
/// For how many days an object is restored at most.
const DAYS: i64 = 365;

/// What each kind of operation is called.
pub(super) fn name(operation: &BatchOperation) -> &'static str {
    match (&operation.copy, &operation.restore) {
        (Some(_), _) => "COSPutObjectCopy",
        (None, Some(_)) => "COSInitiateRestoreObject",
        (None, None) => "COSPutObjectTagging",
    }
}

/// `request` as it is kept.
pub(super) fn document(request: &CreateJobRequest) -> Result<String, Fault> {
    xml::encode(ROOT, request).map_err(|error| Fault::malformed(Protocol::Cos, error.to_string()))
}

/// What `job` was asked for.
pub(super) fn asked(job: &BatchJob) -> Result<CreateJobRequest, Fault> {
    let mut request = CreateJobRequest::default();
    match xml::decode(&job.request, ROOT, &mut request) {
        Ok(_) => Ok(request),
        // Nobody else has written it.
        Err(error) => Err(Fault::internal(Protocol::Cos, error.to_string())),
    }
}

/// Refuses what contradicts itself, whatever there is beside it.
pub(super) fn check(state: &State, request: &CreateJobRequest) -> Result<(), Fault> {
    if request.client_request_token.as_deref() == Some("") {
        return Err(refused(
            "the ClientRequestToken is empty; it has 1 to 64 bytes",
        ));
    }
    caller(state, request.role_arn.as_deref().unwrap_or_default())?;
    if let Some(manifest) = &request.manifest {
        check_manifest(manifest)?;
    }
    let Some(operation) = request.operation.as_deref() else {
        // The table needs it.
        return Ok(());
    };
    match (&operation.copy, &operation.restore, &operation.tag) {
        (Some(copy), None, None) => check_copy(state, copy),
        (None, Some(restore), None) => check_restore(restore),
        (None, None, Some(tag)) => check_tagging(tag),
        _ => Err(refused(
            "the Operation must have one node: what is done to each object",
        )),
    }
}

/// Refuses buckets that are not there.
pub(super) async fn check_beside(
    state: &State,
    region: &str,
    request: &CreateJobRequest,
) -> Result<(), Fault> {
    let (_, of_list) = list_of(request.manifest.as_ref())?;
    require_region("ObjectArn", of_list, region)?;
    let operation = request.operation.as_deref();
    if let Some(copy) = operation.and_then(|it| it.copy.as_ref()) {
        let target = copy.target_resource.as_deref().unwrap_or_default();
        require_bucket(state, "TargetResource", bucket_of(target)).await?;
    }
    if let Some(report) = request
        .report
        .as_ref()
        .filter(|it| it.enabled == Some(true))
    {
        let named = bucket_of(report.bucket.as_deref().unwrap_or_default());
        let reported = require_bucket(state, "Report.Bucket", named).await?;
        require_region("Report.Bucket", &reported, region)?;
    }
    Ok(())
}

/// Refuses a bucket that is not there, or is elsewhere. Returns its region.
async fn require_bucket(
    state: &State,
    what: &str,
    named: Result<(&str, &str), Fault>,
) -> Result<String, Fault> {
    let (name, region) = named.map_err(|fault| refused(format!("{what}: {}", fault.message)))?;
    match state.store.bucket(name).await {
        Ok(bucket) => {
            require_region(what, region, &bucket.region)?;
            Ok(bucket.region)
        }
        Err(error @ StoreError::NoSuchBucket(_)) => Err(refused(format!("{what}: {error}"))),
        Err(error) => Err(error.into()),
    }
}

fn require_region(what: &str, named: &str, region: &str) -> Result<(), Fault> {
    if named == region {
        return Ok(());
    }
    Err(refused(format!("{what} is in {named}, not in {region}")))
}

/// The list that `manifest` names, and the region that it is in.
pub(super) fn list_of(manifest: Option<&BatchManifest>) -> Result<(ObjectName, &str), Fault> {
    let location = manifest.and_then(|manifest| manifest.location.as_ref());
    let arn = location.and_then(|it| it.object_arn.as_deref());
    let arn = arn.unwrap_or_default();
    let named = bucket_of(arn).ok().and_then(|(object, region)| {
        let (bucket, key) = object.split_once('/')?;
        (!key.is_empty()).then(|| (ObjectName::new(bucket, key), region))
    });
    named.ok_or_else(|| {
        refused(format!(
            "the ObjectArn `{arn}` names no object; write it as in \
             qcs::cos:ap-guangzhou::examplebucket-1250000000/list.csv"
        ))
    })
}

fn check_manifest(manifest: &BatchManifest) -> Result<(), Fault> {
    list_of(Some(manifest))?;
    let Some(spec) = &manifest.spec else {
        return Ok(());
    };
    let fields = spec.fields.as_ref().map(|it| it.fields.as_slice());
    let fields = fields.unwrap_or_default();
    if spec.format == Some(BatchManifestFormat::CosInventoryReportCsvV1) {
        if fields.is_empty() {
            return Ok(());
        }
        return Err(refused(
            "an inventory names its Fields itself; leave them out",
        ));
    }
    let count = |wanted: &BatchManifestField| fields.iter().filter(|it| *it == wanted).count();
    for needed in [BatchManifestField::Bucket, BatchManifestField::Key] {
        if count(&needed) != 1 {
            return Err(refused(format!("the Fields must have {needed} once")));
        }
    }
    if count(&BatchManifestField::VersionId) > 1 {
        return Err(refused("the Fields must have VersionId once at most"));
    }
    Ok(())
}

fn check_copy(state: &State, copy: &BatchCopy) -> Result<(), Fault> {
    let replaces_metadata = copy.metadata_directive == Some(BatchDirective::Replaced);
    if copy.new_object_metadata.is_some() != replaces_metadata {
        return Err(refused(
            "NewObjectMetadata and the MetadataDirective Replaced belong together",
        ));
    }
    let replaces_tags = copy.tagging_directive == Some(BatchDirective::Replaced);
    if copy.new_object_tagging.is_some() != replaces_tags {
        return Err(refused(
            "NewObjectTagging and the TaggingDirective Replaced belong together",
        ));
    }
    if copy.prefix_replace != Some(true) && copy.resources_prefix.is_some() {
        return Err(refused("ResourcesPrefix needs PrefixReplace: true"));
    }
    let gives = copy.acl.is_some() || copy.access_control_grants.is_some();
    match copy.access_control_directive.as_deref() {
        None | Some("Replaced") => {}
        Some("Copy") if !gives => {}
        Some("Copy") => {
            return Err(refused(
                "the AccessControlDirective Copy takes the list of each object; leave \
                 AccessControlGrants and CannedAccessControlList out",
            ));
        }
        Some(other) => {
            return Err(refused(format!(
                "the AccessControlDirective is Copy or Replaced, not `{other}`"
            )));
        }
    }
    if copy.acl.is_some() && copy.access_control_grants.is_some() {
        return Err(refused(
            "CannedAccessControlList and AccessControlGrants exclude one another; leave one out",
        ));
    }
    Copying::new(state, copy).map(drop)
}

fn check_restore(restore: &BatchRestore) -> Result<(), Fault> {
    match restore.expiration_in_days {
        Some(1..=DAYS) => Ok(()),
        _ => Err(refused(format!("ExpirationInDays must be 1 to {DAYS}"))),
    }
}

fn check_tagging(tagging: &BatchTagging) -> Result<(), Fault> {
    match tagging.tagging_directive.as_deref() {
        Some("Replaced") => {}
        other => {
            let other = other.unwrap_or_default();
            return Err(not_implemented(&format!(
                "The TaggingDirective `{other}` of COSPutObjectTagging, of which no document says what \
                 it does (`Replaced` is here),"
            )));
        }
    }
    tags::of_object(tags_of(tagging)).map(drop)
}
