//! The tags of objects.

use std::collections::BTreeMap;

use http::StatusCode;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::delete_object_tagging::{
    DeleteObjectTaggingRequest, DeleteObjectTaggingResponse,
};
use tcloud_cos::operation::get_object_tagging::{
    GetObjectTaggingRequest, GetObjectTaggingResponse,
};
use tcloud_cos::operation::put_object_tagging::{
    PutObjectTaggingRequest, PutObjectTaggingResponse,
};
use tcloud_cos::types::{Tag, TagSet};

use super::finding::find;
use crate::cos::{names, tags};
use crate::state::State;

/// Replaces the tags of an object.
pub(in crate::cos) async fn put(
    state: &State,
    _: Context,
    request: PutObjectTaggingRequest,
) -> Result<Answer<PutObjectTaggingResponse>, Fault> {
    let kept = tags::of_object(request.tag_set.unwrap_or_default())?;
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    state.store.set_object_tags(&name, version, &kept).await?;
    Ok(PutObjectTaggingResponse::new().into())
}

/// Returns the tags of an object; of one without any, an empty set.
pub(in crate::cos) async fn get(
    state: &State,
    _: Context,
    request: GetObjectTaggingRequest,
) -> Result<GetObjectTaggingResponse, Fault> {
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    let object = find(state, &name, version).await?;
    let tags = object.attributes.tags.into_iter();
    let tags = tags.map(|(key, value)| Tag::new(key, value));
    Ok(GetObjectTaggingResponse::new(TagSet::new(tags)))
}

/// Deletes the tags of an object. That there are none is no error.
pub(in crate::cos) async fn delete(
    state: &State,
    _: Context,
    request: DeleteObjectTaggingRequest,
) -> Result<Answer<DeleteObjectTaggingResponse>, Fault> {
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    let none = BTreeMap::new();
    state.store.set_object_tags(&name, version, &none).await?;
    Ok(Answer::new(DeleteObjectTaggingResponse::new()).status(StatusCode::NO_CONTENT))
}
