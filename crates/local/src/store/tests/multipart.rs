//! Uploads in parts, and objects that consist of them.

use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::task::Poll;
use std::{env, io};

use super::fixture::{
    BUCKET, FAR_FUTURE, Fixture, REGION, content, name, on_every_store, put, text,
};
use crate::clock::ManualClock;
use crate::store::{Acl, ByteRange, ListQuery, ListedPart, Store, StoreError, UploadQuery};

on_every_store!(
    parts_become_an_object_without_being_copied,
    ranges_lie_across_parts,
    what_is_not_put_together_is_dropped,
    short_and_empty_parts_are_content_as_well,
    an_upload_that_has_ended_is_gone,
    uploads_are_listed_by_key_and_time,
    parts_are_listed_by_number,
    a_bucket_with_uploads_is_not_empty,
    a_part_copied_from_an_object_outlives_it,
);

/// A part that others may follow.
fn large(letter: char) -> String {
    letter.to_string().repeat(1024 * 1024)
}

async fn begin(store: &Store, key: &str) -> String {
    let begun = store
        .begin_multipart(&name(key), &text(), "100000000001")
        .await;
    begun.unwrap().id
}

async fn upload(store: &Store, key: &str, id: &str, number: u32, content: &str) -> ListedPart {
    let blob = store.upload_bytes(content.to_owned().into()).await.unwrap();
    let part = store.put_part(&name(key), id, number, blob).await.unwrap();
    ListedPart {
        number,
        etag: part.etag,
    }
}

/// A part with the content of the object `from`, or a range of it.
async fn copy(
    store: &Store,
    (key, id, number): (&str, &str, u32),
    from: &str,
    range: Option<ByteRange>,
) -> ListedPart {
    let reader = store.get_object(&name(from), range).await.unwrap();
    let blob = store.stage(reader).await.unwrap();
    let part = store.put_part(&name(key), id, number, blob).await.unwrap();
    ListedPart {
        number,
        etag: part.etag,
    }
}

async fn a_part_copied_from_an_object_outlives_it(fixture: &Fixture) {
    let store = &fixture.store;
    put(store, "from", &large('a')).await;
    let id = begin(store, "key").await;
    let whole = copy(store, ("key", &id, 1), "from", None).await;
    let range = Some(ByteRange::Between(0, 2));
    let last = copy(store, ("key", &id, 2), "from", range).await;
    assert_eq!(last.etag, "47bce5c74f589f4867dbd57e9ca9f808");
    store.delete_object(&name("from")).await.unwrap();
    let listed = [whole, last];
    let object = store.complete_multipart(&name("key"), &id, &listed).await;
    let expected = format!("{}aaa", large('a'));
    let crc64 = tcloud_core::body::crc64(expected.as_bytes());
    assert_eq!(object.unwrap().crc64.0, crc64);
    assert_eq!(content(store, "key").await, expected);
    assert_eq!(store.pieces().await, 2);
    assert_eq!(store.findings().await, []);
}

async fn parts_become_an_object_without_being_copied(fixture: &Fixture) {
    let store = &fixture.store;
    put(store, "key", &super::fixture::long("older")).await;
    let id = begin(store, "key").await;
    let last = upload(store, "key", &id, 9, "the last").await;
    let replaced = upload(store, "key", &id, 1, &large('x')).await;
    let second = upload(store, "key", &id, 2, &large('b')).await;
    let first = upload(store, "key", &id, 1, &large('a')).await;
    assert_eq!(store.pieces().await, 4, "the replaced part is gone");
    assert_eq!(content(store, "key").await, super::fixture::long("older"));
    let stale = [replaced, second.clone()];
    let wrong = store.complete_multipart(&name("key"), &id, &stale).await;
    assert!(matches!(
        wrong,
        Err(StoreError::InvalidPart { number: 1, .. })
    ));

    let whole = format!("{}{}the last", large('a'), large('b'));
    let listed = [first, second, last];
    let object = store
        .complete_multipart(&name("key"), &id, &listed)
        .await
        .unwrap();
    assert_eq!(object.size, whole.len() as u64);
    assert_eq!(object.crc64.0, tcloud_core::body::crc64(whole.as_bytes()));
    assert!(object.etag.ends_with("-3"), "{}", object.etag);
    assert_eq!(object.attributes, text());
    assert_eq!(store.head_object(&name("key")).await.unwrap(), object);
    assert_eq!(content(store, "key").await, whole);
    assert_eq!(store.pieces().await, 3, "and so is the older object");
    assert_eq!(store.findings().await, []);
    fixture.clock.set(FAR_FUTURE);
    assert_eq!(store.collect_garbage().await.unwrap(), 0);

    store.delete_object(&name("key")).await.unwrap();
    assert_eq!(store.pieces().await, 0);
}

async fn ranges_lie_across_parts(fixture: &Fixture) {
    let store = &fixture.store;
    let id = begin(store, "key").await;
    let mut listed = Vec::new();
    for (number, part) in [
        (1, large('a')),
        (2, large('b')),
        (3, "123456789".to_owned()),
    ] {
        listed.push(upload(store, "key", &id, number, &part).await);
    }
    store
        .complete_multipart(&name("key"), &id, &listed)
        .await
        .unwrap();
    let part = 1024 * 1024;
    for (range, expected) in [
        (ByteRange::Between(0, 0), "a"),
        (ByteRange::Between(part - 2, part + 1), "aabb"),
        (ByteRange::Between(part, part), "b"),
        (ByteRange::Between(2 * part - 1, 2 * part + 2), "b123"),
        (ByteRange::Last(4), "6789"),
        (ByteRange::From(2 * part + 8), "9"),
        (ByteRange::Between(2 * part + 3, u64::MAX), "456789"),
    ] {
        let reader = store.get_object(&name("key"), Some(range)).await.unwrap();
        assert_eq!(reader.bytes().await.unwrap(), expected, "{range:?}");
    }
    let across = ByteRange::Between(1, 2 * part);
    let reader = store.get_object(&name("key"), Some(across)).await.unwrap();
    let read = reader.bytes().await.unwrap();
    assert_eq!(read.len() as u64, 2 * part);
    assert!(read.starts_with(b"aa") && read.ends_with(b"bb1"));
    let behind = ByteRange::From(2 * part + 9);
    let behind = store.get_object(&name("key"), Some(behind)).await;
    assert!(matches!(behind, Err(StoreError::InvalidRange { .. })));
}

async fn what_is_not_put_together_is_dropped(fixture: &Fixture) {
    let store = &fixture.store;
    let id = begin(store, "key").await;
    let long = super::fixture::long("dropped");
    upload(store, "key", &id, 1, &long).await;
    upload(store, "key", &id, 2, "dropped").await;
    let kept = upload(store, "key", &id, 3, "kept").await;
    store
        .complete_multipart(&name("key"), &id, &[kept])
        .await
        .unwrap();
    assert_eq!(content(store, "key").await, "kept");
    assert_eq!(store.pieces().await, 1);
    let object = store.head_object(&name("key")).await.unwrap();
    // md5sum of the MD5 digest of "kept".
    assert_eq!(object.etag, "c2fc1adfa2bb858cf6f5908b5cb747d7-1");

    let id = begin(store, "other").await;
    upload(store, "other", &id, 1, &long).await;
    upload(store, "other", &id, 2, "short").await;
    store.abort_multipart(&name("other"), &id).await.unwrap();
    assert_eq!(store.pieces().await, 1);
    assert_eq!(store.findings().await, []);
}

async fn short_and_empty_parts_are_content_as_well(fixture: &Fixture) {
    let store = &fixture.store;
    for (key, last) in [("empty", ""), ("short", "the end")] {
        let id = begin(store, key).await;
        let listed = [
            upload(store, key, &id, 1, &large('a')).await,
            upload(store, key, &id, 2, last).await,
        ];
        store
            .complete_multipart(&name(key), &id, &listed)
            .await
            .unwrap();
        assert_eq!(content(store, key).await, format!("{}{last}", large('a')));
    }
    let id = begin(store, "nothing").await;
    let listed = [upload(store, "nothing", &id, 1, "").await];
    store
        .complete_multipart(&name("nothing"), &id, &listed)
        .await
        .unwrap();
    assert_eq!(content(store, "nothing").await, "");
    assert_eq!(store.findings().await, []);
    for key in ["empty", "short", "nothing"] {
        store.delete_object(&name(key)).await.unwrap();
    }
    assert_eq!(store.pieces().await, 0);
}

async fn an_upload_that_has_ended_is_gone(fixture: &Fixture) {
    let store = &fixture.store;
    let id = begin(store, "key").await;
    let listed = [upload(store, "key", &id, 1, "content").await];
    let (at, other) = (name("key"), name("other"));
    // It is the key's, and no other one's.
    let foreign = store.complete_multipart(&other, &id, &listed).await;
    assert!(matches!(foreign, Err(StoreError::NoSuchUpload { .. })));
    store.complete_multipart(&at, &id, &listed).await.unwrap();
    let is_gone = |result: Result<(), StoreError>| {
        assert!(
            matches!(result, Err(StoreError::NoSuchUpload { .. })),
            "{result:?}"
        );
    };
    is_gone(store.complete_multipart(&at, &id, &listed).await.map(drop));
    is_gone(store.abort_multipart(&at, &id).await);
    is_gone(store.multipart(&at, &id).await.map(drop));
    is_gone(store.list_parts(&at, &id, 0, 10).await.map(drop));
    let late = store.upload_bytes(large('a').into()).await.unwrap();
    is_gone(store.put_part(&at, &id, 1, late).await.map(drop));
    store.come_to_rest().await;
    let missing = crate::store::ObjectName::new("missing-1250000000", "key");
    let begun = store.begin_multipart(&missing, &text(), "").await;
    assert!(matches!(begun, Err(StoreError::NoSuchBucket(_))));
    assert_eq!(content(store, "key").await, "content");
}

async fn uploads_are_listed_by_key_and_time(fixture: &Fixture) {
    let store = &fixture.store;
    let mut begun = Vec::new();
    for key in ["b", "a/1", "a/1", "a/2", "c", "A"] {
        begun.push((key.to_owned(), begin(store, key).await));
        fixture.clock.advance(7);
    }
    begun.sort();
    let of = async |query: &UploadQuery| {
        let page = store.list_multiparts(BUCKET, query).await.unwrap();
        let uploads: Vec<_> = page.uploads.into_iter().map(|it| (it.key, it.id)).collect();
        (uploads, page.common_prefixes, page.next)
    };
    let query = |prefix: &str, delimiter: &str, max_keys| UploadQuery {
        keys: ListQuery {
            prefix: prefix.into(),
            delimiter: delimiter.into(),
            max_keys,
            ..ListQuery::default()
        },
        id_marker: String::new(),
    };
    assert_eq!(of(&query("", "", 6)).await, (begun.clone(), vec![], None));
    assert_eq!(of(&query("a/", "", 9)).await.0, begun[1..4]);

    // Page by page, whatever their size, nothing is left out or shown twice.
    for (delimiter, shown) in [("", 6), ("/", 4)] {
        for size in 1..=7 {
            let (mut uploads, mut prefixes) = (Vec::new(), Vec::new());
            let mut asked = query("", delimiter, size);
            loop {
                let (page, common, next) = of(&asked).await;
                assert!(page.len() + common.len() <= size as usize);
                uploads.extend(page);
                prefixes.extend(common);
                let Some((key, id)) = next else { break };
                (asked.keys.marker, asked.id_marker) = (key, id);
            }
            assert_eq!(uploads.len() + prefixes.len(), shown, "{delimiter} {size}");
            assert!(uploads.is_sorted());
        }
    }
    // Without an id, uploads of the marker's key are behind.
    let mut behind = query("", "", 9);
    behind.keys.marker = "a/1".into();
    assert_eq!(of(&behind).await.0, begun[3..]);
    behind.id_marker = begun[1].1.clone();
    assert_eq!(of(&behind).await.0, begun[2..]);
    let none = of(&query("", "", 0)).await;
    assert_eq!(none, (vec![], vec![], None));
}

async fn parts_are_listed_by_number(fixture: &Fixture) {
    let store = &fixture.store;
    let id = begin(store, "key").await;
    for number in [10_000, 3, 1, 20] {
        upload(store, "key", &id, number, &number.to_string()).await;
    }
    let list = async |after, most| {
        let (upload, parts, more) = store
            .list_parts(&name("key"), &id, after, most)
            .await
            .unwrap();
        assert_eq!(upload.initiator, "100000000001");
        let parts: Vec<_> = parts.iter().map(|part| (part.number, part.size)).collect();
        (parts, more)
    };
    assert_eq!(list(0, 3).await, (vec![(1, 1), (3, 1), (20, 2)], true));
    assert_eq!(list(20, 3).await, (vec![(10_000, 5)], false));
    assert!(!list(0, 4).await.1);
}

async fn a_bucket_with_uploads_is_not_empty(fixture: &Fixture) {
    let store = &fixture.store;
    let id = begin(store, "key").await;
    let refused = store.delete_bucket(BUCKET).await;
    assert!(matches!(refused, Err(StoreError::BucketHasUploads(_))));
    store.abort_multipart(&name("key"), &id).await.unwrap();
    store.delete_bucket(BUCKET).await.unwrap();
}

/// Names the folder to the process that is going to be killed.
const FOLDER: &str = "TCLOUD_PARTS_TO_KILL";

async fn open(folder: &Path) -> Store {
    let store = Store::open(folder).await.unwrap();
    match store.create_bucket(BUCKET, REGION, Acl::Private).await {
        Ok(_) | Err(StoreError::BucketExists(_)) => store,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn parts_survive_the_end_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let id = begin(&store, "key").await;
    let mut listed = vec![upload(&store, "key", &id, 1, &large('a')).await];
    let on_its_way = store.upload_bytes(large('x').into()).await.unwrap();
    store.die();
    on_its_way.abandon();
    drop(store);

    let store = open(folder.path()).await;
    assert_eq!(
        store.collect_garbage().await.unwrap(),
        1,
        "the one on its way"
    );
    listed.push(upload(&store, "key", &id, 2, "end").await);
    assert_eq!(store.findings().await, []);
    store
        .complete_multipart(&name("key"), &id, &listed)
        .await
        .unwrap();
    assert_eq!(content(&store, "key").await, format!("{}end", large('a')));
}

#[tokio::test]
async fn damaged_parts_are_reported_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let id = begin(&store, "key").await;
    for (number, letter) in [(1, 'a'), (2, 'b'), (3, 'c')] {
        upload(&store, "key", &id, number, &large(letter)).await;
    }
    let mut files = std::fs::read_dir(folder.path().join("blobs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().is_some_and(|name| name != "store-id"))
        .collect::<Vec<_>>();
    files.sort();
    std::fs::write(&files[0], "short").unwrap();
    std::fs::remove_file(&files[1]).unwrap();
    let found = store.findings().await;
    let texts: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 2, "{texts:?}");
    assert!(
        texts
            .iter()
            .any(|it| it.ends_with("has 5 bytes instead of 1048576"))
    );
    assert!(texts.iter().any(|it| it.ends_with("does not exist")));
    for finding in &found {
        assert!(store.repair(finding).await.unwrap());
        assert!(!store.repair(finding).await.unwrap());
    }
    assert_eq!(store.findings().await, []);
    let left = store.list_parts(&name("key"), &id, 0, 9).await.unwrap().1;
    assert_eq!(left.len(), 1);
}

/// A client that hangs up drops its request anywhere, also between a commit and its report.
#[tokio::test]
async fn what_is_dropped_halfway_is_done_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let (mut ended, mut part_there) = (0, 0);
    for turns in 0..120 {
        let key = format!("key-{turns}");
        let id = begin(&store, &key).await;
        let listed = [upload(&store, &key, &id, 1, &turns.to_string()).await];
        let late = store.upload_bytes(large('a').into()).await.unwrap();
        let at = name(&key);
        until_dropped(turns, store.put_part(&at, &id, 2, late)).await;
        until_dropped(turns, store.complete_multipart(&at, &id, &listed)).await;
        store.come_to_rest().await;
        if let Ok((_, parts, _)) = store.list_parts(&at, &id, 0, 9).await {
            part_there += usize::from(parts.len() == 2);
            store.complete_multipart(&at, &id, &listed).await.unwrap();
        } else {
            ended += 1;
        }
        assert_eq!(content(&store, &key).await, turns.to_string());
    }
    assert!(ended > 0, "no request came to its end");
    assert!(ended < 120, "no request was dropped");
    assert!(part_there < 120);
    store.come_to_rest().await;
    store.close().await;
    let clock = Arc::new(ManualClock::new(FAR_FUTURE));
    let store = Store::in_folder(folder.path(), None, clock, true)
        .await
        .unwrap();
    store.collect_garbage().await.unwrap();
    assert_eq!(store.pieces().await, 120);
    assert_eq!(store.findings().await, []);
}

/// Drops `work` when it has been asked so often whether it is done, and it may have gone on a bit.
/// The later turns ask more often than any work needs, however slow the disk is.
async fn until_dropped<T>(turn: u32, work: impl Future<Output = Result<T, StoreError>>) {
    let mut work = pin!(work);
    for _ in 0..=turn {
        let asked = poll_fn(|context| Poll::Ready(work.as_mut().poll(context)));
        if let Poll::Ready(done) = asked.await {
            done.map(drop).unwrap();
            return;
        }
        // Asks again when it has been woken.
        let mut is_woken = false;
        let woken = poll_fn(|_| {
            if std::mem::replace(&mut is_woken, true) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        });
        woken.await;
    }
    for _ in 0..turn {
        tokio::task::yield_now().await;
    }
}

/// A process killed while parts are uploaded, and between the commit of an object and its report.
#[tokio::test]
async fn killing_the_process_loses_no_part_and_makes_no_half_object() {
    if let Some(folder) = env::var_os(FOLDER) {
        work_until_killed(folder.as_ref()).await;
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    for lines in [3, 8, 14, 21, 40] {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture", "--test-threads=1"])
            .arg(
                "store::tests::multipart::\
                 killing_the_process_loses_no_part_and_makes_no_half_object",
            )
            .env(FOLDER, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let reported = io::BufReader::new(child.stderr.take().unwrap());
        // Reads on after the kill: what was reported before it counts.
        for (number, line) in io::BufRead::lines(reported).enumerate() {
            said.push(line.unwrap());
            if number == lines {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
    }

    let store = open(folder.path()).await;
    assert_eq!(store.findings().await, []);
    let mut completed = 0;
    for line in &said {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["part", key, id, number] => {
                let number: u32 = number.parse().unwrap();
                let at = name(key);
                match store.list_parts(&at, id, number - 1, 1).await {
                    Ok((_, parts, _)) => assert_eq!(parts[0].number, number, "{line}"),
                    // It has become an object, reported or not.
                    Err(StoreError::NoSuchUpload { .. }) => {
                        store.head_object(&at).await.unwrap();
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            ["completed", key] => {
                completed += 1;
                let whole = format!("{}{}{key}", large('a'), large('b'));
                assert_eq!(content(&store, key).await, whole);
            }
            _ => panic!("the child says {line}"),
        }
    }
    assert!(completed > 5, "{said:?}");
    let query = UploadQuery {
        keys: ListQuery {
            max_keys: 1000,
            ..ListQuery::default()
        },
        ..UploadQuery::default()
    };
    let page = store.list_multiparts(BUCKET, &query).await.unwrap();
    assert!(page.uploads.len() <= 5, "one of each process at most");
    for upload in page.uploads {
        store
            .abort_multipart(&name(&upload.key), &upload.id)
            .await
            .unwrap();
    }
    store.collect_garbage().await.unwrap();
    let all = ListQuery {
        max_keys: 1000,
        ..ListQuery::default()
    };
    let objects = store.list_objects(BUCKET, &all).await.unwrap().objects;
    assert_eq!(store.pieces().await, 3 * (objects.len() - 1) + 1);
}

async fn work_until_killed(folder: &Path) {
    let store = open(folder).await;
    put(&store, "from", &large('b')).await;
    loop {
        let key = crate::store::new_id("key-");
        let id = begin(&store, &key).await;
        let mut listed = Vec::new();
        for number in 1..=3 {
            listed.push(match number {
                1 => upload(&store, &key, &id, number, &large('a')).await,
                2 => copy(&store, (&key, &id, number), "from", None).await,
                _ => upload(&store, &key, &id, number, &key).await,
            });
            eprintln!("part {key} {id} {number}");
        }
        store
            .complete_multipart(&name(&key), &id, &listed)
            .await
            .unwrap();
        eprintln!("completed {key}");
    }
}
