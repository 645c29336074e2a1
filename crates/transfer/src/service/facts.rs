//! What the service says of objects, parts and uploads.

use std::collections::BTreeMap;

use tcloud_core::error::{Error as CallError, ErrorKind as CallErrorKind};
use tcloud_core::time::Timestamp;

use crate::object::Object;
use crate::settings::CustomerKey;

/// What is known of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// Size in bytes.
    pub size: u64,
    /// Changes with the content; in double quotes.
    pub etag: Option<String>,
    /// Version, in a bucket that keeps versions.
    pub version: Option<String>,
    /// When it last changed, in Unix seconds.
    pub modified: Option<i64>,
    /// CRC-64/XZ of the content, unless the object is older than the service's checksums.
    pub crc64: Option<u64>,
    /// Media type.
    pub content_type: Option<String>,
    /// Metadata of your own, by name without `x-cos-meta-`.
    pub metadata: BTreeMap<String, String>,
}

/// A part of an upload, as the service lists it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) number: u32,
    pub(crate) etag: String,
    pub(crate) size: u64,
}

/// What the service says of something that is stored now.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stored {
    pub(crate) etag: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) crc64: Option<u64>,
    /// How often the request was sent.
    pub(crate) attempts: u32,
}

/// An upload that has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfinished {
    /// The object that it would have become.
    pub object: Object,
    /// ID of the upload.
    pub id: String,
    /// When it began, in Unix seconds.
    pub begun: Option<i64>,
}

/// An object of a list.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) etag: Option<String>,
    pub(crate) modified: Option<i64>,
}

/// An object that could not be deleted.
#[derive(Debug, Clone)]
pub(crate) struct NotDeleted {
    pub(crate) key: String,
    pub(crate) version: Option<String>,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// The source of a copy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    /// Host and key.
    pub(crate) name: &'a str,
    pub(crate) etag: Option<&'a str>,
    pub(crate) key: Option<&'a CustomerKey>,
}

pub(super) fn incomplete(message: &str) -> CallError {
    CallError::new(CallErrorKind::Response, message).advise("try again later")
}

pub(super) fn seconds(time: Option<&Timestamp>) -> Option<i64> {
    time.and_then(Timestamp::unix_seconds)
}

pub(super) fn unsigned(number: Option<i64>) -> u64 {
    number
        .and_then(|number| u64::try_from(number).ok())
        .unwrap_or_default()
}
