use std::sync::{Mutex, mpsc};

use tokio::sync::Notify;

use super::*;
use crate::Settings;
use crate::store::{Acl, Job, JobState, ManualClock, NewJob, ObjectName};

const BUCKET: &str = "examplebucket-1250000000";

/// A step whose job is whatever `run` does.
struct Test<F>(F);

impl<F> Step for Test<F>
where
    F: Fn() -> BoxFuture<'static, Finish> + Send + Sync,
{
    fn service(&self) -> Service {
        Service::Ci
    }

    fn run<'a>(&'a self, _: &'a ClaimedJob) -> BoxFuture<'a, Finish> {
        (self.0)()
    }

    fn revise(&self, _: &ClaimedJob, _: Outcome, error: &StoreError) -> Finish {
        let result = format!("but {error}");
        (Outcome::Success { result }, Vec::new())
    }
}

fn step(run: impl Fn() -> BoxFuture<'static, Finish> + Send + Sync + 'static) -> Arc<dyn Step> {
    Arc::new(Test(run))
}

fn state(store: &Store, settings: Settings) -> Arc<State> {
    Arc::new(State::new(store.clone(), settings).unwrap())
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
    let job = NewJob {
        id: new_id("c"),
        service: Service::Ci,
        tag: "ImageInspect".into(),
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
    steps: &'a [Arc<dyn Step>],
    shutdown: &'a CancellationToken,
) -> Worker<'a> {
    Worker {
        store,
        steps,
        name: "worker".to_owned(),
        deadline: Duration::from_hours(1),
        shutdown,
        grace: Duration::from_hours(1),
    }
}

/// Runs the only job with `steps` and returns it as it ended.
async fn ended(store: &Store, steps: &[Arc<dyn Step>]) -> Job {
    let id = submit(store).await;
    let shutdown = CancellationToken::new();
    let worker = worker(store, steps, &shutdown);
    assert!(worker.next().await.unwrap());
    assert!(!worker.next().await.unwrap());
    store.job(&id).await.unwrap()
}

#[tokio::test]
async fn a_job_ends_as_its_step_says() {
    let step = step(|| Box::pin(async { (done(), Vec::new()) }));
    let job = ended(&store().await, &[step]).await;
    assert_eq!(job.state, JobState::Success);
    assert_eq!(job.result.as_deref(), Some("done"));
}

#[tokio::test]
async fn a_panic_fails_the_job_and_spares_the_worker() {
    let step = step(|| Box::pin(async { panic!("out of reach") }));
    let job = ended(&store().await, &[step]).await;
    assert_eq!(job.state, JobState::Failed);
    assert_eq!(job.code.as_deref(), Some("InternalError"));
}

#[tokio::test]
async fn a_job_of_a_service_without_step_fails() {
    let job = ended(&store().await, &[]).await;
    assert_eq!(job.state, JobState::Failed);
}

#[tokio::test]
async fn an_effect_that_cannot_be_made_revises_the_end() {
    let step = step(|| {
        let effect = Effect::MoveObject {
            from: ObjectName::new(BUCKET, "gone"),
            to: ObjectName::new(BUCKET, "moved"),
            if_etag: None,
        };
        Box::pin(async { (done(), vec![effect]) })
    });
    let job = ended(&store().await, &[step]).await;
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
        let claim = store.claim_job("killed", LEASE).await.unwrap().unwrap();
        store.retry_job(&claim, 0).await.unwrap();
    }
    let steps = [step(|| {
        Box::pin(async { unreachable!("begun a sixth time") })
    })];
    let shutdown = CancellationToken::new();
    let worker = worker(&store, &steps, &shutdown);
    assert!(worker.next().await.unwrap());
    let job = store.job(&id).await.unwrap();
    assert_eq!(job.state, JobState::Failed);
    assert_eq!(
        job.message.as_deref(),
        Some("the job was begun 5 times and never ended")
    );
}

#[tokio::test]
async fn a_shutdown_waits_for_the_job_that_runs_and_begins_no_other() {
    let store = store().await;
    let first = submit(&store).await;
    let second = submit(&store).await;
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let waiting = step({
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
        vec![waiting],
        shutdown.clone(),
    ));
    begun.notified().await;
    shutdown.cancel();
    go_on.notify_one();
    workers.await.unwrap();
    assert_eq!(store.job(&first).await.unwrap().state, JobState::Success);
    assert_eq!(store.job(&second).await.unwrap().state, JobState::Submitted);
}

/// A step whose first job computes for as long as `held` has a sender, and whose other jobs end at
/// once. `begun` hears of each.
fn stubborn(begun: Arc<Notify>, held: mpsc::Receiver<()>) -> Arc<dyn Step> {
    let held = Mutex::new(Some(held));
    step(move || {
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

#[tokio::test]
async fn a_job_past_its_deadline_fails_and_frees_its_worker() {
    let store = store().await;
    let first = submit(&store).await;
    let second = submit(&store).await;
    let (_hold, held) = mpsc::channel();
    let steps = [stubborn(Arc::default(), held)];
    let shutdown = CancellationToken::new();
    let worker = Worker {
        deadline: Duration::from_millis(20),
        ..worker(&store, &steps, &shutdown)
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
    let steps = vec![stubborn(begun.clone(), held)];
    let shutdown = CancellationToken::new();
    let settings = Settings::default()
        .workers(1)
        .shutdown_grace(Duration::from_millis(20));
    let workers = tokio::spawn(run(state(&store, settings), steps, shutdown.clone()));
    begun.notified().await;
    shutdown.cancel();
    workers.await.unwrap();
    let job = store.job(&id).await.unwrap();
    assert_eq!((job.state, job.attempt), (JobState::Submitted, 1));
}
