//! Objects: the rows that make content visible.

use std::fmt;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use sqlx::SqliteConnection;
use sqlx::types::Json;

use super::buckets;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::{Acl, ByteRange, Object, ObjectAttributes, ObjectName, Overwrite};
use super::upload::StagedBlob;

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
    pub(crate) async fn head_object(&self, name: &ObjectName) -> Result<Object> {
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
    pub(crate) async fn get_object(
        &self,
        name: &ObjectName,
        range: Option<ByteRange>,
    ) -> Result<ObjectReader> {
        let mut retries = READ_RETRIES;
        loop {
            let object = self.head_object(name).await?;
            match self.read_object(object, range).await {
                // Replaced, and its content deleted, since the row was read.
                Err(StoreError::NoContent(_)) if retries > 0 => {
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
        let content = self.inner.blobs.read(&object.blob, range.clone()).await?;
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
        let mut tx = self.begin_write().await?;
        buckets::find(&mut tx, &name.bucket).await?;
        let displaced = remove(&mut tx, name).await?;
        tx.commit().await?;
        self.reclaim(displaced.as_deref()).await;
        Ok(displaced.is_some())
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
    pub(crate) async fn set_object_acl(&self, name: &ObjectName, acl: Acl) -> Result<()> {
        let mut tx = self.begin_write().await?;
        buckets::find(&mut tx, &name.bucket).await?;
        set_acl(&mut tx, name, acl).await?;
        Ok(tx.commit().await?)
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
    // No disk is larger than the largest signed number.
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
