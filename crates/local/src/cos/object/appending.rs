//! Objects: made longer at their end.

use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::append_object::{AppendObjectRequest, AppendObjectResponse};

use super::attributes::{as_put, attributes, quoted};
use super::storing::{SIZE_LIMIT, receive};
use crate::cos::fault::invalid;
use crate::cos::{acl, encryption, names};
use crate::digest;
use crate::state::State;

/// Adds data at the end of an object, or makes the object.
pub(in crate::cos) async fn append(
    state: &State,
    context: Context,
    request: AppendObjectRequest,
) -> Result<Answer<AppendObjectResponse>, Fault> {
    let digest = request.content_md5.as_deref();
    let digest = digest.map(digest::read).transpose()?;
    let acl = acl::of_object(state, request.acl.as_ref(), &request)?;
    let mut attributes = attributes(&as_put!(request, content_language), acl)?;
    let position = request.position.and_then(|it| u64::try_from(it).ok());
    let position = position.ok_or_else(|| invalid("position is the size of the object"))?;
    let name = names::object(request.bucket, request.key)?;
    // Told before the content comes.
    state.store.require_end(&name, position).await?;
    encryption::encrypt_by_default(state, &name.bucket, &mut attributes).await?;

    let blob = receive(state, context.body, digest).await?;
    let object = state
        .store
        .append_object(&name, position, blob, &attributes, SIZE_LIMIT)
        .await?;
    let mut answer = AppendObjectResponse::new()
        .etag(quoted(&object.etag))
        .crc64(object.crc64.to_string());
    answer.next_append_position = i64::try_from(object.size).ok();
    Ok(answer.into())
}
