//! Looking jobs up and cancelling them.

use tcloud_ci::operation::cancel_job::{CancelJobRequest, CancelJobResponse};
use tcloud_ci::operation::describe_file_job::{DescribeFileJobRequest, DescribeFileJobResponse};
use tcloud_ci::operation::describe_job::{DescribeJobRequest, DescribeJobResponse};
use tcloud_ci::operation::describe_pic_job::{DescribePicJobRequest, DescribePicJobResponse};
use tcloud_ci::operation::list_jobs::{ListJobsRequest, ListJobsResponse};
use tcloud_ci::operation::list_pic_jobs::{ListPicJobsRequest, ListPicJobsResponse};
use tcloud_ci::types::{Job, TimeOrder};
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Context, Fault};
use tcloud_core::time::Timestamp;

use super::envelope;
use super::submit::id_prefix;
use crate::ci::binding::{bucket, words};
use crate::ci::fault;
use crate::state::State;
use crate::store::{self, JobFilter, JobOrder, JobState, Processing, Service, StoreError};

/// How many jobs one request can look up.
const MOST_IDS: usize = 10;
const STATES: [JobState; 6] = [
    JobState::Submitted,
    JobState::Running,
    JobState::Success,
    JobState::Failed,
    JobState::Pause,
    JobState::Cancel,
];

/// Looks up to ten jobs up.
pub(in crate::ci) async fn describe(
    state: &State,
    _: Context,
    request: DescribeJobRequest,
) -> Result<DescribeJobResponse, Fault> {
    let (found, missing) = find(state, request.bucket, request.job_id, false).await?;
    Ok(DescribeJobResponse::new()
        .jobs_detail(found)
        .non_exist_job_ids(missing))
}

/// Looks up to ten file jobs up.
pub(in crate::ci) async fn describe_files(
    state: &State,
    _: Context,
    request: DescribeFileJobRequest,
) -> Result<DescribeFileJobResponse, Fault> {
    let (found, missing) = find(state, request.bucket, request.job_id, true).await?;
    Ok(DescribeFileJobResponse::new()
        .jobs_detail(found)
        .non_exist_job_ids(missing))
}

/// The jobs of `in_bucket` with some of the ids `asked`, and the ids that none has. File jobs are
/// found by their own call alone.
async fn find(
    state: &State,
    in_bucket: Option<String>,
    asked: Option<String>,
    of_files: bool,
) -> Result<(Vec<Job>, Vec<String>), Fault> {
    let bucket = bucket(state, in_bucket).await?.name;
    let mut ids: Vec<String> = Vec::new();
    for id in words(asked.as_deref()) {
        if !ids.contains(&id) {
            ids.push(id);
        }
        if ids.len() > MOST_IDS {
            break;
        }
    }
    if ids.is_empty() || ids.len() > MOST_IDS {
        return Err(fault::invalid(format!(
            "the path must name 1 to {MOST_IDS} jobs, separated by commas"
        )));
    }
    let mut found = state.store.jobs(&ids).await?;
    found.retain(|job| is_of(job, &bucket) && is_of_files(job) == of_files);
    found.sort_by_key(|job| ids.iter().position(|id| *id == job.id));
    ids.retain(|id| found.iter().all(|job| job.id != *id));
    Ok((details(&found)?, ids))
}

/// Lists a queue's jobs.
pub(in crate::ci) async fn list(
    state: &State,
    _: Context,
    request: ListJobsRequest,
) -> Result<ListJobsResponse, Fault> {
    let bucket = bucket(state, request.bucket.clone()).await?.name;
    let filter = filter(request, &bucket)?;
    let queue_id = filter.queue_id.as_deref().unwrap_or_default();
    let queue = state.store.queue(queue_id).await?;
    if queue.bucket != bucket {
        return Err(StoreError::NoSuchQueue(queue.queue_id).into());
    }
    let page = state.store.list_jobs(&filter).await?;
    Ok(ListJobsResponse::new()
        .jobs_detail(details(&page.jobs)?)
        .next_token(page.next_token.unwrap_or_default()))
}

/// The tags of the older endpoint of picture jobs.
const OLDER: [&str; 2] = ["PicProcess", "PosterProduction"];

/// Looks up to ten jobs up, at the older endpoint of picture jobs.
pub(in crate::ci) async fn describe_pictures(
    state: &State,
    _: Context,
    request: DescribePicJobRequest,
) -> Result<DescribePicJobResponse, Fault> {
    let (found, missing) = find(state, request.bucket, request.job_id, false).await?;
    let is_older = |job: &Job| OLDER.iter().any(|tag| job.tag.as_deref() == Some(*tag));
    let (found, others): (Vec<_>, Vec<_>) = found.into_iter().partition(is_older);
    let others = others.into_iter().filter_map(|job| job.job_id);
    Ok(DescribePicJobResponse::new()
        .jobs_detail(found)
        .non_exist_job_ids(missing.into_iter().chain(others)))
}

/// Lists a queue's jobs, at the older endpoint of picture jobs.
pub(in crate::ci) async fn list_pictures(
    state: &State,
    context: Context,
    request: ListPicJobsRequest,
) -> Result<ListPicJobsResponse, Fault> {
    let tag = request.tag.as_deref().unwrap_or_default();
    if !OLDER.contains(&tag) {
        return Err(fault::invalid(format!(
            "tag is {tag}; it must be {}",
            OLDER.join(" or ")
        )));
    }
    let mut same = ListJobsRequest::default();
    same.bucket = request.bucket;
    same.queue_id = request.queue_id;
    same.tag = request.tag;
    same.workflow_id = request.workflow_id;
    same.inventory_trigger_job_id = request.inventory_trigger_job_id;
    same.input_object = request.input_object;
    same.order_by_time = request.order_by_time;
    same.next_token = request.next_token;
    same.size = request.size;
    same.states = request.states;
    same.start_creation_time = request.start_creation_time;
    same.end_creation_time = request.end_creation_time;
    let page = list(state, context, same).await?;
    let mut answer = ListPicJobsResponse::new();
    answer.jobs_detail = page.jobs_detail;
    answer.next_token = page.next_token;
    Ok(answer)
}

/// Cancels a job.
pub(in crate::ci) async fn cancel(
    state: &State,
    _: Context,
    request: CancelJobRequest,
) -> Result<CancelJobResponse, Fault> {
    let bucket = bucket(state, request.bucket).await?.name;
    let id = request.job_id.unwrap_or_default();
    let job = state.store.job(&id).await?;
    if !is_of(&job, &bucket) {
        return Err(StoreError::NoSuchJob(id).into());
    }
    state.store.cancel_job(&id).await?;
    Ok(CancelJobResponse::new())
}

fn is_of(job: &store::Job, bucket: &str) -> bool {
    job.service == Service::Ci && job.bucket.as_deref() == Some(bucket)
}

fn is_of_files(job: &store::Job) -> bool {
    job.id.starts_with(id_prefix(Processing::File))
}

fn details(jobs: &[store::Job]) -> Result<Vec<Job>, Fault> {
    jobs.iter()
        .map(envelope::job)
        .collect::<Result<_, _>>()
        .map_err(|error| Fault::internal(Protocol::Ci, error.to_string()))
}

fn filter(request: ListJobsRequest, bucket: &str) -> Result<JobFilter, Fault> {
    for (name, value) in [
        ("workflowId", &request.workflow_id),
        ("inventoryTriggerJobId", &request.inventory_trigger_job_id),
        ("inputObject", &request.input_object),
    ] {
        if value.as_deref().is_some_and(|value| !value.is_empty()) {
            return Err(fault::not_built(format!(
                "the local cloud cannot list jobs by {name}; leave it out"
            )));
        }
    }
    let size = request.size.unwrap_or(10);
    Ok(JobFilter {
        service: Some(Service::Ci),
        bucket: Some(bucket.to_owned()),
        queue_id: request.queue_id,
        tag: request.tag,
        states: states(request.states.as_deref())?,
        created_from: moment("startCreationTime", request.start_creation_time.as_ref())?,
        // The time has no fraction: all of its second is meant.
        created_until: moment("endCreationTime", request.end_creation_time.as_ref())?
            .map(|until| until.saturating_add(999)),
        order: match request.order_by_time {
            Some(TimeOrder::Asc) => JobOrder::Ascending,
            _ => JobOrder::Descending,
        },
        size: u32::try_from(size).unwrap_or(u32::MAX),
        token: request.next_token.filter(|token| !token.is_empty()),
    })
}

fn states(text: Option<&str>) -> Result<Vec<JobState>, Fault> {
    let words = words(text);
    if words.iter().any(|word| word == "All") {
        return Ok(Vec::new());
    }
    let known = |word: &String| {
        STATES
            .into_iter()
            .find(|state| state.to_string() == *word)
            .ok_or_else(|| {
                let all = STATES.map(|state| state.to_string()).join(", ");
                fault::invalid(format!(
                    "states: {word} is no state; use All or some of {all}"
                ))
            })
    };
    words.iter().map(known).collect()
}

/// The time a parameter names, in Unix milliseconds.
fn moment(name: &str, time: Option<&Timestamp>) -> Result<Option<i64>, Fault> {
    let Some(time) = time.filter(|time| !time.as_str().is_empty()) else {
        return Ok(None);
    };
    let Some(seconds) = time.unix_seconds() else {
        return Err(fault::invalid(format!(
            "{name}: {time} is no time; write it like 2024-05-06T00:00:00+0800"
        )));
    };
    Ok(Some(seconds.saturating_mul(1000)))
}
