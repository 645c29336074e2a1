//! One id for a database and its content, so that neither is mistaken for another's.

use sqlx::sqlite::SqliteConnection;

use super::blobs::Blobs;
use super::error::{Result, StoreError};
use super::folder::Folder;
use super::id::new_id;

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

/// Makes sure that the database and the content in `blobs` carry the same id.
///
/// A new store is given one, and so is one of a release that had none. The database has it first,
/// and notes when the content has it too: after a crash in between it is written again, and at any
/// other time content without an id belongs to another database.
pub(super) async fn attach(database: &mut SqliteConnection, blobs: &Blobs) -> Result<()> {
    let stored: Option<(String, bool)> = sqlx::query_as("SELECT id, attached FROM store")
        .fetch_optional(&mut *database)
        .await?;
    let content_id = blobs.store_id().await?;
    match (stored, content_id) {
        (None, None) => {
            let id = new_id("store-");
            sqlx::query("INSERT INTO store (id) VALUES ($1)")
                .bind(&id)
                .execute(&mut *database)
                .await?;
            blobs.set_store_id(&id).await?;
        }
        (Some((id, false)), None) => blobs.set_store_id(&id).await?,
        (Some((id, _)), Some(content_id)) if id == content_id => {}
        (stored, content_id) => {
            return Err(StoreError::Mismatch {
                blobs: blobs.location(),
                content_id,
                database_id: stored.map(|(id, _)| id),
            });
        }
    }
    sqlx::query("UPDATE store SET attached = 1, opened = opened + 1")
        .execute(database)
        .await?;
    Ok(())
}
