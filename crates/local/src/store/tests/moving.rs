//! A state is moved from a folder to a database: all of it, or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, SqliteConnection};

use super::cluster::schema;
use super::fixture::{
    BUCKET, LEASE, REGION, START, claim, content, job, long, name, process, put, submit, success,
};
use crate::clock::ManualClock;
use crate::database_url::DatabaseUrl;
use crate::store::blobs::{Blobs, ContentFolder};
use crate::store::sql::sql;
use crate::store::{
    Acl, CallbackState, Effect, JobClass, JobState, ListedPart, NewCallback, NewJob, Processing,
    SettingName, Store, StoreError, UnderWay, move_rows,
};

/// What is no part of a state: who uses it, and what the libraries keep.
const NOT_MOVED: [&str; 3] = ["processes", "uploads", "_sqlx_migrations"];

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(START))
}

async fn open(folder: &Path) -> Result<Store, StoreError> {
    Store::in_folder(folder, None, clock(), true).await
}

/// What the folder of [`fill`] has.
struct Filled {
    /// A job that had ended.
    ended: String,
    /// One that was running.
    running: String,
    /// One that waited.
    waiting: String,
    /// An upload with its only part.
    upload: String,
    part: ListedPart,
}

/// Begins an upload of `key` and stores its parts.
async fn upload(store: &Store, key: &str, parts: &[String]) -> (String, Vec<ListedPart>) {
    let (at, attributes) = (name(key), super::fixture::text());
    let begun = store.begin_multipart(&at, &attributes, "100000000001");
    let id = begun.await.unwrap().id;
    let mut listed = Vec::new();
    for (number, part) in (1..).zip(parts) {
        let blob = store.upload_bytes(part.clone().into()).await.unwrap();
        let part = store.put_part(&at, &id, number, blob).await.unwrap();
        let etag = part.etag;
        listed.push(ListedPart { number, etag });
    }
    (id, listed)
}

fn pieces() -> [String; 2] {
    ["a".repeat(1024 * 1024), "the last".to_owned()]
}

/// A folder with something of everything, as it is left by a process that was killed.
async fn fill(folder: &Path) -> Filled {
    let store = open(folder).await.unwrap();
    for bucket in [BUCKET, "other-1250000000"] {
        let created = store.create_bucket(bucket, REGION, Acl::PublicRead).await;
        created.unwrap();
    }
    put(&store, "empty", "").await;
    put(&store, "small \u{1f40e}", "with the rows").await;
    put(&store, "long", &long("beside them")).await;
    let mut attributes = super::fixture::text();
    attributes.metadata = BTreeMap::from([("own".into(), "\"kept\" \u{e9}".into())]);
    let blob = store.upload_bytes("attributes".into()).await.unwrap();
    let at = name("attributes");
    let stored = store.put_object(&at, blob, &attributes, crate::store::Overwrite::Allow);
    stored.await.unwrap();
    let (id, listed) = upload(&store, "pieces", &pieces()).await;
    let completed = store
        .complete_multipart(&name("pieces"), &id, &listed)
        .await;
    completed.unwrap();
    let (id, mut listed) = upload(&store, "unfinished", &["part".to_owned()]).await;
    let part = listed.remove(0);
    store.bind_ci_bucket(BUCKET).await.unwrap();
    for processing in [Processing::Picture, Processing::File] {
        let switched = store.create_process_bucket(processing, BUCKET).await;
        switched.unwrap();
    }
    let website = SettingName {
        bucket: BUCKET.into(),
        kind: "website",
        id: String::new(),
    };
    let set = store.put_bucket_setting(&website, "<a/>", 1).await;
    assert!(set.unwrap());
    let mut tx = store.write().await.unwrap();
    let noted = crate::store::garbage::note(&mut tx, "0123", START).await;
    tx.end(noted).await.unwrap();
    store.secret().await.unwrap();
    store.advance_clock(Duration::from_hours(24)).await.unwrap();

    let ended = submit(&store, job()).await;
    let told = Effect::Callback(NewCallback {
        url: "http://example.com/".into(),
        content_type: "application/json".into(),
        body: b"{}\0\xff".to_vec(),
    });
    let claimed = claim(&store).await;
    let finished = store.finish_job(&claimed, &success(), &[told]).await;
    finished.unwrap();
    let running = submit(&store, job()).await;
    claim(&store).await;
    let session = Some(crate::store::job::Session {
        id: "session".into(),
        since: 0,
    });
    let level = 3;
    let waiting = submit(
        &store,
        NewJob {
            level,
            session,
            ..job()
        },
    )
    .await;
    super::emptying::batch(&store).await;
    store.settle().await;
    store.die();
    Filled {
        ended,
        running,
        waiting,
        upload: id,
        part,
    }
}

/// The rows of each table of the database in `file`, by its own catalogue.
async fn rows_in_file(file: &Path, types: &BTreeMap<String, Vec<(String, String)>>) -> Rows {
    let options = SqliteConnectOptions::new().filename(file).read_only(true);
    let mut connection: SqliteConnection = options.connect().await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let mut found = Rows::new();
    for table in tables {
        if NOT_MOVED.contains(&table.as_str()) {
            continue;
        }
        let columns = types[&table].iter().map(|(name, of)| match of.as_str() {
            "bytea" => format!("hex(\"{name}\")"),
            "jsonb" => format!("json(\"{name}\")"),
            _ => format!("\"{name}\""),
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        let select = format!("SELECT json_array({columns}) FROM \"{table}\"");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(select))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        found.insert(table, as_set(&rows));
    }
    connection.close().await.unwrap();
    found
}

/// The same of the database at `url`.
async fn rows_at(url: &DatabaseUrl, types: &BTreeMap<String, Vec<(String, String)>>) -> Rows {
    let mut connection = PgConnection::connect(url.expose()).await.unwrap();
    let mut found = Rows::new();
    for (table, columns) in types {
        if NOT_MOVED.contains(&table.as_str()) {
            continue;
        }
        let columns = columns.iter().map(|(name, of)| match of.as_str() {
            "bytea" => format!("upper(encode(\"{name}\", 'hex'))"),
            "boolean" => format!("\"{name}\"::int"),
            _ => format!("\"{name}\""),
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        let select = format!("SELECT jsonb_build_array({columns})::text FROM \"{table}\"");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(select))
            .fetch_all(&mut connection)
            .await
            .unwrap();
        found.insert(table.clone(), as_set(&rows));
    }
    connection.close().await.unwrap();
    found
}

/// The rows of each table.
type Rows = BTreeMap<String, BTreeSet<String>>;

/// Without the blanks that one of the databases writes.
fn as_set(rows: &[String]) -> BTreeSet<String> {
    let parsed = rows.iter().map(|row| {
        let row: Value = serde_json::from_str(row).unwrap();
        row.to_string()
    });
    parsed.collect()
}

/// The columns of each table and their types.
async fn types(url: &DatabaseUrl) -> BTreeMap<String, Vec<(String, String)>> {
    let mut connection = PgConnection::connect(url.expose()).await.unwrap();
    let columns: Vec<(String, String, String, bool)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' \
         FROM information_schema.columns WHERE table_schema = current_schema() \
         AND table_name NOT LIKE '\\_sqlx%' ORDER BY table_name, column_name",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let mut types = BTreeMap::<_, Vec<_>>::new();
    for (table, column, of, nullable) in columns {
        // What is moved knows no others.
        let is_known = match of.as_str() {
            "bigint" | "text" => true,
            "boolean" | "bytea" | "jsonb" => !nullable,
            _ => false,
        };
        assert!(is_known, "{table}.{column}: {of}, nullable: {nullable}");
        types.entry(table).or_default().push((column, of));
    }
    types
}

#[tokio::test]
async fn all_rows_are_moved_and_work_goes_on() {
    let (folder, url) = (tempfile::tempdir().unwrap(), schema().await);
    let Filled {
        ended,
        running,
        waiting,
        upload,
        part,
    } = fill(folder.path()).await;
    let copied = move_rows(folder.path(), None, &url, clock()).await.unwrap();

    let types = types(&url).await;
    let before = rows_in_file(&folder.path().join("tcloud.db.moved"), &types).await;
    let after = rows_at(&url, &types).await;
    assert_eq!(before, after);
    let rows: usize = before.values().map(BTreeSet::len).sum();
    // The clock has its row already.
    assert_eq!(copied, rows as u64 - 1);
    let filled = before.values().filter(|rows| !rows.is_empty()).count();
    assert!(filled >= 19, "only {filled} tables had rows");

    let blobs = Blobs::in_folder(ContentFolder::new(folder.path().join("blobs"))).unwrap();
    let store = process(&url, blobs, clock()).await;
    assert_eq!(store.now(), START + 86_400_000);
    assert_eq!(content(&store, "empty").await, "");
    assert_eq!(content(&store, "small \u{1f40e}").await, "with the rows");
    assert_eq!(content(&store, "long").await, long("beside them"));
    assert_eq!(content(&store, "pieces").await, pieces().concat());
    let unfinished = name("unfinished");
    let completed = store
        .complete_multipart(&unfinished, &upload, &[part])
        .await;
    completed.unwrap();
    assert_eq!(content(&store, "unfinished").await, "part");
    let object = store.head_object(&name("attributes")).await.unwrap();
    assert_eq!(object.attributes.metadata["own"], "\"kept\" \u{e9}");
    assert_eq!(
        store
            .check(&mut |found| panic!("{found}"))
            .await
            .unwrap()
            .findings,
        0
    );

    // New rows come behind those that are there.
    let new = submit(&store, job()).await;
    assert_eq!(store.job(&ended).await.unwrap().state, JobState::Success);
    for (id, attempt) in [(waiting, 1), (running, 2), (new, 1)] {
        let claimed = claim(&store).await;
        assert_eq!((&claimed.job.id, claimed.job.attempt), (&id, attempt));
        let told = Effect::Callback(NewCallback {
            url: "http://example.com/".into(),
            content_type: String::new(),
            body: Vec::new(),
        });
        let finished = store.finish_job(&claimed, &success(), &[told]).await;
        finished.unwrap();
    }
    let callbacks = store.callbacks().await.unwrap();
    assert!(
        callbacks
            .iter()
            .all(|it| it.state == CallbackState::Pending)
    );
    let due = store.claim_callback(LEASE, &UnderWay::default()).await;
    let due = due.unwrap().unwrap();
    assert_eq!((due.job_id, due.body), (ended, b"{}\0\xff".to_vec()));
    assert_eq!(callbacks.len(), 4);
}

#[tokio::test]
async fn a_moved_folder_is_refused_and_can_be_taken_back() {
    let (folder, url) = (tempfile::tempdir().unwrap(), schema().await);
    fill(folder.path()).await;
    move_rows(folder.path(), None, &url, clock()).await.unwrap();
    let again = move_rows(folder.path(), None, &url, clock()).await.err();
    let opened = open(folder.path()).await.err();
    let to = folder.path().join("backup.tar");
    let backup = crate::store::back_up(folder.path(), None, &to).await.err();
    for refused in [again, opened, backup] {
        let error = refused.expect("the rows are elsewhere");
        assert!(matches!(error, StoreError::Moved { .. }), "{error}");
        assert!(error.to_string().contains("tcloud.db.moved"), "{error}");
    }
    let at = |name: &str| folder.path().join(name);
    std::fs::rename(at("tcloud.db.moved"), at("tcloud.db")).unwrap();
    let store = open(folder.path()).await.unwrap();
    assert_eq!(content(&store, "long").await, long("beside them"));
}

/// What cannot be moved stays where it is, and nothing is in the database.
#[tokio::test]
async fn a_move_that_fails_changes_nothing() {
    let (folder, url) = (tempfile::tempdir().unwrap(), schema().await);
    let missing = move_rows(folder.path(), None, &url, clock()).await;
    assert!(matches!(missing, Err(StoreError::NoState { .. })));
    fill(folder.path()).await;
    let store = open(folder.path()).await.unwrap();
    let used = move_rows(folder.path(), None, &url, clock()).await;
    assert!(matches!(used, Err(StoreError::InUse { .. })));
    // PostgreSQL keeps no text with such a character. It is found after many rows were copied.
    put(&store, "a\0b", "content").await;
    store.close().await;
    let refused = move_rows(folder.path(), None, &url, clock()).await;
    assert!(matches!(refused, Err(StoreError::NulCharacter)));
    let rows = rows_at(&url, &types(&url).await).await;
    let filled: Vec<_> = rows.iter().filter(|(_, rows)| !rows.is_empty()).collect();
    assert!(
        matches!(&filled[..], [(clock, _)] if *clock == "clock"),
        "{filled:?}"
    );

    let store = open(folder.path()).await.unwrap();
    store.delete_object(&name("a\0b")).await.unwrap();
    assert!(
        store
            .claim_job(JobClass::Picture, "worker", LEASE)
            .await
            .unwrap()
            .is_some()
    );
    store.close().await;
    move_rows(folder.path(), None, &url, clock()).await.unwrap();
}

#[tokio::test]
async fn a_database_with_a_state_is_refused() {
    let (folder, url) = (tempfile::tempdir().unwrap(), schema().await);
    fill(folder.path()).await;
    let theirs = process(&url, Blobs::in_memory(u64::MAX), clock()).await;
    let created = theirs
        .create_bucket(BUCKET, "ap-guangzhou", Acl::Private)
        .await;
    created.unwrap();
    let refused = move_rows(folder.path(), None, &url, clock()).await;
    assert!(matches!(refused, Err(StoreError::DatabaseInUse)));
    let regions: Vec<String> = sql("SELECT region FROM buckets")
        .scalars(&mut theirs.connect().await.unwrap())
        .await
        .unwrap();
    assert_eq!(regions, ["ap-guangzhou"]);
    let store = open(folder.path()).await.unwrap();
    assert_eq!(content(&store, "small \u{1f40e}").await, "with the rows");
}
