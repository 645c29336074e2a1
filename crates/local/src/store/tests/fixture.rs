//! Stores to test, and short ways to fill them.

use std::sync::Arc;
#[cfg(feature = "postgres")]
use std::time::Duration;

use crate::clock::ManualClock;
#[cfg(feature = "postgres")]
use crate::database_url::DatabaseUrl;
#[cfg(feature = "s3")]
use crate::store::Server;
#[cfg(feature = "postgres")]
use crate::store::blobs::{Blobs, ContentFolder};
#[cfg(feature = "postgres")]
use crate::store::handle::LONGEST_INLINE;
use crate::store::{
    Acl, ClaimedJob, Effect, JobClass, NewJob, Object, ObjectAttributes, ObjectName, Outcome,
    Overwrite, Result, Service, Store, Submission, new_id,
};
use bytes::Bytes;
use tempfile::TempDir;

/// The time at which every test begins.
pub(crate) const START: i64 = 1_700_000_000_000;
/// The bucket most tests use.
pub(crate) const BUCKET: &str = "examplebucket-1250000000";
/// The bucket's region.
pub(crate) const REGION: &str = "ap-chongqing";
/// A lease no test lets run out by accident.
pub(crate) const LEASE: i64 = 60_000;

/// Runs each test on every kind of store that there is: the rows in SQLite, in memory or in
/// PostgreSQL, the content in a folder, in memory or in a bucket. A state in memory has its content
/// there as well. Short content is with the rows unless the name of the store says where it is.
macro_rules! on_every_store {
    ($($test:ident),+ $(,)?) => {
        on_every_store!(@ on_disk: $($test),+);
        on_every_store!(@ in_memory: $($test),+);
        #[cfg(feature = "s3")]
        on_every_store!(@ on_disk_and_in_a_bucket: $($test),+);
        #[cfg(feature = "postgres")]
        on_every_store!(@ in_postgres: $($test),+);
        #[cfg(feature = "postgres")]
        on_every_store!(@ in_postgres_and_on_disk: $($test),+);
        #[cfg(all(feature = "postgres", feature = "s3"))]
        on_every_store!(@ in_postgres_and_in_a_bucket: $($test),+);
    };
    (@ $store:ident: $($test:ident),+) => {
        mod $store {
            $(#[tokio::test]
            async fn $test() {
                super::$test(&crate::store::tests::fixture::Fixture::$store().await).await;
            })+
        }
    };
}
pub(crate) use on_every_store;

/// A time by which every file that a test has made is old enough to be garbage.
pub(crate) const FAR_FUTURE: i64 = 4_000_000_000_000;

/// A store with one bucket and a clock that does not move.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    _folder: Option<TempDir>,
    #[cfg(feature = "s3")]
    _server: Option<Server>,
}

impl Fixture {
    async fn over(store: Store, clock: Arc<ManualClock>) -> Self {
        let created = store.create_bucket(BUCKET, REGION, Acl::Private).await;
        created.unwrap();
        Self {
            store,
            clock,
            _folder: None,
            #[cfg(feature = "s3")]
            _server: None,
        }
    }

    pub(crate) async fn on_disk() -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let folder = tempfile::tempdir().unwrap();
        let store = Store::in_folder(folder.path(), None, clock.clone(), true).await;
        Self {
            _folder: Some(folder),
            ..Self::over(store.unwrap(), clock).await
        }
    }

    #[cfg(feature = "s3")]
    pub(crate) async fn on_disk_and_in_a_bucket() -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let (folder, server) = (tempfile::tempdir().unwrap(), Server::start().await);
        let bucket = server.bucket("s3://content/of/a/test");
        let store = Store::in_folder(folder.path(), Some(&bucket), clock.clone(), true).await;
        let mut store = store.unwrap();
        Arc::get_mut(&mut store.inner).unwrap().longest_inline = 0;
        Self {
            _folder: Some(folder),
            _server: Some(server),
            ..Self::over(store, clock).await
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) async fn in_postgres() -> Self {
        Self::in_postgres_with(Blobs::in_memory(u64::MAX), LONGEST_INLINE).await
    }

    #[cfg(feature = "postgres")]
    pub(crate) async fn in_postgres_and_on_disk() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let content = ContentFolder::new(folder.path().join("blobs"));
        content.create().unwrap();
        Self {
            _folder: Some(folder),
            ..Self::in_postgres_with(Blobs::in_folder(content).unwrap(), 0).await
        }
    }

    #[cfg(all(feature = "postgres", feature = "s3"))]
    pub(crate) async fn in_postgres_and_in_a_bucket() -> Self {
        let server = Server::start().await;
        let blobs = Blobs::in_bucket(&server.bucket("s3://content")).unwrap();
        Self {
            _server: Some(server),
            ..Self::in_postgres_with(blobs, 0).await
        }
    }

    #[cfg(feature = "postgres")]
    async fn in_postgres_with(blobs: Blobs, longest_inline: usize) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let database = super::cluster::connect(&super::cluster::schema().await).await;
        let lease = Duration::from_millis(LEASE.unsigned_abs());
        let store =
            Store::over_postgres(database, blobs, longest_inline, lease, clock.clone()).await;
        Self::over(store.unwrap(), clock).await
    }

    pub(crate) async fn in_memory() -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let store = Store::ephemeral_with_clock(clock.clone()).await;
        Self::over(store.unwrap(), clock).await
    }
}

/// Another process on the database at `url`, with `blobs` beside it.
#[cfg(feature = "postgres")]
pub(crate) async fn process(url: &DatabaseUrl, blobs: Blobs, clock: Arc<ManualClock>) -> Store {
    let database = super::cluster::connect(url).await;
    let lease = Duration::from_millis(LEASE.unsigned_abs());
    Store::over_postgres(database, blobs, LONGEST_INLINE, lease, clock)
        .await
        .unwrap()
}

/// The object `key` of the test bucket.
pub(crate) fn name(key: &str) -> ObjectName {
    ObjectName::new(BUCKET, key)
}

/// Attributes of a plain text.
pub(crate) fn text() -> ObjectAttributes {
    ObjectAttributes {
        content_type: "text/plain".into(),
        ..ObjectAttributes::default()
    }
}

/// Stores `content` under `key`.
pub(crate) async fn put(store: &Store, key: &str, content: &str) -> Object {
    let blob = store
        .upload_bytes(Bytes::from(content.to_owned()))
        .await
        .unwrap();
    store
        .put_object(&name(key), blob, &text(), Overwrite::Allow)
        .await
        .unwrap()
}

/// More than is kept with the rows: `text` again and again.
pub(crate) fn long(text: &str) -> String {
    text.repeat(70_000 / text.len() + 1)
}

/// The content stored under `key`.
pub(crate) async fn content(store: &Store, key: &str) -> String {
    let reader = store.get_object(&name(key), None).await.unwrap();
    String::from_utf8(reader.bytes().await.unwrap().to_vec()).unwrap()
}

/// A job with nothing special about it.
pub(crate) fn job() -> NewJob {
    NewJob {
        id: new_id("c"),
        service: Service::Ci,
        tag: "ImageInspect".into(),
        class: JobClass::Picture,
        bucket: Some(BUCKET.into()),
        region: REGION.into(),
        queue_id: None,
        level: 0,
        request: "<Request/>".into(),
        session: None,
        callback_url: None,
        callback_format: None,
    }
}

/// Submits `job` and returns its id.
pub(crate) async fn submit(store: &Store, job: NewJob) -> String {
    match store.submit_job(&job).await.unwrap() {
        Submission::Accepted(job) => job.id,
        Submission::Duplicate(earlier) => panic!("taken for a repetition of {}", earlier.id),
    }
}

/// Claims the next job, which must be there, and waits until everybody sees it.
pub(crate) async fn claim(store: &Store) -> ClaimedJob {
    let claimed = store.claim_job(JobClass::Picture, "worker", LEASE).await;
    store.settle().await;
    claimed.unwrap().expect("a job waits")
}

/// Moves the object `from`, as a job does.
pub(crate) async fn move_object(
    store: &Store,
    from: &ObjectName,
    to: &ObjectName,
) -> Result<Object> {
    submit(store, job()).await;
    let effect = Effect::MoveObject {
        from: from.clone(),
        to: to.clone(),
        if_etag: None,
    };
    let claim = claim(store).await;
    store.finish_job(&claim, &success(), &[effect]).await?;
    store.head_object(to).await
}

/// A good end.
pub(crate) fn success() -> Outcome {
    Outcome::Success {
        result: "done".into(),
    }
}
