//! Regular reports about the objects of a bucket.

use tcloud_core::server::{Context, Fault};
use tcloud_cos::operation::delete_bucket_inventory::DeleteBucketInventoryRequest;
use tcloud_cos::operation::get_bucket_inventory::{self, GetBucketInventoryRequest};
use tcloud_cos::operation::list_bucket_inventory_configurations::{
    ListBucketInventoryConfigurationsRequest, ListBucketInventoryConfigurationsResponse,
};
use tcloud_cos::operation::put_bucket_inventory::PutBucketInventoryRequest;
use tcloud_cos::types::{InventoryFormat, InventoryFrequency, InventoryRule};

use super::kept::{self, Absent, Deletable, Setting};
use super::rules::{bucket_of, each_once, not_both};
use crate::cos::fault::{invalid, not_implemented};
use crate::cos::names;
use crate::state::State;
use crate::store::{Bucket, StoreError};

/// How many reports a page has.
const PAGE: usize = 100;
/// What a report can say of an object, beside metadata.
const FIELDS: [&str; 8] = [
    "Size",
    "LastModifiedDate",
    "StorageClass",
    "ETag",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "Tag",
    "Crc64",
];

/// Under which kind reports are kept.
pub(in crate::cos) const KIND: &str = "inventory";

/// A report.
pub(super) struct Inventory;

impl Setting for Inventory {
    type Put = PutBucketInventoryRequest;
    type Get = GetBucketInventoryRequest;

    const KIND: &'static str = KIND;
    const ABSENT: Absent = Absent::Refused("InventoryConfigurationNotFoundError");
    const ID: &'static str = "id";
    const MOST: i64 = 1000;
    const FULL: &'static str = "InventoryFull";

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        if request.id != request.rule_id {
            return Err(invalid("Id is not the same as the parameter id"));
        }
        if let Some(filter) = &request.filter {
            not_both(
                ("Filter.And", filter.and.is_some()),
                ("Filter.Prefix", filter.prefix.is_some()),
            )?;
        }
        if let Some(fields) = &request.optional_fields {
            each_once(fields.fields.iter().map(String::as_str), "Field")?;
            let is_known =
                |field: &String| FIELDS.contains(&&**field) || field.starts_with("x-cos-meta-");
            if let Some(field) = fields.fields.iter().find(|field| !is_known(field)) {
                return Err(invalid(format!(
                    "`{field}` is no Field; there are {} and metadata",
                    FIELDS.join(", ")
                )));
            }
        }
        let destination = request.destination.as_ref();
        let destination = destination.and_then(|it| it.bucket_destination.as_ref());
        if destination.is_some_and(|it| it.format != Some(InventoryFormat::Csv)) {
            return Err(not_implemented("A report in another Format than CSV"));
        }
        if destination.is_some_and(|it| it.encryption.is_some()) {
            return Err(not_implemented("The Encryption of a report"));
        }
        let schedule = request.schedule.as_ref();
        let is_monthly = schedule
            .is_some_and(|schedule| schedule.frequency == Some(InventoryFrequency::Monthly));
        let has_date = schedule.is_some_and(|schedule| schedule.monthly_date.is_some());
        if has_date && !is_monthly {
            return Err(invalid("MonthlyDate goes with the Frequency Monthly alone"));
        }
        Ok(())
    }

    async fn check_beside(
        state: &State,
        bucket: &Bucket,
        request: &Self::Put,
    ) -> Result<(), Fault> {
        let destination = request.destination.as_ref();
        let destination = destination.and_then(|it| it.bucket_destination.as_ref());
        let Some(named) = destination.and_then(|it| it.bucket.as_deref()) else {
            return Ok(());
        };
        let (name, region) = bucket_of(named)?;
        match state.store.bucket(name).await {
            Ok(found) if found.region == region && region == bucket.region => Ok(()),
            Ok(_) => Err(invalid(format!(
                "reports of {} must stay in its region, {}",
                bucket.name, bucket.region
            ))),
            Err(StoreError::NoSuchBucket(_)) => Err(invalid(format!(
                "there is no bucket {name} for reports; make it first"
            ))),
            Err(error) => Err(error.into()),
        }
    }
}

/// The report of a document that was kept.
pub(in crate::cos) fn rule(document: &str) -> Result<InventoryRule, Fault> {
    let mut rule = InventoryRule::default();
    let format = get_bucket_inventory::OPERATION.response_body;
    kept::read(format, document, &mut rule)?;
    Ok(rule)
}

impl Deletable for Inventory {
    type Delete = DeleteBucketInventoryRequest;
}

/// Lists a page of the reports of a bucket.
pub(super) async fn list(
    state: &State,
    _: Context,
    request: ListBucketInventoryConfigurationsRequest,
) -> Result<ListBucketInventoryConfigurationsResponse, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let after = request.continuation_token.clone().unwrap_or_default();
    // One more shows whether the list goes on.
    let limit = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
    let page = state
        .store
        .bucket_settings(&bucket, Inventory::KIND, &after, limit);
    let mut page = page.await?;
    let is_truncated = page.len() > PAGE;
    page.truncate(PAGE);
    let mut answer = ListBucketInventoryConfigurationsResponse::new().is_truncated(is_truncated);
    answer.continuation_token = request.continuation_token;
    if is_truncated {
        answer.next_continuation_token = page.last().map(|last| last.id.clone());
    }
    for kept in page {
        answer.rules.push(rule(&kept.document)?);
    }
    Ok(answer)
}
