//! A store that is in use as one file, and such a file in the place of all that is in a store.
//!
//! The file is a backup as an archive, without the secret of the store: whoever has it can make no
//! temporary keys.

use std::path::Path;
use std::sync::atomic::Ordering;

use futures_util::TryStreamExt;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::backup::{self, BackedUp, archive};
use super::blobs::{Blobs, ContentFolder};
use super::connection::Connection;
use super::database::Database;
use super::emptying::{self, EMPTIED};
use super::error::{Result, StoreError, io_error};
use super::folder;
use super::handle::Store;
use super::id::new_id;
use super::processes::TAKEN_OVER;
use super::signals::Signal;
use super::sql::sql;
use super::sqlite::{self, Sqlite};

impl Store {
    /// Writes all that is in the store at this moment to the file `to`, which does not exist yet. Of
    /// what is replaced meanwhile it may have what is newer.
    ///
    /// # Errors
    ///
    /// [`StoreError::CopiedByOthers`] if the rows are in a database of others, [`StoreError::Io`] if
    /// the file cannot be written.
    pub(crate) async fn save(&self, to: &Path) -> Result<BackedUp> {
        let (store, to) = (self.clone(), to.to_owned());
        beside(move || async move { store.try_save(&to).await }).await
    }

    async fn try_save(&self, to: &Path) -> Result<BackedUp> {
        let folder = tempfile::tempdir().map_err(io_error("write to", &std::env::temp_dir()))?;
        let copy = folder.path();
        let sqlite = self.own_database()?;
        let blobs = &self.inner.blobs;
        let done = if let Some(folder) = &self.inner.folder {
            backup::copy_state(&folder.database(), blobs, copy).await?
        } else {
            // Until this is dropped nothing is written, so nothing goes that the rows name.
            let mut quiet = sqlite.writer.quiet().await?;
            backup::copy_rows(quiet.connection()?, copy).await?;
            backup::fill(None, blobs, copy).await?
        };
        let is_in_memory = self.inner.folder.is_none();
        complete(&folder::database_in(copy), is_in_memory).await?;
        archive::write(copy, to).await?;
        Ok(done)
    }

    /// Puts what is in the file `from` in the place of all that is in the store, its clock included.
    /// A file of an older version of this program is brought up to date. Whoever looks sees all of the
    /// old state or all of the new one; jobs that ran when the file was written wait to be run.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSnapshot`], [`StoreError::NewerSchema`], [`StoreError::CopiedByOthers`], or
    /// what is said where the content cannot be kept. Nothing has changed then.
    pub(crate) async fn load(&self, from: &Path) -> Result<BackedUp> {
        let (store, from) = (self.clone(), from.to_owned());
        beside(move || async move { store.try_load(&from).await }).await
    }

    async fn try_load(&self, from: &Path) -> Result<BackedUp> {
        self.own_database()?;
        let unpacked = archive::read(from).await.map_err(unreadable)?;
        let database = folder::database_in(unpacked.path());
        let mut rows = open(&database).await?;
        let source = ContentFolder::new(folder::blobs_in(unpacked.path()));
        source.create()?;
        let source = Blobs::in_folder(source)?;
        sqlite::migrate(&mut rows).await?;
        let names = rename(&mut rows, &source).await?;
        for statement in &*TAKEN_OVER {
            let statement = AssertSqlSafe(statement.as_str());
            sqlx::query(statement).execute(&mut rows).await?;
        }
        let done = BackedUp {
            objects: backup::count(&mut rows).await?,
            blobs: u64::try_from(names.len()).unwrap_or(u64::MAX),
        };
        rows.close().await?;
        let replaced = async {
            for (old, new) in &names {
                backup::copy_content(&source, &self.inner.blobs, old, new).await?;
            }
            self.replace(&database).await
        };
        let replaced = replaced.await;
        if replaced.is_err() {
            for (_, new) in &names {
                if let Err(error) = self.inner.blobs.delete(new).await {
                    tracing::warn!(%error, blob = new, "content that nothing names is left");
                }
            }
        }
        replaced.map(|()| done)
    }

    /// Puts the rows of the file `database` in the place of all there are.
    async fn replace(&self, database: &Path) -> Result<()> {
        let other = new_id("other_");
        let writer = &self.own_database()?.writer;
        let attach = format!("ATTACH $1 AS {other}");
        sqlx::query(AssertSqlSafe(attach))
            .bind(backup::path_text(database)?)
            .execute(writer.quiet().await?.connection()?)
            .await?;
        let mut tx = self.write().await?;
        let replaced = replace(&mut tx, &other, self).await;
        let replaced = tx.end(replaced).await;
        let detach = format!("DETACH {other}");
        let detached = sqlx::query(AssertSqlSafe(detach))
            .execute(writer.quiet().await?.connection()?)
            .await;
        if let Err(error) = detached {
            tracing::warn!(%error, "a snapshot stays attached until the end of the process");
        }
        let (ahead, garbage) = replaced?;
        self.inner.ahead.store(ahead, Ordering::Relaxed);
        let signals = &self.inner.signals;
        signals.give(Signal::Clock);
        signals.give(Signal::Emptied);
        signals.give(Signal::Callback);
        signals.give_jobs();
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(())
    }

    /// The database, if it is this process's own.
    fn own_database(&self) -> Result<&Sqlite> {
        match &self.inner.database {
            Database::Sqlite(sqlite) => Ok(sqlite),
            #[cfg(feature = "postgres")]
            Database::Postgres(_) => Err(StoreError::CopiedByOthers),
        }
    }
}

/// Does what `make` makes on a thread of its own, to its end: whoever has asked may leave in the middle.
async fn beside<T: Send + 'static, F: Future<Output = Result<T>>>(
    make: impl FnOnce() -> F + Send + 'static,
) -> Result<T> {
    let runtime = Handle::current();
    let done = spawn_blocking(move || runtime.block_on(make()));
    done.await.unwrap_or(Err(StoreError::ShutDown))
}

/// Replaces all rows by those of the attached database `other`. Returns by how much its clock is
/// ahead, and the blobs that are garbage then.
async fn replace(tx: &mut Connection, other: &str, store: &Store) -> Result<(i64, Vec<String>)> {
    let (_, garbage) = emptying::empty(tx, &[], "", store).await?;
    for table in EMPTIED.iter().rev() {
        sql(format!(
            "INSERT INTO main.{table} SELECT * FROM {other}.{table}"
        ))
        .execute(tx)
        .await?;
    }
    let ahead = sql(format!(
        "UPDATE main.clock SET ahead = (SELECT ahead FROM {other}.clock) RETURNING ahead"
    ));
    Ok((ahead.scalar(tx).await?, garbage))
}

/// Opens the database of a snapshot.
async fn open(path: &Path) -> Result<SqliteConnection> {
    let none = |why: String| StoreError::NoSnapshot { why };
    if !path.is_file() {
        return Err(none("it has no file tcloud.db".to_owned()));
    }
    let opened = sqlite::connect(path).await;
    let mut opened = opened.map_err(|error| none(error.to_string()))?;
    // Of an empty database a new state would be made.
    let is_state: sqlx::Result<bool> = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_sqlx_migrations')",
    )
    .fetch_one(&mut opened)
    .await;
    match is_state {
        Ok(true) => Ok(opened),
        Ok(false) => Err(none("its tcloud.db has no state".to_owned())),
        Err(error) => Err(none(error.to_string())),
    }
}

/// What cannot be unpacked.
fn unreadable(error: StoreError) -> StoreError {
    match error {
        StoreError::Io { source, .. } => StoreError::NoSnapshot {
            why: source.to_string(),
        },
        other => other,
    }
}

/// Gives the content that lies in `source` new names in the rows, and returns old and new ones: the
/// same content may be in the store already, where it is about to be deleted.
async fn rename(rows: &mut SqliteConnection, source: &Blobs) -> Result<Vec<(String, String)>> {
    let mut names = Vec::new();
    let mut listed = source.list();
    while let Some(found) = listed.try_next().await? {
        if found.is_whole() {
            names.push((found.id, new_id("")));
        }
    }
    sqlx::query("PRAGMA foreign_keys = OFF")
        .execute(&mut *rows)
        .await?;
    let mut tx = rows.begin().await?;
    sqlx::query("CREATE TEMPORARY TABLE renamed (old TEXT PRIMARY KEY, new TEXT NOT NULL)")
        .execute(&mut *tx)
        .await?;
    for (old, new) in &names {
        sqlx::query("INSERT INTO renamed VALUES ($1, $2)")
            .bind(old)
            .bind(new)
            .execute(&mut *tx)
            .await?;
    }
    for (table, column) in [
        ("objects", "blob"),
        ("segments", "content"),
        ("segments", "blob"),
        ("parts", "blob"),
    ] {
        let statement = format!(
            "UPDATE {table} SET {column} = (SELECT new FROM renamed WHERE old = {column}) \
             WHERE {column} IN (SELECT old FROM renamed)"
        );
        sqlx::query(AssertSqlSafe(statement))
            .execute(&mut *tx)
            .await?;
    }
    sqlx::query("DROP TABLE renamed").execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(names)
}

/// Deletes the secret of the copied store, and adds what a database has that is not in memory.
async fn complete(database: &Path, is_in_memory: bool) -> Result<()> {
    let mut copy = backup::open(database, false).await?;
    if is_in_memory {
        sqlite::note_migrations(&mut copy).await?;
    }
    for statement in ["PRAGMA secure_delete = ON", "DELETE FROM secret"] {
        sqlx::query(statement).execute(&mut copy).await?;
    }
    copy.close().await?;
    Ok(())
}
