//! The database that rows are kept in.

use std::ops::{Deref, DerefMut};

use super::connection::Connection;
use super::error::Result;
#[cfg(feature = "postgres")]
use super::postgres;
use super::sqlite::{Recent, Sqlite};
use crate::metrics::Histogram;

/// The database.
pub(super) enum Database {
    /// One process, one file or memory.
    Sqlite(Box<Sqlite>),
    /// Any number of processes.
    #[cfg(feature = "postgres")]
    Postgres(postgres::Database),
}

/// A transaction that writes. Dropping it undoes what was done.
pub(super) struct Write(Connection);

impl Database {
    /// Whether leases are measured by its clock.
    pub(super) const fn has_clock(&self) -> bool {
        match self {
            Self::Sqlite(_) => false,
            #[cfg(feature = "postgres")]
            Self::Postgres(database) => database.has_clock,
        }
    }

    /// A connection for a single statement that reads.
    pub(super) async fn connect(&self) -> Result<Connection> {
        Ok(match self {
            Self::Sqlite(sqlite) => match &sqlite.readers {
                Some(readers) => Connection::SqliteReader(readers.acquire().await?),
                None => Connection::SqliteTurn(sqlite.writer.look().await?),
            },
            #[cfg(feature = "postgres")]
            Self::Postgres(database) => Connection::Postgres(database.connection().await?),
        })
    }

    /// A transaction whose statements all see the same state, and only read.
    pub(super) async fn read(&self) -> Result<Connection> {
        Ok(match self {
            Self::Sqlite(sqlite) => match &sqlite.readers {
                Some(readers) => Connection::SqliteReader(readers.begin().await?),
                None => Connection::SqliteTurn(sqlite.writer.look().await?),
            },
            #[cfg(feature = "postgres")]
            Self::Postgres(database) => Connection::PostgresTransaction(database.snapshot().await?),
        })
    }

    /// A transaction that writes.
    pub(super) async fn write(&self) -> Result<Write> {
        Ok(Write(match self {
            Self::Sqlite(sqlite) => Connection::SqliteTurn(sqlite.writer.turn().await?),
            #[cfg(feature = "postgres")]
            Self::Postgres(database) => {
                Connection::PostgresTransaction(database.transaction().await?)
            }
        }))
    }

    /// What was read since the last commit, where no other process commits.
    pub(super) const fn recent(&self) -> Option<&Recent> {
        match self {
            Self::Sqlite(sqlite) => Some(&sqlite.recent),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }

    /// How many transactions have shared a commit, where that is counted.
    pub(super) async fn batches(&self) -> Option<Histogram> {
        match self {
            Self::Sqlite(sqlite) => Some(sqlite.writer.batches().await),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }

    /// Waits for running statements, then closes the database.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            #[cfg(feature = "postgres")]
            Self::Postgres(database) => database.close().await,
        }
    }
}

impl Write {
    /// Ends the transaction with `result`: what was done counts if it is good, and nothing of it if
    /// it is an error. Either way this waits until it is durable, together with what the
    /// transaction has seen.
    pub(super) async fn end<T>(self, result: Result<T>) -> Result<T> {
        match self.0 {
            Connection::SqliteTurn(turn) => turn.end(result.is_ok()).await?,
            #[cfg(feature = "postgres")]
            Connection::PostgresTransaction(transaction) => {
                postgres::end(transaction, result.is_ok()).await?;
            }
            // Nothing else is begun for writing.
            _ => {}
        }
        result
    }

    /// Ends the transaction with `result` and does not wait until it is durable. Only for what
    /// nobody learns about, and what is fenced: should the machine fail, it was never done.
    pub(super) async fn end_early<T>(self, result: Result<T>) -> Result<T> {
        match self.0 {
            Connection::SqliteTurn(turn) => {
                turn.end_early(result.is_ok()).await?;
                result
            }
            _ => self.end(result).await,
        }
    }

    /// As [`Self::end_early`], and it may be a moment until the commit begins, so that others go along.
    pub(super) async fn end_lazily<T>(self, result: Result<T>) -> Result<T> {
        match self.0 {
            Connection::SqliteTurn(turn) => {
                turn.end_lazily(result.is_ok()).await?;
                result
            }
            // PostgreSQL would lose a claim with an outage; and others commit at the same time.
            _ => self.end(result).await,
        }
    }
}

impl Deref for Write {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.0
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.0
    }
}
