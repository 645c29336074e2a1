//! Random schedules of operations, crashes and lease ends on a simulated clock, compared with a
//! model that keeps everything in a few maps.

mod contents;
mod jobs;
mod objects;
mod step;
mod world;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use self::step::{Step, step};
use self::world::{Place, World};
#[cfg(feature = "postgres")]
use super::cluster::schema;
use crate::clock::Clock;
use crate::store::JobState;
#[cfg(feature = "postgres")]
use crate::store::blobs::Blobs;

impl World {
    async fn run(&mut self, step: Step) {
        match step {
            Step::Job(step) => self.run_job_step(step).await,
            Step::Content(step) => self.run_content_step(step).await,
            Step::Advance { millis } => {
                self.clock.advance(millis);
                #[cfg(feature = "postgres")]
                if let Place::Postgres(..) = &self.place {
                    // Those that live say so, most of the time in time.
                    for store in &self.processes {
                        store.beat().await.unwrap();
                    }
                }
            }
            Step::Release { process } => self.release(process).await,
            Step::Collect { process } => {
                let store = &self.processes[self.process(process)];
                store.collect_garbage().await.unwrap();
            }
            Step::Crash { process } => self.crash(process).await,
        }
    }

    async fn release(&mut self, process: usize) {
        let store = &self.processes[self.process(process)];
        let released = store.release_expired_claims().await.unwrap();
        let mut expected = 0;
        for job in &mut self.jobs {
            if job.state == JobState::Running && job.lease_until <= self.clock.monotonic() {
                job.state = JobState::Submitted;
                expected += 1;
            }
        }
        assert_eq!(released, expected);
        store.take_over_dead_processes().await.unwrap();
    }
}

fn explore(cases: u32, processes: usize, place: impl Fn() -> (Place, Option<TempDir>)) {
    let runtime = Runtime::new().unwrap();
    let mut runner = TestRunner::new(Config::with_cases(cases));
    let schedule = prop::collection::vec(step(), 1..60);
    let explored = runner.run(&schedule, |steps| {
        runtime.block_on(async {
            let (place, folder) = place();
            let mut world = World::new(place, processes, folder).await;
            for step in steps {
                world.run(step).await;
            }
            world.check().await;
        });
        Ok(())
    });
    if let Err(error) = explored {
        panic!("{error}");
    }
}

#[test]
fn a_store_in_memory_does_what_the_model_does() {
    explore(64, 1, || (Place::Memory, None));
}

#[test]
fn a_store_on_disk_does_what_the_model_does() {
    explore(24, 1, || {
        let folder = tempfile::tempdir().unwrap();
        (Place::Folder(folder.path().to_owned()), Some(folder))
    });
}

#[cfg(feature = "postgres")]
#[test]
fn processes_on_postgres_do_what_the_model_does() {
    let runtime = Runtime::new().unwrap();
    explore(24, 3, || {
        let url = std::thread::scope(|scope| {
            let schema = || runtime.block_on(schema());
            scope.spawn(schema).join().unwrap()
        });
        (Place::Postgres(url, Blobs::in_memory(u64::MAX)), None)
    });
}
