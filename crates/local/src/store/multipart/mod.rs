//! Uploads in parts.
//!
//! A part is a committed row from the moment its upload is answered, so it survives whatever happens
//! to the process. The transaction that puts parts together moves their pieces into the content of
//! the object; nothing is copied.

mod listing;

use md5::{Digest, Md5};
use sqlx::FromRow;
use tcloud_core::body;
use uuid::Uuid;

use super::buckets;
use super::connection::Connection;
use super::contents;
use super::crc64::Crc64;
use super::error::{Result, StoreError};
use super::garbage;
use super::handle::Store;
use super::object::{Object, ObjectAttributes, ObjectName};
use super::rows;
use super::sql::sql;
use super::uploads::StagedBlob;
use super::value::Value;

pub(crate) use listing::UploadQuery;

/// The fewest bytes of a part that another one follows.
pub(crate) const SMALLEST_PART: u64 = 1024 * 1024;

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
        };
        let mut tx = self.write().await?;
        let put = put_part(&mut tx, name, upload, &part, &blob).await;
        let garbage = tx.end(put).await?;
        blob.keep();
        self.delete_garbage(garbage.as_deref()).await;
        Ok(part)
    }

    /// Makes the object of the parts that are `listed`, and ends the upload. Parts that are not
    /// listed are dropped.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchUpload`], [`StoreError::InvalidPartOrder`], [`StoreError::InvalidPart`] or
    /// [`StoreError::PartTooSmall`].
    pub(crate) async fn complete_multipart(
        &self,
        name: &ObjectName,
        upload: &str,
        listed: &[ListedPart],
    ) -> Result<Object> {
        let mut tx = self.write().await?;
        let completed = complete(&mut tx, name, upload, listed, self.now()).await;
        let (object, garbage) = tx.end(completed).await?;
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(object)
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
        "INSERT INTO parts (upload, number, size, etag, crc64, blob, inline, last_modified) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(upload)
    .bind(part.number)
    .bind(size)
    .bind(&part.etag)
    .bind(part.crc64.to_string())
    .bind(&part.blob)
    .bind(part.inline)
    .bind(part.last_modified)
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

async fn complete(
    tx: &mut Connection,
    name: &ObjectName,
    upload: &str,
    listed: &[ListedPart],
    now: i64,
) -> Result<(Object, Vec<String>)> {
    let begun = lock(tx, name, upload).await?;
    let parts = sql("SELECT * FROM parts WHERE upload = $1 ORDER BY number").bind(upload);
    let parts: Vec<Part> = parts.all(tx).await?;
    let (chosen, mut dropped) = choose(parts, listed)?;
    let whole = Whole::of(&chosen);

    // What has no bytes is nothing in a row of pieces.
    let (mut pieces, mut empty): (Vec<_>, Vec<_>) =
        chosen.into_iter().partition(|part| part.size > 0);
    if pieces.is_empty() {
        pieces.extend(empty.pop());
    }
    dropped.extend(empty);
    for part in &dropped {
        let row = sql("DELETE FROM parts WHERE upload = $1 AND number = $2");
        row.bind(upload).bind(part.number).execute(tx).await?;
    }
    let (content, inline) = match pieces.as_slice() {
        [] => return Err(StoreError::NoPart),
        [only] => (only.blob.clone(), only.inline),
        _ => (contents::new_content(), false),
    };
    if pieces.len() > 1 {
        sql(
            "INSERT INTO segments (content, start, size, blob, inline) \
             SELECT $1, CAST(sum(size) OVER (ORDER BY number) - size AS BIGINT), size, blob, inline \
             FROM parts WHERE upload = $2",
        )
        .bind(&content)
        .bind(upload)
        .execute(tx)
        .await?;
    }
    let mut object = Object {
        size: whole.size,
        etag: whole.etag,
        crc64: whole.crc64,
        attributes: begun.attributes,
        blob: content,
        inline,
        ..Object::without_content(name, now)
    };
    rows::lock(tx, name).await?;
    let mut garbage = rows::insert(tx, &mut object).await?;
    end(tx, upload).await?;
    let dropped = dropped.into_iter().map(|part| (part.blob, part.inline));
    garbage.extend(contents::release(tx, dropped.collect(), now).await?);
    Ok((object, garbage))
}

/// Those of `parts` that are `listed`, and the others.
fn choose(parts: Vec<Part>, listed: &[ListedPart]) -> Result<(Vec<Part>, Vec<Part>)> {
    let mut last = 0;
    for &ListedPart { number, .. } in listed {
        if number <= last {
            return Err(StoreError::InvalidPartOrder { number });
        }
        last = number;
    }
    let mut listed = listed.iter().peekable();
    let (mut chosen, mut others) = (Vec::new(), Vec::new());
    for part in parts {
        // Both are in the order of their numbers.
        match listed.next_if(|listed| listed.number <= part.number) {
            Some(listed) if listed.number == part.number && listed.etag == part.etag => {
                chosen.push(part);
            }
            Some(wrong) => return Err(invalid(wrong)),
            None => others.push(part),
        }
    }
    if let Some(missing) = listed.next() {
        return Err(invalid(missing));
    }
    let followed = chosen.split_last().map_or(&[][..], |(_, others)| others);
    match followed.iter().find(|part| part.size < SMALLEST_PART) {
        Some(&Part { number, size, .. }) => Err(StoreError::PartTooSmall {
            number,
            size,
            least: SMALLEST_PART,
        }),
        None => Ok((chosen, others)),
    }
}

fn invalid(listed: &ListedPart) -> StoreError {
    StoreError::InvalidPart {
        number: listed.number,
        etag: listed.etag.clone(),
    }
}

/// What is said of an object as a whole, by what is known of its parts.
struct Whole {
    size: u64,
    etag: String,
    crc64: Crc64,
}

impl Whole {
    fn of(parts: &[Part]) -> Self {
        let mut digests = Md5::new();
        let (mut size, mut crc64) = (0_u64, body::crc64(b""));
        for part in parts {
            let digest = u128::from_str_radix(&part.etag, 16).unwrap_or_default();
            digests.update(digest.to_be_bytes());
            size = size.saturating_add(part.size);
            crc64 = body::crc64_combine(crc64, part.crc64.0, part.size);
        }
        let digest = u128::from_be_bytes(digests.finalize().into());
        Self {
            size,
            etag: format!("{digest:032x}-{}", parts.len()),
            crc64: Crc64(crc64),
        }
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
    use super::{ListedPart, Part, SMALLEST_PART, Whole, choose, new_upload_id};
    use crate::store::StoreError;
    use crate::store::crc64::Crc64;

    fn part(number: u32, content: &[u8]) -> Part {
        use md5::{Digest, Md5};
        Part {
            number,
            size: content.len() as u64,
            etag: format!("{:032x}", u128::from_be_bytes(Md5::digest(content).into())),
            crc64: Crc64(tcloud_core::body::crc64(content)),
            last_modified: 0,
            blob: number.to_string(),
            inline: false,
        }
    }

    fn listed(part: &Part) -> ListedPart {
        ListedPart {
            number: part.number,
            etag: part.etag.clone(),
        }
    }

    #[test]
    fn the_whole_follows_from_its_parts() {
        let whole = Whole::of(&[part(1, b"1234"), part(7, b""), part(9, b"56789")]);
        assert_eq!(whole.size, 9);
        assert_eq!(whole.crc64, Crc64(0x995D_C9BB_DF19_39FA));
        // echo -n 1234 | md5sum, of nothing, and of 56789; md5sum of the three digests.
        assert_eq!(whole.etag, "c57c61650e7a673bb13c5b3b2e9fbc27-3");
    }

    #[test]
    fn parts_are_chosen_by_number_and_etag() {
        let large = vec![7; usize::try_from(SMALLEST_PART).unwrap()];
        let parts = [part(1, &large), part(2, b"small"), part(5, b"last")];
        let [one, two, five] = [&parts[0], &parts[1], &parts[2]].map(listed);
        let choose = |list: &[&ListedPart]| {
            let list: Vec<_> = list.iter().map(|&it| it.clone()).collect();
            choose(parts.to_vec(), &list).map(|(chosen, others)| {
                let numbers = |parts: Vec<Part>| parts.iter().map(|it| it.number).collect();
                (numbers(chosen), numbers(others))
            })
        };
        let both = |list: &[&ListedPart]| -> (Vec<u32>, Vec<u32>) { choose(list).unwrap() };
        assert_eq!(both(&[&one, &two]), (vec![1, 2], vec![5]));
        assert_eq!(both(&[&five]), (vec![5], vec![1, 2]));

        let unordered = choose(&[&two, &one]);
        assert!(matches!(
            unordered,
            Err(StoreError::InvalidPartOrder { number: 1 })
        ));
        let twice = choose(&[&one, &one]);
        assert!(matches!(
            twice,
            Err(StoreError::InvalidPartOrder { number: 1 })
        ));
        let small = choose(&[&one, &two, &five]);
        assert!(matches!(
            small,
            Err(StoreError::PartTooSmall {
                number: 2,
                size: 5,
                ..
            })
        ));
        for (number, etag) in [(3, &five.etag), (6, &five.etag), (5, &two.etag)] {
            let wrong = ListedPart {
                number,
                etag: etag.clone(),
            };
            let wrong = choose(&[&one, &wrong]);
            assert!(
                matches!(wrong, Err(StoreError::InvalidPart { number: is, .. }) if is == number)
            );
        }
    }

    #[test]
    fn ids_sort_by_time() {
        let [first, second] = [1_700_000_000_999, 1_700_000_001_000].map(new_upload_id);
        assert!(first < second);
        assert_eq!(first.len(), 74);
    }
}
