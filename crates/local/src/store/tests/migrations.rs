//! State of earlier releases is carried forward; that of a later one is left alone.

use std::path::Path;
use std::sync::Arc;

use flate2::read::GzDecoder;
use sqlx::ConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

use super::fixture::{LEASE, content, name, put};
use crate::clock::ManualClock;
use crate::store::{
    Acl, CallbackState, JobClass, JobFilter, JobOrder, JobState, Store, StoreError, UnderWay,
    VersionId, Versioning,
};

/// When the folder of schema 5 was last in use.
const THEN: i64 = 1_795_827_465_000;
/// What that release stored, and was killed over: five objects, two jobs that had ended with their
/// callbacks on the way, one that was running and one that waited.
const SCHEMA_5: &[u8] = include_bytes!("folders/schema-5.tar.gz");

fn unpacked(archive: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    tar::Archive::new(GzDecoder::new(archive))
        .unpack(folder.path())
        .unwrap();
    folder
}

async fn open(folder: &Path) -> Result<Store, StoreError> {
    Store::in_folder(folder, None, Arc::new(ManualClock::new(THEN)), true).await
}

#[tokio::test]
async fn a_folder_of_schema_5_is_carried_forward() {
    let folder = unpacked(SCHEMA_5);
    let store = open(folder.path()).await.unwrap();

    assert_eq!(content(&store, "small.txt").await, "small content");
    assert_eq!(content(&store, "empty").await, "");
    let long = content(&store, "large.bin").await;
    assert_eq!(long, "0123456789abcdef".repeat(6000));
    let small = store.head_object(&name("small.txt")).await.unwrap();
    assert_eq!(small.etag, "6e5ef4712b98dfb4c3ba7e489c736100");
    assert_eq!(small.attributes.metadata["own"], "kept");
    assert_eq!(small.attributes.headers["cache-control"], "no-cache");
    let public = store.head_object(&name("public.txt")).await.unwrap();
    assert_eq!(public.attributes.acl, Acl::PublicRead);

    let filter = JobFilter {
        order: JobOrder::Ascending,
        ..JobFilter::default()
    };
    let jobs = store.list_jobs(&filter).await.unwrap().jobs;
    let states: Vec<_> = jobs.iter().map(|job| (job.state, job.attempt)).collect();
    let expected = [
        (JobState::Success, 1),
        (JobState::Success, 1),
        // It was running: its process is gone.
        (JobState::Submitted, 1),
        (JobState::Submitted, 0),
    ];
    assert_eq!(states, expected);
    for job in &jobs[2..] {
        let claim = store.claim_job(JobClass::Picture, "worker", LEASE).await;
        assert_eq!(claim.unwrap().unwrap().job.id, job.id);
    }
    let callbacks = store.callbacks().await.unwrap();
    let pending = |it: &&crate::store::Callback| it.state == CallbackState::Pending;
    assert_eq!(callbacks.iter().filter(pending).count(), 2);
    let due = store.claim_callback(LEASE, &UnderWay::default()).await;
    assert_eq!(due.unwrap(), None, "the next attempts are due later");

    // Replacing what an older release has stored removes it.
    let blobs = || {
        std::fs::read_dir(folder.path().join("blobs"))
            .unwrap()
            .count()
    };
    let before = blobs();
    put(&store, "large.bin", "short").await;
    assert_eq!(blobs(), before - 1);
    store.close().await;

    let again = open(folder.path()).await.unwrap();
    assert_eq!(content(&again, "large.bin").await, "short");
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let folder = unpacked(SCHEMA_5);
    open(folder.path()).await.unwrap().close().await;
    let database = folder.path().join("tcloud.db");
    let options = SqliteConnectOptions::new().filename(&database);
    let mut connection = options.connect().await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'later', 1, x'00', 0)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    sqlx::Connection::close(connection).await.unwrap();
    for _ in 0..2 {
        let error = open(folder.path()).await.unwrap_err();
        assert!(
            matches!(error, StoreError::NewerSchema { found: 9999, known } if known >= 6),
            "{error}"
        );
        let text = error.to_string();
        assert!(
            text.contains("newer version") && text.contains("backup"),
            "{text}"
        );
    }
}

/// An object as schema 6 had it, in either database.
const OBJECT_OF_6: &str = "INSERT INTO objects (bucket, key, blob, inline, size, etag, crc64, \
     content_type, headers, metadata, acl, last_modified) VALUES ('examplebucket-1250000000', 'key', \
     'b', TRUE, 7, '9a0364b9e99bb480dd25e1f0284c8555', '5577006791947779410', 'text/plain', \
     '{\"x-cos-storage-class\":\"STANDARD_IA\"}', '{\"own\":\"kept\"}', 'public-read', 1700000000123)";
const BUCKET_OF_6: &str = "INSERT INTO buckets (name, region, acl, created_at) VALUES \
     ('examplebucket-1250000000', 'ap-chongqing', 'private', 1)";

/// The migrations in `folder` up to number 6.
async fn up_to_6(folder: &str) -> Migrator {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(folder);
    let mut migrator = Migrator::new(ours).await.unwrap();
    migrator.migrations.to_mut().retain(|it| it.version <= 6);
    migrator
}

/// What schema 6 had of an object is the only version of it.
async fn is_carried_forward(store: &Store) {
    assert_eq!(content(store, "key").await, "content");
    let object = store.head_object(&name("key")).await.unwrap();
    assert_eq!(
        (object.version_id(), object.last_modified),
        (None, 1_700_000_000_123)
    );
    assert_eq!(object.storage_class(), Some("STANDARD_IA"));
    assert_eq!(object.attributes.metadata["own"], "kept");
    assert_eq!(object.attributes.acl, Acl::PublicRead);
    assert!(object.attributes.tags.is_empty());
    let bucket = &name("key").bucket;
    store
        .set_versioning(bucket, Versioning::Enabled)
        .await
        .unwrap();
    let newer = put(store, "key", "newer").await;
    assert!(newer.version_id().is_some_and(|id| id != VersionId::Null));
    let at = name("key");
    let older = store.get_version(&at, Some(VersionId::Null), None).await;
    assert_eq!(older.unwrap().bytes().await.unwrap(), "content");
}

#[tokio::test]
async fn a_folder_of_schema_6_is_carried_forward() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("tcloud.db"))
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal);
    let mut database = options.connect().await.unwrap();
    up_to_6("sqlite").await.run(&mut database).await.unwrap();
    for statement in [
        BUCKET_OF_6,
        OBJECT_OF_6,
        "INSERT INTO contents (id, content) VALUES ('b', x'636f6e74656e74')",
    ] {
        sqlx::query(statement).execute(&mut database).await.unwrap();
    }
    sqlx::Connection::close(database).await.unwrap();
    let store = open(folder.path()).await.unwrap();
    is_carried_forward(&store).await;
}

#[tokio::test]
async fn a_snapshot_of_schema_6_is_carried_forward_and_a_newer_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tcloud.db");
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut database = options.connect().await.unwrap();
    up_to_6("sqlite").await.run(&mut database).await.unwrap();
    for statement in [
        BUCKET_OF_6,
        OBJECT_OF_6,
        "INSERT INTO contents (id, content) VALUES ('b', x'636f6e74656e74')",
    ] {
        sqlx::query(statement).execute(&mut database).await.unwrap();
    }
    let archived = |name: &str| {
        let file = folder.path().join(name);
        let mut archive = tar::Builder::new(std::fs::File::create(&file).unwrap());
        archive.append_path_with_name(&path, "tcloud.db").unwrap();
        archive.finish().unwrap();
        file
    };
    let clock = Arc::new(ManualClock::new(THEN));
    let store = Store::in_memory(clock, u64::MAX).await.unwrap();
    store.load(&archived("older.tar")).await.unwrap();
    is_carried_forward(&store).await;

    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'later', 1, x'00', 0)",
    )
    .execute(&mut database)
    .await
    .unwrap();
    let error = store.load(&archived("newer.tar")).await.unwrap_err();
    assert!(
        matches!(error, StoreError::NewerSchema { found: 9999, .. }),
        "{error}"
    );
    assert_eq!(content(&store, "key").await, "newer");
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_database_of_schema_6_is_carried_forward() {
    let url = super::cluster::schema().await;
    let pool = sqlx::PgPool::connect(url.expose()).await.unwrap();
    up_to_6("postgres").await.run(&pool).await.unwrap();
    for statement in [
        BUCKET_OF_6,
        OBJECT_OF_6,
        "INSERT INTO contents (id, content) VALUES ('b', '\\x636f6e74656e74')",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let blobs = crate::store::blobs::Blobs::in_memory(u64::MAX);
    let clock = Arc::new(ManualClock::new(THEN));
    let store = super::fixture::process(&url, blobs, clock).await;
    is_carried_forward(&store).await;
}
