//! What is kept with the content of an object, and how it is shown.

use std::collections::BTreeMap;

use tcloud_core::server::Fault;
use tcloud_cos::operation::put_object::PutObjectRequest;
use tcloud_cos::types::StorageClass;

use crate::cos::acl;
use crate::cos::fault::{invalid, not_implemented};
use crate::store::{Acl, Object, ObjectAttributes};

/// How much metadata of its own a client can store, names included, in bytes.
const METADATA_LIMIT: usize = 2048;
/// The media type of content about which neither the client nor the key says anything.
const UNKNOWN_TYPE: &str = "application/octet-stream";
/// Under which name the storage class is kept.
pub(in crate::cos) const STORAGE_CLASS: &str = "x-cos-storage-class";

/// An `ETag` as it is sent.
pub(in crate::cos) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// The storage class of an object, if it is not the usual one.
pub(in crate::cos) fn storage_class(object: &Object) -> Option<StorageClass> {
    let word = object.attributes.headers.get(STORAGE_CLASS)?;
    Some(StorageClass::from(word.as_str()))
}

/// What a request that makes an object in several steps has in common with one that stores it at once.
macro_rules! as_put {
    ($request:expr) => {{
        let request = &$request;
        let mut put = tcloud_cos::operation::put_object::PutObjectRequest::default();
        put.key.clone_from(&request.key);
        put.cache_control.clone_from(&request.cache_control);
        put.content_disposition
            .clone_from(&request.content_disposition);
        put.content_encoding.clone_from(&request.content_encoding);
        put.content_language.clone_from(&request.content_language);
        put.content_type.clone_from(&request.content_type);
        put.expires.clone_from(&request.expires);
        put.metadata.clone_from(&request.metadata);
        put.storage_class.clone_from(&request.storage_class);
        put.acl.clone_from(&request.acl);
        put
    }};
}
pub(in crate::cos) use as_put;

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
pub(in crate::cos) fn attributes(request: &PutObjectRequest) -> Result<ObjectAttributes, Fault> {
    let metadata_size: usize = request
        .metadata
        .iter()
        .map(|(name, value)| name.len().saturating_add(value.len()))
        .fold(0, usize::saturating_add);
    if request.tagging.is_some() {
        return Err(not_implemented("Tagging an object (x-cos-tagging)"));
    }
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
