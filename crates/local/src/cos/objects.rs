//! Objects: stored and deleted.

use std::collections::BTreeMap;
use std::io;

use http::StatusCode;
use tcloud_core::body::Body;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::delete_object::{DeleteObjectRequest, DeleteObjectResponse};
use tcloud_cos::operation::put_object::{PutObjectRequest, PutObjectResponse};
use tcloud_cos::types::StorageClass;

use super::fault::{invalid, not_implemented};
use super::{acl, names};
use crate::digest;
use crate::state::State;
use crate::store::{Acl, Object, ObjectAttributes, Overwrite, StagedBlob, StoreError};

/// The largest object one request can store, in bytes.
const SIZE_LIMIT: u64 = 5 * 1024 * 1024 * 1024;
/// How much metadata of its own a client can store, names included, in bytes.
const METADATA_LIMIT: usize = 2048;
/// The media type of content about which neither the client nor the key says anything.
const UNKNOWN_TYPE: &str = "application/octet-stream";
/// Under which name the storage class is kept.
const STORAGE_CLASS: &str = "x-cos-storage-class";

/// Stores an object.
pub(super) async fn put(
    state: &State,
    context: Context,
    request: PutObjectRequest,
) -> Result<Answer<PutObjectResponse>, Fault> {
    let digest = request
        .content_md5
        .as_deref()
        .map(digest::read)
        .transpose()?;
    let overwrite = match request.forbid_overwrite {
        Some(true) => Overwrite::Forbid,
        _ => Overwrite::Allow,
    };
    let attributes = attributes(&request)?;
    let name = names::object(request.bucket, request.key)?;
    // Told before the content comes.
    state.store.bucket(&name.bucket).await?;

    let blob = receive(state, context.body).await?;
    if digest.is_some_and(|digest| digest != blob.md5) {
        return Err(digest::wrong());
    }
    let object = state
        .store
        .put_object(&name, blob, &attributes, overwrite)
        .await?;
    Ok(PutObjectResponse::new()
        .etag(quoted(&object.etag))
        .crc64(object.crc64.to_string())
        .into())
}

/// Deletes an object. A missing one is no error.
pub(super) async fn delete(
    state: &State,
    _: Context,
    request: DeleteObjectRequest,
) -> Result<Answer<DeleteObjectResponse>, Fault> {
    let name = names::object(request.bucket, request.key)?;
    match state.store.delete_object(&name).await {
        Ok(_) | Err(StoreError::NoSuchObject(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::new(DeleteObjectResponse::new()).status(StatusCode::NO_CONTENT))
}

/// An `ETag` as it is sent.
pub(super) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// The storage class of an object, if it is not the usual one.
pub(super) fn storage_class(object: &Object) -> Option<StorageClass> {
    let word = object.attributes.headers.get(STORAGE_CLASS)?;
    Some(StorageClass::from(word.as_str()))
}

/// Writes the content to the disk as it comes.
async fn receive(state: &State, mut body: Body) -> Result<StagedBlob, Fault> {
    let announced = body.length();
    let too_large = || {
        let message = format!("an object stored by one request has at most {SIZE_LIMIT} bytes");
        Fault::new(StatusCode::BAD_REQUEST, "EntityTooLarge", message)
    };
    if announced.is_some_and(|length| length > SIZE_LIMIT) {
        return Err(too_large());
    }
    let incomplete = |why: String| {
        let message = format!("the content did not come as announced ({why}); send it again");
        Fault::new(StatusCode::BAD_REQUEST, "IncompleteBody", message)
    };
    let mut upload = state.store.upload();
    while let Some(chunk) = body.chunk().await {
        let chunk = chunk.map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => {
                Fault::new(StatusCode::BAD_REQUEST, "RequestTimeout", error.to_string())
            }
            _ => incomplete(error.to_string()),
        })?;
        upload.write(chunk).await?;
        if upload.size() > SIZE_LIMIT {
            return Err(too_large());
        }
    }
    let size = upload.size();
    if let Some(announced) = announced.filter(|length| *length != size) {
        return Err(incomplete(format!("{size} bytes instead of {announced}")));
    }
    Ok(upload.finish().await?)
}

/// A header that says something: an empty one is as good as none.
pub(super) fn given(header: Option<&str>) -> Option<String> {
    header
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
}

/// The media type that the name of an object suggests.
pub(crate) fn media_type(key: &str) -> &'static str {
    // A key that ends with a slash is a folder's, whatever that is called.
    let name = key.rsplit('/').next().unwrap_or_default();
    tcloud_core::body::media_type(name).unwrap_or(UNKNOWN_TYPE)
}

/// What is kept with the content.
fn attributes(request: &PutObjectRequest) -> Result<ObjectAttributes, Fault> {
    let metadata_size: usize = request
        .metadata
        .iter()
        .map(|(name, value)| name.len().saturating_add(value.len()))
        .fold(0, usize::saturating_add);
    if metadata_size > METADATA_LIMIT {
        return Err(invalid(format!(
            "the x-cos-meta- headers have {metadata_size} bytes, at most {METADATA_LIMIT} are \
             allowed; shorten them"
        )));
    }
    let class = match &request.storage_class {
        Some(StorageClass::Archive | StorageClass::DeepArchive) => {
            return Err(not_implemented("Archiving (x-cos-storage-class)"));
        }
        Some(StorageClass::Standard) | None => None,
        Some(class) => Some(class.to_string()),
    };
    let headers: BTreeMap<_, _> = [
        ("cache-control", given(request.cache_control.as_deref())),
        (
            "content-disposition",
            given(request.content_disposition.as_deref()),
        ),
        (
            "content-encoding",
            given(request.content_encoding.as_deref()),
        ),
        (
            "content-language",
            given(request.content_language.as_deref()),
        ),
        ("expires", given(request.expires.as_deref())),
        (STORAGE_CLASS, class),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect();
    Ok(ObjectAttributes {
        content_type: given(request.content_type.as_deref()).unwrap_or_else(|| {
            let key = request.key.as_deref().unwrap_or_default();
            media_type(key).to_owned()
        }),
        headers,
        metadata: request.metadata.clone(),
        acl: request.acl.as_ref().map_or(Acl::Default, acl::from_word),
    })
}

#[cfg(test)]
mod tests {
    use super::{UNKNOWN_TYPE, given, media_type};

    #[test]
    fn the_key_suggests_the_media_type() {
        for (key, media) in [
            ("album/cat.png", "image/png"),
            ("CAT.JPG", "image/jpeg"),
            ("a.b/c.txt", "text/plain"),
            ("page.html", "text/html"),
            ("photo.webp", "image/webp"),
            ("photo.avif", "image/avif"),
            ("film.mp4", "video/mp4"),
            ("data.json", "application/json"),
            ("folder.png/", UNKNOWN_TYPE),
            ("folder.png/cat", UNKNOWN_TYPE),
            ("photo.unheard-of", UNKNOWN_TYPE),
            (".png", UNKNOWN_TYPE),
            ("", UNKNOWN_TYPE),
        ] {
            assert_eq!(media_type(key), media, "{key}");
        }
    }

    #[test]
    fn an_empty_header_is_none() {
        for text in [None, Some(""), Some(" ")] {
            assert_eq!(given(text), None);
        }
        assert_eq!(given(Some("a")).as_deref(), Some("a"));
    }
}
