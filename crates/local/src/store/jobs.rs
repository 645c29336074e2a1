//! Jobs: submitting, looking up, cancelling.

use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::job::{Job, JobFilter, JobOrder, JobPage, JobState, NewJob, Submission};
use super::signals::Signal;
use super::sql::{Sql, sql};
use super::value::Value;

impl Store {
    /// Submits a job. When this returns, the job survives the end of the process.
    ///
    /// # Errors
    ///
    /// [`StoreError::JobExists`] if the id is taken, [`StoreError::NoSuchQueue`] if the queue does
    /// not exist.
    pub(crate) async fn submit_job(&self, job: &NewJob) -> Result<Submission> {
        let mut tx = self.write().await?;
        let submission = submit(&mut tx, job, self.now()).await;
        let submission = tx.end(submission).await?;
        if let Submission::Accepted(job) = &submission {
            self.inner.signals.give(Signal::Job(job.class));
        }
        Ok(submission)
    }

    /// The job with this id.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchJob`].
    pub(crate) async fn job(&self, id: &str) -> Result<Job> {
        sql("SELECT * FROM jobs WHERE id = $1")
            .bind(id)
            .optional(&mut self.connect().await?)
            .await?
            .ok_or_else(|| StoreError::NoSuchJob(id.to_owned()))
    }

    /// Those of the jobs `ids` that exist, oldest first.
    pub(crate) async fn jobs(&self, ids: &[String]) -> Result<Vec<Job>> {
        let mut connection = self.connect().await?;
        let among = connection.dialect().among(1);
        sql(format!("SELECT * FROM jobs WHERE id {among} ORDER BY seq"))
            .bind(Value::texts(ids)?)
            .all(&mut connection)
            .await
    }

    /// Lists jobs.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvalidPageToken`] if the token is not one of this store.
    pub(crate) async fn list_jobs(&self, filter: &JobFilter) -> Result<JobPage> {
        let mut jobs: Vec<Job> = filter.query()?.all(&mut self.connect().await?).await?;
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
        let mut tx = self.write().await?;
        let cancelled = cancel(&mut tx, id, self.now()).await;
        tx.end(cancelled).await
    }
}

async fn submit(tx: &mut Connection, job: &NewJob, now: i64) -> Result<Submission> {
    if let Some(session) = &job.session {
        tx.lock(&format!("session {} {}", job.service.word(), session.id))
            .await?;
        let earlier = sql(
            "SELECT * FROM jobs WHERE service = $1 AND session_id = $2 AND created_at >= $3 \
             ORDER BY created_at DESC LIMIT 1",
        )
        .bind(job.service)
        .bind(&session.id)
        .bind(session.since)
        .optional(tx)
        .await?;
        if let Some(earlier) = earlier {
            return Ok(Submission::Duplicate(earlier));
        }
    }
    if let Some(queue_id) = &job.queue_id {
        // Until the job is there to be paused as well, nobody pauses the queue.
        let for_share = tx.dialect().for_share();
        let known: Option<String> = sql(format!(
            "SELECT queue_id FROM queues WHERE queue_id = $1 {for_share}"
        ))
        .bind(queue_id)
        .scalar_optional(tx)
        .await?;
        if known.is_none() {
            return Err(StoreError::NoSuchQueue(queue_id.clone()));
        }
    }
    let accepted: Option<Job> = sql(
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
    .bind(job.session.as_ref().map(|session| session.id.as_str()))
    .bind(&job.request)
    .bind(&job.callback_url)
    .bind(&job.callback_format)
    .bind(now)
    .bind(job.class)
    .optional(tx)
    .await?;
    accepted
        .map(Submission::Accepted)
        .ok_or_else(|| StoreError::JobExists(job.id.clone()))
}

async fn cancel(tx: &mut Connection, id: &str, now: i64) -> Result<Job> {
    let cancelled = sql("UPDATE jobs SET state = $2, ended_at = $3 \
         WHERE id = $1 AND state IN ('Submitted', 'Pause') RETURNING *")
    .bind(id)
    .bind(JobState::Cancel)
    .bind(now)
    .optional(tx)
    .await?;
    if let Some(job) = cancelled {
        return Ok(job);
    }
    let state: Option<String> = sql("SELECT state FROM jobs WHERE id = $1")
        .bind(id)
        .scalar_optional(tx)
        .await?;
    let state = state.and_then(|word| JobState::try_from(word).ok());
    let id = id.to_owned();
    Err(match state {
        Some(state) => StoreError::NotCancellable { id, state },
        None => StoreError::NoSuchJob(id),
    })
}

impl JobFilter {
    fn query(&self) -> Result<Sql> {
        let mut query = sql("SELECT * FROM jobs WHERE true");
        if let Some(service) = self.service {
            query.push(" AND service = ").push_bind(service);
        }
        if let Some(bucket) = &self.bucket {
            query.push(" AND bucket = ").push_bind(bucket);
        }
        if let Some(queue_id) = &self.queue_id {
            query.push(" AND queue_id = ").push_bind(queue_id);
        }
        if let Some(tag) = &self.tag {
            query.push(" AND tag = ").push_bind(tag);
        }
        for (number, state) in self.states.iter().enumerate() {
            query
                .push(if number == 0 { " AND state IN (" } else { ", " })
                .push_bind(*state);
        }
        if !self.states.is_empty() {
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
