//! What is kept with the content of an object, and how it is shown.

use std::collections::BTreeMap;

use tcloud_core::server::Fault;
use tcloud_cos::operation::put_object::PutObjectRequest;
use tcloud_cos::operation::put_object_copy::PutObjectCopyRequest;
use tcloud_cos::types::{StorageClass, TaggingDirective};

use crate::cos::fault::invalid;
use crate::cos::{acl, tags};
use crate::state::State;
use crate::store::{Acl, Object, ObjectAttributes, STORAGE_CLASS};

/// How much metadata of its own a client can store, names included, in bytes.
const METADATA_LIMIT: usize = 2048;
/// The media type of content about which neither the client nor the key says anything.
const UNKNOWN_TYPE: &str = "application/octet-stream";
/// The standard headers that are kept with an object.
const KEPT: [&str; 5] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
];

/// An `ETag` as it is sent.
pub(crate) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// The storage class of an object, if it is not the usual one.
pub(in crate::cos) fn storage_class(object: &Object) -> Option<StorageClass> {
    object.storage_class().map(StorageClass::from)
}

/// What another request that makes an object has in common with `PutObject`, which any of them has, and
/// what only some have: `as_put!(request, content_language, tagging)`.
macro_rules! as_put {
    ($request:expr $(, $also:ident)*) => {{
        let request = &$request;
        let mut put = tcloud_cos::operation::put_object::PutObjectRequest::default();
        put.key.clone_from(&request.key);
        put.cache_control.clone_from(&request.cache_control);
        put.content_disposition
            .clone_from(&request.content_disposition);
        put.content_encoding.clone_from(&request.content_encoding);
        put.content_type.clone_from(&request.content_type);
        put.expires.clone_from(&request.expires);
        put.metadata.clone_from(&request.metadata);
        // Services have types of their own for the same words.
        let class = request.storage_class.as_ref();
        put.storage_class = class.map(|word| word.as_str().into());
        $(put.$also.clone_from(&request.$also);)*
        put
    }};
}
pub(crate) use as_put;

/// A header that says something: an empty one is as good as none.
pub(in crate::cos) fn given(header: Option<&str>) -> Option<String> {
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

/// What is kept with the content of an object with this list.
pub(crate) fn attributes(
    request: &PutObjectRequest,
    acl: Option<Acl>,
) -> Result<ObjectAttributes, Fault> {
    require_short(&request.metadata)?;
    let kept = [
        request.cache_control.as_deref(),
        request.content_disposition.as_deref(),
        request.content_encoding.as_deref(),
        request.content_language.as_deref(),
        request.expires.as_deref(),
    ];
    let mut headers = headers(kept);
    set_storage_class(&mut headers, request.storage_class.as_ref());
    Ok(ObjectAttributes {
        content_type: content_type(request.content_type.as_deref(), request.key.as_deref()),
        headers,
        metadata: request.metadata.clone(),
        acl: acl.unwrap_or_default(),
        tags: tags::of_object_header(request.tagging.as_deref())?,
    })
}

/// What is kept with the content of a copy of `source`: what is said of that, or, if it is to be
/// `replaced`, what the request says. The tags have a directive of their own. The storage class is that
/// of the request, as the access control list is.
pub(super) fn copied_attributes(
    state: &State,
    request: &PutObjectCopyRequest,
    source: &Object,
    replaced: bool,
) -> Result<ObjectAttributes, Fault> {
    let mut attributes = if replaced {
        require_short(&request.metadata)?;
        let kept = [
            request.cache_control.as_deref(),
            request.content_disposition.as_deref(),
            request.content_encoding.as_deref(),
            request.content_language.as_deref(),
            request.expires.as_deref(),
        ];
        ObjectAttributes {
            content_type: content_type(request.content_type.as_deref(), request.key.as_deref()),
            headers: headers(kept),
            metadata: request.metadata.clone(),
            ..ObjectAttributes::default()
        }
    } else {
        let mut attributes = source.attributes.clone();
        // A copy of an object that grows does not.
        attributes
            .headers
            .retain(|name, _| KEPT.contains(&name.as_str()));
        attributes
    };
    attributes.tags = match request.tagging_directive {
        Some(TaggingDirective::Replaced) => tags::of_object_header(request.tagging.as_deref())?,
        _ => source.attributes.tags.clone(),
    };
    attributes.acl = acl::of_object(state, request.acl.as_ref(), request)?.unwrap_or_default();
    set_storage_class(&mut attributes.headers, request.storage_class.as_ref());
    Ok(attributes)
}

/// # Errors
///
/// A client's own headers are too long.
fn require_short(metadata: &BTreeMap<String, String>) -> Result<(), Fault> {
    let size = metadata
        .iter()
        .map(|(name, value)| name.len().saturating_add(value.len()))
        .fold(0, usize::saturating_add);
    if size > METADATA_LIMIT {
        return Err(invalid(format!(
            "the x-cos-meta- headers have {size} bytes, at most {METADATA_LIMIT} are allowed; \
             shorten them"
        )));
    }
    Ok(())
}

/// The headers [`KEPT`], of those that say something.
fn headers(values: [Option<&str>; KEPT.len()]) -> BTreeMap<String, String> {
    let named = KEPT.into_iter().zip(values);
    named
        .filter_map(|(name, value)| Some((name.to_owned(), given(value)?)))
        .collect()
}

/// The usual class is not kept.
fn set_storage_class(headers: &mut BTreeMap<String, String>, class: Option<&StorageClass>) {
    match class {
        None | Some(StorageClass::Standard) => headers.remove(STORAGE_CLASS),
        Some(class) => headers.insert(STORAGE_CLASS.to_owned(), class.to_string()),
    };
}

fn content_type(given_type: Option<&str>, key: Option<&str>) -> String {
    given(given_type).unwrap_or_else(|| media_type(key.unwrap_or_default()).to_owned())
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
