//! Uploads in parts.
//!
//! A part is a committed row from the moment its upload is answered, so it survives whatever happens
//! to the process. The transaction that puts parts together moves their pieces into the content of
//! the object; nothing is copied.

mod completing;
mod listing;

use sqlx::FromRow;
use uuid::Uuid;

use super::buckets;
use super::connection::Connection;
use super::contents;
use super::crc64::Crc64;
use super::error::{Result, StoreError};
use super::garbage;
use super::handle::Store;
use super::object::{ObjectAttributes, ObjectName};
use super::sql::sql;
use super::uploads::StagedBlob;
use super::value::Value;

pub(crate) use listing::UploadQuery;

/// An upload that has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct MultipartUpload {
    /// Its id. Those of one object sort by the time when they began.
    pub(crate) id: String,
    /// The bucket.
    pub(crate) bucket: String,
    /// The key of the object.
    pub(crate) key: String,
    /// What the object will have beside its content.
    #[sqlx(json)]
    pub(crate) attributes: ObjectAttributes,
    /// Who has begun it: the number of the account or user.
    pub(crate) initiator: String,
    /// When it began.
    pub(crate) initiated: i64,
}

/// A part of an upload.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Part {
    /// Its number.
    #[sqlx(try_from = "i64")]
    pub(crate) number: u32,
    /// The number of bytes.
    #[sqlx(try_from = "i64")]
    pub(crate) size: u64,
    /// The MD5 digest in hexadecimal, without quotes.
    pub(crate) etag: String,
    /// The CRC-64 checksum.
    #[sqlx(try_from = "String")]
    pub(crate) crc64: Crc64,
    /// When it was uploaded.
    pub(crate) last_modified: i64,
    blob: String,
    inline: bool,
    sealed: Option<String>,
}

/// A part that is to be put together with others, as a client names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedPart {
    /// Its number.
    pub(crate) number: u32,
    /// Its `ETag`, without quotes.
    pub(crate) etag: String,
}

impl Store {
    /// Begins an upload of the object `name`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`].
    pub(crate) async fn begin_multipart(
        &self,
        name: &ObjectName,
        attributes: &ObjectAttributes,
        initiator: &str,
    ) -> Result<MultipartUpload> {
        let begun = MultipartUpload {
            id: new_upload_id(self.now()),
            bucket: name.bucket.clone(),
            key: name.key.clone(),
            attributes: attributes.clone(),
            initiator: initiator.to_owned(),
            initiated: self.now(),
        };
        let mut tx = self.write().await?;
        let inserted = insert(&mut tx, &begun).await;
        tx.end(inserted).await?;
        Ok(begun)
    }

    /// The upload `id` of the object `name`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchUpload`].
    pub(crate) async fn multipart(&self, name: &ObjectName, id: &str) -> Result<MultipartUpload> {
        find(&mut self.connect().await?, name, id, "").await
    }

    /// Makes `blob` the part `number` of an upload. A part of the same number is replaced.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchUpload`].
    pub(crate) async fn put_part(
        &self,
        name: &ObjectName,
        upload: &str,
        number: u32,
        blob: StagedBlob,
    ) -> Result<Part> {
        let part = Part {
            number,
            size: blob.size,
            etag: blob.etag(),
            crc64: blob.crc64,
            last_modified: self.now(),
            blob: blob.id().to_owned(),
            inline: blob.is_inline(),
            sealed: blob.sealed(),
        };
        let mut tx = self.write().await?;
        let put = put_part(&mut tx, name, upload, &part, &blob).await;
        let garbage = tx.end(put).await?;
        blob.keep();
        self.delete_garbage(garbage.as_deref()).await;
        Ok(part)
    }

    /// Ends an upload and drops its parts.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchUpload`].
    pub(crate) async fn abort_multipart(&self, name: &ObjectName, upload: &str) -> Result<()> {
        let mut tx = self.write().await?;
        let aborted = abort(&mut tx, name, upload, self.now()).await;
        let garbage = tx.end(aborted).await?;
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(())
    }
}

/// An id of the form that the service gives: the second, and 64 hexadecimal digits, of which the
/// first three are the millisecond here.
fn new_upload_id(now: i64) -> String {
    let (seconds, millis) = (now.div_euclid(1000), now.rem_euclid(1000));
    let [first, second] = [(); 2].map(|()| Uuid::new_v4().simple().to_string());
    let random: String = first.chars().chain(second.chars()).take(61).collect();
    format!("{seconds:010}{millis:03x}{random}")
}

async fn insert(tx: &mut Connection, upload: &MultipartUpload) -> Result<()> {
    buckets::keep(tx, &upload.bucket).await?;
    sql(
        "INSERT INTO multipart_uploads (id, bucket, key, attributes, initiator, initiated) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&upload.id)
    .bind(&upload.bucket)
    .bind(&upload.key)
    .bind(Value::json(&upload.attributes)?)
    .bind(&upload.initiator)
    .bind(upload.initiated)
    .execute(tx)
    .await
    .map(drop)
}

/// The upload `id` of the object `name`; `and` follows the selection.
async fn find(
    connection: &mut Connection,
    name: &ObjectName,
    id: &str,
    and: &str,
) -> Result<MultipartUpload> {
    let found = sql(format!(
        "SELECT * FROM multipart_uploads WHERE id = $1 AND bucket = $2 AND key = $3 {and}"
    ));
    let found = found.bind(id).bind(&name.bucket).bind(&name.key);
    found
        .optional(connection)
        .await?
        .ok_or_else(|| StoreError::NoSuchUpload {
            name: name.clone(),
            id: id.to_owned(),
        })
}

/// The upload `id` of the object `name`, which no other transaction changes meanwhile.
async fn lock(tx: &mut Connection, name: &ObjectName, id: &str) -> Result<MultipartUpload> {
    let for_update = tx.dialect().for_update();
    find(tx, name, id, for_update).await
}

/// Writes the row of `part` with its content `blob`, and returns the blob that is garbage now, if
/// any.
async fn put_part(
    tx: &mut Connection,
    name: &ObjectName,
    upload: &str,
    part: &Part,
    blob: &StagedBlob,
) -> Result<Option<String>> {
    lock(tx, name, upload).await?;
    let garbage = remove_part(tx, upload, part.number, part.last_modified).await?;
    let size = i64::try_from(part.size).unwrap_or(i64::MAX);
    sql(
        "INSERT INTO parts (upload, number, size, etag, crc64, blob, inline, last_modified, sealed) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(upload)
    .bind(part.number)
    .bind(size)
    .bind(&part.etag)
    .bind(part.crc64.to_string())
    .bind(&part.blob)
    .bind(part.inline)
    .bind(part.last_modified)
    .bind(&part.sealed)
    .execute(tx)
    .await?;
    blob.place(tx).await?;
    Ok(garbage)
}

/// Deletes the part `number`, if there is one, and returns the blob that is garbage now, if any.
pub(super) async fn remove_part(
    tx: &mut Connection,
    upload: &str,
    number: u32,
    now: i64,
) -> Result<Option<String>> {
    let removed = sql("DELETE FROM parts WHERE upload = $1 AND number = $2 RETURNING blob, inline");
    let removed: Option<(String, bool)> = removed.bind(upload).bind(number).optional(tx).await?;
    match removed {
        Some((blob, inline)) => garbage::release(tx, blob, inline, now).await,
        None => Ok(None),
    }
}

async fn abort(
    tx: &mut Connection,
    name: &ObjectName,
    upload: &str,
    now: i64,
) -> Result<Vec<String>> {
    lock(tx, name, upload).await?;
    let pieces = end(tx, upload).await?;
    contents::release(tx, pieces, now).await
}

/// Deletes the rows of an upload, and returns the pieces that its parts had.
async fn end(tx: &mut Connection, upload: &str) -> Result<Vec<(String, bool)>> {
    let parts = sql("DELETE FROM parts WHERE upload = $1 RETURNING blob, inline").bind(upload);
    let pieces = parts.all(tx).await?;
    let ended = sql("DELETE FROM multipart_uploads WHERE id = $1").bind(upload);
    ended.execute(tx).await?;
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::new_upload_id;

    #[test]
    fn ids_sort_by_time() {
        let [first, second] = [1_700_000_000_999, 1_700_000_001_000].map(new_upload_id);
        assert!(first < second);
        assert_eq!(first.len(), 74);
    }
}
