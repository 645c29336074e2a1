//! Jobs: submitting, looking up, cancelling.

use std::fmt;

use sqlx::{FromRow, QueryBuilder, Sqlite};

use super::{Outcome, Result, Store, StoreError};

/// The service a job belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "lowercase")]
pub enum Service {
    /// Cloud Infinite.
    Ci,
    /// Media Processing Service.
    Mps,
}

/// What a job needs most, and so which workers run it. A class that has much to do keeps no other
/// waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
pub enum JobClass {
    /// Reading and writing: digests, archives.
    Light,
    /// A picture in memory.
    Picture,
    /// Audio and video, which take long.
    Media,
    /// Documents, which an office program renders.
    Document,
}

impl JobClass {
    /// All classes.
    pub const ALL: [Self; 4] = [Self::Light, Self::Picture, Self::Media, Self::Document];
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type)]
pub enum JobState {
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

impl fmt::Display for JobState {
    /// The name the services use.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A job to submit. `Debug` shows nothing that may hold a secret.
#[derive(Clone)]
pub struct NewJob {
    /// A fresh id, see [`super::new_id`].
    pub id: String,
    /// The service.
    pub service: Service,
    /// The operation, as in `ImageInspect`.
    pub tag: String,
    /// The class of its work.
    pub class: JobClass,
    /// The bucket it works for. MPS jobs may have none.
    pub bucket: Option<String>,
    /// The region.
    pub region: String,
    /// The queue that can pause it.
    pub queue_id: Option<String>,
    /// The priority: a greater number runs first.
    pub level: u8,
    /// What the client asked for, in the caller's own format.
    pub request: String,
    /// Makes a repeated submission return the first job.
    pub session: Option<Session>,
    /// Whom to notify at the end.
    pub callback_url: Option<String>,
    /// The format of the notification, `XML` or `JSON`.
    pub callback_format: Option<String>,
}

/// A client's id for a submission, which it may repeat without starting a second job.
#[derive(Debug, Clone)]
pub struct Session {
    /// The client's id. It counts for one service.
    pub id: String,
    /// Jobs created before this time no longer count as the same.
    pub since: i64,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submission {
    /// The job is kept and will be run.
    Accepted(Job),
    /// An earlier job has the same session; nothing was submitted.
    Duplicate(Job),
}

/// A job as recorded. `Debug` shows nothing that may hold a secret.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub struct Job {
    /// The id.
    pub id: String,
    /// The service.
    pub service: Service,
    /// The operation.
    pub tag: String,
    /// The class of its work.
    pub class: JobClass,
    /// The bucket.
    pub bucket: Option<String>,
    /// The region.
    pub region: String,
    /// The queue.
    pub queue_id: Option<String>,
    /// The priority.
    pub level: u8,
    /// The client's id for the submission.
    pub session_id: Option<String>,
    /// What the client asked for.
    pub request: String,
    /// Whom to notify.
    pub callback_url: Option<String>,
    /// The format of the notification.
    pub callback_format: Option<String>,
    /// Where it stands.
    pub state: JobState,
    /// What came of it, in the worker's own format.
    pub result: Option<String>,
    /// Why it failed, as a code.
    pub code: Option<String>,
    /// Why it failed, as a sentence.
    pub message: Option<String>,
    /// When it was submitted.
    pub created_at: i64,
    /// When its latest attempt began.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// When it may run at the earliest.
    pub run_at: i64,
    /// How often it was begun. A job far above 1 probably brings its worker down.
    pub attempt: u32,
    seq: i64,
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

/// By which time of submission jobs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JobOrder {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

/// Which jobs to list.
#[derive(Debug, Clone)]
pub struct JobFilter {
    /// Only of this service.
    pub service: Option<Service>,
    /// Only of this bucket.
    pub bucket: Option<String>,
    /// Only of this queue.
    pub queue_id: Option<String>,
    /// Only this operation.
    pub tag: Option<String>,
    /// Only in one of these states, unless empty.
    pub states: Vec<JobState>,
    /// Only created at or after this time.
    pub created_from: Option<i64>,
    /// Only created at or before this time.
    pub created_until: Option<i64>,
    /// The order.
    pub order: JobOrder,
    /// How many jobs to give at most.
    pub size: u32,
    /// Where the page begins: [`JobPage::next_token`] of the page before.
    pub token: Option<String>,
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
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Where the next page begins. `None` if this is the last one.
    pub next_token: Option<String>,
}

impl Store {
    /// Submits a job. When this returns, the job survives the end of the process.
    ///
    /// # Errors
    ///
    /// [`StoreError::JobExists`] if the id is taken, [`StoreError::NoSuchQueue`] if the queue is
    /// not there.
    pub async fn submit_job(&self, job: &NewJob) -> Result<Submission> {
        let now = self.now();
        let mut tx = self.begin_write().await?;
        if let Some(session) = &job.session
            && let Some(earlier) = sqlx::query_as(
                "SELECT * FROM jobs WHERE service = $1 AND session_id = $2 AND created_at >= $3 \
                 ORDER BY created_at DESC LIMIT 1",
            )
            .bind(job.service)
            .bind(&session.id)
            .bind(session.since)
            .fetch_optional(&mut *tx)
            .await?
        {
            return Ok(Submission::Duplicate(earlier));
        }
        if let Some(queue_id) = &job.queue_id {
            let known: bool =
                sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM queues WHERE queue_id = $1)")
                    .bind(queue_id)
                    .fetch_one(&mut *tx)
                    .await?;
            if !known {
                return Err(StoreError::NoSuchQueue(queue_id.clone()));
            }
        }
        let accepted: Job = sqlx::query_as(
            "INSERT INTO jobs (id, service, tag, class, bucket, region, queue_id, level, session_id, \
             request, callback_url, callback_format, state, created_at, run_at) \
             VALUES ($1, $2, $3, $13, $4, $5, $6, $7, $8, $9, $10, $11, \
             CASE (SELECT state FROM queues WHERE queue_id = $6) \
             WHEN 'Paused' THEN 'Pause' ELSE 'Submitted' END, $12, $12) \
             ON CONFLICT DO NOTHING RETURNING *",
        )
        .bind(&job.id)
        .bind(job.service)
        .bind(&job.tag)
        .bind(&job.bucket)
        .bind(&job.region)
        .bind(&job.queue_id)
        .bind(job.level)
        .bind(job.session.as_ref().map(|session| &session.id))
        .bind(&job.request)
        .bind(&job.callback_url)
        .bind(&job.callback_format)
        .bind(now)
        .bind(job.class)
        .fetch_optional(&mut *tx)
        .await?
        .ok_or_else(|| StoreError::JobExists(job.id.clone()))?;
        tx.commit().await?;
        self.inner.work.notify(job.class);
        Ok(Submission::Accepted(accepted))
    }

    /// The job with this id.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchJob`].
    pub async fn job(&self, id: &str) -> Result<Job> {
        sqlx::query_as("SELECT * FROM jobs WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.inner.reader)
            .await?
            .ok_or_else(|| StoreError::NoSuchJob(id.to_owned()))
    }

    /// Those of the jobs `ids` that exist, oldest first.
    pub async fn jobs(&self, ids: &[String]) -> Result<Vec<Job>> {
        let some = sqlx::query_as(
            "SELECT * FROM jobs WHERE id IN (SELECT value FROM json_each($1)) ORDER BY seq",
        )
        .bind(sqlx::types::Json(ids));
        Ok(some.fetch_all(&self.inner.reader).await?)
    }

    /// Lists jobs.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvalidPageToken`] if the token is not one of this store.
    pub async fn list_jobs(&self, filter: &JobFilter) -> Result<JobPage> {
        let mut jobs: Vec<Job> = filter
            .query()?
            .build_query_as()
            .fetch_all(&self.inner.reader)
            .await?;
        let size = usize::try_from(filter.size).unwrap_or(usize::MAX);
        let more = jobs.len() > size;
        jobs.truncate(size);
        let next_token = jobs
            .last()
            .filter(|_| more)
            .map(|job| format!("{:016x}", job.seq));
        Ok(JobPage { jobs, next_token })
    }

    /// Cancels a job that has not begun.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchJob`], or [`StoreError::NotCancellable`] if it has begun or ended.
    pub async fn cancel_job(&self, id: &str) -> Result<Job> {
        let mut tx = self.begin_write().await?;
        let cancelled = sqlx::query_as(
            "UPDATE jobs SET state = $2, ended_at = $3 \
             WHERE id = $1 AND state IN ('Submitted', 'Pause') RETURNING *",
        )
        .bind(id)
        .bind(JobState::Cancel)
        .bind(self.now())
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(job) = cancelled {
            tx.commit().await?;
            return Ok(job);
        }
        let state: Option<JobState> = sqlx::query_scalar("SELECT state FROM jobs WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
        let id = id.to_owned();
        Err(match state {
            Some(state) => StoreError::NotCancellable { id, state },
            None => StoreError::NoSuchJob(id),
        })
    }
}

impl JobFilter {
    fn query(&self) -> Result<QueryBuilder<Sqlite>> {
        let mut query = QueryBuilder::new("SELECT * FROM jobs WHERE true");
        if let Some(service) = self.service {
            query.push(" AND service = ").push_bind(service);
        }
        if let Some(bucket) = &self.bucket {
            query.push(" AND bucket = ").push_bind(bucket.clone());
        }
        if let Some(queue_id) = &self.queue_id {
            query.push(" AND queue_id = ").push_bind(queue_id.clone());
        }
        if let Some(tag) = &self.tag {
            query.push(" AND tag = ").push_bind(tag.clone());
        }
        if !self.states.is_empty() {
            let mut states = query.push(" AND state IN (").separated(", ");
            for state in &self.states {
                states.push_bind(*state);
            }
            query.push(")");
        }
        if let Some(from) = self.created_from {
            query.push(" AND created_at >= ").push_bind(from);
        }
        if let Some(until) = self.created_until {
            query.push(" AND created_at <= ").push_bind(until);
        }
        if let Some(token) = &self.token {
            let seq = i64::from_str_radix(token, 16).map_err(|_| StoreError::InvalidPageToken)?;
            query
                .push(match self.order {
                    JobOrder::Descending => " AND seq < ",
                    JobOrder::Ascending => " AND seq > ",
                })
                .push_bind(seq);
        }
        query.push(match self.order {
            JobOrder::Descending => " ORDER BY seq DESC LIMIT ",
            JobOrder::Ascending => " ORDER BY seq LIMIT ",
        });
        // One more than fits tells whether there is another page.
        query.push_bind(i64::from(self.size) + 1);
        Ok(query)
    }
}
