//! Jobs as a test looks at them, holds them and ends them.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::control::{Control, Forced, JobEnd, JobMatch};
use super::kind::{Finish, Kind, Work, told};
use crate::state::State;
use crate::store::{Effect, Job, JobFilter, JobState, Outcome, StoreError, new_id};

/// How many jobs are shown, or moved in one go.
const MOST: u32 = 1000;

/// The jobs of a [`LocalCloud`](crate::LocalCloud). Cloning gives another handle to the same ones.
///
/// A program that waits for jobs has to cope with ones that are slow, paused or fail. Here they are on
/// demand:
///
/// ```
/// use serde_json::json;
/// use tcloud_local::{Forced, JobEnd, JobMatch, LocalCloud, Settings};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let cloud = LocalCloud::start(Settings::default()).await?;
/// let jobs = cloud.jobs();
/// // Inspections stay `Submitted`; each step makes one `Running`, and then lets it be done.
/// jobs.hold(JobMatch::any().service("ci").tag("ImageInspect"))?;
/// jobs.step(&JobMatch::any()).await?;
/// jobs.release(&JobMatch::any()).await?;
/// // The next one fails.
/// jobs.force_next(Forced::new(JobEnd::fail("InternalError", "out of order")).count(1))?;
/// # Ok(())
/// # }
/// ```
///
/// What was said of jobs belongs to a process, and [`LocalCloud::reset`](crate::LocalCloud::reset)
/// forgets it. Jobs that are held when the process ends wait for the next one.
#[derive(Clone)]
pub struct Jobs {
    state: Arc<State>,
    kinds: Arc<[Arc<dyn Kind>]>,
    control: Arc<Control>,
}

/// A job as it is now.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct JobStatus {
    /// The id.
    pub id: String,
    /// The service: `ci`, `mps` or `cos`.
    pub service: &'static str,
    /// The tag, such as `ImageInspect`.
    pub tag: String,
    /// The bucket it works for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// The state: `Submitted`, `Running`, `Pause`, `Success`, `Failed` or `Cancel`.
    pub state: &'static str,
    /// Whether it waits to be moved on by hand.
    pub held: bool,
    /// How often it was begun.
    pub attempts: u32,
    /// Why it failed, as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Why it failed, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What came of it: the node of its `Operation` that has the result, without secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
}

/// Why jobs are left as they are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// There is none of this id.
    #[error("there is no job {0}")]
    Unknown(String),
    /// It has ended.
    #[error("the job {id} has ended as {state}, and stays as it is; submit another one")]
    Ended {
        /// Its id.
        id: String,
        /// Its state.
        state: String,
    },
    /// It is not held.
    #[error("the job {0} is not held, so it goes on by itself; hold it first")]
    NotHeld(String),
    /// What is asked for cannot be.
    #[error("{0}")]
    Invalid(String),
    /// The state cannot be read or written.
    #[error(transparent)]
    Store(Box<dyn std::error::Error + Send + Sync>),
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchJob(id) => Self::Unknown(id),
            StoreError::NotCancellable { id, state } => Self::Ended {
                id,
                state: state.to_string(),
            },
            other => Self::Store(other.into()),
        }
    }
}

impl fmt::Debug for Jobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jobs")
            .field("control", &self.control)
            .finish_non_exhaustive()
    }
}

impl Jobs {
    pub(crate) fn new(state: &Arc<State>, kinds: Vec<Arc<dyn Kind>>) -> Self {
        Self {
            state: Arc::clone(state),
            kinds: kinds.into(),
            control: Arc::default(),
        }
    }

    pub(crate) const fn control(&self) -> &Arc<Control> {
        &self.control
    }

    pub(crate) const fn kinds(&self) -> &Arc<[Arc<dyn Kind>]> {
        &self.kinds
    }

    /// The last thousand jobs, the newest first.
    ///
    /// # Errors
    ///
    /// [`JobError::Store`].
    pub async fn list(&self) -> Result<Vec<JobStatus>, JobError> {
        let filter = JobFilter {
            size: MOST,
            ..JobFilter::default()
        };
        let jobs = self.state.store.list_jobs(&filter).await?.jobs;
        let parked = self.parked().await?;
        Ok(jobs.iter().map(|job| self.status(job, &parked)).collect())
    }

    /// Which jobs are held.
    pub fn held(&self) -> Vec<JobMatch> {
        self.control.held()
    }

    /// How the next jobs end, see [`Jobs::force_next`].
    pub fn forced(&self) -> Vec<Forced> {
        self.control.forced()
    }

    /// From now on jobs that are `which` are not begun, those that wait included. Those that are at
    /// work go on.
    ///
    /// # Errors
    ///
    /// [`JobError::Invalid`] if there can be no such job.
    pub fn hold(&self, which: JobMatch) -> Result<(), JobError> {
        self.check(&which)?;
        self.control.hold(which);
        Ok(())
    }

    /// Takes back what [`Jobs::hold`] said with the same words, or all of it for [`JobMatch::any`].
    /// The job of an id goes on whatever holds it.
    ///
    /// # Errors
    ///
    /// [`JobError::Invalid`], [`JobError::Store`].
    pub async fn release(&self, which: &JobMatch) -> Result<(), JobError> {
        self.check(which)?;
        self.control.release(which);
        for job in self.state.store.parked_jobs().await? {
            if !which.matches(&job) || self.control.holds(&job) {
                continue;
            }
            if job.state == JobState::Running {
                self.let_go(&job);
            } else {
                self.state.store.unpark_job(&job.id).await?;
            }
        }
        Ok(())
    }

    /// Moves jobs on that are held and are `which`: one that waits is `Running` then, and stays that;
    /// one that is `Running` is done. Returns those that were moved, the oldest first.
    ///
    /// # Errors
    ///
    /// [`JobError::Unknown`], [`JobError::Ended`] or [`JobError::NotHeld`] if `which` has an id;
    /// [`JobError::Invalid`], [`JobError::Store`].
    pub async fn step(&self, which: &JobMatch) -> Result<Vec<JobStatus>, JobError> {
        self.check(which)?;
        let store = &self.state.store;
        let parked = self.parked().await?;
        let filter = JobFilter {
            states: vec![JobState::Submitted, JobState::Running, JobState::Pause],
            order: crate::store::JobOrder::Ascending,
            size: MOST,
            ..JobFilter::default()
        };
        let mut moved = Vec::new();
        for job in store.list_jobs(&filter).await?.jobs {
            if !which.matches(&job) {
                continue;
            }
            let is_parked = parked.contains(&job.id);
            let job = if job.state == JobState::Running && is_parked {
                self.let_go(&job);
                job
            } else if job.state != JobState::Running && (is_parked || self.control.holds(&job)) {
                store.park_job(&job.id, JobState::Running).await?
            } else {
                continue;
            };
            moved.push(self.status(&job, &parked));
        }
        match &which.id {
            Some(id) if moved.is_empty() => {
                let job = store.job(id).await?;
                Err(not_moved(&job))
            }
            _ => Ok(moved),
        }
    }

    /// Puts the job `id` into `state`, one of `Submitted`, `Running`, `Pause` and `Cancel`, and holds it
    /// there. Whatever is at work on it changes nothing any more.
    ///
    /// # Errors
    ///
    /// [`JobError::Unknown`], [`JobError::Ended`], [`JobError::Invalid`], [`JobError::Store`].
    pub async fn set_state(&self, id: &str, state: &str) -> Result<JobStatus, JobError> {
        let store = &self.state.store;
        let job = match state {
            "Submitted" => store.park_job(id, JobState::Submitted).await?,
            "Running" => store.park_job(id, JobState::Running).await?,
            "Pause" => store.park_job(id, JobState::Pause).await?,
            "Cancel" => {
                store.park_job(id, JobState::Submitted).await?;
                store.cancel_job(id).await?
            }
            _ => {
                return Err(JobError::Invalid(format!(
                    "a job is not put into the state `{state}`; use Submitted, Running, Pause or \
                     Cancel, and let it fail or succeed with an end"
                )));
            }
        };
        let parked = self.parked().await?;
        Ok(self.status(&job, &parked))
    }

    /// Ends the job `id` without doing it, whether it is held or not. Its callback is sent, and nothing
    /// else changes: no result is stored.
    ///
    /// # Errors
    ///
    /// [`JobError::Unknown`], [`JobError::Ended`], [`JobError::Invalid`] if the result is none of such a
    /// job, [`JobError::Store`].
    pub async fn force(&self, id: &str, end: &JobEnd) -> Result<JobStatus, JobError> {
        let store = &self.state.store;
        let job = store.job(id).await?;
        let kind = self.kind_of(&job)?;
        kept(&**kind, end)?;
        let lease = i64::try_from(self.state.settings.lease.as_millis()).unwrap_or(i64::MAX);
        let owner = new_id("forced-");
        let Some(claim) = store.claim_by_id(id, false, &owner, lease).await? else {
            return Err(not_moved(&store.job(id).await?));
        };
        let work = kind.begin(&claim.job);
        let work = work.map_err(|error| JobError::Invalid(error.to_string()))?;
        let (outcome, effects) = told(&*work, ended(&**kind, &*work, end), store.now());
        let job = store.finish_job(&claim, &outcome, &effects).await?;
        Ok(self.status(&job, &HashSet::new()))
    }

    /// Jobs that are begun from now on end as `forced` says, without being done. What was said first
    /// counts.
    ///
    /// # Errors
    ///
    /// [`JobError::Invalid`] if there can be no such job, or the result is none of such jobs.
    pub fn force_next(&self, forced: Forced) -> Result<(), JobError> {
        self.check(&forced.which)?;
        if forced.count == Some(0) {
            return Err(JobError::Invalid(
                "a count of 0 is of no job; leave it out for all".to_owned(),
            ));
        }
        if let JobEnd::Succeed { .. } = &forced.end {
            let tag = forced.which.tag.as_deref().ok_or_else(|| {
                JobError::Invalid("name the tag of the jobs whose result it is".to_owned())
            })?;
            for kind in self.kinds.iter().filter(|kind| kind.name().1 == tag) {
                kept(&**kind, &forced.end)?;
            }
        }
        self.control.force(forced);
        Ok(())
    }

    async fn parked(&self) -> Result<HashSet<String>, JobError> {
        let parked = self.state.store.parked_jobs().await?;
        Ok(parked.into_iter().map(|job| job.id).collect())
    }

    fn let_go(&self, job: &Job) {
        self.control.let_go(job);
        self.state.store.wake_for(job);
    }

    fn status(&self, job: &Job, parked: &HashSet<String>) -> JobStatus {
        let kind = self.kinds.iter().find(|kind| kind.serves(job));
        let result = job.result.as_deref();
        let is_waiting = matches!(job.state, JobState::Submitted | JobState::Pause);
        JobStatus {
            id: job.id.clone(),
            service: job.service.word(),
            tag: job.tag.clone(),
            bucket: job.bucket.clone(),
            state: job.state.word(),
            held: job.ended_at.is_none() && parked.contains(&job.id)
                || is_waiting && self.control.holds(job),
            attempts: job.attempt,
            code: job.code.clone(),
            message: job.message.clone(),
            result: kind
                .zip(result)
                .and_then(|(kind, kept)| kind.show_result(kept)),
        }
    }

    fn kind_of(&self, job: &Job) -> Result<&Arc<dyn Kind>, JobError> {
        let mut kinds = self.kinds.iter();
        let kind = kinds.find(|kind| kind.serves(job));
        kind.ok_or_else(|| JobError::Invalid("nothing here runs such jobs".to_owned()))
    }

    /// A word that no job has is a slip.
    fn check(&self, which: &JobMatch) -> Result<(), JobError> {
        let fits = |kind: &Arc<dyn Kind>| {
            let (service, tag) = kind.name();
            which.service.as_deref().is_none_or(|it| it == service)
                && which.tag.as_deref().is_none_or(|it| it == tag)
        };
        if self.kinds.iter().any(fits) {
            return Ok(());
        }
        let names = self.kinds.iter().map(|kind| {
            let (service, tag) = kind.name();
            format!("{service} {tag}")
        });
        let names = names.collect::<Vec<_>>().join(", ");
        Err(JobError::Invalid(format!(
            "there are no such jobs here; those there are: {names}"
        )))
    }
}

/// Why `job` was left as it is.
fn not_moved(job: &Job) -> JobError {
    let id = job.id.clone();
    if job.ended_at.is_some() {
        let state = job.state.to_string();
        return JobError::Ended { id, state };
    }
    JobError::NotHeld(id)
}

/// The result of `end` as it is kept.
fn kept(kind: &dyn Kind, end: &JobEnd) -> Result<Option<String>, JobError> {
    let JobEnd::Succeed { result } = end else {
        return Ok(None);
    };
    let kept = kind.keep_result(&result.to_string());
    kept.map(Some).map_err(|why| {
        let (service, tag) = kind.name();
        JobError::Invalid(format!("this is no result of {service} {tag}: {why}"))
    })
}

/// How a job ends that is not done.
pub(super) fn ended(kind: &dyn Kind, work: &dyn Work, end: &JobEnd) -> Finish {
    match (end, kept(kind, end)) {
        (JobEnd::Fail { code, message }, _) => work.fail(code, message.clone()),
        (_, Ok(Some(result))) => (Outcome::Success { result }, Vec::<Effect>::new()),
        // What is no result was refused when it was given.
        (_, failed) => {
            let why = failed.err().map(|error| error.to_string());
            work.fail("InternalError", why.unwrap_or_default())
        }
    }
}
