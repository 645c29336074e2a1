//! A data folder that has lost a part of what it held, is another's, or can be read by others.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::clock::ManualClock;
use crate::store::{Acl, JobClass, JobState, Store, StoreError, UnderWay};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;

use super::fixture::{BUCKET, FAR_FUTURE, REGION, START, content, long, name, put};

/// The name of content no row names.
const UNNAMED: &str = "0123456789abcdef0123456789abcdef";

/// A folder in which an object was stored, and which was closed.
async fn used() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    store
        .create_bucket(BUCKET, REGION, Acl::Private)
        .await
        .unwrap();
    put(&store, "key", "content").await;
    store.close().await;
    folder
}

async fn refused(folder: &Path) -> StoreError {
    let before = listed(&folder.join("blobs"));
    let error = Store::open(folder).await.unwrap_err();
    assert_eq!(listed(&folder.join("blobs")), before, "{error}");
    error
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Deletes what garbage collection finds when everything is old enough.
async fn sweep(folder: &Path) -> u64 {
    let clock = Arc::new(ManualClock::new(FAR_FUTURE));
    let store = Store::in_folder(folder, None, clock, true).await.unwrap();
    let removed = store.collect_garbage().await.unwrap();
    store.close().await;
    removed
}

#[tokio::test]
async fn a_new_database_beside_content_is_refused() {
    for database in [None, Some("")] {
        let folder = used().await;
        let path = folder.path().join("tcloud.db");
        fs::remove_file(&path).unwrap();
        if let Some(text) = database {
            fs::write(&path, text).unwrap();
        }
        let error = refused(folder.path()).await;
        assert!(matches!(error, StoreError::LostDatabase { .. }), "{error}");
        let text = error.to_string();
        assert!(
            text.contains("tcloud.db") && text.contains("blobs"),
            "{text}"
        );
        // Again: the first attempt has left nothing that makes the second one succeed.
        refused(folder.path()).await;
    }
}

#[tokio::test]
async fn a_folder_that_never_was_a_store_is_refused_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = folder.path().join("blobs");
    fs::create_dir_all(blobs.join("mine")).unwrap();
    fs::write(blobs.join("mine/a"), "a").unwrap();
    fs::write(blobs.join("notes#1.txt"), "b").unwrap();
    let error = refused(folder.path()).await;
    assert!(matches!(error, StoreError::LostDatabase { .. }), "{error}");
    assert_eq!(fs::read_to_string(blobs.join("mine/a")).unwrap(), "a");
}

#[tokio::test]
async fn a_database_without_its_log_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    store
        .create_bucket(BUCKET, REGION, Acl::Private)
        .await
        .unwrap();
    put(&store, "key", "content").await;
    // What a copy of the folder has while it is in use.
    let copy = tempfile::tempdir().unwrap();
    copy_folder(folder.path(), copy.path());
    store.close().await;

    let wal = copy.path().join("tcloud.db-wal");
    let kept = fs::read(&wal).unwrap();
    fs::remove_file(&wal).unwrap();
    let error = refused(copy.path()).await;
    assert!(matches!(&error, StoreError::LostLog { .. }), "{error}");
    assert!(error.to_string().contains("in-use"), "{error}");

    fs::write(&wal, &kept).unwrap();
    let store = Store::open(copy.path()).await.unwrap();
    assert_eq!(content(&store, "key").await, "content");
    store.close().await;

    // An older release did not note that it used the folder: then the tables are missing.
    let older = tempfile::tempdir().unwrap();
    fs::create_dir(older.path().join("blobs")).unwrap();
    fs::write(older.path().join("blobs").join(UNNAMED), "content").unwrap();
    let options = SqliteConnectOptions::new()
        .filename(older.path().join("tcloud.db"))
        .create_if_missing(true)
        .pragma("user_version", "1");
    SqlitePool::connect_with(options)
        .await
        .unwrap()
        .close()
        .await;
    let error = refused(older.path()).await;
    assert!(matches!(error, StoreError::LostDatabase { .. }), "{error}");
}

fn copy_folder(from: &Path, to: &Path) {
    for path in listed(from) {
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir(&target).unwrap();
            copy_folder(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

#[tokio::test]
async fn an_emptied_database_does_not_cost_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    copy_folder(folder.path(), copy.path());
    store.close().await;
    let database = copy.path().join("tcloud.db");
    let kept = fs::read(&database).unwrap();
    fs::write(&database, "").unwrap();
    let error = refused(copy.path()).await;
    assert!(matches!(error, StoreError::LostDatabase { .. }), "{error}");
    fs::write(&database, kept).unwrap();
    Store::open(copy.path()).await.unwrap();
}

#[tokio::test]
async fn content_of_another_store_is_refused() {
    let (one, other) = (used().await, used().await);
    let blobs = one.path().join("blobs");
    fs::rename(&blobs, one.path().join("kept")).unwrap();
    fs::rename(other.path().join("blobs"), &blobs).unwrap();
    let error = refused(one.path()).await;
    assert!(matches!(error, StoreError::Mismatch { .. }), "{error}");

    // Content without an id, or none at all, is not that of a database that has one.
    fs::remove_file(blobs.join("store-id")).unwrap();
    let error = refused(one.path()).await;
    assert!(
        matches!(
            &error,
            StoreError::Mismatch {
                content_id: None,
                ..
            }
        ),
        "{error}"
    );

    fs::remove_dir_all(&blobs).unwrap();
    fs::rename(one.path().join("kept"), &blobs).unwrap();
    let store = Store::open(one.path()).await.unwrap();
    assert_eq!(content(&store, "key").await, "content");
}

#[tokio::test]
async fn a_crash_between_the_two_ids_is_made_good() {
    let folder = used().await;
    let options = SqliteConnectOptions::new().filename(folder.path().join("tcloud.db"));
    let database = SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("UPDATE store SET attached = 0")
        .execute(&database)
        .await
        .unwrap();
    database.close().await;
    let id = folder.path().join("blobs/store-id");
    let before = fs::read(&id).unwrap();
    fs::remove_file(&id).unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(fs::read(&id).unwrap(), before);
    assert_eq!(content(&store, "key").await, "content");
}

#[cfg(unix)]
#[tokio::test]
async fn content_behind_a_link_is_refused() {
    let folder = used().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let target = elsewhere.path().join("blobs");
    let blobs = folder.path().join("blobs");
    fs::rename(&blobs, &target).unwrap();
    std::os::unix::fs::symlink(&target, &blobs).unwrap();
    let error = refused(folder.path()).await;
    assert!(matches!(error, StoreError::NotAFolder { .. }), "{error}");
    // The whole folder may be somewhere else.
    fs::remove_file(&blobs).unwrap();
    fs::rename(&target, &blobs).unwrap();
    let link = elsewhere.path().join("data");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    let store = Store::open(&link).await.unwrap();
    assert_eq!(content(&store, "key").await, "content");
}

#[cfg(unix)]
#[tokio::test]
async fn garbage_is_only_what_has_a_name_of_ours_and_is_a_file_and_old() {
    use std::os::unix::fs::symlink;

    let folder = used().await;
    let blobs = folder.path().join("blobs");
    let elsewhere = tempfile::tempdir().unwrap();
    let theirs = elsewhere.path().join(UNNAMED);
    fs::write(&theirs, "theirs").unwrap();
    fs::write(blobs.join("notes#1.txt"), "not ours").unwrap();
    fs::write(blobs.join("0123456789abcdef#1"), "not ours").unwrap();
    let below = blobs.join("folder");
    fs::create_dir(&below).unwrap();
    fs::write(below.join(UNNAMED), "not ours").unwrap();
    symlink(elsewhere.path(), blobs.join("linked")).unwrap();
    symlink(&theirs, blobs.join("f".repeat(32))).unwrap();
    symlink(elsewhere.path(), blobs.join("e".repeat(32))).unwrap();
    fs::create_dir(blobs.join("d".repeat(32))).unwrap();
    let spared = listed(&blobs);

    let garbage = [UNNAMED.to_owned(), format!("{UNNAMED}#1")].map(|name| blobs.join(name));
    for path in &garbage {
        fs::write(path, "no row names this").unwrap();
    }
    // By the clock of the machine they are new, and opening deletes nothing.
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(store.collect_garbage().await.unwrap(), 0);
    store.close().await;
    assert!(garbage.iter().all(|path| path.exists()));

    assert_eq!(sweep(folder.path()).await, 2);
    assert_eq!(listed(&blobs), spared);
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "theirs");
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(content(&store, "key").await, "content");
}

/// Makes a folder as the release before store ids did, used and killed.
async fn made_by_the_first_schema() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let migrations = tempfile::tempdir().unwrap();
    let first = "0001_initial.sql";
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    fs::copy(ours.join(first), migrations.path().join(first)).unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("tcloud.db"))
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal);
    let database = SqlitePool::connect_with(options).await.unwrap();
    let migrator = Migrator::new(migrations.path()).await.unwrap();
    migrator.run(&database).await.unwrap();
    for statement in [
        "INSERT INTO buckets VALUES ('examplebucket-1250000000', 'ap-chongqing', 'private', 1)",
        "INSERT INTO objects VALUES ('examplebucket-1250000000', 'key', \
         '00000000000000000000000000000001', 7, '9a0364b9e99bb480dd25e1f0284c8555', \
         '13371337133713371337', 'text/plain', '{}', '{}', 'default', 1)",
        "INSERT INTO jobs (id, service, tag, bucket, region, level, request, state, created_at, \
         started_at, run_at, attempt, owner, lease_until) VALUES ('cjob', 'ci', 'ImageInspect', \
         'examplebucket-1250000000', 'ap-chongqing', 0, '', 'Running', 1, 2, 1, 1, 'worker', \
         1700000060000)",
        "INSERT INTO callbacks (job_id, url, content_type, body, state, next_attempt_at, \
         created_at) VALUES ('cjob', 'http://example.com/', 'text/plain', x'00', 'Pending', 1, 1)",
    ] {
        sqlx::query(statement).execute(&database).await.unwrap();
    }
    database.close().await;
    let blobs = folder.path().join("blobs");
    fs::create_dir(&blobs).unwrap();
    fs::write(blobs.join("00000000000000000000000000000001"), "content").unwrap();
    fs::write(folder.path().join("lock"), "").unwrap();
    folder
}

#[tokio::test]
async fn a_folder_of_the_first_schema_is_adopted() {
    let folder = made_by_the_first_schema().await;
    let clock = Arc::new(ManualClock::new(START));
    let store = Store::in_folder(folder.path(), None, clock.clone(), true)
        .await
        .unwrap();
    assert_eq!(content(&store, "key").await, "content");
    let waiting = store.job("cjob").await.unwrap();
    assert_eq!(waiting.state, JobState::Submitted);
    assert!(
        store
            .claim_job(JobClass::Picture, "worker", 1)
            .await
            .unwrap()
            .is_some()
    );
    let callback = store.claim_callback(1, &UnderWay::default()).await.unwrap();
    assert_eq!(callback.unwrap().destination, "");
    store.close().await;
    // From now on it has an id, like any other.
    fs::remove_file(folder.path().join("blobs/store-id")).unwrap();
    let error = refused(folder.path()).await;
    assert!(matches!(error, StoreError::Mismatch { .. }), "{error}");
}

#[cfg(unix)]
mod modes {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[track_caller]
    fn assert_private(folder: &Path) {
        for path in listed(folder) {
            let expected = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), expected, "{}", path.display());
            if path.is_dir() {
                assert_private(&path);
            }
        }
    }

    #[tokio::test]
    async fn a_new_folder_is_its_owners_alone() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b");
        let store = Store::open(&folder).await.unwrap();
        store
            .create_bucket(BUCKET, REGION, Acl::Private)
            .await
            .unwrap();
        put(&store, "key", "content").await;
        let names: Vec<_> = listed(&folder)
            .iter()
            .map(|path| path.file_name().unwrap().to_owned())
            .collect();
        let expected = [
            "blobs",
            "in-use",
            "lock",
            "tcloud.db",
            "tcloud.db-shm",
            "tcloud.db-wal",
        ];
        assert_eq!(names, expected);
        assert_eq!(mode(&folder), 0o700);
        assert_private(&folder);
    }

    #[tokio::test]
    async fn a_folder_others_could_use_is_closed_to_them() {
        let folder = used().await;
        let store = Store::open(folder.path()).await.unwrap();
        put(&store, "long", &long("long")).await;
        store.close().await;
        let object = listed(&folder.path().join("blobs")).remove(0);
        for path in ["", "blobs", "tcloud.db", "lock"] {
            set_mode(&folder.path().join(path), 0o755);
        }
        set_mode(&object, 0o644);
        let store = Store::open(folder.path()).await.unwrap();
        // Old content is seen to by the sweep, which looks at every file.
        store.collect_garbage().await.unwrap();
        assert_eq!(mode(folder.path()), 0o700);
        assert_private(folder.path());
        assert_eq!(content(&store, "key").await, "content");
    }

    #[tokio::test]
    async fn a_folder_that_holds_other_things_keeps_its_mode() {
        let folder = used().await;
        fs::write(folder.path().join("Cargo.toml"), "theirs").unwrap();
        for path in ["", "Cargo.toml", "tcloud.db"] {
            set_mode(&folder.path().join(path), 0o755);
        }
        let _store = Store::open(folder.path()).await.unwrap();
        assert_eq!(mode(folder.path()), 0o755);
        assert_eq!(mode(&folder.path().join("Cargo.toml")), 0o755);
        assert_eq!(mode(&folder.path().join("tcloud.db")), 0o600);
    }

    #[tokio::test]
    async fn what_cannot_be_a_link_of_ours_is_not_followed() {
        let folder = used().await;
        let elsewhere = tempfile::tempdir().unwrap();
        let theirs = elsewhere.path().join("theirs");
        fs::write(&theirs, "").unwrap();
        set_mode(&theirs, 0o644);
        fs::remove_file(folder.path().join("lock")).unwrap();
        std::os::unix::fs::symlink(&theirs, folder.path().join("lock")).unwrap();
        let _store = Store::open(folder.path()).await.unwrap();
        assert_eq!(mode(&theirs), 0o644);
    }
}

#[tokio::test]
async fn an_object_can_be_read_after_the_sweep() {
    let folder = used().await;
    assert_eq!(sweep(folder.path()).await, 0);
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(store.head_object(&name("key")).await.unwrap().size, 7);
}
