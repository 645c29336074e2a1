//! What a batch job does to one object: by the same rules as a request that would do it.

use tcloud_core::call::Request;
use tcloud_core::server::{Context, Fault};
use tcloud_core::time::format_http_date;
use tcloud_cos::operation::create_job::CreateJobRequest;
use tcloud_cos::operation::get_object::GetObjectRequest;
use tcloud_cos::operation::post_object_restore::PostObjectRestoreRequest;
use tcloud_cos::operation::put_object_copy::PutObjectCopyRequest;
use tcloud_cos::operation::put_object_tagging::PutObjectTaggingRequest;
use tcloud_cos::types::{
    AccessControlList, BatchCopy, BatchDirective, BatchGrants, BatchOperation, BatchRestoreTier,
    BatchTagging, Grant, Grantee, MetadataDirective, TagSet,
};

use super::fault::refused;
use super::role::caller;
use crate::cos::bucket::setting::rules::bucket_of;
use crate::cos::fault::invalid;
use crate::cos::object::copying;
use crate::cos::{acl, names, permission, tags};
use crate::state::State;
use crate::store::{Acl, BatchTask, ObjectName, StoreError, Tasked, Tier};

/// What precedes the name of a client's own header.
const OWN: &str = "x-cos-meta-";

/// How a job copies each object.
#[derive(Debug)]
pub(super) struct Copying {
    /// The request that copies one.
    request: PutObjectCopyRequest,
    bucket: String,
    /// The list of the copies, unless that of the object is copied.
    acl: Option<Acl>,
    /// The tags of the copies, unless those of the object are copied.
    tags: Option<TagSet>,
    /// The beginning of keys that is replaced; `None` if only something is put before them.
    replaced: Option<String>,
    prefix: String,
}

impl Copying {
    /// How `copy` says.
    ///
    /// # Errors
    ///
    /// It says what no copy can have.
    pub(super) fn new(state: &State, copy: &BatchCopy) -> Result<Self, Fault> {
        let target = copy.target_resource.as_deref().unwrap_or_default();
        let (bucket, _) = bucket_of(target)
            .map_err(|fault| refused(format!("TargetResource: {}", fault.message)))?;
        let mut request = PutObjectCopyRequest::default();
        request.storage_class.clone_from(&copy.storage_class);
        let date = |seconds: Option<i64>| seconds.map(format_http_date);
        request.copy_source_if_modified_since = date(copy.modified_since_constraint);
        request.copy_source_if_unmodified_since = date(copy.unmodified_since_constraint);
        if copy.metadata_directive == Some(BatchDirective::Replaced)
            && let Some(metadata) = &copy.new_object_metadata
        {
            request.metadata_directive = Some(MetadataDirective::Replaced);
            request.cache_control.clone_from(&metadata.cache_control);
            request
                .content_disposition
                .clone_from(&metadata.content_disposition);
            request
                .content_encoding
                .clone_from(&metadata.content_encoding);
            request.content_type.clone_from(&metadata.content_type);
            request.expires.clone_from(&metadata.http_expires_date);
            let algorithm = metadata.sse_algorithm.as_deref();
            request.server_side_encryption = algorithm.map(Into::into);
            for item in metadata.user_metadata.iter().flat_map(|it| &it.items) {
                let key = item.key.as_deref().unwrap_or_default();
                let key = key.to_ascii_lowercase();
                let own = key.strip_prefix(OWN).filter(|own| !own.is_empty());
                let own = own.ok_or_else(|| {
                    refused(format!(
                        "the Key `{key}` of UserMetadata must begin with {OWN}"
                    ))
                })?;
                let value = item.value.clone().unwrap_or_default();
                request.metadata.insert(own.to_owned(), value);
            }
        }
        let replaces_tags = copy.tagging_directive == Some(BatchDirective::Replaced);
        let given = copy.new_object_tagging.as_ref();
        let tags = given.filter(|_| replaces_tags);
        let tags = tags.map(|given| TagSet::new(given.tags.clone()));
        if let Some(tags) = &tags {
            tags::of_object(tags.clone())?;
        }
        request.acl.clone_from(&copy.acl);
        let acl = if let Some(grants) = &copy.access_control_grants {
            Some(acl::of_grants(state, &list(grants))?)
        } else if copy.access_control_directive.as_deref() == Some("Replaced") || copy.acl.is_some()
        {
            Some(acl::of_object(state, copy.acl.as_ref(), &request)?.unwrap_or_default())
        } else {
            None
        };
        let is_replacing = copy.prefix_replace == Some(true);
        let replaced = is_replacing.then(|| copy.resources_prefix.clone().unwrap_or_default());
        Ok(Self {
            request,
            bucket: bucket.to_owned(),
            acl,
            tags,
            replaced,
            prefix: copy.target_key_prefix.clone().unwrap_or_default(),
        })
    }

    /// The name of the copy of the object `key`.
    fn target(&self, key: &str) -> Result<ObjectName, Fault> {
        let rest = match &self.replaced {
            None => Some(key),
            // What does not begin with it keeps its name.
            Some(replaced) => key.strip_prefix(replaced.as_str()),
        };
        let copy = rest.map_or_else(|| key.to_owned(), |rest| format!("{}{rest}", self.prefix));
        if copy.is_empty() {
            return Err(invalid(format!(
                "the copy of `{key}` would have an empty key: all of it is the ResourcesPrefix; give a \
                 TargetKeyPrefix"
            )));
        }
        names::object(Some(self.bucket.clone()), Some(copy))
    }
}

/// The grants as any other document has them.
fn list(grants: &BatchGrants) -> AccessControlList {
    let grant = |given: &tcloud_cos::types::BatchGrant| {
        let mut grant = Grant::default();
        grant.permission.clone_from(&given.permission);
        let mut grantee = Grantee::new();
        grantee.id = given.grantee.as_ref().and_then(|it| it.identifier.clone());
        grant.grantee = Some(grantee);
        grant
    };
    AccessControlList::new().grant(grants.grants.iter().map(grant))
}

/// What a job does.
pub(super) struct Work<'a> {
    state: &'a State,
    region: &'a str,
    /// Whom it does it for.
    context: Context,
    operation: &'a BatchOperation,
    copying: Option<Copying>,
}

impl<'a> Work<'a> {
    /// What a job in `region` does that was asked for `asked`.
    pub(super) fn new(
        state: &'a State,
        region: &'a str,
        asked: &'a CreateJobRequest,
    ) -> Result<Self, Fault> {
        let role = asked.role_arn.as_deref().unwrap_or_default();
        let operation = asked.operation.as_deref();
        let operation = operation.ok_or_else(|| refused("the job has no Operation"))?;
        let copying = operation.copy.as_ref();
        Ok(Self {
            state,
            region,
            context: permission::context_of(caller(state, role)?),
            operation,
            copying: copying.map(|copy| Copying::new(state, copy)).transpose()?,
        })
    }

    /// Whom it does it for.
    pub(super) const fn context(&self) -> &Context {
        &self.context
    }

    /// What comes of `task`, if nothing changes until it does.
    pub(super) async fn plan(&self, task: &BatchTask) -> Result<Tasked, Fault> {
        let (bucket, key) = (task.bucket.clone(), task.key.clone());
        let name = names::object(Some(bucket), Some(key))?;
        let version = names::version(Some(&task.version))?;
        let state = self.state;
        let bucket = state.store.bucket(&name.bucket).await?;
        if bucket.region != self.region {
            return Err(
                StoreError::NoSuchBucket(format!("{} in {}", bucket.name, self.region)).into(),
            );
        }
        let permit = async |operation| {
            permission::require(state, &self.context, operation, &name, version).await
        };
        if let Some(copying) = &self.copying {
            permit(GetObjectRequest::operation()).await?;
            let to = copying.target(&name.key)?;
            let storing = PutObjectCopyRequest::operation();
            permission::require(state, &self.context, storing, &to, None).await?;
            let source = state.store.head_version(&name, version).await?;
            let copied = copying::prepare(state, &copying.request, (&source, None), &to);
            let (mut attributes, _) = copied.await?;
            let own = &source.attributes.acl;
            attributes.acl = copying.acl.as_ref().unwrap_or(own).clone();
            if let Some(given) = &copying.tags {
                attributes.tags = tags::of_object(given.clone())?;
            }
            return Ok(Tasked::Copy {
                source: Box::new(source),
                to,
                attributes,
            });
        }
        if let Some(restore) = &self.operation.restore {
            permit(PostObjectRestoreRequest::operation()).await?;
            let days = restore.expiration_in_days.unwrap_or_default();
            return Ok(Tasked::Restore {
                name,
                version,
                days: u32::try_from(days).unwrap_or_default(),
                tier: match restore.job_tier {
                    Some(BatchRestoreTier::Bulk) => Tier::Bulk,
                    // The table lets no third word through.
                    _ => Tier::Standard,
                },
            });
        }
        permit(PutObjectTaggingRequest::operation()).await?;
        let tags = self.operation.tag.as_ref().map(tags_of);
        Ok(Tasked::Tag {
            name,
            version,
            tags: tags::of_object(tags.unwrap_or_else(|| TagSet::new([])))?,
        })
    }
}

/// What comes of a task that cannot be done.
pub(super) fn failed(fault: Fault) -> Tasked {
    Tasked::Failed {
        status: fault.status.as_u16(),
        code: fault.code,
        message: fault.message,
    }
}

/// The tags that `tagging` gives.
pub(super) fn tags_of(tagging: &BatchTagging) -> TagSet {
    let tags = tagging.tag_set.as_ref().map(|set| set.tags.clone());
    TagSet::new(tags.unwrap_or_default())
}
