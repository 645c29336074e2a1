//! What is said of jobs by hand: which are held, which go on, and how the next ones end.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::{Job, JobClass};

/// Which jobs: all that everything applies to that is given.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct JobMatch {
    /// The job of this id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Those of this service: `ci` or `mps`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Those of this tag, such as `ImageInspect`; in Media Processing Service the operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Those of this bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
}

impl JobMatch {
    /// All jobs.
    pub fn any() -> Self {
        Self::default()
    }

    /// The job of this id.
    pub fn id(id: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::default()
        }
    }

    /// Sets [`JobMatch::service`].
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(name.into());
        self
    }

    /// Sets [`JobMatch::tag`].
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Sets [`JobMatch::bucket`].
    pub fn bucket(mut self, name: impl Into<String>) -> Self {
        self.bucket = Some(name.into());
        self
    }

    pub(super) fn matches(&self, job: &Job) -> bool {
        let is = |wanted: &Option<String>, own: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == own
        };
        is(&self.id, Some(&job.id))
            && is(&self.service, Some(job.service.word()))
            && is(&self.tag, Some(&job.tag))
            && is(&self.bucket, job.bucket.as_deref())
    }
}

/// How a job ends that is not done.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub enum JobEnd {
    /// Badly.
    #[serde(rename_all = "camelCase")]
    Fail {
        /// The code.
        code: String,
        /// What is said besides.
        #[serde(default)]
        message: String,
    },
    /// Well, with a result: the node of the job's `Operation` that has it, in the form of JSON that
    /// [`JobStatus::result`](crate::JobStatus) has. Nothing is stored.
    #[serde(rename_all = "camelCase")]
    Succeed {
        /// The result.
        result: Value,
    },
}

impl JobEnd {
    /// A failure with this code.
    pub fn fail(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Fail {
            code: code.into(),
            message: message.into(),
        }
    }

    /// A success with this result.
    pub fn succeed(result: Value) -> Self {
        Self::Succeed { result }
    }
}

impl fmt::Debug for JobEnd {
    /// Without the result, which may have an address that is signed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fail { code, message } => f
                .debug_struct("Fail")
                .field("code", code)
                .field("message", message)
                .finish(),
            Self::Succeed { .. } => f.debug_struct("Succeed").finish_non_exhaustive(),
        }
    }
}

/// How jobs end that are yet to be begun.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct Forced {
    /// Which jobs.
    #[serde(default)]
    pub which: JobMatch,
    /// How they end.
    pub end: JobEnd,
    /// How many of them do, counted down; without it all that come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

impl Forced {
    /// All jobs end so.
    pub fn new(end: JobEnd) -> Self {
        Self {
            which: JobMatch::any(),
            end,
            count: None,
        }
    }

    /// Sets [`Forced::which`].
    pub fn which(mut self, which: JobMatch) -> Self {
        self.which = which;
        self
    }

    /// Sets [`Forced::count`].
    pub fn count(mut self, most: u64) -> Self {
        self.count = Some(most);
        self
    }
}

/// What was said.
#[derive(Debug, Default)]
pub(crate) struct Control(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    held: Vec<JobMatch>,
    /// Jobs that are held no more, whatever holds others.
    freed: HashSet<String>,
    forced: Vec<Forced>,
    /// Jobs that were parked and are to be run.
    going: VecDeque<(JobClass, String)>,
}

impl Control {
    pub(super) fn hold(&self, which: JobMatch) {
        let mut said = self.lock();
        if let Some(id) = &which.id {
            said.freed.remove(id);
        }
        if !said.held.contains(&which) {
            said.held.push(which);
        }
    }

    /// Takes back what holds `which`; all of it, if that is any job.
    pub(super) fn release(&self, which: &JobMatch) {
        let mut said = self.lock();
        if *which == JobMatch::any() {
            said.held.clear();
        } else {
            said.held.retain(|it| it != which);
        }
        said.freed.extend(which.id.clone());
    }

    /// Whether `job` is not to be begun.
    pub(crate) fn holds(&self, job: &Job) -> bool {
        let said = self.lock();
        !said.freed.contains(&job.id) && said.held.iter().any(|it| it.matches(job))
    }

    pub(super) fn held(&self) -> Vec<JobMatch> {
        self.lock().held.clone()
    }

    pub(super) fn force(&self, forced: Forced) {
        self.lock().forced.push(forced);
    }

    /// How `job` ends, if it is not to be done. What was said first counts.
    pub(crate) fn forces(&self, job: &Job) -> Option<JobEnd> {
        let mut said = self.lock();
        let mut all = said.forced.iter_mut();
        let met = all.find(|it| it.count != Some(0) && it.which.matches(job))?;
        met.count = met.count.map(|left| left.saturating_sub(1));
        let end = met.end.clone();
        said.forced.retain(|it| it.count != Some(0));
        Some(end)
    }

    pub(super) fn forced(&self) -> Vec<Forced> {
        self.lock().forced.clone()
    }

    /// The parked `job` is to be run.
    pub(super) fn let_go(&self, job: &Job) {
        self.lock().going.push_back((job.class, job.id.clone()));
    }

    /// The next parked job of `class` that is to be run.
    pub(crate) fn next_to_go(&self, class: JobClass) -> Option<String> {
        let mut said = self.lock();
        let at = said.going.iter().position(|(of, _)| *of == class)?;
        said.going.remove(at).map(|(_, id)| id)
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        *self.lock() = Said::default();
    }

    fn lock(&self) -> MutexGuard<'_, Said> {
        // Nothing above panics between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
