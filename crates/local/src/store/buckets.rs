//! Buckets.

use sqlx::{FromRow, SqliteConnection};

use super::{Acl, Result, Store, StoreError};

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Bucket {
    /// The name with the account's number, as in `examplebucket-1250000000`.
    pub name: String,
    /// The region, as in `ap-chongqing`.
    pub region: String,
    /// Who may use the bucket.
    pub acl: Acl,
    /// When it was created.
    pub created_at: i64,
}

impl Store {
    /// Creates a bucket.
    ///
    /// # Errors
    ///
    /// [`StoreError::BucketExists`] if the name is taken.
    pub async fn create_bucket(&self, name: &str, region: &str, acl: Acl) -> Result<Bucket> {
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
    /// [`StoreError::NoSuchBucket`] if it is not there.
    pub async fn bucket(&self, name: &str) -> Result<Bucket> {
        let mut connection = self.inner.reader.acquire().await?;
        find(&mut connection, name).await
    }

    /// All buckets by name.
    pub async fn buckets(&self) -> Result<Vec<Bucket>> {
        let all = sqlx::query_as("SELECT * FROM buckets ORDER BY name");
        Ok(all.fetch_all(&self.inner.reader).await?)
    }

    /// Sets who may use the bucket.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] if it is not there.
    pub async fn set_bucket_acl(&self, name: &str, acl: Acl) -> Result<()> {
        let changed = sqlx::query("UPDATE buckets SET acl = $2 WHERE name = $1")
            .bind(name)
            .bind(acl)
            .execute(&self.inner.writer)
            .await?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::NoSuchBucket(name.to_owned()));
        }
        Ok(())
    }

    /// Deletes an empty bucket with its bindings and queues. Records of its jobs remain.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`] if it is not there, [`StoreError::BucketNotEmpty`] if it holds
    /// objects.
    pub async fn delete_bucket(&self, name: &str) -> Result<()> {
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
