//! Objects: the rows that make content visible.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;

use super::acl::Acl;
use super::connection::Connection;
use super::copying::require_free;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::{ByteRange, Found, Object, ObjectAttributes, ObjectName, Overwrite, Wanted};
use super::sealing::CustomerKey;
use super::sqlite::Recent;
use super::uploads::StagedBlob;
use super::version::VersionId;
use super::{buckets, rows};

/// How often a read is repeated because the object was just replaced.
const READ_RETRIES: u32 = 3;

/// What became of an object or of a version that was to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Deleted {
    /// Whether there was one.
    pub(crate) existed: bool,
    /// The delete marker that was made or, if it was what was to be deleted, that is gone.
    pub(crate) marker: Option<VersionId>,
    /// Until when it is locked, and so is still there.
    pub(crate) locked_until: Option<i64>,
}

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
        let mut object = rows::staged_object(name, &blob, attributes.clone(), self.now());
        let mut tx = self.write().await?;
        let result = async {
            rows::lock(&mut tx, name).await?;
            require_free(&mut tx, name, overwrite).await?;
            rows::insert_staged(&mut tx, &mut object, &blob).await
        };
        let result = result.await;
        let garbage = tx.end(result).await?;
        blob.keep();
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(object)
    }

    /// The object `name` without its content.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] or [`StoreError::NoSuchObject`].
    pub(crate) async fn head_object(&self, name: &ObjectName) -> Result<Object> {
        self.head_version(name, None).await
    }

    /// The given version of the object `name`, or the object itself, without its content.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`], [`StoreError::NoSuchObject`], [`StoreError::NoSuchVersion`],
    /// [`StoreError::DeleteMarker`].
    pub(crate) async fn head_version(
        &self,
        name: &ObjectName,
        version: Option<VersionId>,
    ) -> Result<Object> {
        let found = self
            .find_version(name, version, Wanted::Description)
            .await?;
        Ok(found.object)
    }

    /// The given version of the object `name`, or the object itself, with what is `wanted` of it.
    ///
    /// # Errors
    ///
    /// As [`Store::head_version`].
    pub(crate) async fn find_version(
        &self,
        name: &ObjectName,
        version: Option<VersionId>,
        wanted: Wanted,
    ) -> Result<Found> {
        let recent = self.inner.database.recent();
        if let Some(found) = recent.and_then(|recent| recent.object(name, version, wanted)) {
            return Ok(found);
        }
        let moment = recent.map(Recent::moment);
        let mut on = self.connect().await?;
        let found = rows::find_wanted(&mut on, name, version, wanted).await?;
        if let (Some(recent), Some(moment)) = (recent, moment) {
            recent.keep_object(moment, version, &found);
        }
        Ok(found)
    }

    /// The object `name` with its content, or the given part of it.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`], [`StoreError::NoSuchObject`], [`StoreError::Archived`], or
    /// [`StoreError::InvalidRange`] if the object has no byte in the range.
    pub(crate) async fn get_object(
        &self,
        name: &ObjectName,
        range: Option<ByteRange>,
    ) -> Result<ObjectReader> {
        self.get_version(name, None, range).await
    }

    /// The given version of the object `name`, or the object itself, with its content, or the given
    /// part of it.
    ///
    /// # Errors
    ///
    /// As [`Store::get_object`], and [`StoreError::NoSuchVersion`] or [`StoreError::DeleteMarker`].
    pub(crate) async fn get_version(
        &self,
        name: &ObjectName,
        version: Option<VersionId>,
        range: Option<ByteRange>,
    ) -> Result<ObjectReader> {
        self.get_sealed(name, version, range, None).await
    }

    /// [`Store::get_version`] of what may be encrypted with `key`. What is not is read as it is. Whether
    /// it is the right key, the caller finds out.
    ///
    /// # Errors
    ///
    /// As [`Store::get_version`]; [`StoreError::Sealed`] if a key is needed and there is none.
    pub(crate) async fn get_sealed(
        &self,
        name: &ObjectName,
        version: Option<VersionId>,
        range: Option<ByteRange>,
        key: Option<&CustomerKey>,
    ) -> Result<ObjectReader> {
        let found = self.find_version(name, version, Wanted::Content).await?;
        self.get_found(found, version, range, key).await
    }

    /// [`Store::get_sealed`] of what was found as `version` a moment ago: of what is there now, if that has
    /// been replaced.
    ///
    /// # Errors
    ///
    /// As [`Store::get_sealed`].
    pub(crate) async fn get_found(
        &self,
        mut found: Found,
        version: Option<VersionId>,
        range: Option<ByteRange>,
        key: Option<&CustomerKey>,
    ) -> Result<ObjectReader> {
        let mut retries = READ_RETRIES;
        loop {
            let name = found.object.name();
            match self.read_found(found, range, key).await {
                // Replaced, and its content deleted, since the row was read.
                Err(StoreError::NoContent(_)) if retries > 0 => {
                    retries -= 1;
                    found = self.find_version(&name, version, Wanted::Content).await?;
                }
                result => return result,
            }
        }
    }

    async fn read_found(
        &self,
        found: Found,
        range: Option<ByteRange>,
        key: Option<&CustomerKey>,
    ) -> Result<ObjectReader> {
        let Found { object, content } = found;
        object.require_readable(self.now())?;
        if object.link_target().is_some() {
            return Err(StoreError::SymbolicLink(object.name()));
        }
        let size = object.size;
        let range = match range {
            Some(range) => range
                .resolve(size)
                .ok_or(StoreError::InvalidRange { size })?,
            None => 0..size,
        };
        let key = match key {
            None if object.is_sealed() => return Err(StoreError::Sealed(object.name())),
            key => key.filter(|_| object.is_sealed()),
        };
        let content = self.read_content(&object, content.0, range.clone(), key);
        let content = content.await?;
        Ok(ObjectReader {
            object,
            range,
            content,
        })
    }

    /// Takes over the content that `reader` reads, to become another object or a part of one, encrypted
    /// with `key` if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoContent`] if it was replaced and deleted meanwhile;
    /// [`StoreError::MemoryFull`] or [`StoreError::Unavailable`] if there is no place for it.
    pub(crate) async fn stage(
        &self,
        reader: ObjectReader,
        key: Option<&CustomerKey>,
    ) -> Result<StagedBlob> {
        let mut upload = self.upload().sealed(key);
        let mut content = reader.content;
        while let Some(chunk) = content.try_next().await? {
            upload.write(chunk).await?;
        }
        upload.finish().await
    }

    /// Deletes the given version of the object `name` for good, or the object itself: in a bucket
    /// that keeps versions, that is hidden behind a delete marker.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`], [`StoreError::ObjectLocked`].
    pub(crate) async fn delete_version(
        &self,
        name: &ObjectName,
        version: Option<VersionId>,
    ) -> Result<Deleted> {
        let deleted = self.delete_versions(&[(name.clone(), version)]).await?;
        let deleted = deleted.into_iter().next().unwrap_or_default();
        match deleted.locked_until {
            Some(until) => Err(StoreError::ObjectLocked {
                name: name.clone(),
                until,
            }),
            None => Ok(deleted),
        }
    }

    /// Deletes objects or versions of them as [`Store::delete_version`] does, all of them or none, but
    /// for those that are locked.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`].
    pub(crate) async fn delete_versions(
        &self,
        all: &[(ObjectName, Option<VersionId>)],
    ) -> Result<Vec<Deleted>> {
        let now = self.now();
        let mut tx = self.write().await?;
        let removed = remove_all(&mut tx, all, now).await;
        let mut removed = tx.end(removed).await?;
        let garbage: Vec<String> = removed
            .iter_mut()
            .flat_map(|it| std::mem::take(&mut it.garbage))
            .collect();
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        let deleted = |it: rows::Removed| Deleted {
            existed: it.existed,
            marker: it.marker,
            locked_until: it.locked_until,
        };
        Ok(removed.into_iter().map(deleted).collect())
    }

    /// The delete marker that hides the object `name`, if one does.
    pub(crate) async fn delete_marker(&self, name: &ObjectName) -> Result<Option<VersionId>> {
        let mut tx = self.read().await?;
        if rows::find_optional(&mut tx, name).await?.is_some() {
            return Ok(None);
        }
        rows::marker(&mut tx, name).await
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
        let result = rows::set_metadata(&mut tx, name, header, value, Some(if_etag)).await;
        tx.end(result).await
    }

    /// Sets who may use the object `name`, or a version of it.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`], [`StoreError::NoSuchObject`], [`StoreError::NoSuchVersion`],
    /// [`StoreError::DeleteMarker`].
    pub(crate) async fn set_object_acl(
        &self,
        name: &ObjectName,
        version: Option<VersionId>,
        acl: &Acl,
    ) -> Result<()> {
        let mut tx = self.write().await?;
        let result = rows::set_acl(&mut tx, name, version, acl).await;
        tx.end(result).await
    }

    /// Sets the tags of the object `name`, or of a version of it.
    ///
    /// # Errors
    ///
    /// As [`Store::set_object_acl`].
    pub(crate) async fn set_object_tags(
        &self,
        name: &ObjectName,
        version: Option<VersionId>,
        tags: &BTreeMap<String, String>,
    ) -> Result<()> {
        let mut tx = self.write().await?;
        let result = rows::set_tags(&mut tx, name, version, tags).await;
        tx.end(result).await
    }
}

/// Deletes all of the objects and versions, in the order they are given in.
async fn remove_all(
    tx: &mut Connection,
    all: &[(ObjectName, Option<VersionId>)],
    now: i64,
) -> Result<Vec<rows::Removed>> {
    let mut names: Vec<&ObjectName> = Vec::with_capacity(all.len());
    for (name, _) in all {
        if names.last().is_none_or(|last| last.bucket != name.bucket) {
            buckets::find(tx, &name.bucket).await?;
        }
        names.push(name);
    }
    rows::lock_all(tx, names).await?;
    let mut removed = Vec::with_capacity(all.len());
    for (name, version) in all {
        let each = match version {
            Some(id) => rows::remove_version(tx, name, *id, now).await,
            None => rows::remove(tx, name, now).await,
        };
        removed.push(match each {
            // It is told before anything is changed.
            Err(StoreError::ObjectLocked { until, .. }) => rows::Removed {
                locked_until: Some(until),
                ..rows::Removed::default()
            },
            each => each?,
        });
    }
    Ok(removed)
}
