//! A connection to the database, whichever it is, with or without a transaction.

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{Sqlite, Transaction};

use super::dialect::Dialect;
use super::error::Result;
use super::sqlite::Turn;

/// A connection that statements run on.
#[expect(
    clippy::enum_variant_names,
    reason = "the first part of a name is the database"
)]
pub(super) enum Connection {
    /// Reads, each statement for itself.
    SqliteReader(PoolConnection<Sqlite>),
    /// Reads in which all statements see the same state.
    SqliteSnapshot(Transaction<'static, Sqlite>),
    /// Reads and writes.
    SqliteTurn(Turn),
}

/// The database's own connection.
pub(super) enum On<'c> {
    /// To SQLite.
    Sqlite(&'c mut SqliteConnection),
}

impl Connection {
    /// What to run a statement on.
    pub(super) fn get(&mut self) -> Result<On<'_>> {
        Ok(match self {
            Self::SqliteReader(connection) => On::Sqlite(connection),
            Self::SqliteSnapshot(transaction) => On::Sqlite(transaction),
            Self::SqliteTurn(turn) => On::Sqlite(turn.connection()?),
        })
    }

    /// Keeps other transactions that ask for the lock of this `name` waiting until this one ends.
    #[expect(clippy::unused_async, reason = "not every database has one writer")]
    pub(super) async fn lock(&mut self, name: &str) -> Result<()> {
        match self {
            // There is one writer.
            Self::SqliteReader(_) | Self::SqliteSnapshot(_) | Self::SqliteTurn(_) => {
                let _ = name;
                Ok(())
            }
        }
    }

    /// The language of the database.
    pub(super) const fn dialect(&self) -> Dialect {
        match self {
            Self::SqliteReader(_) | Self::SqliteSnapshot(_) | Self::SqliteTurn(_) => {
                Dialect::Sqlite
            }
        }
    }
}
