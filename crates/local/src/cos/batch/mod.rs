//! Batch jobs: the same is done to many objects, which a list names.
//!
//! | what | file |
//! | --- | --- |
//! | jobs made, listed, described, changed by hand | here |
//! | what a job may be asked for | `request` |
//! | what is answered to those, and what jobs meet on their way | `fault` |
//! | which objects a list names | `manifest` |
//! | as whom, and who may have it done so | `role` |
//! | what is done to one of them | `task` |
//! | how a job gets from its list to its end | `running` |
//! | what is told of it then | `report` |

mod fault;
mod manifest;
mod report;
mod request;
mod role;
pub(crate) mod running;
mod task;

use http::StatusCode;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::time::{Timestamp, format_iso_utc};
use tcloud_cos::operation::create_job::{CreateJobRequest, CreateJobResponse};
use tcloud_cos::operation::delete_job::{DeleteJobRequest, DeleteJobResponse};
use tcloud_cos::operation::describe_job::{DescribeJobRequest, DescribeJobResponse};
use tcloud_cos::operation::list_jobs::{ListJobsRequest, ListJobsResponse};
use tcloud_cos::operation::update_job_priority::{
    UpdateJobPriorityRequest, UpdateJobPriorityResponse,
};
use tcloud_cos::operation::update_job_status::{UpdateJobStatusRequest, UpdateJobStatusResponse};
use tcloud_cos::types::{
    self, BatchFailure, BatchFailureReasons, BatchJobStatus, BatchJobSummary, BatchJobs,
    BatchProgress, RequestedJobStatus,
};
use uuid::Uuid;

use self::fault::{missing, refused};
use self::request::asked;
use crate::state::State;
use crate::store::{BatchFilter, BatchJob, BatchStatus, BatchSubmission, NewBatchJob, StoreError};

/// How many jobs that have not ended there are at most.
const MOST: i64 = 1000;
/// How many jobs a page has at most.
const PAGE: u32 = 1000;
/// For how long a job can be looked up, in milliseconds: 90 days.
pub(crate) const KEPT: i64 = 90 * 24 * 60 * 60 * 1000;
/// Why a job waits to be confirmed.
const UNCONFIRMED: &str = "AwaitingConfirmation";

/// Makes a job.
pub(super) async fn create(
    state: &State,
    context: Context,
    mut request: CreateJobRequest,
) -> Result<CreateJobResponse, Fault> {
    require_account(state, request.uin.as_deref(), request.appid.as_deref())?;
    // One whose bucket has gone since is known again all the same.
    request::check(state, &request)?;
    let role = request.role_arn.as_deref().unwrap_or_default();
    role::require_passing(state, &context, role)?;
    let token = request.client_request_token.clone().unwrap_or_default();
    // The host and the header have said who it is for.
    (request.uin, request.appid) = (None, None);
    let document = request::document(&request)?;
    let job = NewBatchJob {
        id: Uuid::new_v4().to_string(),
        region: context.region,
        token,
        request: document,
        priority: request.priority.unwrap_or_default(),
    };
    let is_known = state.store.has_batch_token(&job.region, &job.token).await?;
    if !is_known {
        request::check_beside(state, &job.region, &request).await?;
    }
    match state.store.create_batch_job(&job, MOST).await? {
        BatchSubmission::Accepted(job) => {
            state.batch.notify_one();
            Ok(CreateJobResponse::new().job_id(job.id))
        }
        BatchSubmission::Known(known) if known.request == job.request => {
            Ok(CreateJobResponse::new().job_id(known.id))
        }
        BatchSubmission::Known(known) => Err(refused(format!(
            "the ClientRequestToken is that of the job {}, which was asked for something else; use a \
             fresh one",
            known.id
        ))),
        BatchSubmission::TooMany => {
            let message = format!("there are {MOST} jobs that have not ended; wait for one");
            let status = StatusCode::BAD_REQUEST;
            Err(Fault::new(status, "TooManyJobs", message))
        }
    }
}

/// Describes a job.
pub(super) async fn describe(
    state: &State,
    context: Context,
    request: DescribeJobRequest,
) -> Result<DescribeJobResponse, Fault> {
    require_account(state, request.uin.as_deref(), request.appid.as_deref())?;
    let id = request.job_id.unwrap_or_default();
    let job = state.store.batch_job(&context.region, &id).await;
    let job = job.map_err(missing)?;
    Ok(DescribeJobResponse::new().job(described(&job)?))
}

/// Lists the jobs of the last 90 days, the newest first.
pub(super) async fn list(
    state: &State,
    context: Context,
    request: ListJobsRequest,
) -> Result<ListJobsResponse, Fault> {
    require_account(state, request.uin.as_deref(), request.appid.as_deref())?;
    let since = state.store.now().saturating_sub(KEPT);
    // The table lets no other number through, and no other word but one that no job has here.
    let most = request.max_results.map(u32::try_from);
    let most = most.and_then(Result::ok).unwrap_or(PAGE);
    let status = match request.job_statuses {
        None => None,
        Some(BatchJobStatus::Pausing) => return Ok(ListJobsResponse::new().jobs(BatchJobs::new())),
        Some(word) => match BatchStatus::try_from(word.as_str().to_owned()) {
            Ok(status) => Some(status),
            Err(_) => return Err(refused(format!("`{word}` is no status of a job"))),
        },
    };
    let filter = BatchFilter {
        region: context.region,
        status,
        since,
        most,
        token: request.next_token.filter(|token| !token.is_empty()),
    };
    let (jobs, next) = match state.store.list_batch_jobs(&filter).await {
        Err(StoreError::InvalidPageToken) => {
            return Err(refused(
                "nextToken is not that of a page; begin with the first page",
            ));
        }
        listed => listed?,
    };
    let jobs = jobs.iter().map(summary).collect::<Result<Vec<_>, _>>()?;
    let mut answer = ListJobsResponse::new().jobs(BatchJobs::new().jobs(jobs));
    answer.next_token = next;
    Ok(answer)
}

/// Sets the priority of a job.
pub(super) async fn set_priority(
    state: &State,
    context: Context,
    request: UpdateJobPriorityRequest,
) -> Result<UpdateJobPriorityResponse, Fault> {
    require_account(state, request.uin.as_deref(), request.appid.as_deref())?;
    let id = request.job_id.unwrap_or_default();
    let priority = request.priority.unwrap_or_default();
    let set = state
        .store
        .set_batch_priority(&context.region, &id, priority);
    if !set.await.map_err(missing)? {
        return Err(refused(format!("the job {id} has ended")));
    }
    state.batch.notify_one();
    Ok(UpdateJobPriorityResponse::new()
        .job_id(id)
        .priority(priority))
}

/// Confirms a job, or gives it up.
pub(super) async fn set_status(
    state: &State,
    context: Context,
    request: UpdateJobStatusRequest,
) -> Result<UpdateJobStatusResponse, Fault> {
    require_account(state, request.uin.as_deref(), request.appid.as_deref())?;
    let id = request.job_id.unwrap_or_default();
    // The table lets no third word through.
    let gives_up = request.requested_job_status != Some(RequestedJobStatus::Ready);
    let reason = request.status_update_reason.as_deref();
    let changed = state
        .store
        .change_batch_job(&context.region, &id, gives_up, reason);
    let Some(job) = changed.await.map_err(missing)? else {
        let job = state.store.batch_job(&context.region, &id).await?;
        let message = format!(
            "the job {id} is {}, and so it cannot be {}",
            job.status.word(),
            if gives_up { "Cancelled" } else { "Ready" },
        );
        let status = StatusCode::BAD_REQUEST;
        return Err(Fault::new(status, "JobStatusException", message));
    };
    state.batch.notify_one();
    let mut answer = UpdateJobStatusResponse::new()
        .job_id(id)
        .status(job.status.word());
    answer.status_update_reason = job.reason;
    Ok(answer)
}

/// Forgets a job that has ended. There is no document of this: the public Go SDK has it.
pub(super) async fn delete(
    state: &State,
    context: Context,
    request: DeleteJobRequest,
) -> Result<Answer<DeleteJobResponse>, Fault> {
    require_account(state, request.uin.as_deref(), request.appid.as_deref())?;
    let id = request.job_id.unwrap_or_default();
    let deleted = state.store.delete_batch_job(&context.region, &id).await;
    if !deleted.map_err(missing)? {
        return Err(refused(format!(
            "the job {id} has not ended; give it up first, by UpdateJobStatus"
        )));
    }
    Ok(Answer::new(DeleteJobResponse::new()).status(StatusCode::NO_CONTENT))
}

/// Refuses a request for the jobs of another account.
fn require_account(state: &State, uin: Option<&str>, app_id: Option<&str>) -> Result<(), Fault> {
    let directory = state.directory();
    let account = directory.account();
    let refused = |what: &str, given: &str, own: &str| {
        let message = format!("{what} is `{given}`, and the jobs here are of {own}");
        Err(Fault::new(StatusCode::FORBIDDEN, "AccessDenied", message))
    };
    let (uin, app_id) = (uin.unwrap_or_default(), app_id.unwrap_or_default());
    if uin != account.uin {
        return refused("the number in the host", uin, &account.uin);
    }
    if app_id != account.app_id {
        return refused("x-cos-appid", app_id, &account.app_id);
    }
    Ok(())
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_text(format_iso_utc(millis.div_euclid(1000)))
}

fn status(job: &BatchJob) -> BatchJobStatus {
    BatchJobStatus::from(job.status.word())
}

/// How far a job is; nothing is known before its list was read.
fn progress(job: &BatchJob) -> BatchProgress {
    BatchProgress::new()
        .failed(job.failed)
        .succeeded(job.succeeded)
        .total(job.total)
}

fn described(job: &BatchJob) -> Result<types::BatchJob, Fault> {
    let asked = asked(job)?;
    let mut shown = types::BatchJob::new()
        .client_request_token(job.token.clone())
        .confirmation_required(asked.confirmation_required == Some(true))
        .creation_time(time(job.created_at))
        .job_id(job.id.clone())
        .manifest(asked.manifest)
        .priority(job.priority)
        .progress(progress(job))
        .report(asked.report)
        .status(status(job));
    shown.operation = asked.operation;
    shown.description = asked.description;
    shown.role_arn = asked.role_arn;
    shown.status_update_reason.clone_from(&job.reason);
    shown.termination_date = job.ended_at.map(time);
    if let Some(since) = job.suspended_at {
        shown.suspended_date = Some(time(since));
        shown.suspended_cause = Some(UNCONFIRMED.to_owned());
    }
    if let (Some(code), Some(message)) = (&job.code, &job.message) {
        let mut failure = BatchFailure::new();
        failure.code = Some(code.clone());
        failure.reason = Some(message.clone());
        shown.failure_reasons = Some(BatchFailureReasons::new().failure(failure));
    }
    Ok(shown)
}

fn summary(job: &BatchJob) -> Result<BatchJobSummary, Fault> {
    let asked = asked(job)?;
    let operation = asked.operation.as_deref().map(request::name);
    let mut shown = BatchJobSummary::new()
        .creation_time(time(job.created_at))
        .job_id(job.id.clone())
        .priority(job.priority)
        .progress(progress(job))
        .status(status(job));
    shown.operation = operation.map(str::to_owned);
    shown.description = asked.description;
    shown.termination_date = job.ended_at.map(time);
    Ok(shown)
}

#[cfg(test)]
mod tests;
