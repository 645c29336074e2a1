//! Going on with an upload that a process before this one began.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use md5::{Digest, Md5};
use tcloud_core::body::Crc64;

use crate::blocking::blocking;
use crate::checkpoint::{self, Checkpoint, Done, Identity, Saved};
use crate::checksum::{Checksums, bare};
use crate::content::OpenFile;
use crate::engine::Job;
use crate::error::{Error, ErrorKind};
use crate::multipart::{Upload, already, uploads_of};
use crate::object::Object;
use crate::parts::Parts;
use crate::service::{Listed, Stored};
use crate::settings::{CustomerKey, Settings};

/// As much of a file is read at a time to compare it with a part.
const READ: u64 = 1024 * 1024;

/// What there is of an upload.
pub(super) enum Found {
    /// An upload with some of its parts.
    Begun(Upload),
    /// The whole object.
    Stored(Stored),
}

/// What is uploaded, as checkpoints name it.
pub(super) fn identity(
    to: &Object,
    file: &OpenFile,
    parts: Parts,
    settings: &Settings,
) -> Identity {
    let path = std::path::absolute(file.path()).unwrap_or_else(|_| file.path().to_owned());
    Identity {
        direction: "upload".to_owned(),
        bucket: to.bucket.clone(),
        key: to.key.clone(),
        version: None,
        path,
        size: file.length,
        modified: file.modified.and_then(checkpoint::nanoseconds),
        etag: None,
        part_size: parts.part_size(),
        settings: Some(settings.digest()),
    }
}

/// Where the checkpoint of an upload is in the folder of checkpoints.
pub(super) fn place(folder: &Path, to: &Object, file: &Path) -> PathBuf {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let name = format!("{to}\n{}", file.display());
    let sum = tcloud_core::body::crc64(name.as_bytes());
    folder.join(format!("upload-{sum:016x}.checkpoint"))
}

/// The upload of the checkpoint at `path`, or a new one with a checkpoint there.
pub(super) async fn by_checkpoint(
    job: &Job,
    to: &Object,
    file: &Arc<OpenFile>,
    parts: Parts,
    settings: &Settings,
    path: &Path,
) -> Result<Found, Error> {
    let identity = identity(to, file, parts, settings);
    let saved = Saved::read(path).await;
    if let Some(Saved {
        identity: other,
        upload_id: Some(id),
        done,
    }) = saved
    {
        if other == identity {
            let place = (path, &identity);
            let key = settings.customer_key();
            let found = go_on(job, to, file, parts, (&id, done), place, key).await?;
            if let Some(found) = found {
                return Ok(found);
            }
        } else if other.bucket == to.bucket && other.direction == identity.direction {
            // The source, the key or the settings are other ones: its parts are of no use.
            let old = to.sibling(other.key);
            let _ = job.engine.service.abort(&old, &id).await;
        }
    }
    let mut upload = Upload::begin(job, to, settings).await?;
    let checkpoint = begin(path, identity, &upload.id, &BTreeMap::new()).await?;
    upload.keep(checkpoint);
    Ok(Found::Begun(upload))
}

async fn go_on(
    job: &Job,
    to: &Object,
    file: &Arc<OpenFile>,
    parts: Parts,
    (id, done): (&str, Vec<Done>),
    (path, identity): (&Path, &Identity),
    key: Option<&CustomerKey>,
) -> Result<Option<Found>, Error> {
    let known: BTreeMap<u32, Done> = done.into_iter().map(|done| (done.part, done)).collect();
    let listed = match job.engine.service.parts(to, id).await {
        Ok(listed) => listed,
        Err(error) if error.is_not_found() => {
            // It was completed by a process that could not say so any more, or removed.
            if known.len() != usize::try_from(parts.count()).unwrap_or(usize::MAX) {
                return Ok(None);
            }
            let mut sums = Checksums::default();
            for done in known.values() {
                sums.add(done.part, done.length, done.crc64);
            }
            let stored = already(job, to, file.length, Some(sums.whole()), key).await;
            if stored.is_some() {
                checkpoint::remove(path).await;
            }
            return Ok(stored.map(Found::Stored));
        }
        Err(error) => return Err(error.into()),
    };
    let done = usable(job, file, parts, &known, listed).await?;
    let checkpoint = begin(path, identity.clone(), id, &done).await?;
    let upload = Upload::of(job, to, id.to_owned(), done, Some(checkpoint));
    Ok(Some(Found::Begun(upload)))
}

/// The latest upload of this key that the service knows, if its parts are those of the file.
pub(super) async fn by_service(
    job: &Job,
    to: &Object,
    file: &Arc<OpenFile>,
    parts: Parts,
) -> Result<Option<Upload>, Error> {
    let uploads = uploads_of(job, to).await?;
    let Some(latest) = uploads.into_iter().max_by_key(|upload| upload.begun) else {
        return Ok(None);
    };
    let listed = job.engine.service.parts(to, &latest.id).await?;
    let done = usable(job, file, parts, &BTreeMap::new(), listed).await?;
    if done.is_empty() {
        return Ok(None);
    }
    Ok(Some(Upload::of(job, to, latest.id, done, None)))
}

/// Those of the parts at the service that hold what the file holds.
async fn usable(
    job: &Job,
    file: &Arc<OpenFile>,
    parts: Parts,
    known: &BTreeMap<u32, Done>,
    listed: Vec<Listed>,
) -> Result<BTreeMap<u32, Done>, Error> {
    let mut usable = BTreeMap::new();
    for part in listed {
        let fits = part.number <= parts.count() && part.size == parts.length(part.number);
        if !fits {
            continue;
        }
        let is_same = |done: &&Done| {
            done.length == part.size && done.etag.as_deref().map(bare) == Some(bare(&part.etag))
        };
        let done = match known.get(&part.number).filter(is_same) {
            Some(done) => Some(done.clone()),
            // It was stored, but nobody wrote that down: the content decides.
            None => {
                job.control
                    .unless_cancelled(compare(file, parts, part))
                    .await??
            }
        };
        if let Some(done) = done {
            job.meter.resume(done.length);
            usable.insert(done.part, done);
        }
    }
    Ok(usable)
}

/// A part whose ETag is the MD5 digest of the same bytes of the file.
async fn compare(file: &Arc<OpenFile>, parts: Parts, part: Listed) -> Result<Option<Done>, Error> {
    let reader = Arc::clone(file);
    let range = parts.range(part.number);
    let sums = blocking(move || {
        let (mut crc64, mut md5) = (Crc64::new(), Md5::new());
        let mut at = range.start;
        while at < range.end {
            let piece = reader.read_at(at, range.end.saturating_sub(at).min(READ))?;
            if piece.is_empty() {
                break;
            }
            crc64.update(&piece);
            md5.update(&piece);
            at = at.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        }
        Ok((crc64.value(), hex(&md5.finalize())))
    });
    let (crc64, md5) = sums
        .await
        .map_err(|error| Error::file("read", file.path(), error))?;
    Ok((md5 == bare(&part.etag)).then_some(Done {
        part: part.number,
        length: part.size,
        crc64,
        etag: Some(part.etag),
    }))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

async fn begin(
    path: &Path,
    identity: Identity,
    id: &str,
    done: &BTreeMap<u32, Done>,
) -> Result<Checkpoint, Error> {
    let saved = Saved {
        identity,
        upload_id: Some(id.to_owned()),
        done: done.values().cloned().collect(),
    };
    Checkpoint::begin(path, &saved).await.map_err(|error| {
        Error::new(
            ErrorKind::File,
            format!("cannot write the checkpoint {}: {error}", path.display()),
        )
        .caused_by(error)
        .advise("choose another place for it, or upload without one")
    })
}
