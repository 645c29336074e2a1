//! What an object is.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::acl::Acl;
use super::crc64::Crc64;
use super::version::VersionId;

/// Under which name the storage class of an object is kept among its headers.
pub(crate) const STORAGE_CLASS: &str = "x-cos-storage-class";

/// Under which name the target of a symbolic link is kept among its headers.
pub(crate) const LINK_TARGET: &str = "x-cos-symlink-target";

/// A bucket and a key in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ObjectName {
    /// The bucket.
    pub(crate) bucket: String,
    /// The key, without a leading slash.
    pub(crate) key: String,
}

impl ObjectName {
    /// The object `key` of `bucket`.
    pub(crate) fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            key: key.into(),
        }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bucket, self.key)
    }
}

/// What a client says about an object when it stores it.
#[derive(Debug, Clone, PartialEq, Eq, Default, FromRow, Serialize, Deserialize)]
pub(crate) struct ObjectAttributes {
    /// The media type.
    pub(crate) content_type: String,
    /// Standard headers given back as they came (`cache-control`, `content-disposition`, ...).
    #[sqlx(json)]
    pub(crate) headers: BTreeMap<String, String>,
    /// The client's own headers (`x-cos-meta-...`).
    #[sqlx(json)]
    pub(crate) metadata: BTreeMap<String, String>,
    /// Who may use the object.
    #[sqlx(try_from = "String")]
    pub(crate) acl: Acl,
    /// The tags. An upload that an earlier release has begun has none.
    #[sqlx(json)]
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
}

/// A version of a stored object, without its content.
#[expect(clippy::struct_excessive_bools, reason = "each is a column of the row")]
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Object {
    /// The bucket.
    pub(crate) bucket: String,
    /// The key.
    pub(crate) key: String,
    /// The number of bytes.
    #[sqlx(try_from = "i64")]
    pub(crate) size: u64,
    /// The MD5 digest in hexadecimal, without quotes.
    pub(crate) etag: String,
    /// The CRC-64 checksum.
    #[sqlx(try_from = "String")]
    pub(crate) crc64: Crc64,
    /// What the client said about it.
    #[sqlx(flatten)]
    pub(crate) attributes: ObjectAttributes,
    /// When it was stored under this name.
    pub(crate) last_modified: i64,
    /// Whether it says that the object was deleted, and has no content.
    pub(crate) is_marker: bool,
    pub(super) blob: String,
    /// Whether the content is kept with the rows.
    pub(super) inline: bool,
    /// Orders the versions of a key: a newer one has a lesser number.
    pub(super) version: i64,
    /// Whether the bucket kept no versions when it was stored.
    pub(super) is_null: bool,
    /// Whether it is what the key shows to requests that name no version.
    pub(super) shown: bool,
    /// The last restoration, as it is kept.
    pub(super) restoration: Option<String>,
    /// The CRC-64 of the content as it is kept, if that is encrypted with a key of the client's.
    pub(super) sealed: Option<String>,
    /// Until when it can be neither replaced nor deleted.
    pub(crate) locked_until: Option<i64>,
    /// Whether the bucket keeps versions, or did.
    #[sqlx(default)]
    pub(super) is_versioned: bool,
}

/// A version of a stored object as it was found, with as much of its content as was found with it.
#[derive(Clone, FromRow)]
pub(crate) struct Found {
    /// The object.
    #[sqlx(flatten)]
    pub(crate) object: Object,
    /// The content, if it is kept with the rows and was asked for.
    #[sqlx(default, try_from = "Option<Vec<u8>>")]
    pub(super) content: Kept,
}

/// Content that is kept with the rows, as far as it was read.
#[derive(Clone, Default)]
pub(super) struct Kept(pub(super) Option<Bytes>);

impl From<Option<Vec<u8>>> for Kept {
    fn from(content: Option<Vec<u8>>) -> Self {
        Self(content.map(Bytes::from))
    }
}

impl Found {
    /// Whether it has all the content that is kept with the rows.
    pub(super) fn has_content(&self) -> bool {
        self.content.0.is_some() || !self.object.inline
    }

    /// How many bytes of content it has.
    pub(super) fn content_length(&self) -> usize {
        self.content.0.as_ref().map_or(0, Bytes::len)
    }
}

/// What is found with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Only what describes it.
    Description,
    /// Content that is kept with the rows, too.
    Content,
}

/// Whether storing may replace an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Overwrite {
    /// An object of the same name is replaced.
    #[default]
    Allow,
    /// An object of the same name is an error, unless the bucket keeps versions.
    Forbid,
    /// An object of the same name is an error, whether the bucket keeps versions or not.
    Never,
}

/// A part of an object, as a `Range` header asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByteRange {
    /// From the first to the last offset, both included.
    Between(u64, u64),
    /// From this offset to the end.
    From(u64),
    /// This many bytes at the end.
    Last(u64),
}

impl ByteRange {
    /// The offsets meant in an object of `size` bytes, or `None` if there are none.
    pub(crate) fn resolve(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::Between(first, last) => first..last.saturating_add(1).min(size),
            Self::From(first) => first..size,
            Self::Last(count) => size.saturating_sub(count)..size,
        };
        (!range.is_empty()).then_some(range)
    }
}

impl Object {
    /// The id of this version. There is none in a bucket that never kept any.
    pub(crate) fn version_id(&self) -> Option<VersionId> {
        match (self.is_null, self.is_versioned) {
            (false, _) => Some(VersionId::Number(self.version)),
            (true, true) => Some(VersionId::Null),
            (true, false) => None,
        }
    }

    /// What is stored under `name` at the time `now`, before it has content.
    pub(super) fn without_content(name: &ObjectName, now: i64) -> Self {
        let ObjectName { bucket, key } = name.clone();
        Self {
            bucket,
            key,
            size: 0,
            etag: String::new(),
            crc64: Crc64(0),
            attributes: ObjectAttributes::default(),
            last_modified: now,
            is_marker: false,
            blob: String::new(),
            inline: false,
            version: 0,
            is_null: true,
            shown: true,
            restoration: None,
            sealed: None,
            locked_until: None,
            is_versioned: false,
        }
    }

    /// The delete marker that hides `name` from the time `now` on.
    pub(super) fn marker(name: &ObjectName, now: i64) -> Self {
        Self {
            is_marker: true,
            ..Self::without_content(name, now)
        }
    }

    /// The key of the object that it leads to, if it is a symbolic link.
    pub(crate) fn link_target(&self) -> Option<&str> {
        self.attributes.headers.get(LINK_TARGET).map(String::as_str)
    }

    /// Whether the content is encrypted with a key of the client's.
    pub(crate) fn is_sealed(&self) -> bool {
        self.sealed.is_some()
    }

    /// Its name.
    pub(crate) fn name(&self) -> ObjectName {
        ObjectName::new(&self.bucket, &self.key)
    }

    /// The storage class, if it is not the usual one.
    pub(crate) fn storage_class(&self) -> Option<&str> {
        let class = self.attributes.headers.get(STORAGE_CLASS);
        class.map(String::as_str)
    }

    /// The object under the name `to`, given to it at the time `now`.
    pub(super) fn renamed(self, to: &ObjectName, now: i64) -> Self {
        let ObjectName { bucket, key } = to.clone();
        Self {
            bucket,
            key,
            last_modified: now,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ByteRange::{Between, From, Last};

    #[test]
    fn ranges_resolve_as_http_says() {
        assert_eq!(Between(0, 0).resolve(10), Some(0..1));
        assert_eq!(Between(5, 100).resolve(10), Some(5..10));
        assert_eq!(Between(9, u64::MAX).resolve(10), Some(9..10));
        assert_eq!(Between(10, 11).resolve(10), None);
        assert_eq!(Between(5, 4).resolve(10), None);
        assert_eq!(From(9).resolve(10), Some(9..10));
        assert_eq!(From(10).resolve(10), None);
        assert_eq!(Last(3).resolve(10), Some(7..10));
        assert_eq!(Last(30).resolve(10), Some(0..10));
        assert_eq!(Last(0).resolve(10), None);
        assert_eq!(Last(1).resolve(0), None);
    }
}
