use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, mpsc};

use tcloud_core::codec::CodecError;
use tcloud_core::future::BoxFuture;
use tokio::sync::Notify;

use super::*;
use crate::Settings;
use crate::cam::Directory;
use crate::clock::ManualClock;
use crate::jobs::{JobKind, kind, on_thread};
use crate::store::{Acl, Effect, Job, JobClass, JobState, NewJob, ObjectName, Outcome, Service};

/// A lease no test lets run out by accident.
const LEASE: i64 = 60_000;

const BUCKET: &str = "examplebucket-1250000000";

/// A kind whose job is whatever `run` does.
struct Test<F>(F);

impl<F> JobKind for Test<F>
where
    F: Fn() -> BoxFuture<'static, Finish> + Send + Sync + 'static,
{
    const SERVICE: Service = Service::Ci;
    const TAG: &'static str = "ImageInspect";
    type Request = ();

    fn decode(&self, _: &str) -> Result<(), CodecError> {
        Ok(())
    }

    async fn run(&self, _: &Job, (): &()) -> Finish {
        (self.0)().await
    }

    fn revise(&self, _: &Job, (): &(), _: Outcome, error: &StoreError) -> Finish {
        let result = format!("but {error}");
        (Outcome::Success { result }, Vec::new())
    }
}

fn test(run: impl Fn() -> BoxFuture<'static, Finish> + Send + Sync + 'static) -> Arc<dyn Kind> {
    kind(Test(run))
}

fn state(store: &Store, settings: Settings) -> Arc<State> {
    Arc::new(State::new(store.clone(), Directory::fixture(), settings))
}

fn done() -> Outcome {
    Outcome::Success {
        result: "done".to_owned(),
    }
}

async fn store() -> Store {
    let store = Store::ephemeral_with_clock(Arc::new(ManualClock::new(0)))
        .await
        .unwrap();
    store
        .create_bucket(BUCKET, "ap-chongqing", Acl::Private)
        .await
        .unwrap();
    store
}

async fn submit(store: &Store) -> String {
    submit_of(store, JobClass::Picture).await
}

async fn submit_of(store: &Store, class: JobClass) -> String {
    let job = NewJob {
        id: new_id("c"),
        service: Service::Ci,
        tag: "ImageInspect".into(),
        class,
        bucket: Some(BUCKET.into()),
        region: "ap-chongqing".into(),
        queue_id: None,
        level: 0,
        request: String::new(),
        session: None,
        callback_url: None,
        callback_format: None,
    };
    store.submit_job(&job).await.unwrap();
    job.id
}

/// A worker no deadline and no shutdown interrupts.
fn worker<'a>(
    store: &'a Store,
    kinds: &'a [Arc<dyn Kind>],
    shutdown: &'a CancellationToken,
) -> Worker<'a> {
    Worker {
        store,
        kinds,
        class: JobClass::Picture,
        // Nothing is said of any job.
        control: Box::leak(Box::default()),
        name: "worker".to_owned(),
        lease: Duration::from_mins(2),
        deadline: Duration::from_hours(1),
        shutdown,
        grace: Duration::from_hours(1),
    }
}

/// Runs the only job with `kinds` and returns it as it ended.
async fn ended(store: &Store, kinds: &[Arc<dyn Kind>]) -> Job {
    let id = submit(store).await;
    let shutdown = CancellationToken::new();
    let worker = worker(store, kinds, &shutdown);
    assert!(worker.next().await.unwrap());
    assert!(!worker.next().await.unwrap());
    store.job(&id).await.unwrap()
}

#[tokio::test]
async fn a_job_ends_as_its_kind_says() {
    let only = test(|| Box::pin(async { (done(), Vec::new()) }));
    let job = ended(&store().await, &[only]).await;
    assert_eq!(job.state, JobState::Success);
    assert_eq!(job.result.as_deref(), Some("done"));
}

#[tokio::test]
async fn a_panic_fails_the_job_and_spares_the_worker() {
    let only = test(|| Box::pin(async { panic!("out of reach") }));
    let job = ended(&store().await, &[only]).await;
    assert_eq!(job.state, JobState::Failed);
    assert_eq!(job.code.as_deref(), Some("InternalError"));
}

#[tokio::test]
async fn a_job_of_no_known_kind_fails() {
    let job = ended(&store().await, &[]).await;
    assert_eq!(job.state, JobState::Failed);
}

#[tokio::test]
async fn an_effect_that_cannot_be_made_revises_the_end() {
    let only = test(|| {
        let effect = Effect::MoveObject {
            from: ObjectName::new(BUCKET, "gone"),
            to: ObjectName::new(BUCKET, "moved"),
            if_etag: None,
        };
        Box::pin(async { (done(), vec![effect]) })
    });
    let job = ended(&store().await, &[only]).await;
    assert_eq!(job.state, JobState::Success);
    let result = job.result.unwrap();
    assert!(
        result.starts_with("but object") && result.contains("gone"),
        "{result}"
    );
}

#[tokio::test]
async fn a_job_that_never_ends_is_begun_five_times() {
    let store = store().await;
    let id = submit(&store).await;
    for _ in 0..MAX_ATTEMPTS {
        let claim = store
            .claim_job(JobClass::Picture, "killed", LEASE)
            .await
            .unwrap()
            .unwrap();
        store.retry_job(&claim, 0).await.unwrap();
    }
    let kinds = [test(|| {
        Box::pin(async { unreachable!("begun a sixth time") })
    })];
    let shutdown = CancellationToken::new();
    let worker = worker(&store, &kinds, &shutdown);
    assert!(worker.next().await.unwrap());
    let job = store.job(&id).await.unwrap();
    assert_eq!(job.state, JobState::Failed);
    assert_eq!(
        job.message.as_deref(),
        Some("the job was begun 5 times and never ended")
    );
}

#[tokio::test(start_paused = true)]
async fn a_job_outlasts_a_store_that_cannot_be_reached() {
    let away = 3 * MAX_ATTEMPTS;
    let tries = Arc::new(AtomicU32::new(0));
    let only = test({
        let tries = Arc::clone(&tries);
        move || {
            let is_back = tries.fetch_add(1, Ordering::Relaxed) >= away;
            let outcome = if is_back {
                done()
            } else {
                failed(UNAVAILABLE, "the bucket is away".to_owned())
            };
            Box::pin(async { (outcome, Vec::new()) })
        }
    });
    let job = ended(&store().await, &[only]).await;
    assert_eq!(job.state, JobState::Success);
    assert_eq!(job.attempt, 1);
    assert_eq!(tries.load(Ordering::Relaxed), away + 1);
}

#[tokio::test]
async fn a_shutdown_waits_for_the_job_that_runs_and_begins_no_other() {
    let store = store().await;
    let first = submit(&store).await;
    let second = submit(&store).await;
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let waiting = test({
        let (begun, go_on) = (begun.clone(), go_on.clone());
        move || {
            let (begun, go_on) = (begun.clone(), go_on.clone());
            Box::pin(async move {
                begun.notify_one();
                go_on.notified().await;
                (done(), Vec::new())
            })
        }
    });
    let shutdown = CancellationToken::new();
    let settings = Settings::default().workers(1);
    let workers = tokio::spawn(run(
        state(&store, settings),
        vec![waiting].into(),
        Arc::default(),
        shutdown.clone(),
    ));
    begun.notified().await;
    shutdown.cancel();
    go_on.notify_one();
    workers.await.unwrap();
    assert_eq!(store.job(&first).await.unwrap().state, JobState::Success);
    assert_eq!(store.job(&second).await.unwrap().state, JobState::Submitted);
}

/// A kind whose first job computes for as long as `held` has a sender, and whose other jobs end at
/// once. `begun` hears of each.
fn stubborn(begun: Arc<Notify>, held: mpsc::Receiver<()>) -> Arc<dyn Kind> {
    let held = Mutex::new(Some(held));
    test(move || {
        begun.notify_one();
        let held = held.lock().unwrap().take();
        Box::pin(async move {
            if let Some(held) = held {
                // Deaf to being cancelled.
                let _ = on_thread(move |_| held.recv()).await;
            }
            (done(), Vec::new())
        })
    })
}

/// Time passes when nothing else happens, so the job has begun by the deadline.
#[tokio::test(start_paused = true)]
async fn a_job_past_its_deadline_fails_and_frees_its_worker() {
    let store = store().await;
    let first = submit(&store).await;
    let second = submit(&store).await;
    let (_hold, held) = mpsc::channel();
    let kinds = [stubborn(Arc::default(), held)];
    let shutdown = CancellationToken::new();
    let worker = Worker {
        deadline: Duration::from_millis(20),
        ..worker(&store, &kinds, &shutdown)
    };
    assert!(worker.next().await.unwrap());
    let job = store.job(&first).await.unwrap();
    assert_eq!(job.state, JobState::Failed);
    let message = job.message.unwrap();
    assert!(message.contains("did not end within 0.02 s"), "{message}");
    let worker = Worker {
        deadline: Duration::from_hours(1),
        ..worker
    };
    assert!(worker.next().await.unwrap());
    assert_eq!(store.job(&second).await.unwrap().state, JobState::Success);
}

#[tokio::test]
async fn a_shutdown_gives_back_the_job_that_does_not_end() {
    let store = store().await;
    let id = submit(&store).await;
    let (_hold, held) = mpsc::channel();
    let begun = Arc::new(Notify::new());
    let kinds = vec![stubborn(begun.clone(), held)];
    let shutdown = CancellationToken::new();
    let settings = Settings::default()
        .workers(1)
        .shutdown_grace(Duration::from_millis(20));
    let workers = tokio::spawn(run(
        state(&store, settings),
        kinds.into(),
        Arc::default(),
        shutdown.clone(),
    ));
    begun.notified().await;
    shutdown.cancel();
    workers.await.unwrap();
    let job = store.job(&id).await.unwrap();
    assert_eq!((job.state, job.attempt), (JobState::Submitted, 1));
}

#[tokio::test]
async fn a_long_job_keeps_no_job_of_another_class_waiting() {
    let store = store().await;
    let long = submit_of(&store, JobClass::Media).await;
    let (hold, released) = mpsc::channel();
    let begun = Arc::new(Notify::new());
    let kinds = vec![stubborn(begun.clone(), released)];
    let shutdown = CancellationToken::new();
    let settings = Settings::default().workers(1);
    let workers = tokio::spawn(run(
        state(&store, settings),
        kinds.into(),
        Arc::default(),
        shutdown.clone(),
    ));
    begun.notified().await;
    let picture = submit_of(&store, JobClass::Picture).await;
    begun.notified().await;
    while store.job(&picture).await.unwrap().state != JobState::Success {
        tokio::task::yield_now().await;
    }
    assert_eq!(store.job(&long).await.unwrap().state, JobState::Running);
    shutdown.cancel();
    drop::<mpsc::Sender<()>>(hold);
    workers.await.unwrap();
    assert_eq!(store.job(&long).await.unwrap().state, JobState::Success);
}
