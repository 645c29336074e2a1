//! Emptying a store.

use std::time::Duration;

use super::fixture::{
    BUCKET, Fixture, REGION, START, claim, job, long, name, on_every_store, put, submit, success,
    text,
};
use crate::store::dialect::Dialect;
use crate::store::emptying::{EMPTIED, KEPT};
use crate::store::sql::sql;
use crate::store::{
    Acl, BatchStatus, Effect, Emptied, Listed, ListedPart, NewBatchJob, NewCallback, NewJob,
    Overwrite, Processing, SettingName, Store, StoreError,
};

on_every_store!(
    every_table_is_emptied_or_kept,
    nothing_is_left_but_the_store,
    what_is_under_way_changes_nothing,
    the_buckets_of_the_settings_are_there_again,
);

pub(super) async fn rows(store: &Store, table: &str) -> i64 {
    let count = sql(format!("SELECT count(*) FROM {table}"));
    let mut connection = store.connect().await.unwrap();
    count.scalar(&mut connection).await.unwrap()
}

async fn part(store: &Store, key: &str, id: &str, number: u32, content: &str) -> ListedPart {
    let blob = store.upload_bytes(content.to_owned().into()).await.unwrap();
    let part = store.put_part(&name(key), id, number, blob).await.unwrap();
    ListedPart {
        number,
        etag: part.etag,
    }
}

async fn begin(store: &Store, key: &str) -> String {
    let (name, attributes) = (name(key), text());
    let begun = store.begin_multipart(&name, &attributes, "100000000001");
    begun.await.unwrap().id
}

/// Something of all that there can be. Two versions, a delete marker, an object in parts.
pub(super) async fn fill(store: &Store) {
    put(store, "short", "short").await;
    put(store, "long", &long("long")).await;
    let enabled = crate::store::Versioning::Enabled;
    store.set_versioning(BUCKET, enabled).await.unwrap();
    let setting = |kind| SettingName {
        bucket: BUCKET.to_owned(),
        kind,
        id: String::new(),
    };
    // What comes from now on is to be copied.
    let (replication, lifecycle) = (setting("replication"), setting("lifecycle"));
    let set = store.put_bucket_setting(&replication, "<a/>", 1).await;
    set.unwrap();
    store.begin_pass(&lifecycle, 1, false).await.unwrap();
    put(store, "long", &long("newer")).await;
    store.delete_object(&name("short")).await.unwrap();
    let id = begin(store, "parts").await;
    let first = part(store, "parts", &id, 1, &"a".repeat(1024 * 1024)).await;
    let second = part(store, "parts", &id, 2, "the last").await;
    let listed = [first, second];
    let completed = store.complete_multipart(&name("parts"), &id, &listed).await;
    completed.unwrap();
    let unfinished = begin(store, "unfinished").await;
    part(store, "unfinished", &unfinished, 1, &long("part")).await;

    for processing in [Processing::Picture, Processing::File] {
        let made = store.create_process_bucket(processing, BUCKET).await;
        made.unwrap();
    }
    let website = setting("website");
    store.put_bucket_setting(&website, "<a/>", 1).await.unwrap();
    submit(store, job()).await;
    let callback = NewCallback {
        url: "http://example.com/".into(),
        content_type: "application/json".into(),
        body: b"{}".to_vec(),
    };
    let claimed = claim(store).await;
    let effects = [Effect::Callback(callback)];
    let finished = store.finish_job(&claimed, &success(), &effects).await;
    finished.unwrap();
    submit(store, job()).await;
    batch(store).await;
}

/// A batch job that has read a part of its list.
pub(super) async fn batch(store: &Store) {
    let job = NewBatchJob {
        id: "batch".into(),
        region: REGION.into(),
        token: "token".into(),
        request: "<a/>".into(),
        priority: 1,
    };
    store.create_batch_job(&job, 1).await.unwrap();
    let job = store.next_batch_job().await.unwrap().unwrap();
    let preparing = BatchStatus::Preparing;
    store.move_batch_job(&job, preparing).await.unwrap();
    let job = store.next_batch_job().await.unwrap().unwrap();
    let listed = Listed {
        bucket: BUCKET.into(),
        key: "short".into(),
        version: String::new(),
    };
    let added = store.add_batch_tasks(&job, 0, &[listed]).await;
    added.unwrap();
}

async fn every_table_is_emptied_or_kept(Fixture { store, .. }: &Fixture) {
    let mut connection = store.connect().await.unwrap();
    let all = match connection.dialect() {
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
             AND name NOT LIKE '%sqlx%' ORDER BY name"
        }
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relname NOT LIKE '%sqlx%' \
             AND relnamespace = current_schema()::regnamespace ORDER BY relname"
        }
    };
    let all: Vec<String> = sql(all).scalars(&mut connection).await.unwrap();
    let mut known = [&EMPTIED[..], &KEPT[..]].concat();
    known.sort_unstable();
    assert_eq!(all, known);
}

async fn nothing_is_left_but_the_store(Fixture { store, .. }: &Fixture) {
    fill(store).await;
    let with_the_rows = store.inline_contents().await > 0;
    for table in EMPTIED {
        let is_filled = rows(store, table).await > 0;
        assert!(
            is_filled || (table == "contents" && !with_the_rows),
            "{table}"
        );
    }
    store.advance_clock(Duration::from_hours(24)).await.unwrap();
    let secret = store.secret().await.unwrap();

    let emptied = store.empty(&[], REGION).await.unwrap();
    let expected = Emptied {
        buckets: 1,
        // The marker, what it hides, both versions of the long one, and the one in parts.
        objects: 5,
        jobs: 2,
    };
    assert_eq!(emptied, expected);
    for table in EMPTIED {
        assert_eq!(rows(store, table).await, 0, "{table}");
    }
    // That content is no garbage any more is seen a moment later.
    store.settle().await;
    assert_eq!((store.pieces().await, rows(store, "garbage").await), (0, 0));
    assert_eq!((store.ahead(), store.now()), (0, START));
    assert_eq!(store.secret().await.unwrap(), secret);
    assert_eq!(store.findings().await, []);

    let again = store.create_bucket(BUCKET, REGION, Acl::Private).await;
    again.unwrap();
    fill(store).await;
    let emptied = store.empty(&[], REGION).await.unwrap();
    assert_eq!(emptied, expected);
    let nothing = store.empty(&[], REGION).await.unwrap();
    assert_eq!(nothing, Emptied::default());
}

async fn what_is_under_way_changes_nothing(Fixture { store, .. }: &Fixture) {
    submit(store, job()).await;
    let claimed = claim(store).await;
    let lost = store.upload_bytes(long("lost").into()).await.unwrap();
    let kept = store.upload_bytes(long("kept").into()).await.unwrap();
    let upload = begin(store, "parts").await;
    let piece = store.upload_bytes(long("piece").into()).await.unwrap();
    let mut changes = store.changes();

    store.empty(&[], REGION).await.unwrap();
    assert!(changes.has_changed().unwrap());
    changes.mark_unchanged();
    let effect = Effect::DeleteObject {
        name: name("a"),
        if_etag: None,
    };
    let finished = store.finish_job(&claimed, &success(), &[effect]).await;
    assert!(matches!(finished, Err(StoreError::StaleClaim { .. })));
    let stored = store
        .put_object(&name("a"), lost, &text(), Overwrite::Allow)
        .await;
    assert!(matches!(stored, Err(StoreError::NoSuchBucket(_))));
    let part = store.put_part(&name("parts"), &upload, 1, piece).await;
    assert!(part.is_err(), "{part:?}");

    let made = store.create_bucket(BUCKET, REGION, Acl::Private).await;
    made.unwrap();
    let later = submit(store, NewJob { level: 2, ..job() }).await;
    let job = claim(store).await;
    assert_eq!(job.job.id, later);
    assert!(job.job.seq > claimed.job.seq, "numbers go on");
    store
        .put_object(&name("a"), kept, &text(), Overwrite::Allow)
        .await
        .unwrap();
    assert_eq!(super::fixture::content(store, "a").await, long("kept"));
}

async fn the_buckets_of_the_settings_are_there_again(Fixture { store, .. }: &Fixture) {
    put(store, "a", "a").await;
    store.advance_clock(Duration::from_hours(24)).await.unwrap();
    // One of them twice, as a command line can name it.
    let made = [BUCKET, "other-1250000000", BUCKET].map(str::to_owned);
    store.empty(&made, "ap-beijing").await.unwrap();
    let buckets = store.buckets().await.unwrap();
    let buckets: Vec<_> = buckets
        .iter()
        .map(|it| (it.name.as_str(), it.region.as_str(), it.created_at))
        .collect();
    let expected = [BUCKET, "other-1250000000"].map(|name| (name, "ap-beijing", START));
    assert_eq!(buckets, expected);
    let missing = store.head_object(&name("a")).await;
    assert!(matches!(missing, Err(StoreError::NoSuchObject(_))));
    store.make_buckets(&made, REGION).await.unwrap();
    assert_eq!(store.buckets().await.unwrap().len(), 2);
}
