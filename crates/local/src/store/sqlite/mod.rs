//! SQLite: one process, one file, or nothing but memory.

mod batch;
pub(super) mod claims;

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions};

use super::error::{Result, StoreError};

pub(super) use self::batch::{Turn, Writer};

/// How many reads run at the same time. Writes always run one at a time.
const READERS: u32 = 4;
/// How long a statement waits for another one's lock. With one writer this is never reached
/// unless a foreign tool holds the database.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// An open database.
pub(super) struct Sqlite {
    pub(super) writer: Writer,
    /// `None` in memory: there each connection would have a database of its own.
    pub(super) reader: Option<SqlitePool>,
}

/// The connection that is going to write to the database in the file `path`, made if needed.
pub(super) async fn connect(path: &Path) -> sqlx::Result<SqliteConnection> {
    options(path).create_if_missing(true).connect().await
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}

/// Brings the tables up to date.
///
/// # Errors
///
/// [`StoreError::NewerSchema`].
pub(super) async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
    let migrator = migrator();
    let migrated = migrator.run(connection).await;
    migrated.map_err(|error| StoreError::of_migration(error, &migrator))
}

fn migrator() -> Migrator {
    sqlx::migrate!("migrations/sqlite")
}

/// The newest schema that is known.
pub(super) fn known_schema() -> i64 {
    let versions = migrator();
    versions.iter().map(|it| it.version).max().unwrap_or(0)
}

impl Sqlite {
    /// The database in the file `path`, whose tables are up to date. What is written at the same
    /// time shares a commit if `grouped`.
    pub(super) fn in_file(path: &Path, connection: SqliteConnection, grouped: bool) -> Self {
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_lazy_with(options(path).read_only(true));
        Self {
            writer: Writer::new(connection, grouped),
            reader: Some(reader),
        }
    }

    /// A database in memory.
    pub(super) async fn in_memory() -> Result<Self> {
        let options = SqliteConnectOptions::new().in_memory(true);
        let mut only = options.foreign_keys(true).connect().await?;
        // It is new and never opened again, so nothing has to note which of them there were.
        let mut tables = "BEGIN;".to_owned();
        for migration in migrator().iter() {
            tables.push_str(migration.sql.as_str());
        }
        tables.push_str("COMMIT;");
        sqlx::raw_sql(AssertSqlSafe(tables))
            .execute(&mut only)
            .await?;
        Ok(Self {
            // There is no disk to wait for.
            writer: Writer::new(only, false),
            reader: None,
        })
    }

    /// Waits for running statements, then closes the database.
    pub(super) async fn close(&self) {
        if let Some(reader) = &self.reader {
            reader.close().await;
        }
        self.writer.close().await;
    }
}
