//! Removal of content that no object names.
//!
//! What is replaced or deleted is removed at once. The sweep is for what a crash left behind, so it
//! is in no hurry: content is left alone for [`GRACE`], so that whoever restored a database that is
//! too old can notice it. It touches only what has a name that the store gives.

use std::collections::HashSet;

use futures_util::{StreamExt, TryStreamExt};
use sqlx::types::Json;

use super::blobs::Found;
use super::error::Result;
use super::handle::Store;

/// How long content is left alone that no object names, in milliseconds: a day.
const GRACE: i64 = 24 * 60 * 60 * 1000;
/// How much is looked up at once during a sweep.
const SWEEP_BATCH: usize = 500;

impl Store {
    /// Deletes the content that no object has named for a day, and returns how much there was.
    ///
    /// Uploads in progress and content held by running jobs are left alone.
    pub(crate) async fn collect_garbage(&self) -> Result<u64> {
        let before = self.now().saturating_sub(GRACE);
        let listed = self.inner.blobs.list();
        let old = listed.try_filter(|found| std::future::ready(found.modified < before));
        let mut batches = old.try_chunks(SWEEP_BATCH);
        let mut removed = 0;
        while let Some(batch) = batches.next().await {
            let mut batch = batch.map_err(|error| error.1)?;
            self.retain_unnamed(&mut batch).await?;
            for found in &batch {
                removed += u64::from(self.inner.blobs.delete_found(found).await?);
            }
        }
        Ok(removed)
    }

    /// Keeps of `batch` what neither an upload nor an object uses.
    pub(super) async fn retain_unnamed(&self, batch: &mut Vec<Found>) -> Result<()> {
        // A blob leaves the pending set only when its row is committed or it is no longer needed,
        // so this must be checked after listing and before looking for rows.
        batch.retain(|found| !self.inner.pending.contains(&found.id));
        let ids: Vec<_> = batch.iter().map(|found| &found.id).collect();
        let named: HashSet<String> = sqlx::query_scalar(
            "SELECT value FROM json_each($1) WHERE EXISTS (SELECT 1 FROM objects WHERE blob = value)",
        )
        .bind(Json(ids))
        .fetch_all(&self.inner.reader)
        .await?
        .into_iter()
        .collect();
        batch.retain(|found| !named.contains(&found.id));
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
            self.inner.blobs.delete(id).await
        }
    }
}
