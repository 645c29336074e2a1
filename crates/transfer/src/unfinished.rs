//! Uploads in parts that were begun and never ended. Nobody sees them, and their parts are paid for.

use std::time::{Duration, SystemTime};

use crate::again::again;
use crate::control::Control;
use crate::engine::{Engine, Job};
use crate::error::Error;
use crate::object::Prefix;
use crate::service::Unfinished;
use crate::times;

/// Uploads that have begun and not ended, made by
/// [`Transfers::unfinished`](crate::Transfers::unfinished).
#[derive(Debug)]
#[must_use = "nothing is asked for before `list` or `remove` is awaited"]
pub struct UnfinishedUploads {
    engine: Engine,
    of: Prefix,
    older_than: Option<Duration>,
    control: Option<Control>,
}

/// What came of removing unfinished uploads.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Removed {
    /// What was removed.
    pub removed: Vec<Unfinished>,
    /// What could not be removed, and why.
    pub failed: Vec<(Unfinished, Error)>,
}

impl UnfinishedUploads {
    pub(crate) fn new(engine: &Engine, of: Prefix) -> Self {
        Self {
            engine: engine.clone(),
            of,
            older_than: None,
            control: None,
        }
    }

    /// Only those that began at least so long ago: a younger one may still be under way.
    pub fn older_than(mut self, age: Duration) -> Self {
        self.older_than = Some(age);
        self
    }

    /// Lets `control` pause and cancel it.
    pub fn control(mut self, control: &Control) -> Self {
        self.control = Some(control.clone());
        self
    }

    fn job(&self) -> Job {
        Job::new(&self.engine, self.control.as_ref(), None, None)
    }

    /// Lists them, by key and by the time when they began.
    ///
    /// # Errors
    /// The bucket cannot be listed.
    pub async fn list(&self) -> Result<Vec<Unfinished>, Error> {
        let job = self.job();
        let now = times::seconds(SystemTime::now());
        let age = self
            .older_than
            .map(|age| i64::try_from(age.as_secs()).unwrap_or(i64::MAX));
        let mut all = Vec::new();
        let listing = job.engine.service.uploads(&self.of, |upload| {
            let is_old = |age: i64| {
                upload
                    .begun
                    .is_some_and(|begun| begun <= now.saturating_sub(age))
            };
            if age.is_none_or(is_old) {
                all.push(upload);
            }
            true
        });
        let listed = job.control.unless_cancelled(listing).await?;
        listed.map_err(|error| Error::from(error).about(format!("uploads of {}", self.of)))?;
        Ok(all)
    }

    /// Removes them and their parts. An upload that is still under way fails.
    ///
    /// # Errors
    /// The bucket cannot be listed, or the removal was cancelled. What else fails is in the answer.
    pub async fn remove(&self) -> Result<Removed, Error> {
        let job = self.job();
        let mut removed = Removed::default();
        for upload in self.list().await? {
            job.control.turn().await?;
            let aborting = again(&job, None, || async {
                Ok(job.engine.service.abort(&upload.object, &upload.id).await?)
            });
            match job.control.unless_cancelled(aborting).await? {
                Ok(()) => removed.removed.push(upload),
                Err(error) => removed.failed.push((upload, error)),
            }
        }
        Ok(removed)
    }
}
