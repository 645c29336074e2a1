//! Content that nothing names any more.
//!
//! What is displaced is noted in the transaction that displaces it and deleted after the commit.
//! After a crash in between, the note is still there.
//!
//! There may also be blobs that no row has ever named: an older release has noted nothing. The sweep
//! is in no hurry to delete those: a blob is left alone for [`GRACE`], so that whoever restored a
//! database that is too old can notice it. It touches only what has a name that the store gives.

use std::collections::HashSet;

use futures_util::{StreamExt, TryStreamExt};

use super::blobs::Found;
use super::connection::Connection;
use super::error::Result;
use super::handle::Store;
use super::sql::{Sql, sql};
use super::value::Value;

/// How long a blob is left alone that nothing names, in milliseconds: a day.
const GRACE: i64 = 24 * 60 * 60 * 1000;
/// How many rows or blobs are looked at in one go.
const BATCH: usize = 500;

/// Whether something names the content `id`, which is a part of a statement: every table that names
/// content is here, and in [`Store::retain_unnamed`].
pub(super) fn named(id: &str) -> String {
    format!(
        "(EXISTS (SELECT 1 FROM objects WHERE blob = {id}) \
         OR EXISTS (SELECT 1 FROM segments WHERE blob = {id}) \
         OR EXISTS (SELECT 1 FROM parts WHERE blob = {id}))"
    )
}

/// Makes garbage of a piece of content that no row names any more. One that is a blob is returned,
/// to be deleted after the commit.
pub(super) async fn release(
    tx: &mut Connection,
    id: String,
    inline: bool,
    now: i64,
) -> Result<Option<String>> {
    if inline {
        delete_inline(&id).execute(tx).await?;
        return Ok(None);
    }
    Ok(note(tx, &id, now).await?.then_some(id))
}

/// Notes that the blob `id` is garbage, unless something names it. Returns whether it is.
pub(super) async fn note(tx: &mut Connection, id: &str, now: i64) -> Result<bool> {
    let noted = sql(format!(
        "INSERT INTO garbage (blob, since) SELECT $1, $2 WHERE NOT {} ON CONFLICT DO NOTHING",
        named("$1")
    ));
    Ok(noted.bind(id).bind(now).execute(tx).await? > 0)
}

/// The deletion of the content `id` that is kept with the rows, unless something names it.
pub(super) fn delete_inline(id: &str) -> Sql {
    let deletion = sql(format!(
        "DELETE FROM contents WHERE id = $1 AND NOT {}",
        named("$1")
    ));
    deletion.bind(id)
}

impl Store {
    /// Deletes the blobs that nothing names, and returns how many there were: those that a crash
    /// left noted, and those that nothing has named for a day.
    ///
    /// Blobs that a living process is writing or holds are left alone.
    pub(crate) async fn collect_garbage(&self) -> Result<u64> {
        Ok(self.delete_noted().await? + self.sweep().await?)
    }

    async fn delete_noted(&self) -> Result<u64> {
        let mut after = String::new();
        let mut removed = 0;
        loop {
            let mut connection = self.connect().await?;
            let noted: Vec<String> =
                sql("SELECT blob FROM garbage WHERE blob > $1 ORDER BY blob LIMIT $2")
                    .bind(&after)
                    .bind(i64::try_from(BATCH).unwrap_or(i64::MAX))
                    .scalars(&mut connection)
                    .await?;
            drop(connection);
            let Some(last) = noted.last() else {
                return Ok(removed);
            };
            after.clone_from(last);
            removed += self.delete_garbage(noted.iter().map(String::as_str)).await;
        }
    }

    /// Deletes the blobs `ids`, which are noted, and returns how many could be. What cannot be
    /// deleted now stays noted, since the caller's own work has been done.
    pub(super) async fn delete_garbage(&self, ids: impl IntoIterator<Item = &str>) -> u64 {
        let mut deleted = Vec::new();
        for id in ids {
            match self.inner.blobs.delete(id).await {
                Ok(()) => deleted.push(id.to_owned()),
                Err(error) => {
                    tracing::warn!(%error, blob = id, "content is left to the next garbage collection");
                }
            }
        }
        if let Err(error) = self.forget_garbage(&deleted).await {
            tracing::warn!(%error, "content that is gone is still noted as garbage");
            return 0;
        }
        u64::try_from(deleted.len()).unwrap_or(u64::MAX)
    }

    async fn forget_garbage(&self, ids: &[String]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        let among = tx.dialect().among(1);
        let forgotten = sql(format!("DELETE FROM garbage WHERE blob {among}"));
        let forgotten = forgotten.bind(Value::texts(ids)?).execute(&mut tx).await;
        tx.end_early(forgotten).await.map(drop)
    }

    /// Deletes the blobs that nothing has named for a day.
    async fn sweep(&self) -> Result<u64> {
        let before = self.now().saturating_sub(GRACE);
        let listed = self.inner.blobs.list();
        let old = listed.try_filter(|found| std::future::ready(found.modified < before));
        let mut batches = old.try_chunks(BATCH);
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

    /// Keeps of `batch` what nothing uses.
    pub(super) async fn retain_unnamed(&self, batch: &mut Vec<Found>) -> Result<()> {
        let ids: Vec<_> = batch.iter().map(|found| found.id.clone()).collect();
        let ids = Value::texts(&ids)?;
        // As the writer sees it: the row of an upload need not be durable yet.
        let mut tx = self.write().await?;
        let among = tx.dialect().among(1);
        let named = sql(format!(
            "SELECT blob FROM objects WHERE blob {among} \
             UNION ALL SELECT blob FROM segments WHERE blob {among} \
             UNION ALL SELECT blob FROM parts WHERE blob {among} \
             UNION ALL SELECT blob FROM uploads WHERE blob {among}"
        ));
        let named = named.bind(ids).scalars(&mut tx).await;
        let named: HashSet<String> = tx.end(named).await?.into_iter().collect();
        batch.retain(|found| !named.contains(&found.id));
        Ok(())
    }
}
