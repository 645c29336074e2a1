//! Uploads of one object.

mod feed;
mod resume;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use tcloud_core::body::media_type;

use self::feed::{Feed, Read, Seekable, Whole, unreadable};
use self::resume::Found;
use crate::again::{again, is_trouble};
use crate::blocking::blocking;
use crate::checkpoint::Done;
use crate::content::{Content, Flow, OpenFile};
use crate::control::Control;
use crate::engine::{Engine, Job};
use crate::error::{Error, ErrorKind};
use crate::limits::Slot;
use crate::multipart::{self, Tasks};
use crate::object::Object;
use crate::parts::{LARGEST, Parts, USUAL};
use crate::progress::{Meter, OnProgress, Progress};
use crate::service::Stored;
use crate::settings::{CustomerKey, Settings};
use crate::source::{Kind, Reader, Source};
use crate::times::MODIFIED;

/// How an upload of a file in parts goes on after an interruption.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Resume {
    /// By a checkpoint in the folder of [`TransfersBuilder::checkpoints`], if there is one;
    /// otherwise not.
    ///
    /// [`TransfersBuilder::checkpoints`]: crate::TransfersBuilder::checkpoints
    #[default]
    Usual,
    /// Not at all: an upload that fails is removed from the service.
    Never,
    /// By a checkpoint at this path. It is taken if it is of the same file (path, size and time of
    /// its last change), object, part size and settings, otherwise begun again. When the upload is
    /// complete, it is removed.
    Checkpoint(PathBuf),
    /// By the service's list of parts: parts of the latest upload of this key that hold what the
    /// file holds now are not sent again. The object gets the settings which that upload was begun
    /// with. If this one fails, its parts stay.
    Service,
}

/// An upload of one object, made by [`Transfers::upload`](crate::Transfers::upload).
#[derive(Debug)]
#[must_use = "nothing is sent before `run` is awaited"]
pub struct Upload {
    engine: Engine,
    source: Source,
    to: Object,
    settings: Settings,
    part_size: Option<u64>,
    resume: Resume,
    keeps_time: bool,
    control: Option<Control>,
    watch: Watch,
}

/// Who watches a transfer.
#[derive(Default)]
struct Watch {
    observer: Option<OnProgress>,
    parent: Option<Meter>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watch")
    }
}

/// What an upload has stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// Size in bytes.
    pub size: u64,
    /// The object's ETag.
    pub etag: Option<String>,
    /// Its version, in a bucket that keeps versions.
    pub version: Option<String>,
    /// CRC-64/XZ of what was sent.
    pub crc64: u64,
    /// Whether the service named the same checksum for the whole object.
    pub is_verified: bool,
    /// How many parts there were; 0 if the object was sent in one request.
    pub parts: u32,
    /// The progress at the end.
    pub progress: Progress,
}

impl Upload {
    pub(crate) fn new(engine: &Engine, source: Source, to: Object) -> Self {
        Self {
            engine: engine.clone(),
            source,
            to,
            settings: Settings::new(),
            part_size: None,
            resume: Resume::Usual,
            keeps_time: false,
            control: None,
            watch: Watch::default(),
        }
    }

    /// What the object is stored with.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The size of parts, in place of one that follows the object's. It is rounded up to MiB, and
    /// parts are larger where 10,000 of them would not suffice.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = Some(bytes);
        self
    }

    /// How it goes on after an interruption.
    pub fn resume(mut self, resume: Resume) -> Self {
        self.resume = resume;
        self
    }

    /// Keeps the time of the file's last change as metadata (`x-cos-meta-mtime`), as rclone does.
    pub fn keep_time(mut self, keep: bool) -> Self {
        self.keeps_time = keep;
        self
    }

    /// Lets `control` pause and cancel it.
    pub fn control(mut self, control: &Control) -> Self {
        self.control = Some(control.clone());
        self
    }

    /// Calls `observer` with the progress, at most ten times a second and at the end.
    pub fn on_progress(mut self, observer: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.watch.observer = Some(Arc::new(observer));
        self
    }

    /// Counts for `parent`, too, and informs `observer`.
    pub(crate) fn watched(mut self, observer: Option<OnProgress>, parent: Meter) -> Self {
        self.watch = Watch {
            observer,
            parent: Some(parent),
        };
        self
    }

    /// Uploads.
    ///
    /// # Errors
    /// Any [`ErrorKind`] but `Unsafe`. Parts that were stored are removed, unless they are kept for
    /// going on.
    pub async fn run(self) -> Result<Uploaded, Error> {
        let subject = format!("upload to {}", self.to);
        let Watch { observer, parent } = self.watch;
        let job = Job::new(&self.engine, self.control.as_ref(), observer, parent);
        let sending = Sending {
            to: self.to,
            settings: self.settings,
            part_size: self.part_size.or(self.engine.tuning.part_size),
            resume: self.resume,
        };
        let outcome = match self.source.0 {
            Kind::Path(path) => sending.file(&job, path, self.keeps_time).await,
            Kind::Bytes(bytes) => sending.bytes(&job, bytes).await,
            Kind::Reader(reader) => sending.reader(&job, reader).await,
        };
        outcome.map_err(|error| error.about(subject))
    }
}

/// What is sent where.
struct Sending {
    to: Object,
    settings: Settings,
    part_size: Option<u64>,
    resume: Resume,
}

impl Sending {
    async fn file(mut self, job: &Job, path: PathBuf, keeps_time: bool) -> Result<Uploaded, Error> {
        // A small file is read in the same turn: changing the thread costs more than reading.
        let opened = path.clone();
        let opened = blocking(move || {
            Ok(OpenFile::open(&opened).and_then(|file| {
                let small = file.small()?;
                Ok((file, small))
            }))
        });
        let (file, small) = opened
            .await
            .map_err(|error| Error::file("read", &path, error))??;
        if self.settings.content_type.is_none() {
            self.settings.content_type = media_type(&path).map(str::to_owned);
        }
        if let Some(modified) = file.modified.filter(|_| keeps_time) {
            let since = modified
                .duration_since(UNIX_EPOCH)
                .unwrap_or(Duration::ZERO);
            let text = format!("{}.{:09}", since.as_secs(), since.subsec_nanos());
            self.settings.metadata.insert(MODIFIED.to_owned(), text);
        }
        let (size, file) = (file.length, Arc::new(file));
        if size < job.engine.tuning.threshold.min(LARGEST) {
            if let Some(bytes) = small {
                drop(file);
                return self.single(job, Content::of_bytes(bytes)).await;
            }
            let content = Content::File {
                file: Arc::clone(&file),
                range: 0..size,
                _spilled: None,
            };
            let uploaded = self.single(job, content).await?;
            file.require_unchanged()?;
            return Ok(uploaded);
        }
        let parts = Parts::of(size, self.part_size)?;
        job.meter.expect(Some(size), Some(u64::from(parts.count())));
        let (to, settings) = (&self.to, &self.settings);
        let checkpoint = match (&self.resume, &job.engine.tuning.checkpoints) {
            (Resume::Checkpoint(path), _) => Some(path.clone()),
            (Resume::Usual, Some(folder)) => Some(resume::place(folder, to, &path)),
            _ => None,
        };
        let upload = if let Some(place) = checkpoint {
            match resume::by_checkpoint(job, to, &file, parts, settings, &place).await? {
                Found::Begun(upload) => Some(upload),
                Found::Stored(stored) => {
                    job.meter.resume(size);
                    let crc64 = stored.crc64.unwrap_or_default();
                    return Ok(uploaded(job, size, stored, crc64, parts.count()));
                }
            }
        } else if self.resume == Resume::Service {
            resume::by_service(job, to, &file, parts).await?
        } else {
            None
        };
        let mut upload = match upload {
            Some(upload) => upload,
            None => multipart::Upload::begin(job, to, settings).await?,
        };
        if self.resume == Resume::Service {
            upload.leave();
        }
        let done = upload.done.keys().copied().collect();
        let whole = Whole::new(Seekable::File(Arc::clone(&file)), parts, done);
        self.parts(job, upload, Feed::Whole(whole), Some(&file))
            .await
    }

    async fn bytes(&self, job: &Job, bytes: Bytes) -> Result<Uploaded, Error> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if size < job.engine.tuning.threshold.min(LARGEST) {
            return self.single(job, Content::of_bytes(bytes)).await;
        }
        let parts = Parts::of(size, self.part_size)?;
        job.meter.expect(Some(size), Some(u64::from(parts.count())));
        let upload = multipart::Upload::begin(job, &self.to, &self.settings).await?;
        let whole = Whole::new(Seekable::Bytes(bytes), parts, BTreeSet::new());
        self.parts(job, upload, Feed::Whole(whole), None).await
    }

    async fn reader(&self, job: &Job, mut reader: Reader) -> Result<Uploaded, Error> {
        let threshold = job
            .engine
            .tuning
            .threshold
            .min(job.engine.memory.total() / 2);
        let parts = match reader.length {
            Some(length) => Some(Parts::of(length, self.part_size)?),
            None => None,
        };
        job.meter.expect(reader.length, None);
        let permit = job.engine.memory.take(threshold).await;
        let (mut begun, mut length) = (Vec::new(), 0_u64);
        while length < threshold {
            let next = reader.next(threshold.saturating_sub(length));
            let piece = job
                .control
                .unless_cancelled(next)
                .await?
                .map_err(unreadable)?;
            if piece.is_empty() {
                break;
            }
            length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
            begun.push(piece);
        }
        if length < threshold {
            if let Some(expected) = reader.length.filter(|expected| *expected != length) {
                return Err(Error::new(
                    ErrorKind::Stream,
                    format!("the source has {length} bytes and was said to have {expected}"),
                )
                .advise("give no length, or the right one"));
            }
            let content = Content::Memory {
                pieces: Arc::new(begun),
                length,
                _permit: Some(Arc::new(permit)),
            };
            return self.single(job, content).await;
        }
        let count = parts.map(|parts| u64::from(parts.count()));
        job.meter.expect(reader.length, count);
        let upload = multipart::Upload::begin(job, &self.to, &self.settings).await?;
        let first = self.part_size.unwrap_or(USUAL);
        let read = Read::new(reader, begun, parts, first);
        // Its parts take their own share of the memory from here on.
        drop(permit);
        self.parts(job, upload, Feed::Read(read), None).await
    }

    /// The object in one request.
    async fn single(&self, job: &Job, content: Content) -> Result<Uploaded, Error> {
        let size = content.length();
        job.meter.expect(Some(size), Some(1));
        job.control.turn().await?;
        let work = async {
            let slot = job.engine.slots.take().await;
            let flow = Flow::new(job.engine.bandwidth.as_ref(), job.meter.share());
            let (to, settings) = (&self.to, &self.settings);
            let stored = again(job, Some(&slot), || async {
                let stored = job
                    .engine
                    .service
                    .put(to, content.body(&flow), settings)
                    .await?;
                Ok((compared(stored, &flow)?, flow.crc64().unwrap_or_default()))
            });
            let stored = stored.await?;
            slot.ended(size);
            Ok::<_, Error>(stored)
        };
        let (stored, crc64) = job.control.unless_cancelled(work).await??;
        job.meter.part();
        Ok(uploaded(job, size, stored, crc64, 0))
    }

    /// The object in parts; an upload that fails is removed, unless it is kept.
    async fn parts(
        &self,
        job: &Job,
        mut upload: multipart::Upload,
        feed: Feed,
        file: Option<&OpenFile>,
    ) -> Result<Uploaded, Error> {
        let sent = job
            .control
            .unless_cancelled(self.send(job, &mut upload, feed))
            .await;
        let unchanged = || file.map_or(Ok(()), OpenFile::require_unchanged);
        let size = sent
            .and_then(|sent| sent)
            .and_then(|size| unchanged().map(|()| size));
        let size = match size {
            Ok(size) => size,
            Err(error) => {
                upload.abandon().await;
                return Err(error);
            }
        };
        let count = u32::try_from(upload.done.len()).unwrap_or(u32::MAX);
        let crc64 = upload.crc64();
        let key = self.settings.customer_key();
        let stored = upload.complete(size, Some(crc64), key).await?;
        Ok(uploaded(job, size, stored, crc64, count))
    }

    /// Sends the parts that are not there yet, and says how large the whole is.
    async fn send(
        &self,
        job: &Job,
        upload: &mut multipart::Upload,
        mut feed: Feed,
    ) -> Result<u64, Error> {
        let mut tasks = Tasks::new();
        while let Some((number, content)) = feed.next(job).await? {
            let slot = upload.slot(job, &mut tasks).await?;
            let key = self.settings.customer_key().cloned();
            let (to, id) = (upload.to.clone(), upload.id.clone());
            let job = job.clone();
            tasks.spawn(async move { part(&job, &to, &id, number, content, key, &slot).await });
        }
        upload.rest(&mut tasks).await?;
        Ok(match &feed {
            Feed::Whole(_) => upload.done.values().map(|done| done.length).sum(),
            Feed::Read(read) => read.read(),
        })
    }
}

/// Stores one part.
async fn part(
    job: &Job,
    to: &Object,
    id: &str,
    number: u32,
    content: Content,
    key: Option<CustomerKey>,
    slot: &Slot,
) -> Result<Done, Error> {
    let length = content.length();
    let share = job.meter.share();
    let flow = Flow::new(job.engine.bandwidth.as_ref(), share.clone());
    let stored = again(job, Some(slot), || async {
        let body = content.body(&flow);
        let sent = job
            .engine
            .service
            .upload_part(to, id, number, body, key.as_ref());
        compared(sent.await?, &flow)
    });
    let stored = stored.await.inspect_err(|error| {
        if is_trouble(error) {
            slot.troubled();
        }
    })?;
    if stored.attempts > 1 {
        slot.troubled();
    } else {
        slot.ended(length);
    }
    share.done();
    Ok(Done {
        part: number,
        length,
        crc64: flow.crc64().unwrap_or_default(),
        etag: stored.etag,
    })
}

/// What is stored, if the service names the checksum of what was sent, or none.
fn compared(stored: Stored, flow: &Flow) -> Result<Stored, Error> {
    let own = flow.crc64();
    match stored.crc64 {
        Some(theirs) if own != Some(theirs) => Err(Error::new(
            ErrorKind::Integrity,
            format!(
                "the service received other bytes: what was sent has the CRC-64 {}, what it \
                 received has {theirs}",
                own.unwrap_or_default()
            ),
        )
        .advise("send them again")),
        _ => Ok(stored),
    }
}

fn uploaded(job: &Job, size: u64, stored: Stored, crc64: u64, parts: u32) -> Uploaded {
    Uploaded {
        size,
        etag: stored.etag,
        version: stored.version,
        crc64,
        is_verified: stored.crc64 == Some(crc64),
        parts,
        progress: job.meter.finish(),
    }
}
