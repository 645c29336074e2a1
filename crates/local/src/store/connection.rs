//! A connection to the database, whichever it is, with or without a transaction.

use sqlx::sqlite::SqliteConnection;
#[cfg(feature = "postgres")]
use sqlx::{Postgres, Transaction, pool::PoolConnection, postgres::PgConnection};

use super::dialect::Dialect;
use super::error::Result;
#[cfg(feature = "postgres")]
use super::error::StoreError;
use super::sqlite::{Reader, Turn};

/// A connection that statements run on.
pub(super) enum Connection {
    /// Reads.
    SqliteReader(Reader),
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
    /// What to run `statement` on.
    pub(super) fn get(&mut self, statement: &str) -> Result<On<'_>> {
        Ok(match self {
            Self::SqliteReader(reader) => On::Sqlite(reader.get()?),
            Self::SqliteTurn(turn) => {
                if changes_buckets(statement) {
                    turn.changes_buckets();
                }
                On::Sqlite(turn.connection()?)
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(connection) => On::Postgres(connection),
            #[cfg(feature = "postgres")]
            Self::PostgresTransaction(transaction) => On::Postgres(transaction),
        })
    }

    /// The language of the database.
    pub(super) const fn dialect(&self) -> Dialect {
        match self {
            Self::SqliteReader(_) | Self::SqliteTurn(_) => Dialect::Sqlite,
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
        let statement = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        match self.get(statement)? {
            // There is one writer.
            On::Sqlite(_) => {
                let _ = name;
            }
            #[cfg(feature = "postgres")]
            On::Postgres(connection) => {
                if name.contains('\0') {
                    return Err(StoreError::NulCharacter);
                }
                sqlx::query(statement)
                    .bind(name)
                    .execute(connection)
                    .await?;
            }
        }
        Ok(())
    }
}

/// Whether `statement` may change buckets or settings of them: it writes, and names their tables.
fn changes_buckets(statement: &str) -> bool {
    let names = |table| statement.contains(table);
    !statement.starts_with("SELECT") && (names("buckets") || names("bucket_settings"))
}

#[cfg(test)]
mod tests {
    use super::changes_buckets;

    #[test]
    fn statements_that_change_buckets_are_known() {
        assert!(changes_buckets(
            "UPDATE buckets SET acl = $2 WHERE name = $1"
        ));
        assert!(changes_buckets(
            "INSERT INTO main.buckets SELECT * FROM other.buckets"
        ));
        assert!(changes_buckets("DELETE FROM bucket_settings"));
        assert!(!changes_buckets("SELECT * FROM buckets WHERE name = $1"));
        assert!(!changes_buckets("DELETE FROM objects WHERE bucket = $1"));
    }
}
