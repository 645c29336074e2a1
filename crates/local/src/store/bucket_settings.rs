//! What is set for buckets.

use sqlx::FromRow;

use super::acl::Acl;
use super::bucket::Bucket;
use super::buckets;
use super::connection::Connection;
use super::error::Result;
use super::handle::Store;
use super::sql::sql;

/// Which setting of a bucket is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SettingName {
    /// The bucket.
    pub(crate) bucket: String,
    /// The kind, such as `website`.
    pub(crate) kind: &'static str,
    /// Which one of its kind; empty where a bucket has one.
    pub(crate) id: String,
}

/// A setting of a bucket.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct BucketSetting {
    /// The bucket.
    pub(crate) bucket: String,
    /// Which one of its kind.
    pub(crate) id: String,
    /// The document.
    pub(crate) document: String,
    /// When it was set.
    pub(crate) set_at: i64,
}

impl Store {
    /// Creates a bucket with settings, each a kind and its document.
    ///
    /// # Errors
    ///
    /// [`StoreError::BucketExists`](super::StoreError::BucketExists) if the name is taken.
    pub(crate) async fn create_bucket_with(
        &self,
        name: &str,
        region: &str,
        acl: &Acl,
        settings: &[(&'static str, String)],
    ) -> Result<Bucket> {
        let mut tx = self.write().await?;
        let result = async {
            let created = buckets::create(&mut tx, name, region, acl, self.now()).await?;
            for (kind, document) in settings {
                let name = SettingName {
                    bucket: name.to_owned(),
                    kind,
                    id: String::new(),
                };
                write(&mut tx, &name, document, self.now()).await?;
            }
            Ok(created)
        }
        .await;
        tx.end(result).await
    }

    /// Sets `name` to `document`, and returns whether there was room for it: of one kind a bucket
    /// has `most` settings.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`](super::StoreError::NoSuchBucket).
    pub(crate) async fn put_bucket_setting(
        &self,
        name: &SettingName,
        document: &str,
        most: i64,
    ) -> Result<bool> {
        let mut tx = self.write().await?;
        let result = async {
            // Two new ones must not both find the last place.
            buckets::lock(&mut tx, &name.bucket).await?;
            let others = sql(
                "SELECT count(*) FROM bucket_settings WHERE bucket = $1 AND kind = $2 AND id <> $3",
            );
            let others: i64 = others
                .bind(&name.bucket)
                .bind(name.kind)
                .bind(&name.id)
                .scalar(&mut tx)
                .await?;
            if others >= most {
                return Ok(false);
            }
            write(&mut tx, name, document, self.now()).await?;
            Ok(true)
        }
        .await;
        tx.end(result).await
    }

    /// The setting `name`, if it was set.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`](super::StoreError::NoSuchBucket).
    pub(crate) async fn bucket_setting(&self, name: &SettingName) -> Result<Option<BucketSetting>> {
        let mut on = self.connect().await?;
        let found = sql("SELECT bucket, id, document, set_at FROM bucket_settings \
                         WHERE bucket = $1 AND kind = $2 AND id = $3");
        let found = found.bind(&name.bucket).bind(name.kind).bind(&name.id);
        let found = found.optional(&mut on).await?;
        if found.is_none() {
            buckets::find(&mut on, &name.bucket).await?;
        }
        Ok(found)
    }

    /// At most `limit` settings of the kind `kind` of a bucket, in the order of their ids, from the
    /// one after `after` on.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`](super::StoreError::NoSuchBucket).
    pub(crate) async fn bucket_settings(
        &self,
        bucket: &str,
        kind: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<BucketSetting>> {
        let mut tx = self.read().await?;
        buckets::find(&mut tx, bucket).await?;
        sql("SELECT bucket, id, document, set_at FROM bucket_settings \
             WHERE bucket = $1 AND kind = $2 AND id > $3 ORDER BY id LIMIT $4")
        .bind(bucket)
        .bind(kind)
        .bind(after)
        .bind(limit)
        .all(&mut tx)
        .await
    }

    /// The settings of the kind `kind` of all buckets.
    pub(crate) async fn settings_of_kind(&self, kind: &str) -> Result<Vec<BucketSetting>> {
        sql("SELECT bucket, id, document, set_at FROM bucket_settings \
             WHERE kind = $1 ORDER BY bucket, id")
        .bind(kind)
        .all(&mut self.connect().await?)
        .await
    }

    /// Deletes the setting `name`, and returns whether it was set.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`](super::StoreError::NoSuchBucket).
    pub(crate) async fn delete_bucket_setting(&self, name: &SettingName) -> Result<bool> {
        let mut tx = self.write().await?;
        let result = async {
            buckets::keep(&mut tx, &name.bucket).await?;
            let deleted =
                sql("DELETE FROM bucket_settings WHERE bucket = $1 AND kind = $2 AND id = $3");
            let deleted = deleted
                .bind(&name.bucket)
                .bind(name.kind)
                .bind(&name.id)
                .execute(&mut tx)
                .await?;
            Ok(deleted > 0)
        }
        .await;
        tx.end(result).await
    }
}

/// Sets `name` to `document` at the time `now`.
pub(super) async fn write(
    tx: &mut Connection,
    name: &SettingName,
    document: &str,
    now: i64,
) -> Result<()> {
    sql(
        "INSERT INTO bucket_settings (bucket, kind, id, document, set_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bucket, kind, id) \
         DO UPDATE SET document = excluded.document, set_at = excluded.set_at",
    )
    .bind(&name.bucket)
    .bind(name.kind)
    .bind(&name.id)
    .bind(document)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}
