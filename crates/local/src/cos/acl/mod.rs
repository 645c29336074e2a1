//! Access control lists: who may use a bucket or an object, besides whom the policies let.

mod access;
mod list;

use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::get_bucket_acl::{GetBucketAclRequest, GetBucketAclResponse};
use tcloud_cos::operation::get_object_acl::{GetObjectAclRequest, GetObjectAclResponse};
use tcloud_cos::operation::put_bucket_acl::{PutBucketAclRequest, PutBucketAclResponse};
use tcloud_cos::operation::put_object_acl::{PutObjectAclRequest, PutObjectAclResponse};
use tcloud_cos::types::{AccessControlList, Owner};

use self::list::Of;
use super::names;
use crate::state::State;
use crate::store::Acl;

pub(crate) use access::is_granted;
pub(super) use list::of_bucket;
pub(crate) use list::of_object;

/// Sets the list of an object, by headers or by a document.
pub(super) async fn put(
    state: &State,
    _: Context,
    request: PutObjectAclRequest,
) -> Result<Answer<PutObjectAclResponse>, Fault> {
    let by_headers = of_object(state, request.acl.as_ref(), &request)?;
    let document = (request.owner.as_ref(), request.access_control_list.as_ref());
    let acl = list::given(state, Of::Object, by_headers, document)?;
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    state.store.set_object_acl(&name, version, &acl).await?;
    Ok(PutObjectAclResponse::new().into())
}

/// Returns the list of an object.
pub(super) async fn get(
    state: &State,
    _: Context,
    request: GetObjectAclRequest,
) -> Result<Answer<GetObjectAclResponse>, Fault> {
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    let object = state.store.head_version(&name, version).await?;
    let own = object.attributes.acl;
    let word = list::object_word(&own);
    let bucket = state.store.bucket(&name.bucket).await?;
    let owner = owner(&state.directory().account().uin);
    let shown = list::document(access::effective(&own, &bucket.acl), &owner);
    Ok(GetObjectAclResponse::new()
        .acl(word)
        .owner(owner)
        .access_control_list(shown)
        .into())
}

/// Sets the list of a bucket, by headers or by a document.
pub(super) async fn put_bucket(
    state: &State,
    _: Context,
    request: PutBucketAclRequest,
) -> Result<Answer<PutBucketAclResponse>, Fault> {
    let by_headers = of_bucket(state, request.acl.as_ref(), &request)?;
    let document = (request.owner.as_ref(), request.access_control_list.as_ref());
    let acl = list::given(state, Of::Bucket, by_headers, document)?;
    let bucket = names::bucket(request.bucket)?;
    state.store.set_bucket_acl(&bucket, &acl).await?;
    Ok(PutBucketAclResponse::new().into())
}

/// Returns the list of a bucket.
pub(super) async fn get_bucket(
    state: &State,
    _: Context,
    request: GetBucketAclRequest,
) -> Result<Answer<GetBucketAclResponse>, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let acl = state.store.bucket(&bucket).await?.acl;
    let owner = owner(&state.directory().account().uin);
    let shown = list::document(&acl, &owner);
    Ok(GetBucketAclResponse::new()
        .acl(list::bucket_word(&acl))
        .owner(owner)
        .access_control_list(shown)
        .into())
}

/// The list of an object that a document outside of a request for it gives.
pub(super) fn of_grants(state: &State, list: &AccessControlList) -> Result<Acl, Fault> {
    let owner = owner(&state.directory().account().uin);
    list::given(state, Of::Object, None, (Some(&owner), Some(list)))
}

/// The owner of everything.
pub(super) fn owner(uin: &str) -> Owner {
    let id = list::account_id(uin, uin);
    Owner::new().display_name(&id).id(id)
}
