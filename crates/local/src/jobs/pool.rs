//! Runs jobs: claims them, keeps the claim alive while they run, ends them. Each class of work has
//! workers of its own, so that a long one does not block the others.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::pin;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use super::control::Control;
use super::handle::ended;
use super::kind::{Finish, Kind, UNAVAILABLE, Work, failed, told};
use crate::state::State;
use crate::store::{ClaimedJob, Job, JobClass, Outcome, Store, StoreError, new_id};

/// How often a claim is extended within the time that it lasts: often enough to miss some.
const EXTENSIONS: u32 = 6;
/// How often to look for jobs that give no signal: those put off, those whose lease has ended.
const POLL: Duration = Duration::from_secs(1);
/// After how many attempts a job is assumed to crash its worker.
const MAX_ATTEMPTS: u32 = 5;
/// How long a job waits that could not be ended, in milliseconds for each attempt so far.
const RETRY_DELAY: i64 = 2_000;

/// Claims and runs jobs until `shutdown`, then lets those that run end within the grace period and
/// gives back the others.
pub(crate) async fn run(
    state: Arc<State>,
    kinds: Arc<[Arc<dyn Kind>]>,
    control: Arc<Control>,
    shutdown: CancellationToken,
) {
    let worker = |class| Worker {
        store: &state.store,
        kinds: &kinds,
        control: &control,
        class,
        name: new_id("worker-"),
        lease: state.settings.lease,
        deadline: state.settings.job_deadline,
        shutdown: &shutdown,
        grace: state.settings.shutdown_grace,
    };
    let workers = JobClass::ALL
        .into_iter()
        .flat_map(|class| (0..state.settings.workers).map(move |_| class))
        .map(|class| work(worker(class)));
    tokio::join!(join_all(workers), release(&state.store, &shutdown));
}

async fn work(worker: Worker<'_>) {
    let shutdown = worker.shutdown;
    while !shutdown.is_cancelled() {
        match worker.next().await {
            Ok(true) => {}
            Ok(false) => tokio::select! {
                () = shutdown.cancelled() => {}
                () = worker.store.wait_for_work(worker.class) => {}
                () = sleep(POLL) => {}
            },
            Err(error) => {
                tracing::error!(%error, "cannot claim a job");
                pause(shutdown).await;
            }
        }
    }
}

/// Gives jobs whose worker no longer responds to the others.
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

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

struct Worker<'a> {
    store: &'a Store,
    kinds: &'a [Arc<dyn Kind>],
    /// What is said of jobs by hand.
    control: &'a Control,
    /// The class of the jobs it runs.
    class: JobClass,
    name: String,
    /// How long a claim lasts without being extended.
    lease: Duration,
    /// How long the work of one job may take.
    deadline: Duration,
    shutdown: &'a CancellationToken,
    /// How long a job may continue after the shutdown has begun.
    grace: Duration,
}

impl Worker<'_> {
    /// Runs the next job to its end and returns whether there was one.
    async fn next(&self) -> Result<bool, StoreError> {
        let mut changes = self.store.changes();
        let Some(claim) = self.claim().await? else {
            return Ok(false);
        };
        let id = claim.job.id.as_str();
        match self.run(&claim, &mut changes).await {
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

    /// Claims the next job: one that was held and is to be run, or one that is not held.
    async fn claim(&self) -> Result<Option<ClaimedJob>, StoreError> {
        let lease = millis(self.lease);
        while let Some(id) = self.control.next_to_go(self.class) {
            let claim = self.store.claim_by_id(&id, true, &self.name, lease).await?;
            if claim.is_some() {
                return Ok(claim);
            }
        }
        let held = |job: &Job| self.control.holds(job);
        let claim = self
            .store
            .claim_job_unless(self.class, &self.name, lease, held);
        claim.await
    }

    async fn run(
        &self,
        claim: &ClaimedJob,
        changes: &mut watch::Receiver<()>,
    ) -> Result<(), StoreError> {
        let job = &claim.job;
        let kind = self.kinds.iter().find(|kind| kind.serves(job));
        let begun = match kind {
            Some(kind) => kind
                .begin(job)
                .map_err(|error| format!("the job is kept in a form that is not known: {error}")),
            None => Err("nothing here runs such jobs".to_owned()),
        };
        let work = match begun {
            Ok(work) => work,
            Err(message) => {
                let outcome = failed("InternalError", message);
                let ended = self.store.finish_job(claim, &outcome, &[]);
                return ended.await.map(drop);
            }
        };
        let forced = kind.and_then(|kind| Some(ended(&**kind, &*work, &self.control.forces(job)?)));
        let finish = if let Some(forced) = forced {
            forced
        } else if job.attempt > MAX_ATTEMPTS {
            let message = format!("the job was begun {MAX_ATTEMPTS} times and never ended");
            work.fail("InternalError", message)
        } else {
            loop {
                match self.attempt(&*work, claim, changes).await? {
                    Some(finish) if is_outage(&finish) => {
                        tracing::warn!(job = job.id, "the store cannot be reached; the job waits");
                        if !self.wait(claim).await? {
                            return self.store.retry_job(claim, self.store.now()).await;
                        }
                    }
                    Some(finish) => break finish,
                    None => return self.store.retry_job(claim, self.store.now()).await,
                }
            }
        };
        self.end(&*work, claim, finish).await
    }

    /// Does `work` for as long as the claim can be held, the deadline has not passed and the
    /// process continues. `None` if the shutdown came first: the job is to be run again.
    async fn attempt(
        &self,
        work: &dyn Work,
        claim: &ClaimedJob,
        changes: &mut watch::Receiver<()>,
    ) -> Result<Option<Finish>, StoreError> {
        let job = claim.job.id.as_str();
        // The work is not used after a panic other than to describe the failure.
        let mut running = AssertUnwindSafe(work.run()).catch_unwind();
        let deadline = sleep(self.deadline);
        let shutdown = async {
            self.shutdown.cancelled().await;
            sleep(self.grace).await;
        };
        pin!(deadline, shutdown);
        let mut extension = interval(self.lease / EXTENSIONS);
        extension.set_missed_tick_behavior(MissedTickBehavior::Delay);
        extension.tick().await;
        loop {
            tokio::select! {
                finish = &mut running => {
                    return Ok(Some(finish.unwrap_or_else(|_| {
                        let message = "the job broke off; see the log of the local cloud";
                        work.fail("InternalError", message.to_owned())
                    })));
                }
                () = &mut deadline => {
                    let seconds = self.deadline.as_secs_f64();
                    tracing::warn!(job, seconds, "the job passed its deadline and is given up");
                    let message = format!(
                        "the job did not end within {seconds} s; if it needs longer, start the \
                         local cloud with a later job deadline"
                    );
                    return Ok(Some(work.fail("InternalError", message)));
                }
                () = &mut shutdown => {
                    tracing::warn!(job, "the job did not end in time; it continues at the next start");
                    return Ok(None);
                }
                _ = extension.tick() => self.extend(claim).await?,
                // The job may be gone, with all others.
                Ok(()) = changes.changed() => self.extend(claim).await?,
            }
        }
    }

    async fn end(
        &self,
        work: &dyn Work,
        claim: &ClaimedJob,
        (outcome, effects): Finish,
    ) -> Result<(), StoreError> {
        let finish = told(work, (outcome.clone(), effects), self.store.now());
        let Err(error) = self.finish(claim, &finish).await else {
            return Ok(());
        };
        let is_final = matches!(
            error,
            StoreError::NoSuchBucket(_)
                | StoreError::NoSuchObject(_)
                | StoreError::ObjectChanged(_)
                | StoreError::ObjectLocked { .. }
        );
        if !is_final {
            return Err(error);
        }
        let finish = told(work, work.revise(outcome, &error), self.store.now());
        self.finish(claim, &finish).await
    }

    /// Ends the job, waiting for a store that cannot be reached.
    async fn finish(&self, claim: &ClaimedJob, told: &Finish) -> Result<(), StoreError> {
        loop {
            match self.store.finish_job(claim, &told.0, &told.1).await {
                Err(error) if error.is_outage() => {
                    tracing::warn!(job = claim.job.id, %error, "the job waits to be ended");
                    if !self.wait(claim).await? {
                        return Err(error);
                    }
                }
                finished => return finished.map(drop),
            }
        }
    }

    /// Waits a moment, for a store that cannot be reached. `false` if the process ends.
    async fn wait(&self, claim: &ClaimedJob) -> Result<bool, StoreError> {
        tokio::select! {
            () = self.shutdown.cancelled() => Ok(false),
            () = sleep(POLL) => self.extend(claim).await.map(|()| true),
        }
    }

    /// Lets the claim last. A store that cannot be reached gives it to nobody else meanwhile, or
    /// says so when it is back.
    async fn extend(&self, claim: &ClaimedJob) -> Result<(), StoreError> {
        match self.store.extend_claim(claim, millis(self.lease)).await {
            Err(error) if error.is_outage() => Ok(()),
            extended => extended,
        }
    }
}

fn is_outage((outcome, _): &Finish) -> bool {
    matches!(outcome, Outcome::Failed { code, .. } if code == UNAVAILABLE)
}

#[cfg(test)]
mod tests;
