//! Objects: stored by one request.

use std::ops::RangeInclusive;
use std::{io, mem};

use http::StatusCode;
use tcloud_core::body::Body;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::put_object::{PutObjectRequest, PutObjectResponse};

use super::attributes::{attributes, quoted};
use crate::cos::{OfBucket, acl, encryption, names};
use crate::digest;
use crate::state::State;
use crate::store::{Bucket, CustomerKey, Object, Overwrite, StagedBlob};

/// The largest object one request can store, in bytes.
pub(in crate::cos) const SIZE_LIMIT: u64 = 5 * 1024 * 1024 * 1024;

/// Stores an object.
pub(in crate::cos) async fn put(
    state: &State,
    mut context: Context,
    request: PutObjectRequest,
) -> Result<Answer<PutObjectResponse>, Fault> {
    let object = store(state, &mut context, request, 0..=u64::MAX).await?;
    let mut answer = PutObjectResponse::new()
        .etag(quoted(&object.etag))
        .crc64(object.crc64.to_string());
    answer.version_id = object.version_id().map(|id| id.to_string());
    encryption::show!(answer, &object.attributes);
    Ok(answer.into())
}

/// Stores the body of the request of `context` as `request` says, if it has as many bytes as `length` allows.
pub(super) async fn store(
    state: &State,
    context: &mut Context,
    request: PutObjectRequest,
    length: RangeInclusive<u64>,
) -> Result<Object, Fault> {
    let overwrite = match request.forbid_overwrite {
        Some(true) => Overwrite::Forbid,
        _ => Overwrite::Allow,
    };
    let name = request.bucket.as_deref().unwrap_or_default();
    let bucket = OfBucket::bucket(context, name).cloned();
    let body = mem::take(&mut context.body);
    store_as(state, bucket, body, request, length, overwrite).await
}

/// As [`store`] in `bucket`, if that was found already, whatever the request says of what is there.
pub(in crate::cos) async fn store_as(
    state: &State,
    bucket: Option<Bucket>,
    body: Body,
    request: PutObjectRequest,
    length: RangeInclusive<u64>,
    overwrite: Overwrite,
) -> Result<Object, Fault> {
    let digest = request.content_md5.as_deref();
    let digest = digest.map(digest::read).transpose()?;
    let acl = acl::of_object(state, request.acl.as_ref(), &request)?;
    let mut attributes = attributes(&request, acl)?;
    let sent = encryption::sent_key!(request);
    let name = names::object(request.bucket.clone(), request.key.clone())?;
    // A missing bucket is reported before the content is received.
    let bucket = match bucket {
        Some(bucket) => bucket,
        None => state.store.bucket(&name.bucket).await?,
    };
    let word = request.server_side_encryption.as_ref();
    let key = encryption::encrypt(state, &bucket, word, sent, &mut attributes).await?;

    let blob = receive_within(state, body, digest, length, key.as_ref()).await?;
    let stored = state.store.put_object(&name, blob, &attributes, overwrite);
    Ok(stored.await?)
}

/// Writes the content to the disk as it comes. It must have the MD5 digest that is given.
pub(crate) async fn receive(
    state: &State,
    body: Body,
    digest: Option<[u8; 16]>,
) -> Result<StagedBlob, Fault> {
    receive_within(state, body, digest, 0..=u64::MAX, None).await
}

/// As [`receive`], encrypted with `key` if there is one.
pub(in crate::cos) async fn receive_sealed(
    state: &State,
    body: Body,
    digest: Option<[u8; 16]>,
    key: Option<&CustomerKey>,
) -> Result<StagedBlob, Fault> {
    receive_within(state, body, digest, 0..=u64::MAX, key).await
}

/// As [`receive_sealed`], for content of so many bytes.
async fn receive_within(
    state: &State,
    mut body: Body,
    digest: Option<[u8; 16]>,
    length: RangeInclusive<u64>,
    key: Option<&CustomerKey>,
) -> Result<StagedBlob, Fault> {
    let announced = body.length();
    let too_large = || {
        let message = format!("one request stores at most {SIZE_LIMIT} bytes");
        Fault::new(StatusCode::BAD_REQUEST, "EntityTooLarge", message)
    };
    let not_allowed = |code: &str| {
        let (least, most) = (length.start(), length.end());
        let message = format!(
            "the content does not have {least} to {most} bytes, which the condition \
             content-length-range demands"
        );
        Fault::new(StatusCode::BAD_REQUEST, code, message)
    };
    if announced.is_some_and(|length| length > SIZE_LIMIT) {
        return Err(too_large());
    }
    let incomplete = |why: String| {
        let message = format!("the content did not come as announced ({why}); send it again");
        Fault::new(StatusCode::BAD_REQUEST, "IncompleteBody", message)
    };
    let mut upload = state.store.upload().sealed(key);
    while let Some(chunk) = body.chunk().await {
        let chunk = chunk.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => {
                Fault::new(StatusCode::BAD_REQUEST, "RequestTimeout", error.to_string())
            }
            // The form around the content is not as it has to be.
            io::ErrorKind::InvalidInput => {
                let code = "MalformedPOSTRequest";
                Fault::new(StatusCode::BAD_REQUEST, code, error.to_string())
            }
            _ => incomplete(error.to_string()),
        })?;
        upload.write(chunk).await?;
        if upload.size() > SIZE_LIMIT {
            return Err(too_large());
        }
        if upload.size() > *length.end() {
            return Err(not_allowed("EntityTooLarge"));
        }
    }
    let size = upload.size();
    if size < *length.start() {
        return Err(not_allowed("EntityTooSmall"));
    }
    if let Some(announced) = announced.filter(|length| *length != size) {
        return Err(incomplete(format!("{size} bytes instead of {announced}")));
    }
    let blob = upload.finish().await?;
    if digest.is_some_and(|digest| digest != blob.md5) {
        return Err(digest::wrong());
    }
    Ok(blob)
}
