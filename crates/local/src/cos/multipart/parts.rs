//! The parts of an upload: sent by the client.

use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::upload_part::{UploadPartRequest, UploadPartResponse};

use crate::cos::object::attributes::quoted;
use crate::cos::object::storing::receive;
use crate::digest;
use crate::state::State;

/// Receives a part.
pub(in crate::cos) async fn upload(
    state: &State,
    context: Context,
    request: UploadPartRequest,
) -> Result<Answer<UploadPartResponse>, Fault> {
    let digest = request.content_md5.as_deref();
    let digest = digest.map(digest::read).transpose()?;
    let number = super::number(request.part_number)?;
    let (name, id) = super::upload(request.bucket, request.key, request.upload_id)?;
    // Told before the content comes.
    state.store.bucket(&name.bucket).await?;
    state.store.multipart(&name, &id).await?;
    let blob = receive(state, context.body, digest).await?;
    let part = state.store.put_part(&name, &id, number, blob).await?;
    Ok(UploadPartResponse::new()
        .etag(quoted(&part.etag))
        .crc64(part.crc64.to_string())
        .into())
}
