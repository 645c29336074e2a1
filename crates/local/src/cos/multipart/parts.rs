//! The parts of an upload: sent by the client.

use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::upload_part::{UploadPartRequest, UploadPartResponse};

use crate::cos::encryption;
use crate::cos::object::attributes::quoted;
use crate::cos::object::storing::receive_sealed;
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
    let key = encryption::sent_key!(request).read()?;
    let number = super::number(request.part_number)?;
    let (name, id) = super::upload(request.bucket, request.key, request.upload_id)?;
    // Told before the content comes.
    state.store.bucket(&name.bucket).await?;
    let upload = state.store.multipart(&name, &id).await?;
    encryption::require(&upload.attributes, key.as_ref())?;
    let key = key.as_ref().map(|key| &key.key);
    let blob = receive_sealed(state, context.body, digest, key).await?;
    let part = state.store.put_part(&name, &id, number, blob).await?;
    let mut answer = UploadPartResponse::new()
        .etag(quoted(&part.etag))
        .crc64(part.crc64.to_string());
    encryption::show!(answer, &upload.attributes);
    Ok(answer.into())
}
