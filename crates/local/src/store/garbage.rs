//! Removal of content that no object names.

use std::fs;
use std::path::Path;

use futures_util::StreamExt;
use object_store::ObjectStoreExt;
use sqlx::types::Json;

use super::{Result, Store, blobs, io_error};

/// How many blobs are looked up at once during a sweep.
const SWEEP_BATCH: usize = 500;

impl Store {
    /// Deletes every blob no object names and returns how many there were.
    ///
    /// Uploads in progress and content held by running jobs are left alone.
    pub async fn collect_garbage(&self) -> Result<u64> {
        let mut removed = 0;
        let mut found = self.inner.blobs.list(None).chunks(SWEEP_BATCH);
        while let Some(batch) = found.next().await {
            // A blob leaves the pending set only once its row is committed or it is of no use, so
            // this must be asked after listing and before looking for rows.
            let mut unowned = Vec::new();
            for blob in batch {
                let blob = blob?;
                if !self.inner.pending.contains(blob.location.as_ref()) {
                    unowned.push(blob.location.to_string());
                }
            }
            let unnamed: Vec<String> = sqlx::query_scalar(
                "SELECT value FROM json_each($1) \
                 WHERE NOT EXISTS (SELECT 1 FROM objects WHERE blob = value)",
            )
            .bind(Json(unowned))
            .fetch_all(&self.inner.reader)
            .await?;
            for id in unnamed {
                self.delete_blob(&id).await?;
                removed += 1;
            }
        }
        Ok(removed)
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
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Deletes the files of uploads that a crash cut off. The content store writes them beside their
/// target with a `#` in the name, and does not list them.
pub(super) fn remove_partial_files(blob_folder: &Path) -> Result<()> {
    for entry in fs::read_dir(blob_folder).map_err(io_error("list", blob_folder))? {
        let entry = entry.map_err(io_error("list", blob_folder))?;
        if entry.file_name().as_encoded_bytes().contains(&b'#') {
            let path = entry.path();
            fs::remove_file(&path).map_err(io_error("delete", &path))?;
        }
    }
    Ok(())
}
