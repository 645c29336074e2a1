//! Objects: the rows that make content visible.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use object_store::{GetOptions, GetRange};
use sqlx::types::Json;
use sqlx::{FromRow, SqliteConnection};

use super::{Crc64, Result, StagedBlob, Store, StoreError, blobs, buckets};

/// How often a read is begun again because the object was replaced just then.
const READ_RETRIES: u32 = 3;

/// A bucket and a key in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectName {
    /// The bucket.
    pub bucket: String,
    /// The key, without a leading slash.
    pub key: String,
}

impl ObjectName {
    /// The object `key` of `bucket`.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
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

/// A canned access control list, named in the database as in the `x-cos-acl` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::Type)]
#[sqlx(rename_all = "kebab-case")]
pub enum Acl {
    /// An object does as its bucket does.
    #[default]
    Default,
    /// The owner alone.
    Private,
    /// Anyone may read.
    PublicRead,
    /// Anyone may read and write.
    PublicReadWrite,
    /// Anyone with an account may read.
    AuthenticatedRead,
}

/// What a client says about an object when it stores it.
#[derive(Debug, Clone, PartialEq, Eq, Default, FromRow)]
pub struct ObjectAttributes {
    /// The media type.
    pub content_type: String,
    /// Standard headers given back as they came (`cache-control`, `content-disposition`, ...).
    #[sqlx(json)]
    pub headers: BTreeMap<String, String>,
    /// The client's own headers (`x-cos-meta-...`).
    #[sqlx(json)]
    pub metadata: BTreeMap<String, String>,
    /// Who may use the object.
    pub acl: Acl,
}

/// A stored object without its content.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Object {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The number of bytes.
    #[sqlx(try_from = "i64")]
    pub size: u64,
    /// The MD5 digest in hexadecimal, without quotes.
    pub etag: String,
    /// The CRC-64 checksum.
    #[sqlx(try_from = "String")]
    pub crc64: Crc64,
    /// What the client said about it.
    #[sqlx(flatten)]
    pub attributes: ObjectAttributes,
    /// When it was stored under this name.
    pub last_modified: i64,
    blob: String,
}

/// Whether storing may replace an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overwrite {
    /// An object of the same name is replaced.
    #[default]
    Allow,
    /// An object of the same name is an error.
    Forbid,
}

/// A part of an object, as a `Range` header asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From the first to the last offset, both included.
    Between(u64, u64),
    /// From this offset to the end.
    From(u64),
    /// This many bytes at the end.
    Last(u64),
}

impl ByteRange {
    /// The offsets meant in an object of `size` bytes, or `None` if there are none.
    pub fn resolve(self, size: u64) -> Option<Range<u64>> {
        let range = match self {
            Self::Between(first, last) => first..last.saturating_add(1).min(size),
            Self::From(first) => first..size,
            Self::Last(count) => size.saturating_sub(count)..size,
        };
        (!range.is_empty()).then_some(range)
    }
}

/// An object and its content, or a part of it.
pub struct ObjectReader {
    /// The object.
    pub object: Object,
    /// Which bytes the content has.
    pub range: Range<u64>,
    /// The bytes.
    pub content: BoxStream<'static, Result<Bytes>>,
}

impl fmt::Debug for ObjectReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectReader")
            .field("object", &self.object)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

impl ObjectReader {
    /// The whole content in memory. The caller limits [`ObjectReader::range`] beforehand.
    pub async fn bytes(self) -> Result<Bytes> {
        let mut all = BytesMut::new();
        let mut content = self.content;
        while let Some(chunk) = content.try_next().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }
}

impl Store {
    /// Makes `blob` visible as the object `name`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`], or [`StoreError::ObjectExists`] if that was forbidden.
    pub async fn put_object(
        &self,
        name: &ObjectName,
        blob: StagedBlob,
        attributes: &ObjectAttributes,
        overwrite: Overwrite,
    ) -> Result<Object> {
        let mut tx = self.begin_write().await?;
        if overwrite == Overwrite::Forbid && find_optional(&mut tx, name).await?.is_some() {
            return Err(StoreError::ObjectExists(name.clone()));
        }
        let object = staged_object(name, &blob, attributes.clone(), self.now());
        let displaced = insert(&mut tx, &object).await?;
        tx.commit().await?;
        blob.blob.keep();
        self.reclaim(displaced.as_deref()).await;
        Ok(object)
    }

    /// The object `name` without its content.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] or [`StoreError::NoSuchObject`].
    pub async fn head_object(&self, name: &ObjectName) -> Result<Object> {
        let mut tx = self.begin_read().await?;
        buckets::find(&mut tx, &name.bucket).await?;
        find(&mut tx, name).await
    }

    /// The object `name` with its content, or the given part of it.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`], [`StoreError::NoSuchObject`], or
    /// [`StoreError::InvalidRange`] if the object has no byte in the range.
    pub async fn get_object(
        &self,
        name: &ObjectName,
        range: Option<ByteRange>,
    ) -> Result<ObjectReader> {
        let mut retries = READ_RETRIES;
        loop {
            let object = self.head_object(name).await?;
            match self.read_object(object, range).await {
                // Replaced, and its content deleted, since the row was read.
                Err(StoreError::Blob(object_store::Error::NotFound { .. })) if retries > 0 => {
                    retries -= 1;
                }
                result => return result,
            }
        }
    }

    async fn read_object(&self, object: Object, range: Option<ByteRange>) -> Result<ObjectReader> {
        let size = object.size;
        let range = match range {
            Some(range) => range
                .resolve(size)
                .ok_or(StoreError::InvalidRange { size })?,
            None => 0..size,
        };
        let options = GetOptions {
            // An empty range is an error to the content store, so an empty object is read whole.
            range: (!range.is_empty()).then(|| GetRange::Bounded(range.clone())),
            ..GetOptions::default()
        };
        let found = self
            .inner
            .blobs
            .get_opts(&blobs::location(&object.blob), options)
            .await?;
        let content = found.into_stream().map_err(StoreError::from).boxed();
        Ok(ObjectReader {
            object,
            range,
            content,
        })
    }

    /// Deletes the object `name` and tells whether it was there.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`].
    pub async fn delete_object(&self, name: &ObjectName) -> Result<bool> {
        let mut tx = self.begin_write().await?;
        buckets::find(&mut tx, &name.bucket).await?;
        let displaced = remove(&mut tx, name).await?;
        tx.commit().await?;
        self.reclaim(displaced.as_deref()).await;
        Ok(displaced.is_some())
    }

    /// Makes the content of `from` visible as `to` as well, with the source's attributes unless
    /// others are given.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] or [`StoreError::NoSuchObject`].
    pub async fn copy_object(
        &self,
        from: &ObjectName,
        to: &ObjectName,
        attributes: Option<ObjectAttributes>,
    ) -> Result<Object> {
        let mut tx = self.begin_write().await?;
        let mut object = find(&mut tx, from).await?.renamed(to, self.now());
        if let Some(attributes) = attributes {
            object.attributes = attributes;
        }
        let displaced = insert(&mut tx, &object).await?;
        tx.commit().await?;
        self.reclaim(displaced.as_deref()).await;
        Ok(object)
    }

    /// Moves the object `from` to the name `to` in one step.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] or [`StoreError::NoSuchObject`].
    pub async fn move_object(&self, from: &ObjectName, to: &ObjectName) -> Result<Object> {
        let mut tx = self.begin_write().await?;
        let (object, displaced) = rename(&mut tx, from, to, self.now()).await?;
        tx.commit().await?;
        self.reclaim(displaced.as_deref()).await;
        Ok(object)
    }

    /// Sets one of the own headers of `name` (`x-cos-meta-...`), provided that the object still has
    /// the `ETag` `if_etag`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchObject`], [`StoreError::ObjectChanged`].
    pub async fn set_object_metadata(
        &self,
        name: &ObjectName,
        header: &str,
        value: &str,
        if_etag: &str,
    ) -> Result<()> {
        let mut tx = self.begin_write().await?;
        if find(&mut tx, name).await?.etag != if_etag {
            return Err(StoreError::ObjectChanged(name.clone()));
        }
        set_metadata(&mut tx, name, header, value).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Sets who may use the object `name`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] or [`StoreError::NoSuchObject`].
    pub async fn set_object_acl(&self, name: &ObjectName, acl: Acl) -> Result<()> {
        let mut tx = self.begin_write().await?;
        buckets::find(&mut tx, &name.bucket).await?;
        set_acl(&mut tx, name, acl).await?;
        Ok(tx.commit().await?)
    }
}

impl Object {
    fn renamed(self, to: &ObjectName, now: i64) -> Self {
        let ObjectName { bucket, key } = to.clone();
        Self {
            bucket,
            key,
            last_modified: now,
            ..self
        }
    }
}

/// The object that `blob` is about to become.
pub(super) fn staged_object(
    name: &ObjectName,
    blob: &StagedBlob,
    attributes: ObjectAttributes,
    now: i64,
) -> Object {
    let ObjectName { bucket, key } = name.clone();
    Object {
        bucket,
        key,
        size: blob.size,
        etag: blob.etag(),
        crc64: blob.crc64,
        attributes,
        last_modified: now,
        blob: blob.blob.id().to_owned(),
    }
}

/// The object `name`, as the transaction on `tx` sees it.
pub(super) async fn find(tx: &mut SqliteConnection, name: &ObjectName) -> Result<Object> {
    find_optional(tx, name)
        .await?
        .ok_or_else(|| StoreError::NoSuchObject(name.clone()))
}

async fn find_optional(tx: &mut SqliteConnection, name: &ObjectName) -> Result<Option<Object>> {
    let row = sqlx::query_as("SELECT * FROM objects WHERE bucket = $1 AND key = $2")
        .bind(&name.bucket)
        .bind(&name.key);
    Ok(row.fetch_optional(tx).await?)
}

/// Writes the row of `object` and returns the blob the name showed before, if any.
pub(super) async fn insert(tx: &mut SqliteConnection, object: &Object) -> Result<Option<String>> {
    buckets::find(tx, &object.bucket).await?;
    let name = ObjectName::new(&object.bucket, &object.key);
    let displaced = remove(tx, &name).await?;
    // Past the largest signed number no disk reaches.
    let size = i64::try_from(object.size).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO objects (bucket, key, blob, size, etag, crc64, content_type, headers, \
         metadata, acl, last_modified) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(name.bucket)
    .bind(name.key)
    .bind(&object.blob)
    .bind(size)
    .bind(&object.etag)
    .bind(object.crc64.to_string())
    .bind(&object.attributes.content_type)
    .bind(Json(&object.attributes.headers))
    .bind(Json(&object.attributes.metadata))
    .bind(object.attributes.acl)
    .bind(object.last_modified)
    .execute(tx)
    .await?;
    Ok(displaced)
}

/// Deletes the row of `name` and returns the blob it showed, if any.
pub(super) async fn remove(tx: &mut SqliteConnection, name: &ObjectName) -> Result<Option<String>> {
    let row =
        sqlx::query_scalar("DELETE FROM objects WHERE bucket = $1 AND key = $2 RETURNING blob")
            .bind(&name.bucket)
            .bind(&name.key);
    Ok(row.fetch_optional(tx).await?)
}

/// Gives an object another name; also returns the blob that name showed before, if any.
pub(super) async fn rename(
    tx: &mut SqliteConnection,
    from: &ObjectName,
    to: &ObjectName,
    now: i64,
) -> Result<(Object, Option<String>)> {
    let object = find(tx, from).await?.renamed(to, now);
    remove(tx, from).await?;
    let displaced = insert(tx, &object).await?;
    Ok((object, displaced))
}

/// Sets one of the own headers of the object `name`.
pub(super) async fn set_metadata(
    tx: &mut SqliteConnection,
    name: &ObjectName,
    header: &str,
    value: &str,
) -> Result<()> {
    let changed = sqlx::query(
        "UPDATE objects SET metadata = json_patch(metadata, json_object($3, $4)) \
         WHERE bucket = $1 AND key = $2",
    )
    .bind(&name.bucket)
    .bind(&name.key)
    .bind(header)
    .bind(value)
    .execute(tx)
    .await?;
    if changed.rows_affected() == 0 {
        return Err(StoreError::NoSuchObject(name.clone()));
    }
    Ok(())
}

/// Sets the access control list of the object `name`.
pub(super) async fn set_acl(tx: &mut SqliteConnection, name: &ObjectName, acl: Acl) -> Result<()> {
    let changed = sqlx::query("UPDATE objects SET acl = $3 WHERE bucket = $1 AND key = $2")
        .bind(&name.bucket)
        .bind(&name.key)
        .bind(acl)
        .execute(tx)
        .await?;
    if changed.rows_affected() == 0 {
        return Err(StoreError::NoSuchObject(name.clone()));
    }
    Ok(())
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
