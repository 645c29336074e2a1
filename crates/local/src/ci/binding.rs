//! Buckets and what is switched on for them.

use tcloud_ci::operation::bind_bucket::{BindBucketRequest, BindBucketResponse, CiBucket};
use tcloud_ci::operation::create_file_bucket::{CreateFileBucketRequest, CreateFileBucketResponse};
use tcloud_ci::operation::create_pic_bucket::{CreatePicBucketRequest, CreatePicBucketResponse};
use tcloud_ci::operation::describe_pic_buckets::{
    DescribePicBucketsRequest, DescribePicBucketsResponse,
};
use tcloud_ci::types::{PicBucket, ProcessBucket};
use tcloud_core::server::{Context, Fault};

use super::fault;
use super::time::time;
use crate::state::State;
use crate::store::{self, Bucket, BucketFilter, Processing};

/// Binds a bucket to the service.
pub(super) async fn bind(
    state: &State,
    context: Context,
    request: BindBucketRequest,
) -> Result<BindBucketResponse, Fault> {
    let name = request.bucket.unwrap_or_default();
    let (bound, _) = state.store.bind_ci_bucket(&name).await?;
    let bucket = CiBucket::new().bucket_id(bound.bucket).region(bound.region);
    Ok(BindBucketResponse::new()
        .request_id(context.request_id)
        .ci_bucket(bucket))
}

/// Gives a bucket asynchronous image processing.
pub(super) async fn enable_pictures(
    state: &State,
    context: Context,
    request: CreatePicBucketRequest,
) -> Result<CreatePicBucketResponse, Fault> {
    let name = request.bucket.unwrap_or_default();
    let (enabled, _) = state
        .store
        .create_process_bucket(Processing::Picture, &name)
        .await?;
    Ok(CreatePicBucketResponse::new()
        .request_id(context.request_id)
        .pic_bucket(pic_bucket(enabled)))
}

/// Gives a bucket file processing.
pub(super) async fn enable_files(
    state: &State,
    context: Context,
    request: CreateFileBucketRequest,
) -> Result<CreateFileBucketResponse, Fault> {
    let name = request.bucket.unwrap_or_default();
    let (enabled, _) = state
        .store
        .create_process_bucket(Processing::File, &name)
        .await?;
    let bucket = ProcessBucket::new()
        .name(enabled.bucket.as_str())
        .bucket_id(enabled.bucket)
        .region(enabled.region)
        .create_time(time(Some(enabled.created_at)));
    Ok(CreateFileBucketResponse::new()
        .request_id(context.request_id)
        .file_bucket(bucket))
}

/// Lists the buckets that have asynchronous image processing.
pub(super) async fn pic_buckets(
    state: &State,
    context: Context,
    request: DescribePicBucketsRequest,
) -> Result<DescribePicBucketsResponse, Fault> {
    // The table has bounded the size; no account has so many buckets that a page number past
    // the largest of 32 bits would show one.
    let page_number = request.page_number.unwrap_or(1);
    let page_size = request.page_size.unwrap_or(10);
    let filter = BucketFilter {
        regions: words(request.regions.as_deref()),
        names: words(request.bucket_names.as_deref()),
        prefix: request.bucket_name.unwrap_or_default(),
        page_number: u32::try_from(page_number).unwrap_or(u32::MAX),
        page_size: u32::try_from(page_size).unwrap_or(u32::MAX),
    };
    let page = state
        .store
        .process_buckets(Processing::Picture, &filter)
        .await?;
    Ok(DescribePicBucketsResponse::new()
        .request_id(context.request_id)
        .total_count(i64::from(page.total))
        .page_number(page_number)
        .page_size(page_size)
        .pic_bucket_list(page.buckets.into_iter().map(pic_bucket)))
}

/// The bucket a request is for.
pub(super) async fn bucket(state: &State, name: Option<String>) -> Result<Bucket, Fault> {
    let name = name.unwrap_or_default();
    Ok(state.store.bucket(&name).await?)
}

/// The queue of the jobs of a bucket that need `processing`.
pub(super) async fn queue(
    state: &State,
    bucket: &str,
    processing: Processing,
) -> Result<store::Queue, Fault> {
    let store = &state.store;
    let only = BucketFilter {
        names: vec![bucket.to_owned()],
        ..BucketFilter::default()
    };
    let enabled = store.process_buckets(processing, &only).await?;
    if let Some(enabled) = enabled.buckets.into_iter().next() {
        return Ok(store.queue(&enabled.queue_id).await?);
    }
    let bound = store.ci_buckets(&only).await?;
    let (what, how) = match processing {
        Processing::Picture => ("asynchronous image processing", "POST /picbucket"),
        Processing::File => ("file processing", "POST /file_bucket"),
    };
    Err(if bound.total == 0 {
        let message = format!(
            "bucket {bucket} is not bound to Cloud Infinite; bind it with PUT / and enable {what} \
             with {how}"
        );
        fault::not_ready("MediaBucketUnBinded", message)
    } else {
        let message = format!("bucket {bucket} has no {what}; enable it first with {how}");
        fault::not_ready("AccessDenied", message)
    })
}

fn pic_bucket(bucket: store::ProcessBucket) -> PicBucket {
    PicBucket::new()
        .name(bucket.bucket.as_str())
        .bucket_id(bucket.bucket)
        .region(bucket.region)
        .create_time(time(Some(bucket.created_at)))
}

/// The words of a list with commas.
pub(super) fn words(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}
