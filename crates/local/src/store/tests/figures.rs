//! How much the store does in a second, beside what the disk does.
//!
//! `cargo test --release -p tcloud-local --lib -- --ignored --nocapture figures`, with `TMPDIR` on the
//! disk to measure. `tests/slow_disk.c` makes any disk a slow one.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;

use super::fixture::{BUCKET, LEASE, REGION, job, name, submit, success, text};
use crate::clock::SystemClock;
use crate::store::{Acl, JobClass, NewJob, Overwrite, Store};

/// How many do the same at the same time.
const CLIENTS: [u32; 3] = [1, 16, 64];
/// How long each thing is done.
const TIME: Duration = Duration::from_secs(3);

/// How often the disk makes one more page of a file durable in a second.
fn syncs_per_second(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("synced")).unwrap();
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < TIME {
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// What was done.
#[derive(Clone, Copy)]
struct Done {
    /// How often in a second.
    rate: f64,
    /// For how many commits, each.
    commits: f64,
}

async fn commits(store: &Store) -> f64 {
    let counted = store.inner.database.batches().await.unwrap().count();
    f64::from(u32::try_from(counted).unwrap())
}

/// How often `clients` at the same time do `work` in a second.
async fn rate<F: Future<Output = bool>>(
    store: &Store,
    clients: u32,
    work: impl Fn(u32, u32) -> F,
) -> Done {
    let before = commits(store).await;
    let start = Instant::now();
    let each = (0..clients).map(|client| {
        let work = &work;
        async move {
            let mut done = 0;
            while start.elapsed() < TIME && work(client, done).await {
                done += 1;
            }
            done
        }
    });
    let done: u32 = join_all(each).await.into_iter().sum();
    Done {
        rate: f64::from(done) / start.elapsed().as_secs_f64(),
        commits: (commits(store).await - before) / f64::from(done),
    }
}

async fn measure(grouped: bool, clients: u32) -> [Done; 3] {
    let folder = tempfile::tempdir().unwrap();
    let store = &Store::in_folder(folder.path(), None, Arc::new(SystemClock), grouped)
        .await
        .unwrap();
    let created = store.create_bucket(BUCKET, REGION, Acl::Private).await;
    created.unwrap();
    let submitted = rate(store, clients, async |_, _| {
        submit(store, NewJob { level: 1, ..job() }).await;
        true
    })
    .await;
    // More than can be finished in the time, whatever was submitted just now.
    for _ in 0..if grouped { 40 } else { 4 } {
        join_all((0..512).map(|_| submit(store, job()))).await;
    }
    let finished = rate(store, clients, async |client, _| {
        let owner = client.to_string();
        let claimed = store
            .claim_job(JobClass::Picture, &owner, LEASE)
            .await
            .unwrap();
        let claimed = claimed.expect("there are more jobs than time");
        store.finish_job(&claimed, &success(), &[]).await.unwrap();
        true
    })
    .await;
    let content = Bytes::from(vec![7; 4096]);
    let stored = rate(store, clients, async |client, number| {
        let blob = store.upload_bytes(content.clone()).await.unwrap();
        let at = name(&format!("{client}/{number}"));
        store
            .put_object(&at, blob, &text(), Overwrite::Allow)
            .await
            .unwrap();
        true
    })
    .await;
    [submitted, finished, stored]
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, to be run alone and in release mode"]
async fn figures() {
    let folder = tempfile::tempdir().unwrap();
    let before = syncs_per_second(folder.path());
    println!(
        "| a second | clients | one fsync for many | one fsync each | ratio | of the disk's \
         | commits each |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for clients in CLIENTS {
        let (grouped, alone) = (measure(true, clients).await, measure(false, clients).await);
        let names = [
            "jobs submitted",
            "jobs claimed and finished",
            "PUTs of 4 KiB",
        ];
        for ((what, grouped), alone) in names.into_iter().zip(grouped).zip(alone) {
            println!(
                "| {what} | {clients} | {:.0} | {:.0} | {:.1} | {:.1} | {:.2} |",
                grouped.rate,
                alone.rate,
                grouped.rate / alone.rate,
                grouped.rate / before,
                grouped.commits
            );
        }
    }
    let after = syncs_per_second(folder.path());
    println!("the disk alone: {before:.0} fsync a second before, {after:.0} after");
}
