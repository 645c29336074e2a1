//! Removal of content that no object names.
//!
//! What is replaced or deleted is removed at once. The sweep is for what a crash left behind, so it
//! is in no hurry: a file is left alone for [`GRACE`], so that whoever restored a database that is
//! too old can notice it. It touches only regular files with names that the store gives, in the
//! folder itself.

use std::collections::HashSet;
use std::time::{Duration, UNIX_EPOCH};
use std::{fs, io};

use object_store::ObjectStoreExt;
use sqlx::types::Json;
use tokio::task::spawn_blocking;

use super::blobs;
use super::error::Result;
use super::folder::{Leftover, io_error};
use super::handle::{Home, Store};

/// How long a file is left alone that no object names, in milliseconds: a day.
const GRACE: i64 = 24 * 60 * 60 * 1000;
/// How many files are looked up at once during a sweep.
const SWEEP_BATCH: usize = 500;

impl Store {
    /// Deletes the files of content that no object has named for a day, and returns how many there
    /// were. Content in memory leaves nothing behind.
    ///
    /// Uploads in progress and content held by running jobs are left alone.
    pub(crate) async fn collect_garbage(&self) -> Result<u64> {
        let Home::Folder(folder) = &self.inner.home else {
            return Ok(0);
        };
        let before = u64::try_from(self.now().saturating_sub(GRACE)).unwrap_or_default();
        let before = UNIX_EPOCH + Duration::from_millis(before);
        let mut leftovers = folder.leftovers(before)?;
        let mut removed = 0;
        loop {
            let listing = spawn_blocking(move || {
                let batch = leftovers.next(SWEEP_BATCH);
                (leftovers, batch)
            });
            // The runtime is being shut down.
            let Ok((rest, mut batch)) = listing.await else {
                return Ok(removed);
            };
            leftovers = rest;
            if batch.is_empty() {
                return Ok(removed);
            }
            self.retain_unnamed(&mut batch).await?;
            let Ok(deleted) = spawn_blocking(move || delete(&batch)).await else {
                return Ok(removed);
            };
            removed += deleted?;
        }
    }

    /// Keeps of `batch` what neither an upload nor an object uses.
    async fn retain_unnamed(&self, batch: &mut Vec<Leftover>) -> Result<()> {
        // A blob leaves the pending set only when its row is committed or it is no longer needed,
        // so this must be checked after listing and before looking for rows.
        batch.retain(|file| !self.inner.pending.contains(&file.id));
        let ids: Vec<_> = batch.iter().map(|file| &file.id).collect();
        let named: HashSet<String> = sqlx::query_scalar(
            "SELECT value FROM json_each($1) WHERE EXISTS (SELECT 1 FROM objects WHERE blob = value)",
        )
        .bind(Json(ids))
        .fetch_all(&self.inner.reader)
        .await?
        .into_iter()
        .collect();
        batch.retain(|file| !named.contains(&file.id));
        Ok(())
    }

    /// Deletes those of `ids` that no object names any more. What cannot be deleted now is left
    /// to the next sweep, since the caller's own work has been done.
    pub(super) async fn reclaim(&self, ids: impl IntoIterator<Item = &str>) {
        for id in ids {
            if let Err(error) = self.reclaim_one(id).await {
                tracing::warn!(%error, blob = id, "content is left to the next garbage collection");
            }
        }
    }

    async fn reclaim_one(&self, id: &str) -> Result<()> {
        // Asked on the writer's connection: it is free only after the commit in flight, if any.
        let named: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM objects WHERE blob = $1)")
                .bind(id)
                .fetch_one(&self.inner.writer)
                .await?;
        if named {
            Ok(())
        } else {
            self.delete_blob(id).await
        }
    }

    async fn delete_blob(&self, id: &str) -> Result<()> {
        match self.inner.blobs.delete(&blobs::location(id)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        if let Home::Memory(quota) = &self.inner.home {
            quota.release(id);
        }
        Ok(())
    }
}

/// Deletes `files` and returns how many were there.
fn delete(files: &[Leftover]) -> Result<u64> {
    let mut deleted = 0;
    for Leftover { path, .. } in files {
        match fs::remove_file(path) {
            Ok(()) => deleted += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(io_error("delete", path)(error)),
        }
    }
    Ok(deleted)
}
