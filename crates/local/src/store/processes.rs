//! The processes that use a store, and what they leave behind when they die.
//!
//! A claim, a delivery and an upload each belong to a process, for a time. Opening a store takes
//! nothing away from a process that lives: it takes over what belonged to one that is dead. On
//! SQLite, the lock of the folder proves that all others are. Elsewhere a process says from time to
//! time that it lives, and one that has not for a while is taken for dead.

use std::sync::LazyLock;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::claim::WAITING;
use super::connection::Connection;
use super::dialect::Dialect;
use super::error::{Result, StoreError};
use super::garbage;
use super::handle::Store;
use super::signals::Signal;
use super::sql::sql;

/// By how much at most the clock is put ahead in one go: ten years, after which a slip is likelier.
const LONGEST_ADVANCE: Duration = Duration::from_hours(10 * 366 * 24);

/// What takes jobs and deliveries from all processes, and forgets these.
pub(super) static TAKEN_OVER: LazyLock<[String; 3]> = LazyLock::new(|| {
    [
        format!(
            "UPDATE jobs SET {WAITING} WHERE state = 'Running' \
             OR (owner IS NOT NULL AND state IN ('Submitted', 'Pause'))"
        ),
        "UPDATE callbacks SET owner = NULL, lease_until = NULL WHERE owner IS NOT NULL".to_owned(),
        "DELETE FROM processes".to_owned(),
    ]
});

/// Makes this process one of those that use the store.
pub(super) async fn join(store: &Store) -> Result<()> {
    let mut tx = store.write().await?;
    let joined = try_join(&mut tx, store).await;
    let ahead = tx.end(joined).await?;
    store.inner.ahead.store(ahead, Ordering::Relaxed);
    Ok(())
}

async fn try_join(tx: &mut Connection, store: &Store) -> Result<i64> {
    match tx.dialect() {
        Dialect::Sqlite => {
            take_over_all(tx).await?;
            sql("INSERT INTO processes (id, lease_until) VALUES ($1, $2)")
                .bind(&store.inner.process)
                .bind(i64::MAX)
                .execute(tx)
                .await?;
        }
        #[cfg(feature = "postgres")]
        Dialect::Postgres => live(tx, store).await?,
    }
    take_over(tx, store).await?;
    ahead(tx).await
}

async fn ahead(connection: &mut Connection) -> Result<i64> {
    sql("SELECT ahead FROM clock").scalar(connection).await
}

/// Takes jobs and deliveries from all processes, and forgets these. Only for when no other process
/// can be alive.
async fn take_over_all(tx: &mut Connection) -> Result<()> {
    for statement in &*TAKEN_OVER {
        sql(statement.as_str()).execute(tx).await?;
    }
    Ok(())
}

/// Forgets processes that are dead. What they were receiving is garbage. Their claims end by
/// themselves.
async fn take_over(tx: &mut Connection, store: &Store) -> Result<u64> {
    let time = tx.dialect().lease_time(1);
    let dead = sql(format!("DELETE FROM processes WHERE lease_until <= {time}"))
        .bind(store.lease_time())
        .execute(tx)
        .await?;
    let blobs: Vec<String> =
        sql("DELETE FROM uploads WHERE process NOT IN (SELECT id FROM processes) RETURNING blob")
            .scalars(tx)
            .await?;
    // What it has parked is found by workers again.
    sql(format!(
        "UPDATE jobs SET {WAITING} WHERE owner LIKE 'process-%' AND ended_at IS NULL \
         AND owner NOT IN (SELECT id FROM processes)"
    ))
    .execute(tx)
    .await?;
    for blob in blobs {
        garbage::note(tx, &blob, store.now()).await?;
    }
    Ok(dead)
}

/// Says that this process lives.
#[cfg(feature = "postgres")]
async fn live(tx: &mut Connection, store: &Store) -> Result<()> {
    let time = tx.dialect().lease_time(2);
    sql(format!(
        "INSERT INTO processes (id, lease_until) VALUES ($1, {time} + $3) \
         ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until"
    ))
    .bind(&store.inner.process)
    .bind(store.lease_time())
    .bind(store.inner.lease)
    .execute(tx)
    .await
    .map(drop)
}

impl Store {
    /// Forgets processes that are dead, and returns how many there were.
    #[cfg(test)]
    pub(crate) async fn take_over_dead_processes(&self) -> Result<u64> {
        let mut tx = self.write().await?;
        let dead = take_over(&mut tx, self).await;
        tx.end(dead).await
    }

    /// Says that this process lives, and learns by how much the cloud's clock is ahead.
    #[cfg(feature = "postgres")]
    pub(super) async fn beat(&self) -> Result<()> {
        let mut tx = self.write().await?;
        let alive = async {
            live(&mut tx, self).await?;
            ahead(&mut tx).await
        };
        let alive = alive.await;
        let ahead = tx.end(alive).await?;
        if self.inner.database.has_clock() {
            self.compare_clocks().await?;
        }
        if self.inner.ahead.swap(ahead, Ordering::Relaxed) != ahead {
            self.look_again();
        }
        Ok(())
    }

    /// Learns by how much the database's clock is ahead of this machine's.
    #[cfg(feature = "postgres")]
    async fn compare_clocks(&self) -> Result<()> {
        let mut connection = self.connect().await?;
        let time = connection.dialect().lease_time(1);
        let before = self.inner.clock.now();
        let theirs: i64 = sql(format!("SELECT {time}"))
            .bind(None::<i64>)
            .scalar(&mut connection)
            .await?;
        let ours = before.midpoint(self.inner.clock.now());
        let skew = theirs.saturating_sub(ours);
        self.inner.skew.store(skew, Ordering::Relaxed);
        Ok(())
    }

    /// Forgets this process, which ends.
    #[cfg(feature = "postgres")]
    pub(super) async fn leave(&self) -> Result<()> {
        let mut tx = self.write().await?;
        let left = async {
            sql("UPDATE callbacks SET owner = NULL, lease_until = NULL WHERE owner = $1")
                .bind(&self.inner.process)
                .execute(&mut tx)
                .await?;
            sql("DELETE FROM processes WHERE id = $1")
                .bind(&self.inner.process)
                .execute(&mut tx)
                .await?;
            take_over(&mut tx, self).await
        };
        let left = left.await;
        tx.end(left).await.map(drop)
    }

    /// Puts the cloud's clock ahead by `duration` more, for every process that uses the store. It
    /// cannot be put back; leases do not notice.
    ///
    /// # Errors
    ///
    /// [`StoreError::ClockTooFar`].
    pub(crate) async fn advance_clock(&self, duration: Duration) -> Result<()> {
        if duration > LONGEST_ADVANCE {
            return Err(StoreError::ClockTooFar);
        }
        let millis = i64::try_from(duration.as_millis()).map_err(|_| StoreError::ClockTooFar)?;
        let mut tx = self.write().await?;
        let ahead = sql("UPDATE clock SET ahead = ahead + $1 RETURNING ahead")
            .bind(millis)
            .scalar::<i64>(&mut tx)
            .await;
        let ahead = tx.end(ahead).await?;
        self.inner.ahead.store(ahead, Ordering::Relaxed);
        self.inner.signals.give(Signal::Clock);
        self.look_again();
        Ok(())
    }

    /// By how much the cloud's clock was put ahead, in milliseconds.
    pub(crate) fn ahead(&self) -> i64 {
        self.inner.ahead.load(Ordering::Relaxed)
    }

    /// Wakes all who wait in this process: what was not due may be.
    fn look_again(&self) {
        self.inner.signals.hear_all();
    }
}
