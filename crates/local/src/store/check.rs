//! Whether rows and content belong together, and what can be done where they do not.

use std::collections::HashSet;
use std::fmt;

use futures_util::{StreamExt, TryStreamExt};
use md5::{Digest, Md5};
use tcloud_core::body;

use super::blobs::Found;
use super::connection::Connection;
use super::crc64::Crc64;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::ObjectName;
use super::sql::sql;
use super::{contents, garbage, rows};

/// How many rows or blobs are looked at in one go.
const BATCH: i64 = 500;

/// Something that is wrong with a state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// An object whose content does not exist.
    Missing {
        /// The object's bucket.
        bucket: String,
        /// The object's key.
        key: String,
        /// The name of the content.
        content: String,
    },
    /// An object whose content is not what was stored.
    Damaged {
        /// The object's bucket.
        bucket: String,
        /// The object's key.
        key: String,
        /// The name of the content.
        content: String,
        /// What is wrong.
        wrong: String,
    },
    /// A part of an upload that has not ended, whose content is missing or is not what was stored.
    Part {
        /// The bucket.
        bucket: String,
        /// The key of the object.
        key: String,
        /// The id of the upload.
        upload: String,
        /// The number of the part.
        number: u32,
        /// The name of the content.
        content: String,
        /// What is wrong.
        wrong: String,
    },
    /// Content that nothing names.
    Unnamed {
        /// Its name.
        content: String,
        /// The number of bytes.
        bytes: u64,
    },
}

impl Finding {
    /// What a repair does about it, if anything.
    pub const fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Missing { .. } => Some("the object is deleted"),
            // What is left of it may be worth something.
            Self::Damaged { .. } => None,
            // Whoever uploads the object can upload it again.
            Self::Part { .. } => Some("the part is deleted"),
            Self::Unnamed { .. } => Some("the content is deleted"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing {
                bucket,
                key,
                content,
            } => write!(f, "missing: {bucket}/{key}: there is no content {content}"),
            Self::Damaged {
                bucket,
                key,
                content,
                wrong,
            } => write!(f, "damaged: {bucket}/{key}: the content {content} {wrong}"),
            Self::Part {
                bucket,
                key,
                upload,
                number,
                content,
                wrong,
            } => write!(
                f,
                "damaged: part {number} of {bucket}/{key} (upload {upload}): the content {content} \
                 {wrong}"
            ),
            Self::Unnamed { content, bytes } => {
                write!(
                    f,
                    "unnamed: nothing names the content {content} ({bytes} bytes)"
                )
            }
        }
    }
}

/// What a check has looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Checked {
    /// How many objects.
    pub objects: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// How much content was found to be wrong.
    pub findings: u64,
}

/// The row of an object, as far as it speaks of content.
#[derive(sqlx::FromRow)]
struct Described {
    bucket: String,
    key: String,
    blob: String,
    inline: bool,
    size: i64,
    etag: String,
    crc64: String,
    sealed: Option<String>,
}

/// The row of an object, and what it is found by.
#[derive(sqlx::FromRow)]
struct DescribedObject {
    shown: bool,
    version: i64,
    #[sqlx(flatten)]
    described: Described,
}

/// The row of a part, as far as it speaks of content.
#[derive(sqlx::FromRow)]
struct DescribedPart {
    upload: String,
    #[sqlx(try_from = "i64")]
    number: u32,
    #[sqlx(flatten)]
    described: Described,
}

/// What content is found to be.
struct Actual {
    size: u64,
    md5: [u8; 16],
    crc64: Crc64,
    /// Whether it consists of several pieces.
    has_pieces: bool,
}

impl Described {
    /// How `actual` differs from what was stored.
    fn difference(&self, actual: &Actual) -> Option<String> {
        let size = u64::try_from(self.size).unwrap_or_default();
        // What is encrypted is longer than the object by what each of its pieces begins with.
        if self.sealed.is_none() && actual.size != size {
            return Some(format!("has {} bytes instead of {size}", actual.size));
        }
        let crc64 = self.sealed.as_ref().unwrap_or(&self.crc64);
        if actual.crc64.to_string() != *crc64 {
            return Some(format!(
                "has the CRC-64 {} instead of {crc64}",
                actual.crc64
            ));
        }
        // That of an object which was uploaded in parts or appended to is no digest of the whole.
        let is_digest = !actual.has_pieces
            && self.etag.len() == 32
            && self.etag.bytes().all(|it| it.is_ascii_hexdigit());
        let digest = format!("{:032x}", u128::from_be_bytes(actual.md5));
        (is_digest && digest != self.etag)
            .then(|| format!("has the MD5 {digest} instead of {}", self.etag))
    }
}

impl Store {
    /// Compares all rows with all content, and reports to `report` what is wrong. Nothing is changed.
    ///
    /// # Errors
    ///
    /// The database or the content cannot be read.
    pub(crate) async fn check(&self, report: &mut (dyn FnMut(Finding) + Send)) -> Result<Checked> {
        let mut checked = Checked::default();
        self.check_objects(&mut checked, report).await?;
        self.check_parts(&mut checked, report).await?;
        let mut unnamed = |content, bytes| {
            checked.findings += 1;
            report(Finding::Unnamed { content, bytes });
        };
        // What a crash has kept from being deleted is known, and is deleted soon.
        let noted = sql("SELECT blob FROM garbage");
        let noted: Vec<String> = noted.scalars(&mut self.connect().await?).await?;
        let noted: HashSet<String> = noted.into_iter().collect();
        let mut batches = self.inner.blobs.list().try_chunks(500);
        while let Some(batch) = batches.next().await {
            let mut batch = batch.map_err(|error| error.1)?;
            self.retain_unnamed(&mut batch).await?;
            for found in batch.into_iter().filter(|it| !noted.contains(&it.id)) {
                unnamed(found.name, found.size);
            }
        }
        let named = garbage::named("contents.id");
        let inline = sql(format!(
            "SELECT id, CAST(length(content) AS BIGINT) FROM contents WHERE NOT {named} ORDER BY id"
        ));
        let inline: Vec<(String, i64)> = inline.all(&mut self.connect().await?).await?;
        for (id, bytes) in inline {
            unnamed(id, u64::try_from(bytes).unwrap_or_default());
        }
        Ok(checked)
    }

    async fn check_objects(
        &self,
        checked: &mut Checked,
        report: &mut (dyn FnMut(Finding) + Send),
    ) -> Result<()> {
        let mut after = (String::new(), false, String::new(), i64::MIN);
        loop {
            let page = sql(
                "SELECT bucket, key, blob, inline, size, etag, crc64, sealed, shown, version FROM objects \
                 WHERE (bucket, shown, key, version) > ($1, $2, $3, $4) AND is_marker = FALSE \
                 ORDER BY bucket, shown, key, version LIMIT $5",
            );
            let (bucket, shown, key, version) = &after;
            let page = page.bind(bucket).bind(*shown).bind(key).bind(*version);
            let page = page.bind(BATCH);
            let page: Vec<DescribedObject> = page.all(&mut self.connect().await?).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            let Described { bucket, key, .. } = &last.described;
            after = (bucket.clone(), last.shown, key.clone(), last.version);
            for object in page.into_iter().map(|it| it.described) {
                checked.objects += 1;
                checked.bytes += u64::try_from(object.size).unwrap_or_default();
                if let Some(finding) = self.check_object(object).await? {
                    checked.findings += 1;
                    report(finding);
                }
            }
        }
    }

    async fn check_parts(
        &self,
        checked: &mut Checked,
        report: &mut (dyn FnMut(Finding) + Send),
    ) -> Result<()> {
        let (mut upload, mut number) = (String::new(), 0);
        loop {
            let page = sql(
                "SELECT upload, number, bucket, key, blob, inline, size, etag, crc64, sealed FROM parts \
                 JOIN multipart_uploads ON id = upload WHERE (upload, number) > ($1, $2) \
                 ORDER BY upload, number LIMIT $3",
            );
            let page = page.bind(&upload).bind(number).bind(BATCH);
            let page: Vec<DescribedPart> = page.all(&mut self.connect().await?).await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            upload.clone_from(&last.upload);
            number = last.number;
            for part in page {
                checked.bytes += u64::try_from(part.described.size).unwrap_or_default();
                if let Some(finding) = self.check_part(part).await? {
                    checked.findings += 1;
                    report(finding);
                }
            }
        }
    }

    async fn check_part(&self, part: DescribedPart) -> Result<Option<Finding>> {
        let actual = self.actual(&part.described).await?;
        let wrong = actual.map_or_else(
            || Some("does not exist".to_owned()),
            |actual| part.described.difference(&actual),
        );
        let Some(wrong) = wrong else {
            return Ok(None);
        };
        let DescribedPart {
            upload,
            number,
            described: Described {
                bucket, key, blob, ..
            },
        } = part;
        let row = sql("SELECT 1 FROM parts WHERE upload = $1 AND number = $2 AND blob = $3");
        let row = row.bind(&upload).bind(number).bind(&blob);
        let row: Option<i32> = row.scalar_optional(&mut self.connect().await?).await?;
        // Otherwise it was replaced, or the upload has ended meanwhile.
        Ok(row.map(|_| Finding::Part {
            bucket,
            key,
            upload,
            number,
            content: blob,
            wrong,
        }))
    }

    async fn check_object(&self, object: Described) -> Result<Option<Finding>> {
        let actual = self.actual(&object).await?;
        let wrong = match &actual {
            None => None,
            Some(actual) => match object.difference(actual) {
                None => return Ok(None),
                wrong => wrong,
            },
        };
        if !self.is_named(&object).await? {
            // It was replaced or deleted meanwhile.
            return Ok(None);
        }
        let Described {
            bucket, key, blob, ..
        } = object;
        Ok(Some(match wrong {
            None => Finding::Missing {
                bucket,
                key,
                content: blob,
            },
            Some(wrong) => Finding::Damaged {
                bucket,
                key,
                content: blob,
                wrong,
            },
        }))
    }

    /// What the content of `object` is, if there is any.
    async fn actual(&self, object: &Described) -> Result<Option<Actual>> {
        let (mut size, mut md5, mut crc64) = (0_u64, Md5::new(), body::Crc64::new());
        let stored = u64::try_from(object.size).unwrap_or_default();
        let mut has_pieces = false;
        let read = async {
            let whole = self.read_whole(&object.blob, object.inline, stored).await?;
            has_pieces = whole.has_pieces;
            let mut content = whole.content;
            while let Some(chunk) = content.try_next().await? {
                size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                md5.update(&chunk);
                crc64.update(&chunk);
            }
            Ok(())
        };
        match read.await {
            Ok(()) => {}
            Err(StoreError::NoContent(_)) => return Ok(None),
            Err(error) => return Err(error),
        }
        Ok(Some(Actual {
            size,
            md5: md5.finalize().into(),
            crc64: Crc64(crc64.value()),
            has_pieces,
        }))
    }

    async fn is_named(&self, object: &Described) -> Result<bool> {
        let named = sql("SELECT 1 FROM objects WHERE bucket = $1 AND key = $2 AND blob = $3")
            .bind(&object.bucket)
            .bind(&object.key)
            .bind(&object.blob);
        let named: Option<i32> = named.scalar_optional(&mut self.connect().await?).await?;
        Ok(named.is_some())
    }

    /// Does what [`Finding::remedy`] says, and returns whether there was something to do. What has
    /// changed since the check is left alone.
    pub(crate) async fn repair(&self, finding: &Finding) -> Result<bool> {
        match finding {
            Finding::Missing {
                bucket,
                key,
                content,
            } => {
                let mut tx = self.write().await?;
                let deleted = delete_object(&mut tx, (bucket, key, content), self.now()).await;
                let garbage = tx.end(deleted).await?;
                let garbage = garbage.as_deref();
                self.delete_garbage(garbage.into_iter().flatten().map(String::as_str))
                    .await;
                Ok(garbage.is_some())
            }
            Finding::Part {
                upload,
                number,
                content,
                ..
            } => {
                let mut tx = self.write().await?;
                let deleted = delete_part(&mut tx, (upload, *number, content), self.now()).await;
                let garbage = tx.end(deleted).await?;
                self.delete_garbage(garbage.iter().flatten().map(String::as_str))
                    .await;
                Ok(garbage.is_some())
            }
            Finding::Damaged { .. } => Ok(false),
            Finding::Unnamed { content, bytes } => {
                let mut tx = self.write().await?;
                let named = garbage::named("$1");
                let deleted = sql(format!(
                    "DELETE FROM contents WHERE id = $1 AND NOT {named}"
                ));
                let deleted = deleted.bind(content).execute(&mut tx).await;
                if tx.end(deleted).await? > 0 {
                    return Ok(true);
                }
                let Some(found) = Found::named(content, *bytes) else {
                    return Ok(false);
                };
                let mut still = vec![found];
                self.retain_unnamed(&mut still).await?;
                match still.first() {
                    Some(found) => self.inner.blobs.delete_found(found).await,
                    None => Ok(false),
                }
            }
        }
    }
}

/// Deletes an object if it still has the content, and returns the blobs that are garbage then.
async fn delete_object(
    tx: &mut Connection,
    (bucket, key, content): (&str, &str, &str),
    now: i64,
) -> Result<Option<Vec<String>>> {
    let name = ObjectName::new(bucket, key);
    rows::lock(tx, &name).await?;
    // Several versions may show it.
    let deleted = sql(
        "DELETE FROM objects WHERE bucket = $1 AND key = $2 AND blob = $3 \
         RETURNING blob, inline",
    );
    let deleted = deleted.bind(bucket).bind(key).bind(content);
    let deleted: Vec<(String, bool)> = deleted.all(tx).await?;
    rows::show_newest(tx, &name).await?;
    match deleted.into_iter().next() {
        Some((id, inline)) => contents::discard(tx, id, inline, now).await.map(Some),
        None => Ok(None),
    }
}

/// Deletes a part if it still has the content, and returns the blobs that are garbage then.
async fn delete_part(
    tx: &mut Connection,
    (upload, number, content): (&str, u32, &str),
    now: i64,
) -> Result<Option<Vec<String>>> {
    let deleted = sql(
        "DELETE FROM parts WHERE upload = $1 AND number = $2 AND blob = $3 \
         RETURNING blob, inline",
    );
    let deleted = deleted.bind(upload).bind(number).bind(content);
    let pieces = deleted.all(tx).await?;
    let existed = !pieces.is_empty();
    let garbage = contents::release(tx, pieces, now).await?;
    Ok(existed.then_some(garbage))
}
