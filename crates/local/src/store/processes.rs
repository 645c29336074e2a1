//! The processes that use a store, and what they leave behind when they die.
//!
//! A claim, a delivery and an upload each belong to a process, for a time. Opening a store takes
//! nothing away from a process that lives: it takes over what belonged to one that is dead. On
//! SQLite, the lock of the folder proves that all others are.

use std::sync::atomic::Ordering;

use super::claims::WAITING;
use super::connection::Connection;
use super::error::Result;
use super::handle::Store;
use super::sql::sql;

/// Makes this process one of those that use the store.
pub(super) async fn join(store: &Store) -> Result<()> {
    let mut tx = store.write().await?;
    let joined = try_join(&mut tx, store).await;
    let ahead = tx.end(joined).await?;
    store.inner.ahead.store(ahead, Ordering::Relaxed);
    Ok(())
}

async fn try_join(tx: &mut Connection, store: &Store) -> Result<i64> {
    take_over_all(tx, store).await?;
    sql("INSERT INTO processes (id, lease_until) VALUES ($1, $2)")
        .bind(&store.inner.process)
        .bind(i64::MAX)
        .execute(tx)
        .await?;
    sql("SELECT ahead FROM clock").scalar(tx).await
}

/// Takes over everything. Only for when no other process can be alive.
async fn take_over_all(tx: &mut Connection, store: &Store) -> Result<()> {
    sql(format!("UPDATE jobs SET {WAITING} WHERE state = 'Running'"))
        .execute(tx)
        .await?;
    sql("UPDATE callbacks SET owner = NULL, lease_until = NULL WHERE owner IS NOT NULL")
        .execute(tx)
        .await?;
    sql(
        "INSERT INTO garbage (blob, since) SELECT blob, $1 FROM uploads WHERE true \
         ON CONFLICT DO NOTHING",
    )
    .bind(store.now())
    .execute(tx)
    .await?;
    sql("DELETE FROM uploads").execute(tx).await?;
    sql("DELETE FROM processes").execute(tx).await?;
    Ok(())
}

impl Store {
    /// Puts the cloud's clock ahead by `millis` more milliseconds, for every process that uses the
    /// store. It cannot be put back; leases do not notice.
    pub(crate) async fn advance_clock(&self, millis: u32) -> Result<()> {
        let mut tx = self.write().await?;
        let ahead = sql("UPDATE clock SET ahead = ahead + $1 RETURNING ahead")
            .bind(millis)
            .scalar::<i64>(&mut tx)
            .await;
        let ahead = tx.end(ahead).await?;
        self.inner.ahead.store(ahead, Ordering::Relaxed);
        // What was not due may be.
        self.inner.work.notify_all();
        self.inner.callbacks.notify_one();
        Ok(())
    }
}
