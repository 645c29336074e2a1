//! Copies of one object, made by the service.

use std::fmt;
use std::sync::Arc;

use crate::again::again;
use crate::checkpoint::Done;
use crate::control::Control;
use crate::engine::{Engine, Job};
use crate::error::{Error, ErrorKind};
use crate::multipart::{Tasks, Upload};
use crate::object::Object;
use crate::parts::{LARGEST, MIB, Parts};
use crate::progress::{Meter, OnProgress, Progress};
use crate::service::{ObjectInfo, Source, Stored};
use crate::settings::{CustomerKey, Settings};

/// Parts of copies are large, since no byte of them passes here.
const PART: u64 = 128 * MIB;

/// A copy of one object, made by [`Transfers::copy`](crate::Transfers::copy). The service reads the
/// source by itself, in any bucket and region.
#[must_use = "nothing is copied before `run` is awaited"]
pub struct Copy {
    engine: Engine,
    from: Object,
    to: Object,
    settings: Settings,
    key: Option<CustomerKey>,
    part_size: Option<u64>,
    control: Option<Control>,
    observer: Option<OnProgress>,
    parent: Option<Meter>,
}

/// What a copy has stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// What is known of the source.
    pub source: ObjectInfo,
    /// The copy's ETag.
    pub etag: Option<String>,
    /// Its version, in a bucket that keeps versions.
    pub version: Option<String>,
    /// Whether the service named the same checksum for both.
    pub is_verified: bool,
    /// How many parts there were; 0 if the object was copied in one request.
    pub parts: u32,
    /// The progress at the end.
    pub progress: Progress,
}

impl Copy {
    pub(crate) fn new(engine: &Engine, from: Object, to: Object) -> Self {
        Self {
            engine: engine.clone(),
            from,
            to,
            settings: Settings::new(),
            key: None,
            part_size: None,
            control: None,
            observer: None,
            parent: None,
        }
    }

    /// What the copy is stored with. Headers of the content and metadata are taken over from the
    /// source, unless any of them is set here: then all of them are as they are here.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The key of your own that the source is encrypted with.
    pub fn customer_key(mut self, key: CustomerKey) -> Self {
        self.key = Some(key);
        self
    }

    /// The size of parts, in place of one that follows the object's.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = Some(bytes);
        self
    }

    /// Lets `control` pause and cancel it.
    pub fn control(mut self, control: &Control) -> Self {
        self.control = Some(control.clone());
        self
    }

    /// Calls `observer` with the progress: after each part, and at the end.
    pub fn on_progress(mut self, observer: impl Fn(&Progress) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Counts for `parent`, too, and informs `observer`.
    pub(crate) fn watched(mut self, observer: Option<OnProgress>, parent: Meter) -> Self {
        self.observer = observer;
        self.parent = Some(parent);
        self
    }

    /// Copies.
    ///
    /// # Errors
    /// `Call`, `Changed`, `Integrity`, `Cancelled` or `Refused`. Parts that were stored are removed.
    pub async fn run(self) -> Result<Copied, Error> {
        let subject = format!("copy of {} to {}", self.from, self.to);
        self.copy().await.map_err(|error| error.about(subject))
    }

    async fn copy(self) -> Result<Copied, Error> {
        let job = Job::new(
            &self.engine,
            self.control.as_ref(),
            self.observer.clone(),
            self.parent.clone(),
        );
        job.control.turn().await?;
        let service = &job.engine.service;
        let key = self.key.as_ref();
        let described = again(&job, None, || async {
            Ok(service.describe(&self.from, key).await?)
        });
        let (info, content) = job.control.unless_cancelled(described).await??;
        let mut from = self.from.clone();
        from.version = from.version.or_else(|| info.version.clone());
        let name = service.source_name(&from).await?;
        let is_large = info.size >= job.engine.tuning.copy_threshold.min(LARGEST);
        let outcome = if is_large && info.size > 0 {
            self.in_parts(&job, &name, &info, content).await
        } else {
            self.at_once(&job, &name, &info).await
        };
        let (stored, parts) = outcome?;
        Ok(Copied {
            is_verified: stored.crc64.is_some() && stored.crc64 == info.crc64,
            etag: stored.etag,
            version: stored.version,
            parts,
            progress: job.meter.finish(),
            source: info,
        })
    }

    async fn at_once(
        &self,
        job: &Job,
        name: &str,
        info: &ObjectInfo,
    ) -> Result<(Stored, u32), Error> {
        job.meter.expect(Some(info.size), Some(1));
        let source = Source {
            name,
            etag: info.etag.as_deref(),
            key: self.key.as_ref(),
        };
        let replaces = self.settings.describes_content();
        let work = async {
            let slot = job.engine.slots.take().await;
            again(job, Some(&slot), || async {
                let (to, settings) = (&self.to, &self.settings);
                Ok(job
                    .engine
                    .service
                    .copy(&source, to, settings, replaces)
                    .await?)
            })
            .await
        };
        let stored = job.control.unless_cancelled(work).await??;
        require_equal(info, &stored)?;
        job.meter.share().add(info.size);
        job.meter.part();
        Ok((stored, 0))
    }

    async fn in_parts(
        &self,
        job: &Job,
        name: &str,
        info: &ObjectInfo,
        content: Settings,
    ) -> Result<(Stored, u32), Error> {
        if self.settings.customer_key().is_some() {
            return Err(Error::new(
                ErrorKind::Refused,
                "a copy in parts cannot be encrypted with a key of your own",
            )
            .advise("download the object and upload it with the key"));
        }
        let settings = if self.settings.describes_content() {
            self.settings.clone()
        } else {
            self.settings.clone().with_content_of(content)
        };
        let wanted = self
            .part_size
            .or(job.engine.tuning.part_size)
            .unwrap_or(PART);
        let parts = Parts::of(info.size, Some(wanted))?;
        job.meter
            .expect(Some(info.size), Some(u64::from(parts.count())));
        let mut upload = Upload::begin(job, &self.to, &settings).await?;
        let copied = self.parts(job, &mut upload, name, info, parts);
        let copied = job.control.unless_cancelled(copied).await;
        if let Err(error) = copied.and_then(|copied| copied) {
            upload.abandon().await;
            return Err(error);
        }
        let stored = upload.complete(info.size, info.crc64, None).await?;
        Ok((stored, parts.count()))
    }

    async fn parts(
        &self,
        job: &Job,
        upload: &mut Upload,
        name: &str,
        info: &ObjectInfo,
        parts: Parts,
    ) -> Result<(), Error> {
        let mut tasks = Tasks::new();
        for number in 1..=parts.count() {
            let slot = upload.slot(job, &mut tasks).await?;
            let (job, to, id) = (job.clone(), upload.to.clone(), upload.id.clone());
            let (name, etag, key) = (name.to_owned(), info.etag.clone(), self.key.clone());
            let (range, length) = (parts.range(number), parts.length(number));
            tasks.spawn(async move {
                let source = Source {
                    name: &name,
                    etag: etag.as_deref(),
                    key: key.as_ref(),
                };
                let bytes = (range.start, range.end.saturating_sub(1));
                let stored = again(&job, Some(&slot), || async {
                    let service = &job.engine.service;
                    Ok(service.copy_part(&source, &to, &id, number, bytes).await?)
                });
                let stored = stored.await?;
                slot.ended(length);
                job.meter.share().add(length);
                job.meter.part();
                Ok(Done {
                    part: number,
                    length,
                    crc64: stored.crc64.unwrap_or_default(),
                    etag: stored.etag,
                })
            });
        }
        upload.rest(&mut tasks).await
    }
}

fn require_equal(info: &ObjectInfo, stored: &Stored) -> Result<(), Error> {
    match (info.crc64, stored.crc64) {
        (Some(source), Some(copy)) if source != copy => Err(Error::new(
            ErrorKind::Integrity,
            format!("the copy has the CRC-64 {copy}, its source has {source}"),
        )
        .advise("copy the object again")),
        _ => Ok(()),
    }
}

impl fmt::Debug for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Copy({} to {})", self.from, self.to)
    }
}
