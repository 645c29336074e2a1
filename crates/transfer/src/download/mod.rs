//! Downloads of one object.

mod fetch;
mod ordered;
mod part_file;
mod to_file;
mod verify;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tcloud_core::body::Body;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use self::fetch::From;
use self::ordered::Ordered;
use self::to_file::ToFile;
use crate::again::again;
use crate::control::Control;
use crate::engine::{Engine, Job};
use crate::error::{Error, ErrorKind};
use crate::object::Object;
use crate::progress::{Meter, OnProgress, Progress};
use crate::service::ObjectInfo;
use crate::settings::CustomerKey;

/// A download of one object, made by [`Transfers::download`](crate::Transfers::download).
///
/// | target | memory | resumes |
/// | --- | --- | --- |
/// | [`to_path`](Self::to_path) | little | yes |
/// | [`to_writer`](Self::to_writer), [`stream`](Self::stream) | up to that of the transfers | no |
/// | [`bytes`](Self::bytes) | the object | no |
#[derive(Debug)]
#[must_use = "nothing is asked for before a target is chosen and awaited"]
pub struct Download {
    engine: Engine,
    object: Object,
    key: Option<CustomerKey>,
    /// What a list says of the object.
    expected: Option<ObjectInfo>,
    part_size: Option<u64>,
    resumes: bool,
    keeps_time: bool,
    within: Option<PathBuf>,
    control: Option<Control>,
    watch: Watch,
}

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

/// What a download has brought.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// What is known of the object.
    pub info: ObjectInfo,
    /// CRC-64/XZ of what arrived.
    pub crc64: u64,
    /// Whether the service named the same checksum.
    pub is_verified: bool,
    /// How many parts there were; 0 if the object came in one answer.
    pub parts: u32,
    /// The progress at the end.
    pub progress: Progress,
}

/// An object that is being read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Stream {
    /// What is known of the object.
    pub info: ObjectInfo,
    /// Its bytes. The last come only if the checksum is right; otherwise the body ends by an error.
    pub body: Body,
}

impl Download {
    pub(crate) fn new(engine: &Engine, object: Object) -> Self {
        Self {
            engine: engine.clone(),
            object,
            key: None,
            expected: None,
            part_size: None,
            resumes: true,
            keeps_time: false,
            within: None,
            control: None,
            watch: Watch::default(),
        }
    }

    /// The key of your own that the object is encrypted with.
    pub fn customer_key(mut self, key: CustomerKey) -> Self {
        self.key = Some(key);
        self
    }

    /// Downloads only what is `expected`, which a list or an earlier request has named; another
    /// content is an error. Size and ETag count.
    pub fn expect(mut self, expected: ObjectInfo) -> Self {
        self.expected = Some(expected);
        self
    }

    /// The size of parts, in place of one that follows the object's.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = Some(bytes);
        self
    }

    /// Whether a large download to a path goes on where an earlier one was interrupted, as it does
    /// unless this says no. What is there so far is in two hidden files beside the target.
    pub fn resume(mut self, resumes: bool) -> Self {
        self.resumes = resumes;
        self
    }

    /// Gives the file the time that the upload has kept as metadata, if it has, in place of that of
    /// the object's last change.
    pub fn keep_time(mut self, keep: bool) -> Self {
        self.keeps_time = keep;
        self
    }

    /// Refuses a target that a link leads out of `folder`.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.within = Some(folder.to_owned());
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

    /// Downloads to the file at `path`, which is replaced when all is there, and not before. Its
    /// folder is made, if need be. The file gets the time of the object's last change.
    ///
    /// # Errors
    /// Any [`ErrorKind`] but `Unsafe`.
    pub async fn to_path(self, path: impl AsRef<Path>) -> Result<Downloaded, Error> {
        let path = path.as_ref();
        let subject = format!("download of {}", self.object);
        let begun = self.begin().await.map_err(|error| error.about(&subject))?;
        let to_file = ToFile {
            job: &begun.job,
            from: &begun.from,
            info: &begun.info,
            target: path,
            within: begun.within.as_deref(),
            part_size: begun.part_size,
            resumes: begun.resumes,
            keeps_time: begun.keeps_time,
        };
        let (verified, parts) = to_file
            .run(begun.opened)
            .await
            .map_err(|error| error.about(&subject))?;
        Ok(Downloaded {
            crc64: verified.crc64,
            is_verified: verified.is_verified,
            parts,
            progress: begun.job.meter.finish(),
            info: begun.info,
        })
    }

    /// Downloads to a writer, in the order of the bytes. If it fails, the writer has got some of
    /// them, but not the last.
    ///
    /// # Errors
    /// Any [`ErrorKind`] but `Unsafe`.
    pub async fn to_writer(self, writer: impl AsyncWrite + Send) -> Result<Downloaded, Error> {
        let subject = format!("download of {}", self.object);
        self.write(writer)
            .await
            .map_err(|error| error.about(subject))
    }

    async fn write(self, writer: impl AsyncWrite + Send) -> Result<Downloaded, Error> {
        let mut writer = std::pin::pin!(writer);
        let unwritten = |error: std::io::Error| {
            Error::new(ErrorKind::Stream, format!("the target failed: {error}")).caused_by(error)
        };
        let begun = self.begin().await?;
        let (job, info) = (begun.job.clone(), begun.info.clone());
        let mut ordered = begun.ordered();
        let mut crc64 = tcloud_core::body::Crc64::new();
        while let Some(chunk) = ordered.next().await {
            let chunk = chunk?;
            crc64.update(&chunk);
            writer.write_all(&chunk).await.map_err(unwritten)?;
        }
        writer.flush().await.map_err(unwritten)?;
        Ok(Downloaded {
            crc64: crc64.value(),
            is_verified: info.crc64 == Some(crc64.value()),
            parts: 0,
            progress: job.meter.finish(),
            info,
        })
    }

    /// Begins to download, and hands the bytes over as they come. Dropping the body ends it.
    ///
    /// # Errors
    /// Any [`ErrorKind`] but `Unsafe`; what happens after the beginning is reported by the body.
    pub async fn stream(self) -> Result<Stream, Error> {
        let subject = format!("download of {}", self.object);
        let begun = self.begin().await.map_err(|error| error.about(&subject))?;
        let info = begun.info.clone();
        Ok(Stream {
            body: Body::from_stream(begun.ordered(), Some(info.size)),
            info,
        })
    }

    /// Downloads to memory, if the object has at most `limit` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: it is larger. Otherwise any [`ErrorKind`] but `Unsafe`.
    pub async fn bytes(self, limit: u64) -> Result<Bytes, Error> {
        let subject = format!("download of {}", self.object);
        self.collect(limit)
            .await
            .map_err(|error| error.about(subject))
    }

    async fn collect(self, limit: u64) -> Result<Bytes, Error> {
        let begun = self.begin().await?;
        if begun.info.size > limit {
            return Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "the object has {} bytes, more than {limit}",
                    begun.info.size
                ),
            )
            .advise("download it to a file, or as a stream"));
        }
        let mut all = BytesMut::with_capacity(usize::try_from(begun.info.size).unwrap_or(0));
        let mut ordered = begun.ordered();
        while let Some(chunk) = ordered.next().await {
            all.extend_from_slice(&chunk?);
        }
        Ok(all.freeze())
    }

    /// Finds out what the object is, if nobody has said so: its answer is of use for the first part.
    async fn begin(self) -> Result<Begun, Error> {
        let Watch { observer, parent } = self.watch;
        let job = Job::new(&self.engine, self.control.as_ref(), observer, parent);
        job.control.turn().await?;
        let etag = self
            .expected
            .as_ref()
            .and_then(|expected| expected.etag.clone());
        let (object, key) = (&self.object, self.key.as_ref());
        // A part of a large object does not name the checksum of the whole in every answer, so the
        // first request is for all.
        let opening = again(&job, None, || async {
            let opened = job
                .engine
                .service
                .get(object, None, etag.as_deref(), key)
                .await;
            opened.map_err(fetch::changed)
        });
        let (info, body) = job.control.unless_cancelled(opening).await??;
        let mut object = self.object;
        // What is read later is the same version.
        object.version = object.version.or_else(|| info.version.clone());
        Ok(Begun {
            from: From {
                object,
                etag: info.etag.clone(),
                key: self.key,
            },
            info,
            opened: Some(body),
            part_size: self.part_size.or(self.engine.tuning.part_size),
            resumes: self.resumes,
            keeps_time: self.keeps_time,
            within: self.within,
            job,
        })
    }
}

/// A download that has begun.
struct Begun {
    job: Job,
    from: From,
    info: ObjectInfo,
    opened: Option<Body>,
    part_size: Option<u64>,
    resumes: bool,
    keeps_time: bool,
    within: Option<PathBuf>,
}

impl Begun {
    fn ordered(self) -> Ordered {
        Ordered::begin(self.job, self.from, self.info, self.opened)
    }
}
