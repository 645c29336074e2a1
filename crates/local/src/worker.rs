//! Runs jobs: claims them, keeps the claim alive while they run, ends them.

mod thread;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tcloud_core::credentials::BoxFuture;
use tokio::pin;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::state::State;
use crate::store::{ClaimedJob, Effect, Outcome, Service, Store, StoreError, new_id};

pub(crate) use thread::on_thread;

/// How long a claim lasts without being extended, in milliseconds.
const LEASE: i64 = 60_000;
/// How often a running job's claim is extended: often enough to miss one time.
const EXTENSION: Duration = Duration::from_secs(20);
/// How often to look for jobs that give no signal: those put off, those whose lease has ended.
const POLL: Duration = Duration::from_secs(1);
/// How often a job is begun before it is taken to bring its worker down.
const MAX_ATTEMPTS: u32 = 5;
/// How long a job waits that could not be ended, in milliseconds for each attempt so far.
const RETRY_DELAY: i64 = 2_000;

/// How a job ends: its outcome and the changes that come with it.
pub(crate) type Finish = (Outcome, Vec<Effect>);

/// Runs the jobs of one service.
pub(crate) trait Step: Send + Sync {
    /// The service whose jobs it runs.
    fn service(&self) -> Service;

    /// Does the work of `job`. It may be called again for the same job after a crash, so whatever
    /// others can see belongs into the effects.
    ///
    /// The future is dropped when the job's deadline passes, so work that computes for long runs
    /// by [`on_thread`], which nobody has to wait for.
    fn run<'a>(&'a self, job: &'a ClaimedJob) -> BoxFuture<'a, Finish>;

    /// Ends a job that could not be run.
    fn fail(&self, job: &ClaimedJob, code: &str, message: String) -> Finish {
        let _ = job;
        (failed(code, message), Vec::new())
    }

    /// Ends a job that was to end with `outcome`, but one of whose effects met `error`.
    fn revise(&self, job: &ClaimedJob, outcome: Outcome, error: &StoreError) -> Finish {
        let _ = outcome;
        self.fail(job, "InternalError", error.to_string())
    }
}

/// Claims and runs jobs until `shutdown`, then lets those that run end within the grace period and
/// gives back the others.
pub(crate) async fn run(state: Arc<State>, steps: Vec<Arc<dyn Step>>, shutdown: CancellationToken) {
    let worker = || Worker {
        store: &state.store,
        steps: &steps,
        name: new_id("worker-"),
        deadline: state.settings.job_deadline,
        shutdown: &shutdown,
        grace: state.settings.shutdown_grace,
    };
    let workers = (0..state.settings.workers).map(|_| work(worker()));
    tokio::join!(join_all(workers), release(&state.store, &shutdown));
}

async fn work(worker: Worker<'_>) {
    let shutdown = worker.shutdown;
    while !shutdown.is_cancelled() {
        match worker.next().await {
            Ok(true) => {}
            Ok(false) => tokio::select! {
                () = shutdown.cancelled() => {}
                () = worker.store.wait_for_work() => {}
                () = sleep(POLL) => {}
            },
            Err(error) => {
                tracing::error!(%error, "cannot claim a job");
                pause(shutdown).await;
            }
        }
    }
}

/// Gives jobs whose worker has fallen silent to the others.
async fn release(store: &Store, shutdown: &CancellationToken) {
    while !shutdown.is_cancelled() {
        match store.release_expired_claims().await {
            Ok(0) => {}
            Ok(jobs) => tracing::warn!(jobs, "jobs were abandoned and wait to be run again"),
            Err(error) => tracing::error!(%error, "cannot look for abandoned jobs"),
        }
        pause(shutdown).await;
    }
}

async fn pause(shutdown: &CancellationToken) {
    tokio::select! {
        () = shutdown.cancelled() => {}
        () = sleep(POLL) => {}
    }
}

struct Worker<'a> {
    store: &'a Store,
    steps: &'a [Arc<dyn Step>],
    name: String,
    /// How long the work of one job may take.
    deadline: Duration,
    shutdown: &'a CancellationToken,
    /// How long a job may go on after the shutdown has begun.
    grace: Duration,
}

impl Worker<'_> {
    /// Runs the next job to its end and tells whether there was one.
    async fn next(&self) -> Result<bool, StoreError> {
        let Some(claim) = self.store.claim_job(&self.name, LEASE).await? else {
            return Ok(false);
        };
        let id = claim.job.id.as_str();
        match self.run(&claim).await {
            Ok(()) => {}
            Err(error @ StoreError::StaleClaim { .. }) => {
                tracing::warn!(%error, "the job was taken over");
            }
            Err(error) => {
                tracing::error!(job = id, %error, "cannot end the job; it is put off");
                let delay = RETRY_DELAY.saturating_mul(claim.job.attempt.into());
                let run_at = self.store.now().saturating_add(delay);
                if let Err(error) = self.store.retry_job(&claim, run_at).await {
                    // Its lease ends by itself.
                    tracing::error!(job = id, %error, "cannot put the job off");
                }
            }
        }
        Ok(true)
    }

    async fn run(&self, claim: &ClaimedJob) -> Result<(), StoreError> {
        let job = &claim.job;
        let Some(step) = self.steps.iter().find(|step| step.service() == job.service) else {
            let outcome = failed("InternalError", "nothing here runs such jobs".to_owned());
            return self
                .store
                .finish_job(claim, outcome, Vec::new())
                .await
                .map(drop);
        };
        let finish = if job.attempt > MAX_ATTEMPTS {
            let message = format!("the job was begun {MAX_ATTEMPTS} times and never ended");
            step.fail(claim, "InternalError", message)
        } else {
            match self.attempt(step.as_ref(), claim).await? {
                Some(finish) => finish,
                None => return self.store.retry_job(claim, self.store.now()).await,
            }
        };
        self.end(step.as_ref(), claim, finish).await
    }

    /// Runs `step` for as long as the claim can be held, the deadline has not passed and the
    /// process goes on. `None` if the shutdown came first: the job is to be run again.
    async fn attempt(
        &self,
        step: &dyn Step,
        claim: &ClaimedJob,
    ) -> Result<Option<Finish>, StoreError> {
        let job = claim.job.id.as_str();
        // The step is not used after a panic other than to describe the failure.
        let mut running = AssertUnwindSafe(step.run(claim)).catch_unwind();
        let deadline = sleep(self.deadline);
        let shutdown = async {
            self.shutdown.cancelled().await;
            sleep(self.grace).await;
        };
        pin!(deadline, shutdown);
        let mut extension = interval(EXTENSION);
        extension.set_missed_tick_behavior(MissedTickBehavior::Delay);
        extension.tick().await;
        loop {
            tokio::select! {
                finish = &mut running => {
                    return Ok(Some(finish.unwrap_or_else(|_| {
                        let message = "the job broke off; see the log of the local cloud";
                        step.fail(claim, "InternalError", message.to_owned())
                    })));
                }
                () = &mut deadline => {
                    let seconds = self.deadline.as_secs_f64();
                    tracing::warn!(job, seconds, "the job passed its deadline and is given up");
                    let message = format!(
                        "the job did not end within {seconds} s; if it needs longer, start the \
                         local cloud with a later job deadline"
                    );
                    return Ok(Some(step.fail(claim, "InternalError", message)));
                }
                () = &mut shutdown => {
                    tracing::warn!(job, "the job did not end in time; it goes on at the next start");
                    return Ok(None);
                }
                _ = extension.tick() => self.store.extend_claim(claim, LEASE).await?,
            }
        }
    }

    async fn end(
        &self,
        step: &dyn Step,
        claim: &ClaimedJob,
        (outcome, effects): Finish,
    ) -> Result<(), StoreError> {
        let Err(error) = self.store.finish_job(claim, outcome.clone(), effects).await else {
            return Ok(());
        };
        let is_final = matches!(
            error,
            StoreError::NoSuchBucket(_)
                | StoreError::NoSuchObject(_)
                | StoreError::ObjectChanged(_)
        );
        if !is_final {
            return Err(error);
        }
        let (outcome, effects) = step.revise(claim, outcome, &error);
        self.store
            .finish_job(claim, outcome, effects)
            .await
            .map(drop)
    }
}

fn failed(code: &str, message: String) -> Outcome {
    Outcome::Failed {
        code: code.to_owned(),
        message,
        result: None,
    }
}

#[cfg(test)]
mod tests;
