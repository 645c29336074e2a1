//! Buckets.

use sqlx::{FromRow, SqliteConnection};

use super::error::{Result, StoreError};
use super::handle::Store;
use super::object::Acl;

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Bucket {
    /// The name with the account's number, as in `examplebucket-1250000000`.
    pub(crate) name: String,
    /// The region, as in `ap-chongqing`.
    pub(crate) region: String,
    /// Who may use the bucket.
    pub(crate) acl: Acl,
    /// When it was created.
    pub(crate) created_at: i64,
}

impl Store {
    /// Creates a bucket.
    ///
    /// # Errors
    ///
    /// [`StoreError::BucketExists`] if the name is taken.
    pub(crate) async fn create_bucket(&self, name: &str, region: &str, acl: Acl) -> Result<Bucket> {
        sqlx::query_as(
            "INSERT INTO buckets (name, region, acl, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING RETURNING *",
        )
        .bind(name)
        .bind(region)
        .bind(acl)
        .bind(self.now())
        .fetch_optional(&self.inner.writer)
        .await?
        .ok_or_else(|| StoreError::BucketExists(name.to_owned()))
    }

    /// The bucket called `name`.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] if it does not exist.
    pub(crate) async fn bucket(&self, name: &str) -> Result<Bucket> {
        let mut connection = self.inner.reader.acquire().await?;
        find(&mut connection, name).await
    }

    /// All buckets by name.
    pub(crate) async fn buckets(&self) -> Result<Vec<Bucket>> {
        let all = sqlx::query_as("SELECT * FROM buckets ORDER BY name");
        Ok(all.fetch_all(&self.inner.reader).await?)
    }

    /// Deletes an empty bucket with its bindings and queues. Records of its jobs remain.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] if it does not exist, [`StoreError::BucketNotEmpty`] if it
    /// holds objects.
    pub(crate) async fn delete_bucket(&self, name: &str) -> Result<()> {
        let mut tx = self.begin_write().await?;
        find(&mut tx, name).await?;
        let used: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM objects WHERE bucket = $1)")
                .bind(name)
                .fetch_one(&mut *tx)
                .await?;
        if used {
            return Err(StoreError::BucketNotEmpty(name.to_owned()));
        }
        sqlx::query("DELETE FROM buckets WHERE name = $1")
            .bind(name)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// The bucket called `name`, as the transaction on `connection` sees it.
pub(super) async fn find(connection: &mut SqliteConnection, name: &str) -> Result<Bucket> {
    sqlx::query_as("SELECT * FROM buckets WHERE name = $1")
        .bind(name)
        .fetch_optional(connection)
        .await?
        .ok_or_else(|| StoreError::NoSuchBucket(name.to_owned()))
}
