//! An object in parts: what uploads and copies have in common.

use std::collections::BTreeMap;

use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::again::{Rounds, is_passing};
use crate::checkpoint::{Checkpoint, Done};
use crate::checksum::Checksums;
use crate::engine::{Job, Turn};
use crate::error::{Error, ErrorKind};
use crate::limits::Slot;
use crate::object::Object;
use crate::service::{Stored, Unfinished};
use crate::settings::{CustomerKey, Settings};

/// An upload that has begun. Unless it is kept, it is removed from the service when it is dropped.
pub(crate) struct Upload {
    job: Job,
    pub(crate) to: Object,
    pub(crate) id: String,
    pub(crate) done: BTreeMap<u32, Done>,
    checkpoint: Option<Checkpoint>,
    /// Whether it is not ours to remove, or gone already.
    kept: bool,
}

impl Upload {
    /// Begins an upload at the service.
    pub(crate) async fn begin(job: &Job, to: &Object, settings: &Settings) -> Result<Self, Error> {
        let mut rounds = Rounds::new(&job.engine.tuning);
        loop {
            // An answer that was lost leaves an upload without parts, which costs nothing and is
            // found by `unfinished`.
            match job.engine.service.initiate(to, settings).await {
                Ok(id) => return Ok(Self::of(job, to, id, BTreeMap::new(), None)),
                Err(error) => rounds.next(error.into()).await?,
            }
        }
    }

    /// An upload that is there already.
    pub(crate) fn of(
        job: &Job,
        to: &Object,
        id: String,
        done: BTreeMap<u32, Done>,
        checkpoint: Option<Checkpoint>,
    ) -> Self {
        Self {
            job: job.clone(),
            to: to.clone(),
            id,
            done,
            kept: checkpoint.is_some(),
            checkpoint,
        }
    }

    /// Keeps the upload and what it has in `checkpoint`, whatever happens.
    pub(crate) fn keep(&mut self, checkpoint: Checkpoint) {
        self.kept = true;
        self.checkpoint = Some(checkpoint);
    }

    /// Leaves the upload at the service, whatever happens.
    pub(crate) fn leave(&mut self) {
        self.kept = true;
    }

    /// A part is stored.
    async fn add(&mut self, done: Done) -> Result<(), Error> {
        if let Some(checkpoint) = &self.checkpoint {
            let added = checkpoint.add(&done).await;
            added.map_err(|error| {
                Error::new(
                    ErrorKind::File,
                    format!("the checkpoint cannot be written: {error}"),
                )
                .caused_by(error)
                .advise("free some space, or upload without one")
            })?;
        }
        self.done.insert(done.part, done);
        Ok(())
    }

    /// Waits for a slot for a further part, while the ends of others are noted at once: a kill loses
    /// no more than what is under way.
    pub(crate) async fn slot(&mut self, job: &Job, tasks: &mut Tasks) -> Result<Slot, Error> {
        loop {
            match job.slot_or(tasks).await? {
                Turn::Slot(slot) => return Ok(slot),
                Turn::Ended(ended) => self.note(ended).await?,
            }
        }
    }

    /// Waits for all parts that are under way.
    pub(crate) async fn rest(&mut self, tasks: &mut Tasks) -> Result<(), Error> {
        while let Some(ended) = tasks.join_next().await {
            self.note(ended).await?;
        }
        Ok(())
    }

    async fn note(&mut self, ended: Ended) -> Result<(), Error> {
        let done = ended.map_err(|error| {
            Error::new(ErrorKind::Stream, format!("a part's task ended: {error}")).caused_by(error)
        })??;
        self.add(done).await
    }

    /// Puts the parts together, and compares the whole with what was sent.
    pub(crate) async fn complete(
        mut self,
        size: u64,
        expected: Option<u64>,
        key: Option<&CustomerKey>,
    ) -> Result<Stored, Error> {
        let numbered: Vec<(u32, String)> = self
            .done
            .values()
            .map(|done| (done.part, done.etag.clone().unwrap_or_default()))
            .collect();
        let service = self.job.engine.service.clone();
        let mut rounds = Rounds::new(&self.job.engine.tuning);
        let stored = loop {
            let error = match service.complete(&self.to, &self.id, &numbered).await {
                Ok(stored) => break stored,
                Err(error) => error,
            };
            // An earlier attempt, or the process before this one, may have been heard.
            if error.is_not_found()
                && let Some(stored) = already(&self.job, &self.to, size, expected, key).await
            {
                break stored;
            }
            let error = Error::from(error);
            if !is_passing(&error) {
                return Err(error);
            }
            rounds.next(error).await?;
        };
        self.kept = true;
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.remove().await;
        }
        match (stored.crc64, expected) {
            (Some(theirs), Some(own)) if theirs != own => Err(Error::new(
                ErrorKind::Integrity,
                format!(
                    "the service put together another content: the {size} bytes sent have the \
                     CRC-64 {own}, the object has {theirs}"
                ),
            )
            .advise("send the object again")),
            _ => Ok(stored),
        }
    }

    /// The CRC-64 of all parts together.
    pub(crate) fn crc64(&self) -> u64 {
        let mut sums = Checksums::default();
        for done in self.done.values() {
            sums.add(done.part, done.length, done.crc64);
        }
        sums.whole()
    }

    /// Removes the upload from the service, unless it is kept.
    pub(crate) async fn abandon(mut self) {
        if !self.kept {
            self.kept = true;
            // What cannot be removed now is found by `unfinished`.
            let _ = self.job.engine.service.abort(&self.to, &self.id).await;
        }
    }
}

/// Whoever drops a transfer wants none of it.
impl Drop for Upload {
    fn drop(&mut self) {
        if self.kept {
            return;
        }
        if let Ok(runtime) = Handle::try_current() {
            let service = self.job.engine.service.clone();
            let (to, id) = (self.to.clone(), std::mem::take(&mut self.id));
            runtime.spawn(async move { service.abort(&to, &id).await });
        }
    }
}

/// How the task of a part ended.
type Ended = Result<Result<Done, Error>, tokio::task::JoinError>;

/// The tasks of parts that are under way; dropping them ends them.
pub(crate) type Tasks = JoinSet<Result<Done, Error>>;

/// What is stored already, if it is the same content.
pub(crate) async fn already(
    job: &Job,
    to: &Object,
    size: u64,
    expected: Option<u64>,
    key: Option<&CustomerKey>,
) -> Option<Stored> {
    let info = job.engine.service.head(to, key).await.ok()?;
    let is_same = info.size == size && info.crc64.is_some() && info.crc64 == expected;
    is_same.then_some(Stored {
        etag: info.etag,
        version: info.version,
        crc64: info.crc64,
        attempts: 0,
    })
}

/// The uploads of exactly this key that have not ended.
pub(crate) async fn uploads_of(job: &Job, to: &Object) -> Result<Vec<Unfinished>, Error> {
    let mut all = Vec::new();
    let prefix = crate::object::Prefix {
        bucket: to.bucket.clone(),
        prefix: to.key.clone(),
        region: to.region.clone(),
    };
    let each = |upload: Unfinished| {
        // The list is in the order of keys, so this one's come first.
        let is_same = upload.object.key == to.key;
        if is_same {
            all.push(upload);
        }
        is_same
    };
    job.engine.service.uploads(&prefix, each).await?;
    Ok(all)
}
