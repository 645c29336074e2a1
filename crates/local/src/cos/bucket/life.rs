//! Buckets: made, listed, described, deleted.

use http::StatusCode;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::time::{Timestamp, format_iso_utc};
use tcloud_cos::operation::delete_bucket::{DeleteBucketRequest, DeleteBucketResponse};
use tcloud_cos::operation::get_service::{Buckets, GetServiceRequest, GetServiceResponse};
use tcloud_cos::operation::head_bucket::{HeadBucketRequest, HeadBucketResponse};
use tcloud_cos::operation::put_bucket::{PutBucketRequest, PutBucketResponse};
use tcloud_cos::types::{self, CreationRange};

use super::setting::tagging;
use crate::cos::fault::{invalid, not_implemented};
use crate::cos::{acl, names};
use crate::state::State;
use crate::store::{Acl, Bucket};

/// How many buckets are listed at once.
const PAGE: usize = 2000;

/// Makes a bucket in the region of the host.
pub(in crate::cos) async fn create(
    state: &State,
    context: Context,
    request: PutBucketRequest,
) -> Result<Answer<PutBucketResponse>, Fault> {
    if request.bucket_az_config.is_some() {
        return Err(not_implemented(
            "Keeping a bucket in several zones (BucketAZConfig)",
        ));
    }
    if request.bucket_arch_config.is_some() {
        return Err(not_implemented(
            "The metadata accelerator (BucketArchConfig)",
        ));
    }
    if request.bucket_storage_class.is_some() {
        return Err(not_implemented(
            "A storage class of a bucket (BucketStorageClass)",
        ));
    }
    let acl = acl::of_bucket(state, request.acl.as_ref(), &request)?.unwrap_or(Acl::Private);
    let name = names::bucket(request.bucket)?;
    if !names::is_bucket_name(&name) {
        let message = format!(
            "`{name}` cannot be a bucket; use lower-case letters, digits and hyphens, and the \
             number of the account at the end, as in examplebucket-{}",
            state.directory().account().app_id
        );
        let code = "InvalidBucketName";
        return Err(Fault::new(StatusCode::BAD_REQUEST, code, message));
    }
    let tags = request.tagging.as_deref().unwrap_or_default();
    let tags = (!tags.is_empty())
        .then(|| tagging::of_header(tags))
        .transpose()?;
    state
        .store
        .create_bucket_with(&name, &context.region, &acl, tags.as_slice())
        .await?;
    Ok(PutBucketResponse::new().into())
}

/// Describes a bucket.
pub(in crate::cos) async fn describe(
    state: &State,
    _: Context,
    request: HeadBucketRequest,
) -> Result<Answer<HeadBucketResponse>, Fault> {
    let name = names::bucket(request.bucket)?;
    let bucket = state.store.bucket(&name).await?;
    Ok(HeadBucketResponse::new()
        .bucket_region(bucket.region)
        .into())
}

/// Deletes an empty bucket.
pub(in crate::cos) async fn delete(
    state: &State,
    _: Context,
    request: DeleteBucketRequest,
) -> Result<Answer<DeleteBucketResponse>, Fault> {
    let name = names::bucket(request.bucket)?;
    state.store.delete_bucket(&name).await?;
    Ok(Answer::new(DeleteBucketResponse::new()).status(StatusCode::NO_CONTENT))
}

/// Lists the account's buckets, of one region if the host or the request names one.
pub(in crate::cos) async fn list(
    state: &State,
    _: Context,
    request: GetServiceRequest,
) -> Result<Answer<GetServiceResponse>, Fault> {
    let page = request
        .max_keys
        .map_or(Ok(PAGE), usize::try_from)
        .map_err(|_| invalid("max-keys must be 1 to 2000"))?;
    let marker = request.marker.as_deref().unwrap_or_default();
    let is_listed = |bucket: &Bucket| {
        let region = request.region.as_ref();
        region.is_none_or(|region| *region == bucket.region)
            && bucket.name.as_str() > marker
            && is_created_within(bucket, request.create_time, request.range.as_ref())
    };
    let tagged = match (&request.tag_key, &request.tag_value) {
        (Some(key), Some(value)) => Some(tagging::buckets_with(state, key, value).await?),
        (None, None) => None,
        _ => {
            return Err(invalid(
                "tagkey and tagvalue go together; give both or none",
            ));
        }
    };
    let mut buckets = state.store.buckets().await?;
    buckets.retain(is_listed);
    if let Some(tagged) = tagged {
        buckets.retain(|bucket| tagged.contains(&bucket.name));
    }
    let is_truncated = buckets.len() > page;
    buckets.truncate(page);

    let mut answer = GetServiceResponse::new().owner(acl::owner(&state.directory().account().uin));
    if is_truncated {
        answer.next_marker = buckets.last().map(|last| last.name.clone());
    }
    answer.is_truncated = Some(is_truncated);
    answer.marker.clone_from(&request.marker);
    Ok(answer
        .buckets(Buckets::new().bucket(buckets.into_iter().map(summary)))
        .into())
}

fn summary(bucket: Bucket) -> types::Bucket {
    let created = format_iso_utc(bucket.created_at.div_euclid(1000));
    types::Bucket::new()
        .name(bucket.name)
        .location(bucket.region)
        .creation_date(Timestamp::from_text(created))
        .bucket_type("cos")
}

fn is_created_within(bucket: &Bucket, limit: Option<i64>, range: Option<&CreationRange>) -> bool {
    let created = bucket.created_at.div_euclid(1000);
    match (limit, range) {
        (Some(limit), Some(CreationRange::Lt)) => created < limit,
        (Some(limit), Some(CreationRange::Lte)) => created <= limit,
        (Some(limit), Some(CreationRange::Gt)) => created > limit,
        (Some(limit), Some(CreationRange::Gte)) => created >= limit,
        _ => true,
    }
}
