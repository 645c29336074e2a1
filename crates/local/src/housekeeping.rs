//! What is done from time to time: forgetting old jobs, deleting what crashes left behind, and what
//! settings of buckets ask for.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::cos::background::{self, When};
use crate::cos::batch;
use crate::state::State;

/// How often old jobs are looked for.
const PRUNE_EVERY: Duration = Duration::from_mins(1);
/// How often leftover content is looked for, which looks at every file.
const SWEEP_EVERY: Duration = Duration::from_hours(1);

/// Does so until `shutdown`, which does not wait for it: the rest is done next time.
pub(crate) async fn run(state: Arc<State>, shutdown: CancellationToken) {
    shutdown.run_until_cancelled(keep(&state)).await;
}

async fn keep(state: &State) {
    let mut next_sweep = Instant::now();
    loop {
        prune(state).await;
        if let Err(error) = background::run(state, When::Due).await {
            tracing::error!(%error, "cannot do what settings of buckets ask for");
        }
        if Instant::now() >= next_sweep {
            sweep(state).await;
            next_sweep = Instant::now() + SWEEP_EVERY;
        }
        sleep(PRUNE_EVERY).await;
    }
}

async fn prune(state: &State) {
    let settings = &state.settings;
    let age = i64::try_from(settings.job_retention.as_millis()).unwrap_or(i64::MAX);
    let ended_before = state.store.now().saturating_sub(age);
    let pruned = state
        .store
        .prune_jobs(ended_before, settings.max_finished_jobs);
    match pruned.await {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "old jobs were forgotten"),
        Err(error) => tracing::error!(%error, "cannot forget old jobs"),
    }
    let before = state.store.now().saturating_sub(batch::KEPT);
    if let Err(error) = state.store.prune_batch_jobs(before).await {
        tracing::error!(%error, "cannot forget old batch jobs");
    }
}

async fn sweep(state: &State) {
    match state.store.collect_garbage().await {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "content that no object names was deleted"),
        Err(error) => tracing::error!(%error, "cannot delete content that no object names"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::cam::Directory;
    use crate::clock::ManualClock;
    use crate::store::{JobClass, JobFilter, NewJob, Service, Store, new_id};

    const DAY: i64 = 24 * 60 * 60 * 1000;

    async fn cancelled_job(store: &Store) {
        let job = NewJob {
            id: new_id("c"),
            service: Service::Ci,
            tag: "ImageInspect".into(),
            class: JobClass::Picture,
            bucket: None,
            region: "ap-chongqing".into(),
            queue_id: None,
            level: 0,
            request: String::new(),
            session: None,
            callback_url: None,
            callback_format: None,
        };
        store.submit_job(&job).await.unwrap();
        store.cancel_job(&job.id).await.unwrap();
    }

    async fn jobs(store: &Store) -> usize {
        let page = store.list_jobs(&JobFilter::default()).await.unwrap();
        page.jobs.len()
    }

    #[tokio::test]
    async fn jobs_are_forgotten_after_a_month_or_when_there_are_too_many() {
        let clock = Arc::new(ManualClock::new(DAY));
        let store = Store::ephemeral_with_clock(clock.clone()).await.unwrap();
        let state = |settings| State::new(store.clone(), Directory::fixture(), settings);
        let default = state(Settings::default());
        for _ in 0..3 {
            cancelled_job(&store).await;
        }
        clock.advance(30 * DAY);
        prune(&default).await;
        assert_eq!(jobs(&store).await, 3);
        prune(&state(Settings::default().max_finished_jobs(2))).await;
        assert_eq!(jobs(&store).await, 2);
        clock.advance(1);
        prune(&default).await;
        assert_eq!(jobs(&store).await, 0);
    }

    #[tokio::test]
    async fn the_house_is_kept_from_the_start_until_the_end() {
        let store = Store::ephemeral().await.unwrap();
        cancelled_job(&store).await;
        let settings = Settings::default().max_finished_jobs(0);
        let state = Arc::new(State::new(store.clone(), Directory::fixture(), settings));
        let shutdown = CancellationToken::new();
        let keeping = tokio::spawn(run(state, shutdown.clone()));
        while jobs(&store).await > 0 {
            tokio::task::yield_now().await;
        }
        shutdown.cancel();
        keeping.await.unwrap();
    }
}
