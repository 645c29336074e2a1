//! PostgreSQL: any number of processes, on any number of machines.

pub(super) mod claims;
pub(super) mod moving;
pub(super) mod signals;

use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Postgres, Transaction};

use super::error::{Result, StoreError};

/// How many statements run at the same time, of this process.
const CONNECTIONS: u32 = 16;
/// How long a connection is waited for, before the database counts as unreachable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// The oldest version that is supported, as the server gives it.
const OLDEST: i32 = 150_000;

/// An open database.
#[derive(Debug)]
pub(in crate::store) struct Database {
    pool: PgPool,
    /// Whether leases are measured by the clock of the database. Only tests have another.
    pub(in crate::store) has_clock: bool,
}

impl Database {
    /// The database at `url`, with its tables up to date.
    ///
    /// # Errors
    ///
    /// [`StoreError::DatabaseUrl`], [`StoreError::Unavailable`], [`StoreError::OldDatabase`],
    /// [`StoreError::NewerSchema`].
    pub(in crate::store) async fn connect(url: &str) -> Result<Self> {
        // The error may quote a part of the address, and with it a password.
        let options = PgConnectOptions::from_str(url).map_err(|_| StoreError::DatabaseUrl)?;
        let options = options
            .application_name("tcloud local")
            // A process that is cut off must not keep its locks.
            .options([("idle_in_transaction_session_timeout", "30s")]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await?;
        let version: String = sqlx::query_scalar("SHOW server_version_num")
            .fetch_one(&pool)
            .await?;
        if version.parse().is_ok_and(|version: i32| version < OLDEST) {
            return Err(StoreError::OldDatabase { version });
        }
        let migrator = sqlx::migrate!("migrations/postgres");
        migrator
            .run(&pool)
            .await
            .map_err(|error| StoreError::of_migration(error, &migrator))?;
        Ok(Self {
            pool,
            has_clock: true,
        })
    }

    /// The connections.
    pub(in crate::store) fn pool(&self) -> PgPool {
        self.pool.clone()
    }

    /// A connection for single statements.
    pub(in crate::store) async fn connection(&self) -> Result<PoolConnection<Postgres>> {
        Ok(self.pool.acquire().await?)
    }

    /// A transaction whose statements all see the same state.
    pub(in crate::store) async fn snapshot(&self) -> Result<Transaction<'static, Postgres>> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
        Ok(self.pool.begin_with(begin).await?)
    }

    /// A transaction that writes.
    pub(in crate::store) async fn transaction(&self) -> Result<Transaction<'static, Postgres>> {
        Ok(self.pool.begin().await?)
    }

    /// Waits for running statements, then closes the connections.
    pub(in crate::store) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Ends the transaction, keeping what was done or not.
pub(in crate::store) async fn end(
    transaction: Transaction<'static, Postgres>,
    keep: bool,
) -> sqlx::Result<()> {
    if keep {
        transaction.commit().await
    } else {
        transaction.rollback().await
    }
}
