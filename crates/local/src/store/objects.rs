//! Objects: the rows that make content visible.

use std::fmt;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;

use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::{Acl, ByteRange, Object, ObjectAttributes, ObjectName, Overwrite};
use super::sql::sql;
use super::uploads::StagedBlob;
use super::value::Value;
use super::{buckets, contents};

/// How often a read is repeated because the object was just replaced.
const READ_RETRIES: u32 = 3;

/// An object and its content, or a part of it.
pub(crate) struct ObjectReader {
    /// The object.
    pub(crate) object: Object,
    /// Which bytes the content has.
    pub(crate) range: Range<u64>,
    /// The bytes.
    pub(crate) content: BoxStream<'static, Result<Bytes>>,
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
    pub(crate) async fn bytes(self) -> Result<Bytes> {
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
    pub(crate) async fn put_object(
        &self,
        name: &ObjectName,
        blob: StagedBlob,
        attributes: &ObjectAttributes,
        overwrite: Overwrite,
    ) -> Result<Object> {
        let object = staged_object(name, &blob, attributes.clone(), self.now());
        let mut tx = self.write().await?;
        let result = put(&mut tx, &object, &blob, overwrite).await;
        let displaced = tx.end(result).await?;
        blob.keep();
        self.delete_garbage(displaced.iter().map(String::as_str))
            .await;
        Ok(object)
    }

    /// The object `name` without its content.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] or [`StoreError::NoSuchObject`].
    pub(crate) async fn head_object(&self, name: &ObjectName) -> Result<Object> {
        let mut tx = self.read().await?;
        buckets::find(&mut tx, &name.bucket).await?;
        find(&mut tx, name).await
    }

    /// The object `name` with its content, or the given part of it.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`], [`StoreError::NoSuchObject`], or
    /// [`StoreError::InvalidRange`] if the object has no byte in the range.
    pub(crate) async fn get_object(
        &self,
        name: &ObjectName,
        range: Option<ByteRange>,
    ) -> Result<ObjectReader> {
        let mut retries = READ_RETRIES;
        loop {
            match self.read_object(name, range).await {
                // Replaced, and its content deleted, since the row was read.
                Err(StoreError::NoContent(_)) if retries > 0 => {
                    retries -= 1;
                }
                result => return result,
            }
        }
    }

    async fn read_object(
        &self,
        name: &ObjectName,
        range: Option<ByteRange>,
    ) -> Result<ObjectReader> {
        let mut tx = self.read().await?;
        buckets::find(&mut tx, &name.bucket).await?;
        let object = find(&mut tx, name).await?;
        let size = object.size;
        let range = match range {
            Some(range) => range
                .resolve(size)
                .ok_or(StoreError::InvalidRange { size })?,
            None => 0..size,
        };
        let content = self.read_content(tx, &object, range.clone()).await?;
        Ok(ObjectReader {
            object,
            range,
            content,
        })
    }

    /// Deletes the object `name` and returns whether it existed.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`].
    pub(crate) async fn delete_object(&self, name: &ObjectName) -> Result<bool> {
        let now = self.now();
        let mut tx = self.write().await?;
        let result = async {
            buckets::find(&mut tx, &name.bucket).await?;
            remove(&mut tx, name, now).await
        };
        let removed = result.await;
        let removed = tx.end(removed).await?;
        self.delete_garbage(removed.garbage.iter().map(String::as_str))
            .await;
        Ok(removed.existed)
    }

    /// Sets one of the own headers of `name` (`x-cos-meta-...`), provided that the object still has
    /// the `ETag` `if_etag`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchObject`], [`StoreError::ObjectChanged`].
    pub(crate) async fn set_object_metadata(
        &self,
        name: &ObjectName,
        header: &str,
        value: &str,
        if_etag: &str,
    ) -> Result<()> {
        let mut tx = self.write().await?;
        let result = set_metadata(&mut tx, name, header, value, Some(if_etag)).await;
        tx.end(result).await
    }

    /// Sets who may use the object `name`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] or [`StoreError::NoSuchObject`].
    pub(crate) async fn set_object_acl(&self, name: &ObjectName, acl: Acl) -> Result<()> {
        let mut tx = self.write().await?;
        let result = async {
            buckets::find(&mut tx, &name.bucket).await?;
            set_acl(&mut tx, name, acl).await
        };
        let result = result.await;
        tx.end(result).await
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
        blob: blob.id().to_owned(),
        inline: blob.is_inline(),
    }
}

/// Writes the row of `object` with its content `blob`, and returns the blobs that are garbage
/// now.
async fn put(
    tx: &mut Connection,
    object: &Object,
    blob: &StagedBlob,
    overwrite: Overwrite,
) -> Result<Vec<String>> {
    let name = ObjectName::new(&object.bucket, &object.key);
    lock(tx, &name).await?;
    if overwrite == Overwrite::Forbid && find_optional(tx, &name).await?.is_some() {
        return Err(StoreError::ObjectExists(name));
    }
    insert_staged(tx, object, blob).await
}

/// Writes the row of `object` with its content `blob`, and returns the blobs that are garbage
/// now.
pub(super) async fn insert_staged(
    tx: &mut Connection,
    object: &Object,
    blob: &StagedBlob,
) -> Result<Vec<String>> {
    let garbage = insert(tx, object).await?;
    blob.place(tx).await?;
    Ok(garbage)
}

/// Keeps other transactions from the object `name`, whether it exists or not, until this one ends.
pub(super) async fn lock(tx: &mut Connection, name: &ObjectName) -> Result<()> {
    tx.lock(&name.to_string()).await
}

/// The object `name`, as the transaction on `tx` sees it.
pub(super) async fn find(tx: &mut Connection, name: &ObjectName) -> Result<Object> {
    find_optional(tx, name)
        .await?
        .ok_or_else(|| StoreError::NoSuchObject(name.clone()))
}

pub(super) async fn find_optional(
    tx: &mut Connection,
    name: &ObjectName,
) -> Result<Option<Object>> {
    sql("SELECT * FROM objects WHERE bucket = $1 AND key = $2")
        .bind(&name.bucket)
        .bind(&name.key)
        .optional(tx)
        .await
}

/// Writes the row of `object`, and returns the blobs that are garbage now.
pub(super) async fn insert(tx: &mut Connection, object: &Object) -> Result<Vec<String>> {
    buckets::keep(tx, &object.bucket).await?;
    let name = ObjectName::new(&object.bucket, &object.key);
    let displaced = take(tx, &name).await?;
    // No disk is larger than the largest signed number.
    let size = i64::try_from(object.size).unwrap_or(i64::MAX);
    sql(
        "INSERT INTO objects (bucket, key, blob, inline, size, etag, crc64, content_type, headers, \
         metadata, acl, last_modified) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(name.bucket)
    .bind(name.key)
    .bind(&object.blob)
    .bind(object.inline)
    .bind(size)
    .bind(&object.etag)
    .bind(object.crc64.to_string())
    .bind(&object.attributes.content_type)
    .bind(Value::json(&object.attributes.headers)?)
    .bind(Value::json(&object.attributes.metadata)?)
    .bind(object.attributes.acl)
    .bind(object.last_modified)
    .execute(tx)
    .await?;
    discard(tx, displaced, object.last_modified).await
}

/// What became of an object that was removed.
#[derive(Debug, Default)]
pub(super) struct Removed {
    /// Whether there was one.
    pub(super) existed: bool,
    /// The blobs that are garbage now.
    pub(super) garbage: Vec<String>,
}

/// Deletes the object `name`, if there is one.
pub(super) async fn remove(tx: &mut Connection, name: &ObjectName, now: i64) -> Result<Removed> {
    lock(tx, name).await?;
    let displaced = take(tx, name).await?;
    Ok(Removed {
        existed: displaced.is_some(),
        garbage: discard(tx, displaced, now).await?,
    })
}

/// Content that an object has shown: its name, and whether it is kept with the rows.
type Displaced = (String, bool);

/// Deletes the row of `name` and returns the content it showed, if any.
async fn take(tx: &mut Connection, name: &ObjectName) -> Result<Option<Displaced>> {
    sql("DELETE FROM objects WHERE bucket = $1 AND key = $2 RETURNING blob, inline")
        .bind(&name.bucket)
        .bind(&name.key)
        .optional(tx)
        .await
}

/// Makes garbage of content that no row shows any more.
async fn discard(
    tx: &mut Connection,
    displaced: Option<Displaced>,
    now: i64,
) -> Result<Vec<String>> {
    match displaced {
        Some((id, inline)) => contents::discard(tx, id, inline, now).await,
        None => Ok(Vec::new()),
    }
}

/// Gives an object another name, and returns the blobs that are garbage now.
pub(super) async fn rename(
    tx: &mut Connection,
    from: &ObjectName,
    to: &ObjectName,
    now: i64,
) -> Result<Vec<String>> {
    let object = find(tx, from).await?.renamed(to, now);
    take(tx, from).await?;
    insert(tx, &object).await
}

/// Sets one of the own headers of the object `name`, which must have the `ETag` `if_etag` if that
/// is given.
pub(super) async fn set_metadata(
    tx: &mut Connection,
    name: &ObjectName,
    header: &str,
    value: &str,
    if_etag: Option<&str>,
) -> Result<()> {
    lock(tx, name).await?;
    let mut metadata = require_content(tx, name, if_etag)
        .await?
        .attributes
        .metadata;
    metadata.insert(header.to_owned(), value.to_owned());
    sql("UPDATE objects SET metadata = $3 WHERE bucket = $1 AND key = $2")
        .bind(&name.bucket)
        .bind(&name.key)
        .bind(Value::json(&metadata)?)
        .execute(tx)
        .await
        .map(drop)
}

/// The object `name`, which must have the `ETag` `etag` if that is given.
pub(super) async fn require_content(
    tx: &mut Connection,
    name: &ObjectName,
    etag: Option<&str>,
) -> Result<Object> {
    let found = find(tx, name).await?;
    if etag.is_none_or(|etag| etag == found.etag) {
        Ok(found)
    } else {
        Err(StoreError::ObjectChanged(name.clone()))
    }
}

/// Sets the access control list of the object `name`.
pub(super) async fn set_acl(tx: &mut Connection, name: &ObjectName, acl: Acl) -> Result<()> {
    let changed = sql("UPDATE objects SET acl = $3 WHERE bucket = $1 AND key = $2")
        .bind(&name.bucket)
        .bind(&name.key)
        .bind(acl)
        .execute(tx)
        .await?;
    if changed == 0 {
        return Err(StoreError::NoSuchObject(name.clone()));
    }
    Ok(())
}
