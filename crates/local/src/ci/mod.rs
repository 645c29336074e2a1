//! Cloud Infinite.

mod binding;
mod fault;
pub(crate) mod job;

use std::sync::Arc;

use tcloud_ci::operation::bind_bucket::{BindBucketRequest, BindBucketResponse};
use tcloud_ci::operation::cancel_job::{CancelJobRequest, CancelJobResponse};
use tcloud_ci::operation::create_image_inspect_job::{
    CreateImageInspectJobRequest, CreateImageInspectJobResponse,
};
use tcloud_ci::operation::create_pic_bucket::{CreatePicBucketRequest, CreatePicBucketResponse};
use tcloud_ci::operation::describe_job::{DescribeJobRequest, DescribeJobResponse};
use tcloud_ci::operation::describe_pic_buckets::{
    DescribePicBucketsRequest, DescribePicBucketsResponse,
};
use tcloud_ci::operation::list_jobs::{ListJobsRequest, ListJobsResponse};
use tcloud_ci::server::Ci;
use tcloud_core::server::{Answer, BoxFuture, Context, Fault};

use self::job::ImageInspect;
use crate::state::State;

/// The operations that are implemented, by name.
pub(crate) const IMPLEMENTED: [&str; 7] = [
    "BindBucket",
    "CancelJob",
    "CreateImageInspectJob",
    "CreatePicBucket",
    "DescribeJob",
    "DescribePicBuckets",
    "ListJobs",
];

type Answering<'a, T> = BoxFuture<'a, Result<Answer<T>, Fault>>;

/// The service's operations.
#[derive(Debug)]
pub(crate) struct CiService(Arc<State>);

impl CiService {
    pub(crate) fn new(state: Arc<State>) -> Self {
        Self(state)
    }
}

impl Ci for CiService {
    fn bind_bucket<'a>(
        &'a self,
        context: &'a Context,
        request: BindBucketRequest,
    ) -> Answering<'a, BindBucketResponse> {
        Box::pin(async move { self.bind(context, request).await.map(Answer::new) })
    }

    fn create_pic_bucket<'a>(
        &'a self,
        context: &'a Context,
        request: CreatePicBucketRequest,
    ) -> Answering<'a, CreatePicBucketResponse> {
        Box::pin(async move {
            self.enable_pictures(context, request)
                .await
                .map(Answer::new)
        })
    }

    fn describe_pic_buckets<'a>(
        &'a self,
        context: &'a Context,
        request: DescribePicBucketsRequest,
    ) -> Answering<'a, DescribePicBucketsResponse> {
        Box::pin(async move { self.pic_buckets(context, request).await.map(Answer::new) })
    }

    fn create_image_inspect_job<'a>(
        &'a self,
        _: &'a Context,
        request: CreateImageInspectJobRequest,
    ) -> Answering<'a, CreateImageInspectJobResponse> {
        Box::pin(async move { self.submit::<ImageInspect>(request).await.map(Answer::new) })
    }

    fn describe_job<'a>(
        &'a self,
        _: &'a Context,
        request: DescribeJobRequest,
    ) -> Answering<'a, DescribeJobResponse> {
        Box::pin(async move { self.describe(request).await.map(Answer::new) })
    }

    fn list_jobs<'a>(
        &'a self,
        _: &'a Context,
        request: ListJobsRequest,
    ) -> Answering<'a, ListJobsResponse> {
        Box::pin(async move { self.list(request).await.map(Answer::new) })
    }

    fn cancel_job<'a>(
        &'a self,
        _: &'a Context,
        request: CancelJobRequest,
    ) -> Answering<'a, CancelJobResponse> {
        Box::pin(async move { self.cancel(request).await.map(Answer::new) })
    }
}
