//! Emptying a store, beside those who use it.
//!
//! All rows go in one transaction, and what they named is garbage by it: whoever reads sees all of
//! the old state or nothing of it. A job that runs finds its claim gone when it ends, and changes
//! nothing; content that is being received becomes an object of a bucket made since, or of none. The
//! numbers of jobs and callbacks go on, so that nothing old is taken for something new.

use std::sync::atomic::Ordering;

use serde::Serialize;

use super::acl::Acl;
use super::buckets;
use super::connection::Connection;
use super::dialect::Dialect;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::signals::Signal;
use super::sql::sql;

/// The tables that are emptied, each before those that it refers to.
pub(super) const EMPTIED: [&str; 17] = [
    "callbacks",
    "jobs",
    "batch_tasks",
    "batch_jobs",
    "pic_buckets",
    "file_buckets",
    "queues",
    "ci_buckets",
    "passes",
    "replications",
    "bucket_settings",
    "parts",
    "multipart_uploads",
    "objects",
    "segments",
    "contents",
    "buckets",
];

/// The tables that are not: which store it is and what it seals with, who uses it and what they are
/// receiving, what is to be deleted, and the clock, which is set right.
#[cfg(test)]
pub(super) const KEPT: [&str; 6] = [
    "store",
    "secret",
    "processes",
    "uploads",
    "garbage",
    "clock",
];

/// How long the tables are waited for in one go, where several processes share them. Less than any
/// of those waits that have a part of them: so none of their transactions is broken off.
#[cfg(feature = "postgres")]
const PATIENCE: &str = "200ms";
/// How often they are asked for.
const TRIES: u32 = 100;

/// What there was before a reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[non_exhaustive]
pub struct Emptied {
    /// How many buckets.
    pub buckets: u64,
    /// How many objects, all versions and delete markers included.
    pub objects: u64,
    /// How many jobs, those that had ended included.
    pub jobs: u64,
}

impl Store {
    /// Forgets all buckets, objects, uploads in parts, queues, jobs and callbacks, sets the cloud's
    /// clock right, and makes the buckets `made` in `region`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] if the database cannot be reached, [`StoreError::Database`] if
    /// others hold its tables all the time. Nothing is forgotten then.
    pub(crate) async fn empty(&self, made: &[String], region: &str) -> Result<Emptied> {
        let mut tries = 1;
        let (emptied, blobs) = loop {
            let mut tx = self.write().await?;
            let emptied = empty(&mut tx, made, region, self).await;
            match tx.end(emptied).await {
                Err(error) if error.is_lock_timeout() && tries < TRIES => tries += 1,
                ended => break ended?,
            }
        };
        self.inner.ahead.store(0, Ordering::Relaxed);
        self.inner.signals.give(Signal::Clock);
        self.inner.signals.give(Signal::Emptied);
        self.delete_garbage(blobs.iter().map(String::as_str)).await;
        Ok(emptied)
    }

    /// Whether there is any bucket.
    pub(crate) async fn has_buckets(&self) -> Result<bool> {
        sql("SELECT EXISTS (SELECT 1 FROM buckets)")
            .scalar(&mut self.connect().await?)
            .await
    }

    /// Makes the buckets `names` in `region` that do not exist.
    pub(crate) async fn make_buckets(&self, names: &[String], region: &str) -> Result<()> {
        if names.is_empty() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        let made = make_buckets(&mut tx, names, region, self.now()).await;
        tx.end(made).await
    }
}

async fn make_buckets(tx: &mut Connection, names: &[String], region: &str, now: i64) -> Result<()> {
    for name in names {
        match buckets::create(tx, name, region, &Acl::Private, now).await {
            Ok(_) | Err(StoreError::BucketExists(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

pub(super) async fn empty(
    tx: &mut Connection,
    made: &[String],
    region: &str,
    store: &Store,
) -> Result<(Emptied, Vec<String>)> {
    lock(tx).await?;
    let blobs = sql("INSERT INTO garbage (blob, since) \
         SELECT blob, CAST($1 AS BIGINT) FROM objects WHERE NOT inline AND NOT is_marker \
         AND NOT EXISTS (SELECT 1 FROM segments WHERE content = objects.blob) \
         UNION SELECT blob, CAST($1 AS BIGINT) FROM segments WHERE NOT inline \
         UNION SELECT blob, CAST($1 AS BIGINT) FROM parts WHERE NOT inline \
         ON CONFLICT DO NOTHING RETURNING blob")
    .bind(store.now())
    .scalars(tx)
    .await?;
    let mut emptied = Emptied::default();
    for table in EMPTIED {
        let rows = sql(format!("DELETE FROM {table}")).execute(tx).await?;
        match table {
            "buckets" => emptied.buckets = rows,
            "objects" => emptied.objects = rows,
            "jobs" => emptied.jobs = rows,
            _ => {}
        }
    }
    sql("UPDATE clock SET ahead = 0").execute(tx).await?;
    // By the clock as it is from now on.
    let now = store.now().saturating_sub(store.ahead());
    make_buckets(tx, made, region, now).await?;
    Ok((emptied, blobs))
}

/// Waits until nobody writes, and lets nobody write until the transaction ends.
#[cfg_attr(
    not(feature = "postgres"),
    expect(clippy::unused_async, reason = "not every database has one writer")
)]
async fn lock(tx: &mut Connection) -> Result<()> {
    match tx.dialect() {
        // There is one writer.
        Dialect::Sqlite => Ok(()),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => {
            sql(format!("SET LOCAL lock_timeout = '{PATIENCE}'"))
                .execute(tx)
                .await?;
            let tables = EMPTIED.join(", ");
            sql(format!("LOCK TABLE {tables}, clock IN EXCLUSIVE MODE"))
                .execute(tx)
                .await
                .map(drop)
        }
    }
}
