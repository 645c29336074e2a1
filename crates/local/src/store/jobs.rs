//! Jobs: submitting, looking up, cancelling.

use sqlx::{QueryBuilder, Sqlite};

use super::error::{Result, StoreError};
use super::handle::Store;
use super::job::{Job, JobFilter, JobOrder, JobPage, JobState, NewJob, Submission};

impl Store {
    /// Submits a job. When this returns, the job survives the end of the process.
    ///
    /// # Errors
    ///
    /// [`StoreError::JobExists`] if the id is taken, [`StoreError::NoSuchQueue`] if the queue does
    /// not exist.
    pub(crate) async fn submit_job(&self, job: &NewJob) -> Result<Submission> {
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
    pub(crate) async fn job(&self, id: &str) -> Result<Job> {
        sqlx::query_as("SELECT * FROM jobs WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.inner.reader)
            .await?
            .ok_or_else(|| StoreError::NoSuchJob(id.to_owned()))
    }

    /// Those of the jobs `ids` that exist, oldest first.
    pub(crate) async fn jobs(&self, ids: &[String]) -> Result<Vec<Job>> {
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
    pub(crate) async fn list_jobs(&self, filter: &JobFilter) -> Result<JobPage> {
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
    pub(crate) async fn cancel_job(&self, id: &str) -> Result<Job> {
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
        // One more than fits shows whether there is another page.
        query.push_bind(i64::from(self.size) + 1);
        Ok(query)
    }
}
