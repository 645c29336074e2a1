//! Copies of versions in other buckets. Content is not copied: several rows name it.

use sqlx::FromRow;

use super::accesses::ACCESSED;
use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::locking::new_lock;
use super::object::{Object, ObjectName, STORAGE_CLASS};
use super::replications::{REPLICA, REPLICATION_STATUS};
use super::sql::sql;
use super::version::Versioning;
use super::{buckets, rows};

/// A version or a delete marker that is to be copied.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Replication {
    bucket: String,
    key: String,
    version: i64,
}

/// Where a version is copied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReplicaTarget {
    /// The bucket.
    pub(crate) bucket: String,
    /// The storage class, unless it is that of the version.
    pub(crate) class: Option<String>,
}

/// What became of a version that was to be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replicated {
    /// Everything that was asked for has been done.
    Done,
    /// A bucket to copy to is gone, or keeps no versions any more.
    Failed,
    /// There was nothing to do.
    Nothing,
}

impl Store {
    /// At most `limit` versions that are to be copied, of one key the oldest first.
    pub(crate) async fn replications(&self, limit: u32) -> Result<Vec<Replication>> {
        sql("SELECT * FROM replications ORDER BY bucket, key, version DESC LIMIT $1")
            .bind(limit)
            .all(&mut self.connect().await?)
            .await
    }

    /// The version that is to be copied, if it is still there.
    pub(crate) async fn replicated(&self, replication: &Replication) -> Result<Option<Object>> {
        find(&mut self.connect().await?, replication).await
    }

    /// Copies a version to `copies`, as it is by now, and strikes that it is to be copied. Of these,
    /// none or all that can be are made.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`].
    pub(crate) async fn replicate(
        &self,
        replication: &Replication,
        copies: &[ReplicaTarget],
    ) -> Result<Replicated> {
        let mut tx = self.write().await?;
        let replicated = replicate(&mut tx, replication, copies, self.now()).await;
        tx.end(replicated).await
    }
}

async fn find(connection: &mut Connection, version: &Replication) -> Result<Option<Object>> {
    sql(
        "SELECT * FROM objects WHERE bucket = $1 AND shown IN (TRUE, FALSE) AND key = $2 \
         AND version = $3 AND is_null = FALSE",
    )
    .bind(&version.bucket)
    .bind(&version.key)
    .bind(version.version)
    .optional(connection)
    .await
}

async fn replicate(
    tx: &mut Connection,
    replication: &Replication,
    copies: &[ReplicaTarget],
    now: i64,
) -> Result<Replicated> {
    let Replication {
        bucket,
        key,
        version,
    } = replication;
    let names = std::iter::once(bucket).chain(copies.iter().map(|copy| &copy.bucket));
    let names: Vec<_> = names.map(|it| ObjectName::new(it, key)).collect();
    // Whoever deletes the version has to wait until the copies name its content.
    rows::lock_all(tx, names.iter().collect()).await?;
    let struck = sql("DELETE FROM replications WHERE bucket = $1 AND key = $2 AND version = $3");
    let struck = struck.bind(bucket).bind(key).bind(*version);
    if struck.execute(tx).await? == 0 {
        return Ok(Replicated::Nothing);
    }
    let Some(source) = find(tx, replication).await? else {
        return Ok(Replicated::Nothing);
    };
    if copies.is_empty() {
        return Ok(Replicated::Nothing);
    }
    let mut replicated = Replicated::Done;
    for copy in copies {
        if !insert(tx, &source, copy, now).await? {
            replicated = Replicated::Failed;
        }
    }
    if !source.is_marker {
        let status = match replicated {
            Replicated::Failed => "FAILED",
            _ => "COMPLETED",
        };
        let mut headers = source.attributes.headers.clone();
        headers.insert(REPLICATION_STATUS.to_owned(), status.to_owned());
        rows::set_headers(tx, &source, &headers).await?;
    }
    Ok(replicated)
}

/// Makes the copy of `source`, which has the same version, at the time `now`. Returns whether that
/// could be.
async fn insert(
    tx: &mut Connection,
    source: &Object,
    copy: &ReplicaTarget,
    now: i64,
) -> Result<bool> {
    let bucket = match buckets::keep(tx, &copy.bucket).await {
        Ok(bucket) if bucket.versioning == Versioning::Enabled => bucket,
        Ok(_) | Err(StoreError::NoSuchBucket(_)) => return Ok(false),
        Err(error) => return Err(error),
    };
    let name = ObjectName::new(&copy.bucket, &source.key);
    let mut copied = Object {
        bucket: name.bucket.clone(),
        restoration: None,
        // Its own bucket says how long it is locked.
        locked_until: None,
        ..source.clone()
    };
    if !copied.is_marker {
        copied.locked_until = new_lock(&bucket, now);
        let headers = &mut copied.attributes.headers;
        headers.insert(REPLICATION_STATUS.to_owned(), REPLICA.to_owned());
        headers.remove(ACCESSED);
        match copy.class.as_deref() {
            None => {}
            // The usual class is not kept.
            Some("STANDARD") => drop(headers.remove(STORAGE_CLASS)),
            Some(class) => drop(headers.insert(STORAGE_CLASS.to_owned(), class.to_owned())),
        }
    }
    // Something else may have come there at the same time.
    while has_version(tx, &copied).await? {
        copied.version = copied.version.saturating_sub(1);
    }
    let newest: Option<i64> =
        sql("SELECT min(version) FROM objects WHERE bucket = $1 AND shown IN (TRUE, FALSE) AND key = $2")
            .bind(&name.bucket)
            .bind(&name.key)
            .scalar(tx)
            .await?;
    // What is newer there stays the latest.
    let is_newest = newest.is_none_or(|newest| copied.version < newest);
    if is_newest {
        sql("UPDATE objects SET shown = FALSE WHERE bucket = $1 AND shown = TRUE AND key = $2")
            .bind(&name.bucket)
            .bind(&name.key)
            .execute(tx)
            .await?;
    }
    copied.shown = is_newest && !copied.is_marker;
    rows::write(tx, &copied).await?;
    Ok(true)
}

/// Whether there is a version of the number of `object`.
async fn has_version(tx: &mut Connection, object: &Object) -> Result<bool> {
    let found = sql("SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = $1 \
         AND shown IN (TRUE, FALSE) AND key = $2 AND version = $3)");
    let found = found.bind(&object.bucket).bind(&object.key);
    found.bind(object.version).scalar(tx).await
}
