//! The order in which jobs run, and that none is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tcloud_ci::types::JobState;
use tcloud_inspect::demo;
use tcloud_local::Clock;
use tcloud_local::{AuthMode, Settings};

use crate::fixture::Fixture;

/// A clock on which every look takes a second, so that no two times are equal.
#[derive(Debug)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> i64 {
        self.0.fetch_add(1000, Ordering::Relaxed)
    }

    fn monotonic(&self) -> i64 {
        self.now()
    }
}

#[tokio::test]
async fn jobs_outlive_the_cloud_and_run_by_level_then_by_age() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(Ticking(AtomicI64::new(1_700_000_000_000)));
    let settings = Settings::default()
        .folder(folder.path())
        .auth(AuthMode::Off)
        .clock(clock);

    let mut ids = Vec::new();
    {
        let idle = Fixture::ready(settings.clone().workers(0)).await;
        idle.put("a.png", demo::clean_png()).await;
        for level in [0, 2, 1, 2, 0] {
            let job = idle.submit(idle.inspection("a.png").job_level(level)).await;
            ids.push(job.job_id.unwrap());
        }
        idle.cloud.shutdown().await;
    }

    let fixture = Fixture::start(settings.workers(1)).await;
    let mut begun = Vec::new();
    for id in &ids {
        let job = fixture.wait(id).await.unwrap();
        assert_eq!(job.state, Some(JobState::Success));
        begun.push((job.start_time.unwrap().unix_seconds().unwrap(), id));
    }
    begun.sort();
    let order: Vec<_> = begun.into_iter().map(|(_, id)| id).collect();
    assert_eq!(order, [1, 3, 2, 0, 4].map(|index| &ids[index]));
    fixture.cloud.shutdown().await;
}
