//! Uploads in parts: begun, completed, aborted.

use http::StatusCode;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::sign::encode;
use tcloud_cos::operation::abort_multipart_upload::{
    AbortMultipartUploadRequest, AbortMultipartUploadResponse,
};
use tcloud_cos::operation::complete_multipart_upload::{
    CompleteMultipartUploadRequest, CompleteMultipartUploadResponse,
};
use tcloud_cos::operation::initiate_multipart_upload::{
    InitiateMultipartUploadRequest, InitiateMultipartUploadResponse,
};

use crate::cam::Caller;
use crate::cos::object::attributes::{as_put, attributes, quoted};
use crate::cos::{acl, encryption, names};
use crate::state::State;
use crate::store::ListedPart;

/// Begins an upload.
pub(in crate::cos) async fn begin(
    state: &State,
    context: Context,
    request: InitiateMultipartUploadRequest,
) -> Result<Answer<InitiateMultipartUploadResponse>, Fault> {
    let acl = acl::of_object(state, request.acl.as_ref(), &request)?;
    let put = as_put!(request, content_language, tagging);
    let mut attributes = attributes(&put, acl)?;
    let sent = encryption::sent_key!(request);
    let name = names::object(request.bucket.clone(), request.key.clone())?;
    let bucket = state.store.bucket(&name.bucket).await?;
    let word = request.server_side_encryption.as_ref();
    encryption::encrypt(state, &bucket, word, sent, &mut attributes).await?;
    let directory = state.directory();
    let initiator = match context.extensions.get() {
        None | Some(Caller::Anonymous) => "",
        Some(Caller::Root) => &directory.account().uin,
        Some(Caller::User(uin)) => uin,
        Some(Caller::Session(session)) => &session.issuer,
        Some(Caller::Foreign(foreign)) => foreign.user.as_ref().unwrap_or(&foreign.account),
    };
    let begun = state
        .store
        .begin_multipart(&name, &attributes, initiator)
        .await?;
    let mut answer = InitiateMultipartUploadResponse::new()
        .bucket(begun.bucket)
        .upload_id(begun.id);
    encryption::show!(answer, &attributes);
    answer.key = shown(begun.key);
    Ok(answer.into())
}

/// Makes an object of the parts that are named.
pub(in crate::cos) async fn complete(
    state: &State,
    context: Context,
    request: CompleteMultipartUploadRequest,
) -> Result<Answer<CompleteMultipartUploadResponse>, Fault> {
    let (name, id) = super::upload(request.bucket, request.key, request.upload_id)?;
    let mut listed = Vec::with_capacity(request.parts.len());
    for part in request.parts {
        let etag = part.etag.unwrap_or_default();
        listed.push(ListedPart {
            number: super::number(part.part_number)?,
            etag: etag.trim().trim_matches('"').to_ascii_lowercase(),
        });
    }
    let object = state.store.complete_multipart(&name, &id, &listed).await?;
    let location = format!(
        "http://{}{}",
        context.host,
        encode::path(&format!("/{}", name.key))
    );
    let mut answer = CompleteMultipartUploadResponse::new()
        .location(location)
        .bucket(name.bucket)
        .etag(quoted(&object.etag))
        .crc64(object.crc64.to_string());
    answer.key = shown(name.key);
    encryption::show!(answer, &object.attributes);
    answer.version_id = object.version_id().map(|id| id.to_string());
    Ok(answer.into())
}

/// Ends an upload and drops its parts.
pub(in crate::cos) async fn abort(
    state: &State,
    _: Context,
    request: AbortMultipartUploadRequest,
) -> Result<Answer<AbortMultipartUploadResponse>, Fault> {
    let (name, id) = super::upload(request.bucket, request.key, request.upload_id)?;
    state.store.abort_multipart(&name, &id).await?;
    Ok(Answer::new(AbortMultipartUploadResponse::new()).status(StatusCode::NO_CONTENT))
}

/// A key, unless it has characters that XML cannot carry. Whoever asks knows it anyway.
fn shown(key: String) -> Option<String> {
    names::is_listable(&key).then_some(key)
}
