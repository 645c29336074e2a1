//! A connection to the database, whichever it is, with or without a transaction.

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnection;
#[cfg(feature = "postgres")]
use sqlx::{Postgres, postgres::PgConnection};
use sqlx::{Sqlite, Transaction};

use super::dialect::Dialect;
use super::error::Result;
#[cfg(feature = "postgres")]
use super::error::StoreError;
use super::sqlite::Turn;

/// A connection that statements run on.
pub(super) enum Connection {
    /// Reads, each statement for itself.
    SqliteReader(PoolConnection<Sqlite>),
    /// Reads in which all statements see the same state.
    SqliteSnapshot(Transaction<'static, Sqlite>),
    /// Reads and writes.
    SqliteTurn(Turn),
    /// Each statement for itself.
    #[cfg(feature = "postgres")]
    Postgres(PoolConnection<Postgres>),
    /// In a transaction.
    #[cfg(feature = "postgres")]
    PostgresTransaction(Transaction<'static, Postgres>),
}

/// The database's own connection.
pub(super) enum On<'c> {
    /// To SQLite.
    Sqlite(&'c mut SqliteConnection),
    /// To PostgreSQL.
    #[cfg(feature = "postgres")]
    Postgres(&'c mut PgConnection),
}

impl Connection {
    /// What to run a statement on.
    pub(super) fn get(&mut self) -> Result<On<'_>> {
        Ok(match self {
            Self::SqliteReader(connection) => On::Sqlite(connection),
            Self::SqliteSnapshot(transaction) => On::Sqlite(transaction),
            Self::SqliteTurn(turn) => On::Sqlite(turn.connection()?),
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => On::Postgres(connection),
            #[cfg(feature = "postgres")]
            Self::PostgresTransaction(transaction) => On::Postgres(transaction),
        })
    }

    /// The language of the database.
    pub(super) const fn dialect(&self) -> Dialect {
        match self {
            Self::SqliteReader(_) | Self::SqliteSnapshot(_) | Self::SqliteTurn(_) => {
                Dialect::Sqlite
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(_) | Self::PostgresTransaction(_) => Dialect::Postgres,
        }
    }

    /// Keeps other transactions that ask for the lock of this `name` waiting until this one ends.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(clippy::unused_async, reason = "not every database has one writer")
    )]
    pub(super) async fn lock(&mut self, name: &str) -> Result<()> {
        match self.get()? {
            // There is one writer.
            On::Sqlite(_) => {
                let _ = name;
            }
            #[cfg(feature = "postgres")]
            On::Postgres(connection) => {
                if name.contains('\0') {
                    return Err(StoreError::NulCharacter);
                }
                sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                    .bind(name)
                    .execute(connection)
                    .await?;
            }
        }
        Ok(())
    }
}
