//! Objects that grow: data is added at the end, and what is there already stays where it is.

use md5::{Digest, Md5};
use tcloud_core::body;

use super::connection::Connection;
use super::contents::{self, add_segment};
use super::crc64::Crc64;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::{Object, ObjectAttributes, ObjectName};
use super::rows;
use super::sql::sql;
use super::uploads::StagedBlob;

/// Under which name an object says that data can be added to it.
const TYPE: &str = "x-cos-object-type";
/// What it says.
const APPENDABLE: &str = "appendable";

impl Object {
    /// Whether data can be added to it.
    pub(crate) fn is_appendable(&self) -> bool {
        self.attributes
            .headers
            .get(TYPE)
            .is_some_and(|is| is == APPENDABLE)
            // Who appends sends no key.
            && !self.is_sealed()
    }
}

impl Store {
    /// Refuses to add data to the object `name` at `position`, if that cannot be done now.
    ///
    /// # Errors
    ///
    /// As [`Store::append_object`].
    pub(crate) async fn require_end(&self, name: &ObjectName, position: u64) -> Result<()> {
        match self.head_object(name).await {
            Ok(object) => require_end(name, Some(&object), position),
            Err(StoreError::NoSuchObject(_)) => require_end(name, None, position),
            Err(error) => Err(error),
        }
    }

    /// Adds `blob` at the end of the object `name`, which must be at `position`. An object that does
    /// not exist is made with `attributes`, and may have `limit` bytes in the end.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`], [`StoreError::NotAppendable`], [`StoreError::AppendPosition`] or
    /// [`StoreError::TooLongToAppend`].
    pub(crate) async fn append_object(
        &self,
        name: &ObjectName,
        position: u64,
        blob: StagedBlob,
        attributes: &ObjectAttributes,
        limit: u64,
    ) -> Result<Object> {
        let mut attributes = attributes.clone();
        attributes.headers.insert(TYPE.into(), APPENDABLE.into());
        let new = rows::staged_object(name, &blob, attributes, self.now());
        let mut tx = self.write().await?;
        let appended = append(&mut tx, new, position, &blob, limit).await;
        let (object, garbage) = tx.end(appended).await?;
        // Nothing was added, so nothing names it.
        if blob.size > 0 || object.size == 0 {
            blob.keep();
        }
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(object)
    }
}

fn require_end(name: &ObjectName, object: Option<&Object>, position: u64) -> Result<()> {
    if object.is_some_and(|object| !object.is_appendable()) {
        return Err(StoreError::NotAppendable(name.clone()));
    }
    let end = object.map_or(0, |object| object.size);
    if position == end {
        return Ok(());
    }
    Err(StoreError::AppendPosition {
        name: name.clone(),
        end,
        position,
    })
}

/// Adds `blob` to the object that there is, or makes the object `new` of it, and returns the object
/// and the blobs that are garbage now.
async fn append(
    tx: &mut Connection,
    new: Object,
    position: u64,
    blob: &StagedBlob,
    limit: u64,
) -> Result<(Object, Vec<String>)> {
    let name = ObjectName::new(&new.bucket, &new.key);
    rows::lock(tx, &name).await?;
    let old = rows::find_optional(tx, &name).await?;
    require_end(&name, old.as_ref(), position)?;
    let size = position.saturating_add(blob.size);
    if size > limit {
        return Err(StoreError::TooLongToAppend { name, size, limit });
    }
    let old = match old {
        Some(old) if old.size > 0 => old,
        empty => {
            let attributes = empty.map_or(new.attributes, |empty| empty.attributes);
            let mut object = Object { attributes, ..new };
            let garbage = rows::insert_staged(tx, &mut object, blob).await?;
            return Ok((object, garbage));
        }
    };
    if blob.size == 0 {
        return Ok((old, Vec::new()));
    }
    let (content, mut garbage) = extensible(tx, &old, new.last_modified).await?;
    add_segment(
        tx,
        &content,
        old.size,
        blob.size,
        (blob.id(), blob.is_inline()),
    )
    .await?;
    let mut longer = Object {
        size,
        // It changes with the content, and is no digest of it.
        etag: joined(&old.etag, &new.etag),
        crc64: Crc64(body::crc64_combine(old.crc64.0, blob.crc64.0, blob.size)),
        last_modified: new.last_modified,
        blob: content,
        inline: false,
        ..old
    };
    blob.place(tx).await?;
    garbage.extend(rows::insert(tx, &mut longer).await?);
    Ok((longer, garbage))
}

fn joined(old: &str, added: &str) -> String {
    let digest = Md5::new().chain_update(old).chain_update(added).finalize();
    format!("{:032x}", u128::from_be_bytes(digest.into()))
}

/// Content of several pieces that begins as the object `old` does and that no other object shows, so
/// that it can grow; and the blobs that are garbage now.
async fn extensible(tx: &mut Connection, old: &Object, now: i64) -> Result<(String, Vec<String>)> {
    let size = i64::try_from(old.size).unwrap_or(i64::MAX);
    let shown = sql("SELECT count(*) FROM objects WHERE blob = $1").bind(&old.blob);
    let shown: i64 = shown.scalar(tx).await?;
    let has_pieces = sql("SELECT EXISTS (SELECT 1 FROM segments WHERE content = $1)");
    if !has_pieces.bind(&old.blob).scalar(tx).await? {
        let content = contents::new_content();
        let piece = (old.blob.as_str(), old.inline);
        add_segment(tx, &content, 0, old.size, piece).await?;
        return Ok((content, Vec::new()));
    }
    if shown > 1 {
        let content = contents::new_content();
        sql("INSERT INTO segments (content, start, size, blob, inline) \
             SELECT $1, start, size, blob, inline FROM segments WHERE content = $2 AND start < $3")
        .bind(&content)
        .bind(&old.blob)
        .bind(size)
        .execute(tx)
        .await?;
        return Ok((content, Vec::new()));
    }
    // Another object may have shown it, and have grown since this one was made of it.
    let beyond =
        sql("DELETE FROM segments WHERE content = $1 AND start >= $2 RETURNING blob, inline");
    let beyond = beyond.bind(&old.blob).bind(size).all(tx).await?;
    let garbage = contents::release(tx, beyond, now).await?;
    Ok((old.blob.clone(), garbage))
}
