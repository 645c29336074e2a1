//! What a job is, from its submission to its end.

use std::fmt;

use sqlx::FromRow;

use super::words::words;

/// The service a job belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Cloud Infinite.
    Ci,
    /// Media Processing Service.
    Mps,
    /// Object Storage.
    Cos,
}

words!(Service { Ci => "ci", Mps => "mps", Cos => "cos" });

/// What a job needs most, and so which workers run it. A class that has much to do does not block
/// the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum JobClass {
    /// Reading and writing: digests, archives.
    Light,
    /// A picture in memory.
    Picture,
    /// Audio and video, which take long.
    Media,
    /// Documents, which an office program renders.
    Document,
}

words!(JobClass {
    Light => "Light",
    Picture => "Picture",
    Media => "Media",
    Document => "Document",
});

impl JobClass {
    /// All classes.
    pub(crate) const ALL: [Self; 4] = [Self::Light, Self::Picture, Self::Media, Self::Document];
}

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum JobState {
    /// Waits to be run.
    Submitted,
    /// Is being run.
    Running,
    /// Has ended well.
    Success,
    /// Has ended badly.
    Failed,
    /// Waits for its queue to be activated.
    Pause,
    /// Was cancelled before it began.
    Cancel,
}

words!(JobState {
    Submitted => "Submitted",
    Running => "Running",
    Success => "Success",
    Failed => "Failed",
    Pause => "Pause",
    Cancel => "Cancel",
});

impl fmt::Display for JobState {
    /// The name the services use.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A job to submit. `Debug` shows nothing that may hold a secret.
#[derive(Clone)]
pub(crate) struct NewJob {
    /// A fresh id, see [`super::new_id`].
    pub(crate) id: String,
    /// The service.
    pub(crate) service: Service,
    /// The operation, as in `ImageInspect`.
    pub(crate) tag: String,
    /// The class of its work.
    pub(crate) class: JobClass,
    /// The bucket it works for. MPS jobs may have none.
    pub(crate) bucket: Option<String>,
    /// The region.
    pub(crate) region: String,
    /// The queue that can pause it.
    pub(crate) queue_id: Option<String>,
    /// The priority: a greater number runs first.
    pub(crate) level: u8,
    /// What the client asked for, in the caller's own format.
    pub(crate) request: String,
    /// Makes a repeated submission return the first job.
    pub(crate) session: Option<Session>,
    /// Whom to notify at the end.
    pub(crate) callback_url: Option<String>,
    /// The format of the notification, `XML` or `JSON`.
    pub(crate) callback_format: Option<String>,
}

/// A client's id for a submission, which it may repeat without starting a second job.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The client's id. It counts for one service.
    pub(crate) id: String,
    /// Jobs created before this time no longer count as the same.
    pub(crate) since: i64,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Submission {
    /// The job is kept and will be run.
    Accepted(Job),
    /// An earlier job has the same session; nothing was submitted.
    Duplicate(Job),
}

/// A job as recorded. `Debug` shows nothing that may hold a secret.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Job {
    /// The id.
    pub(crate) id: String,
    /// The service.
    #[sqlx(try_from = "String")]
    pub(crate) service: Service,
    /// The operation.
    pub(crate) tag: String,
    /// The class of its work.
    #[sqlx(try_from = "String")]
    pub(crate) class: JobClass,
    /// The bucket.
    pub(crate) bucket: Option<String>,
    /// The region.
    pub(crate) region: String,
    /// The queue.
    pub(crate) queue_id: Option<String>,
    /// The priority.
    #[sqlx(try_from = "i64")]
    pub(crate) level: u8,
    /// The client's id for the submission.
    pub(crate) session_id: Option<String>,
    /// What the client asked for.
    pub(crate) request: String,
    /// Whom to notify.
    pub(crate) callback_url: Option<String>,
    /// The format of the notification.
    pub(crate) callback_format: Option<String>,
    /// Its state.
    #[sqlx(try_from = "String")]
    pub(crate) state: JobState,
    /// What came of it, in the worker's own format.
    pub(crate) result: Option<String>,
    /// Why it failed, as a code.
    pub(crate) code: Option<String>,
    /// Why it failed, as a sentence.
    pub(crate) message: Option<String>,
    /// When it was submitted.
    pub(crate) created_at: i64,
    /// When its latest attempt began.
    pub(crate) started_at: Option<i64>,
    /// When it ended.
    pub(crate) ended_at: Option<i64>,
    /// When it may run at the earliest.
    pub(crate) run_at: i64,
    /// How often it was begun. A number far above 1 suggests that the job crashes its worker.
    #[sqlx(try_from = "i64")]
    pub(crate) attempt: u32,
    pub(super) seq: i64,
}

/// How a job ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Well.
    Success {
        /// What came of it, in the worker's own format.
        result: String,
    },
    /// Badly.
    Failed {
        /// The reason as a code.
        code: String,
        /// The reason as a sentence.
        message: String,
        /// Further details, in the worker's own format.
        result: Option<String>,
    },
}

impl Job {
    /// The job as it is once it has ended with `outcome` at the time `now`.
    pub(crate) fn ended(&self, outcome: &Outcome, now: i64) -> Self {
        let mut ended = self.clone();
        ended.ended_at = Some(now);
        match outcome.clone() {
            Outcome::Success { result } => {
                ended.state = JobState::Success;
                ended.result = Some(result);
            }
            Outcome::Failed {
                code,
                message,
                result,
            } => {
                ended.state = JobState::Failed;
                ended.code = Some(code);
                ended.message = Some(message);
                ended.result = result;
            }
        }
        ended
    }
}

/// The order in which jobs are listed, by the time of submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum JobOrder {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

/// Which jobs to list.
#[derive(Debug, Clone)]
pub(crate) struct JobFilter {
    /// Only of this service.
    pub(crate) service: Option<Service>,
    /// Only of this bucket.
    pub(crate) bucket: Option<String>,
    /// Only of this queue.
    pub(crate) queue_id: Option<String>,
    /// Only this operation.
    pub(crate) tag: Option<String>,
    /// Only in one of these states, unless empty.
    pub(crate) states: Vec<JobState>,
    /// Only created at or after this time.
    pub(crate) created_from: Option<i64>,
    /// Only created at or before this time.
    pub(crate) created_until: Option<i64>,
    /// The order.
    pub(crate) order: JobOrder,
    /// How many jobs to give at most.
    pub(crate) size: u32,
    /// Where the page begins: [`JobPage::next_token`] of the page before.
    pub(crate) token: Option<String>,
}

impl Default for JobFilter {
    /// The ten newest of all jobs.
    fn default() -> Self {
        Self {
            service: None,
            bucket: None,
            queue_id: None,
            tag: None,
            states: Vec::new(),
            created_from: None,
            created_until: None,
            order: JobOrder::default(),
            size: 10,
            token: None,
        }
    }
}

/// A page of jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobPage {
    /// The jobs.
    pub(crate) jobs: Vec<Job>,
    /// Where the next page begins. `None` if this is the last one.
    pub(crate) next_token: Option<String>,
}
