//! Buckets.

use super::acl::Acl;
use super::bucket::Bucket;
use super::connection::Connection;
use super::error::{Result, StoreError};
use super::handle::Store;
use super::sql::sql;
use super::sqlite::Recent;
use super::value::Value;
use super::version::Versioning;

impl Store {
    /// Creates a bucket.
    ///
    /// # Errors
    ///
    /// [`StoreError::BucketExists`] if the name is taken.
    #[cfg(test)]
    pub(crate) async fn create_bucket(&self, name: &str, region: &str, acl: Acl) -> Result<Bucket> {
        let mut tx = self.write().await?;
        let created = create(&mut tx, name, region, &acl, self.now()).await;
        tx.end(created).await
    }

    /// The bucket called `name`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] if it does not exist.
    pub(crate) async fn bucket(&self, name: &str) -> Result<Bucket> {
        let recent = self.inner.database.recent();
        if let Some(bucket) = recent.and_then(|recent| recent.bucket(name)) {
            return Ok(bucket);
        }
        let moment = recent.map(Recent::moment);
        // One statement, since every request needs it.
        let found = sql(
            "SELECT *, COALESCE((SELECT string_agg(kind, ',') FROM bucket_settings \
             WHERE bucket = buckets.name AND id = ''), '') AS settings FROM buckets WHERE name = $1",
        );
        let found: Option<Bucket> = found
            .bind(name)
            .optional(&mut self.connect().await?)
            .await?;
        let found = found.ok_or_else(|| StoreError::NoSuchBucket(name.to_owned()))?;
        if let (Some(recent), Some(moment)) = (recent, moment) {
            recent.keep_bucket(moment, &found);
        }
        Ok(found)
    }

    /// All buckets by name.
    pub(crate) async fn buckets(&self) -> Result<Vec<Bucket>> {
        let all = sql("SELECT * FROM buckets ORDER BY name");
        all.all(&mut self.connect().await?).await
    }

    /// Deletes an empty bucket with its bindings and queues. Records of its jobs remain.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] if it does not exist, [`StoreError::BucketNotEmpty`] if it
    /// holds objects, older versions of them and delete markers included,
    /// [`StoreError::BucketHasUploads`] if uploads in parts have not ended.
    pub(crate) async fn delete_bucket(&self, name: &str) -> Result<()> {
        let mut tx = self.write().await?;
        let result = delete(&mut tx, name).await;
        tx.end(result).await
    }

    /// Sets whether the bucket called `name` keeps versions of its objects.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`].
    pub(crate) async fn set_versioning(&self, name: &str, versioning: Versioning) -> Result<()> {
        let mut tx = self.write().await?;
        let set = set(&mut tx, name, "versioning", versioning).await;
        tx.end(set).await
    }

    /// Sets who may use the bucket called `name`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`].
    pub(crate) async fn set_bucket_acl(&self, name: &str, acl: &Acl) -> Result<()> {
        let mut tx = self.write().await?;
        let result = async { set(&mut tx, name, "acl", acl.kept()?).await }.await;
        tx.end(result).await
    }
}

/// Sets a column of the row of the bucket called `name`.
pub(super) async fn set(
    tx: &mut Connection,
    name: &str,
    column: &'static str,
    value: impl Into<Value>,
) -> Result<()> {
    lock(tx, name).await?;
    let set = sql(format!("UPDATE buckets SET {column} = $2 WHERE name = $1"));
    set.bind(name).bind(value).execute(tx).await.map(drop)
}

/// Creates a bucket at the time `now`.
pub(super) async fn create(
    tx: &mut Connection,
    name: &str,
    region: &str,
    acl: &Acl,
    now: i64,
) -> Result<Bucket> {
    let created = sql(
        "INSERT INTO buckets (name, region, acl, created_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING RETURNING *",
    )
    .bind(name)
    .bind(region)
    .bind(acl.kept()?)
    .bind(now)
    .optional(tx)
    .await?;
    created.ok_or_else(|| StoreError::BucketExists(name.to_owned()))
}

async fn delete(tx: &mut Connection, name: &str) -> Result<()> {
    lock(tx, name).await?;
    let used = sql("SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = $1)").bind(name);
    if used.scalar(tx).await? {
        return Err(StoreError::BucketNotEmpty(name.to_owned()));
    }
    let used = sql("SELECT EXISTS (SELECT 1 FROM multipart_uploads WHERE bucket = $1)").bind(name);
    if used.scalar(tx).await? {
        return Err(StoreError::BucketHasUploads(name.to_owned()));
    }
    let deleted = sql("DELETE FROM buckets WHERE name = $1").bind(name);
    deleted.execute(tx).await.map(drop)
}

/// The bucket called `name`, as `connection` sees it.
pub(super) async fn find(connection: &mut Connection, name: &str) -> Result<Bucket> {
    let found = sql("SELECT * FROM buckets WHERE name = $1").bind(name);
    found
        .optional(connection)
        .await?
        .ok_or_else(|| StoreError::NoSuchBucket(name.to_owned()))
}

/// The bucket called `name`, which is not deleted before this transaction ends.
pub(super) async fn keep(tx: &mut Connection, name: &str) -> Result<Bucket> {
    let for_share = tx.dialect().for_share();
    let found = sql(format!("SELECT * FROM buckets WHERE name = $1 {for_share}")).bind(name);
    found
        .optional(tx)
        .await?
        .ok_or_else(|| StoreError::NoSuchBucket(name.to_owned()))
}

/// The bucket called `name`, to be changed by this transaction and by no other meanwhile.
pub(super) async fn lock(tx: &mut Connection, name: &str) -> Result<Bucket> {
    let for_update = tx.dialect().for_update();
    let found = sql(format!(
        "SELECT * FROM buckets WHERE name = $1 {for_update}"
    ))
    .bind(name);
    found
        .optional(tx)
        .await?
        .ok_or_else(|| StoreError::NoSuchBucket(name.to_owned()))
}
