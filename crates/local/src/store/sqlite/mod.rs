//! SQLite: one process, one file, or nothing but memory.

mod batch;
pub(super) mod claims;
mod readers;
mod recent;

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions};

use self::recent::Commits;
use super::error::{Result, StoreError};

pub(super) use self::batch::{Turn, Writer};
pub(super) use self::readers::{Reader, Readers};
pub(super) use self::recent::Recent;

/// How long a statement waits for another one's lock. With one writer this is never reached
/// unless a foreign tool holds the database.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// An open database.
pub(super) struct Sqlite {
    pub(super) writer: Writer,
    /// `None` in memory: there each connection would have a database of its own.
    pub(super) readers: Option<Readers>,
    pub(super) recent: Recent,
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

/// Notes in `copy`, a copy of a database in memory, which migrations made its tables: such a database
/// does without.
pub(super) async fn note_migrations(copy: &mut SqliteConnection) -> Result<()> {
    sqlx::query(
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
         checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)",
    )
    .execute(&mut *copy)
    .await?;
    for migration in migrator().iter() {
        sqlx::query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES ($1, $2, TRUE, $3, 0)",
        )
        .bind(migration.version)
        .bind(&*migration.description)
        .bind(&*migration.checksum)
        .execute(&mut *copy)
        .await?;
    }
    Ok(())
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
        let commits = Commits::default();
        Self {
            writer: Writer::new(connection, grouped, commits.clone()),
            readers: Some(Readers::new(options(path).read_only(true))),
            recent: Recent::new(commits),
        }
    }

    /// A database in memory.
    pub(super) async fn in_memory() -> Result<Self> {
        // By its name alone: opened with the flag for it, copies of it would lie in memory as well.
        let options = SqliteConnectOptions::new().filename(":memory:");
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
        let commits = Commits::default();
        Ok(Self {
            // There is no disk to wait for.
            writer: Writer::new(only, false, commits.clone()),
            readers: None,
            recent: Recent::new(commits),
        })
    }

    /// Waits for running statements, then closes the database.
    pub(super) async fn close(&self) {
        if let Some(readers) = &self.readers {
            readers.close().await;
        }
        self.writer.close().await;
    }
}
