//! One id for a database and its content, so that neither is mistaken for another's.

use sqlx::sqlite::SqliteConnection;

use super::error::{Result, StoreError};
use super::folder::Folder;
use super::id::new_id;

/// Refuses content beside a database that has no tables, which is what is left of a database whose
/// log is missing.
pub(super) async fn check(database: &mut SqliteConnection, folder: &Folder) -> Result<()> {
    let has_tables: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM sqlite_schema)")
        .fetch_one(database)
        .await?;
    if has_tables {
        Ok(())
    } else {
        folder.require_no_content()
    }
}

/// Makes sure that the database and the content in `folder` carry the same id.
///
/// A new store is given one, and so is one of a release that had none. The database has it first,
/// and notes when the content has it too: after a crash in between it is written again, and at any
/// other time content without an id belongs to another database.
pub(super) async fn attach(database: &mut SqliteConnection, folder: &Folder) -> Result<()> {
    let stored: Option<(String, bool)> = sqlx::query_as("SELECT id, attached FROM store")
        .fetch_optional(&mut *database)
        .await?;
    let content_id = folder.store_id()?;
    match (stored, content_id) {
        (None, None) => {
            let id = new_id("store-");
            sqlx::query("INSERT INTO store (id) VALUES ($1)")
                .bind(&id)
                .execute(&mut *database)
                .await?;
            folder.set_store_id(&id)?;
        }
        (Some((id, false)), None) => folder.set_store_id(&id)?,
        (Some((id, _)), Some(content_id)) if id == content_id => {}
        (stored, content_id) => {
            return Err(StoreError::Mismatch {
                blobs: folder.blobs(),
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
