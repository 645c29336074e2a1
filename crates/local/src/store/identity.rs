//! One id for a database and its content, so that neither is mistaken for another's.

use sqlx::sqlite::SqliteConnection;

use super::blobs::Blobs;
use super::connection::Connection;
use super::database::Database;
use super::error::{Result, StoreError};
use super::folder::Folder;
use super::id::new_id;
use super::sql::sql;

/// Refuses content beside a database that has no tables, which is what is left of a database whose
/// log is missing.
pub(super) async fn check(
    database: &mut SqliteConnection,
    folder: &Folder,
    blobs: &Blobs,
) -> Result<()> {
    let has_tables: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema)")
        .fetch_one(database)
        .await?;
    if has_tables {
        return Ok(());
    }
    match blobs.anything().await? {
        None => Ok(()),
        Some(evidence) => Err(StoreError::LostDatabase {
            database: folder.database(),
            evidence,
        }),
    }
}

/// Makes sure that the database and the content in `blobs` carry the same id, and returns it.
///
/// A new store is given one, and so is one of a release that had none. The database has it first,
/// and notes when the content has it too: after a crash in between it is written again, and at any
/// other time content without an id belongs to another database.
pub(super) async fn attach(database: &Database, blobs: &Blobs) -> Result<String> {
    let mut tx = database.write().await?;
    let identified = identify(&mut tx, blobs).await;
    let (id, is_attached) = tx.end(identified).await?;
    if !is_attached {
        blobs.set_store_id(&id).await?;
    }
    let mut tx = database.write().await?;
    let attached = sql("UPDATE store SET attached = $1, opened = opened + 1").bind(true);
    let attached = attached.execute(&mut tx).await;
    tx.end(attached).await?;
    Ok(id)
}

/// The id in the database, and whether the content carries it.
async fn identify(tx: &mut Connection, blobs: &Blobs) -> Result<(String, bool)> {
    // Processes that open a new store together find one id.
    tx.lock("store").await?;
    let stored: Option<(String, bool)> = sql("SELECT id, attached FROM store").optional(tx).await?;
    let content_id = blobs.store_id().await?;
    match (stored, content_id) {
        (None, None) => {
            let id = new_id("store-");
            let insert = sql("INSERT INTO store (id) VALUES ($1)").bind(&id);
            insert.execute(tx).await?;
            Ok((id, false))
        }
        (Some((id, false)), None) => Ok((id, false)),
        (Some((id, _)), Some(content_id)) if id == content_id => Ok((id, true)),
        (stored, content_id) => Err(StoreError::Mismatch {
            blobs: blobs.location(),
            content_id,
            database_id: stored.map(|(id, _)| id),
        }),
    }
}
