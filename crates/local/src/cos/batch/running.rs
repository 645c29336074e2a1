//! How a job gets from its list to its end.
//!
//! A process runs one job at a time, a few objects in one go. Then it looks again: a job of a higher
//! priority is run instead, and the other one is paused.

use std::sync::Arc;
use std::time::Duration;

use tcloud_core::server::Fault;
use tcloud_cos::operation::create_job::CreateJobRequest;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::fault::Met;
use super::manifest::{List, MOST, invalid};
use super::report;
use super::request::asked;
use super::task::{Work, failed};
use crate::state::State;
use crate::store::{BatchJob, BatchStatus, BatchTask, StoreError};

/// How often it is looked for jobs that nobody has told of: those that another process has left behind.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How many objects are worked on in one go.
const CHUNK: u32 = 16;
/// How many lines of a list are read and kept in one go.
const LINES: usize = 500;
/// How often a task is begun again because its object was just replaced.
const RETRIES: u32 = 3;
/// After how many tasks it is looked whether too many fail.
const ENOUGH: i64 = 1000;

/// Goes on with jobs until `shutdown`, which does not wait for it: the rest is done later.
pub(crate) async fn keep(state: Arc<State>, shutdown: CancellationToken) {
    let keeping = async {
        loop {
            // Boxed: it holds the futures of all that is done to an object.
            match Box::pin(step(&state)).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::error!(%error, "cannot go on with a batch job"),
            }
            tokio::select! {
                () = state.batch.notified() => {}
                () = sleep(LOOK_EVERY) => {}
            }
        }
    };
    shutdown.run_until_cancelled(keeping).await;
}

/// Goes on with the job whose turn it is, and returns whether there is one.
///
/// # Errors
///
/// The state cannot be read or written. What was not done is done later.
pub(super) async fn step(state: &State) -> Result<bool, StoreError> {
    let Some(job) = state.store.next_batch_job().await? else {
        return Ok(false);
    };
    match advance(state, &job).await {
        // It was given up meanwhile, or another process has it.
        Ok(()) | Err(StoreError::StaleClaim { .. }) => Ok(true),
        Err(error) => Err(error),
    }
}

async fn advance(state: &State, job: &BatchJob) -> Result<(), StoreError> {
    let store = &state.store;
    let asked = match asked(job) {
        Ok(asked) => asked,
        Err(fault) => return end_badly(state, job, &fault).await,
    };
    match job.status {
        BatchStatus::New => store.move_batch_job(job, BatchStatus::Preparing).await,
        BatchStatus::Preparing => match prepare(state, job, &asked).await {
            Err(Met::Fault(fault)) => end_badly(state, job, &fault).await,
            Err(Met::Store(error)) => Err(error),
            Ok(()) => Ok(()),
        },
        BatchStatus::Ready | BatchStatus::Paused => store.begin_batch_job(job).await,
        BatchStatus::Active => work(state, job, &asked).await,
        BatchStatus::Completing => finish(state, job, &asked, BatchStatus::Complete).await,
        BatchStatus::Cancelling => finish(state, job, &asked, BatchStatus::Cancelled).await,
        BatchStatus::Failing => finish(state, job, &asked, BatchStatus::Failed).await,
        // None of these is run.
        BatchStatus::Suspended
        | BatchStatus::Complete
        | BatchStatus::Cancelled
        | BatchStatus::Failed => Ok(()),
    }
}

/// Ends a job whose list was not read to its end: there is nothing to report.
async fn end_badly(state: &State, job: &BatchJob, fault: &Fault) -> Result<(), StoreError> {
    tracing::warn!(job = job.id, %fault, "the batch job has failed");
    let why = Some((fault.code.as_str(), fault.message.as_str()));
    state
        .store
        .end_batch_job(job, BatchStatus::Failed, why, &[])
        .await
}

/// Reads the list.
async fn prepare(state: &State, job: &BatchJob, asked: &CreateJobRequest) -> Result<(), Met> {
    let store = &state.store;
    store.restart_batch_list(job).await?;
    let work = Work::new(state, &job.region, asked)?;
    let mut list = List::open(state, &work, asked).await?;
    let mut total: i64 = 0;
    while let Some(lines) = list.next(state, &work).await? {
        let mut rest = Some(lines);
        while let Some(lines) = rest {
            let taken = lines.take(LINES).await?;
            rest = taken.rest;
            // Without any it is seen all the same whether the job was given up.
            store.add_batch_tasks(job, total, &taken.listed).await?;
            total = total.saturating_add(i64::try_from(taken.listed.len()).unwrap_or(i64::MAX));
            if u64::try_from(total).is_ok_and(|total| total > MOST) {
                let message =
                    format!("it names more than {MOST} objects; divide it among several jobs");
                return Err(invalid(message).into());
            }
        }
    }
    let waits = asked.confirmation_required == Some(true);
    Ok(store.end_batch_list(job, total, waits).await?)
}

/// Does the next tasks.
async fn work(state: &State, job: &BatchJob, asked: &CreateJobRequest) -> Result<(), StoreError> {
    let store = &state.store;
    let tasks = store.batch_tasks_left(job, CHUNK).await?;
    if tasks.is_empty() {
        return store.move_batch_job(job, BatchStatus::Completing).await;
    }
    let done = job.succeeded.saturating_add(job.failed);
    if done >= ENOUGH && job.failed.saturating_mul(2) > done {
        let message = format!("{} of {done} tasks have failed", job.failed);
        return store.fail_batch_job(job, ("JobFailed", &message)).await;
    }
    let work = match Work::new(state, &job.region, asked) {
        Ok(work) => work,
        Err(fault) => {
            let why = (fault.code.as_str(), fault.message.as_str());
            return store.fail_batch_job(job, why).await;
        }
    };
    for task in &tasks {
        do_one(state, job, &work, task).await?;
    }
    Ok(())
}

async fn do_one(
    state: &State,
    job: &BatchJob,
    work: &Work<'_>,
    task: &BatchTask,
) -> Result<(), StoreError> {
    let mut retries = RETRIES;
    let fault = loop {
        let met = match work.plan(task).await {
            Ok(tasked) => match state.store.end_batch_task(job, task.number, &tasked).await {
                Ok(()) => return Ok(()),
                // It was replaced or deleted since it was read.
                Err(StoreError::ObjectChanged(_)) if retries > 0 => {
                    retries -= 1;
                    continue;
                }
                Err(error) => error.into(),
            },
            Err(fault) => fault.into(),
        };
        match met {
            Met::Store(error) => return Err(error),
            Met::Fault(fault) => break fault,
        }
    };
    let tasked = failed(fault);
    state.store.end_batch_task(job, task.number, &tasked).await
}

/// Writes the report and ends the job as `to`; badly, if the report cannot be written.
async fn finish(
    state: &State,
    job: &BatchJob,
    asked: &CreateJobRequest,
    to: BatchStatus,
) -> Result<(), StoreError> {
    let met = match report::write(state, job, asked).await {
        Ok(outputs) => match state.store.end_batch_job(job, to, None, &outputs).await {
            Ok(()) => return Ok(()),
            Err(error) => error.into(),
        },
        Err(met) => met,
    };
    match met {
        Met::Store(error) => Err(error),
        Met::Fault(mut fault) => {
            fault.message = format!("the report cannot be written: {}", fault.message);
            end_badly(state, job, &fault).await
        }
    }
}
