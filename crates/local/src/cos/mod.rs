//! Object Storage.

mod acl;
mod buckets;
mod conditions;
mod fault;
mod listing;
mod names;
mod objects;
mod range;
mod reading;
mod unsupported;

use std::sync::Arc;

use tcloud_core::body::Body;
use tcloud_core::operation::Operation;
use tcloud_core::server::{Answer, BoxFuture, Context, Fault};
use tcloud_cos::operation::delete_bucket::{DeleteBucketRequest, DeleteBucketResponse};
use tcloud_cos::operation::delete_object::{DeleteObjectRequest, DeleteObjectResponse};
use tcloud_cos::operation::get_bucket::{GetBucketRequest, GetBucketResponse};
use tcloud_cos::operation::get_object::{GetObjectRequest, GetObjectResponse};
use tcloud_cos::operation::get_object_acl::{GetObjectAclRequest, GetObjectAclResponse};
use tcloud_cos::operation::get_service::{GetServiceRequest, GetServiceResponse};
use tcloud_cos::operation::head_bucket::{HeadBucketRequest, HeadBucketResponse};
use tcloud_cos::operation::head_object::{HeadObjectRequest, HeadObjectResponse};
use tcloud_cos::operation::put_bucket::{PutBucketRequest, PutBucketResponse};
use tcloud_cos::operation::put_object::{PutObjectRequest, PutObjectResponse};
use tcloud_cos::operation::put_object_acl::{PutObjectAclRequest, PutObjectAclResponse};
use tcloud_cos::server::Cos;

use crate::state::State;
use crate::store::Bucket;

pub(crate) use fault::{OBJECT_SIZE, fault};
pub(crate) use names::{KEY_LIMIT, is_bucket_name, is_listable};
pub(crate) use unsupported::require_built;

/// The operations that are implemented, by name.
pub(crate) const IMPLEMENTED: [&str; 11] = [
    "DeleteBucket",
    "DeleteObject",
    "GetBucket",
    "GetObject",
    "GetObjectAcl",
    "GetService",
    "HeadBucket",
    "HeadObject",
    "PutBucket",
    "PutObject",
    "PutObjectAcl",
];

/// An answer on its way.
type Answering<'a, T> = BoxFuture<'a, Result<Answer<T>, Fault>>;

/// The service's operations.
#[derive(Debug)]
pub(crate) struct CosService(Arc<State>);

impl CosService {
    /// The service over `state`.
    pub(crate) const fn new(state: Arc<State>) -> Self {
        Self(state)
    }

    /// Whether anyone may call `operation` on `bucket` or on the object `key` in it.
    pub(crate) async fn is_public(
        &self,
        operation: &Operation,
        bucket: Option<&Bucket>,
        key: Option<&str>,
    ) -> Result<bool, Fault> {
        acl::is_public(&self.0, operation, bucket, key).await
    }
}

impl Cos for CosService {
    fn get_service<'a>(
        &'a self,
        _: &'a Context,
        request: GetServiceRequest,
    ) -> Answering<'a, GetServiceResponse> {
        Box::pin(buckets::list(&self.0, request))
    }

    fn put_bucket<'a>(
        &'a self,
        context: &'a Context,
        request: PutBucketRequest,
    ) -> Answering<'a, PutBucketResponse> {
        Box::pin(buckets::create(&self.0, context, request))
    }

    fn head_bucket<'a>(
        &'a self,
        _: &'a Context,
        request: HeadBucketRequest,
    ) -> Answering<'a, HeadBucketResponse> {
        Box::pin(buckets::describe(&self.0, request))
    }

    fn delete_bucket<'a>(
        &'a self,
        _: &'a Context,
        request: DeleteBucketRequest,
    ) -> Answering<'a, DeleteBucketResponse> {
        Box::pin(buckets::delete(&self.0, request))
    }

    fn get_bucket<'a>(
        &'a self,
        _: &'a Context,
        request: GetBucketRequest,
    ) -> Answering<'a, GetBucketResponse> {
        Box::pin(listing::list(&self.0, request))
    }

    fn put_object<'a>(
        &'a self,
        _: &'a Context,
        request: PutObjectRequest,
        body: Body,
    ) -> Answering<'a, PutObjectResponse> {
        Box::pin(objects::put(&self.0, request, body))
    }

    fn get_object<'a>(
        &'a self,
        _: &'a Context,
        request: GetObjectRequest,
    ) -> Answering<'a, GetObjectResponse> {
        Box::pin(reading::get(&self.0, request))
    }

    fn head_object<'a>(
        &'a self,
        _: &'a Context,
        request: HeadObjectRequest,
    ) -> Answering<'a, HeadObjectResponse> {
        Box::pin(reading::head(&self.0, request))
    }

    fn delete_object<'a>(
        &'a self,
        _: &'a Context,
        request: DeleteObjectRequest,
    ) -> Answering<'a, DeleteObjectResponse> {
        Box::pin(objects::delete(&self.0, request))
    }

    fn put_object_acl<'a>(
        &'a self,
        _: &'a Context,
        request: PutObjectAclRequest,
    ) -> Answering<'a, PutObjectAclResponse> {
        Box::pin(acl::put(&self.0, request))
    }

    fn get_object_acl<'a>(
        &'a self,
        _: &'a Context,
        request: GetObjectAclRequest,
    ) -> Answering<'a, GetObjectAclResponse> {
        Box::pin(acl::get(&self.0, request))
    }
}
