//! Which buckets picture services are switched on for.

use sqlx::sqlite::SqliteRow;
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, FromRow, SqliteConnection};

use super::error::Result;
use super::handle::Store;
use super::listing::after_all_with;
use super::{buckets, queues};

/// What can be switched on for a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Processing {
    /// Asynchronous picture processing.
    Picture,
    /// File processing.
    File,
}

impl Processing {
    /// The table of the buckets that have it.
    const fn table(self) -> &'static str {
        match self {
            Self::Picture => "pic_buckets",
            Self::File => "file_buckets",
        }
    }

    /// The kind of the queue a bucket gets.
    pub(crate) const fn queue_kind(self) -> &'static str {
        match self {
            Self::Picture => "PicProcess",
            Self::File => "FileProcess",
        }
    }

    /// The name of the queue a bucket gets.
    const fn queue_name(self) -> &'static str {
        match self {
            Self::Picture => "queue-pic-process-1",
            Self::File => "queue-file-process-1",
        }
    }
}

/// A bucket bound to CI.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct CiBucket {
    /// The bucket.
    pub(crate) bucket: String,
    /// Its region.
    pub(crate) region: String,
    /// When it was bound.
    pub(crate) bound_at: i64,
}

/// A bucket with a [`Processing`].
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct ProcessBucket {
    /// The bucket.
    pub(crate) bucket: String,
    /// Its region.
    pub(crate) region: String,
    /// Its queue.
    pub(crate) queue_id: String,
    /// When processing was switched on.
    pub(crate) created_at: i64,
}

/// Which bound buckets to list.
#[derive(Debug, Clone)]
pub(crate) struct BucketFilter {
    /// Only in these regions, unless empty.
    pub(crate) regions: Vec<String>,
    /// Only these buckets, unless empty.
    pub(crate) names: Vec<String>,
    /// Only buckets whose name begins with this.
    pub(crate) prefix: String,
    /// The page, from 1.
    pub(crate) page_number: u32,
    /// How many buckets a page has.
    pub(crate) page_size: u32,
}

impl Default for BucketFilter {
    /// The first ten of all buckets.
    fn default() -> Self {
        let [regions, names] = Default::default();
        Self {
            regions,
            names,
            prefix: String::new(),
            page_number: 1,
            page_size: 10,
        }
    }
}

/// A page of bound buckets, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BucketPage<T> {
    /// The buckets of this page.
    pub(crate) buckets: Vec<T>,
    /// How many there are on all pages.
    pub(crate) total: u32,
}

impl Store {
    /// Binds `bucket` to CI and returns whether it was not bound before. The time of the first
    /// binding is kept.
    ///
    /// # Errors
    ///
    /// [`super::StoreError::NoSuchBucket`].
    pub(crate) async fn bind_ci_bucket(&self, bucket: &str) -> Result<(CiBucket, bool)> {
        let mut tx = self.begin_write().await?;
        let bound = bind(&mut tx, bucket, self.now()).await?;
        tx.commit().await?;
        Ok(bound)
    }

    /// Switches `processing` on for `bucket`, binding it and creating its queue if needed, and
    /// returns whether it was off before.
    ///
    /// # Errors
    ///
    /// [`super::StoreError::NoSuchBucket`].
    pub(crate) async fn create_process_bucket(
        &self,
        processing: Processing,
        bucket: &str,
    ) -> Result<(ProcessBucket, bool)> {
        // The table is one of the names above; everything from outside is bound.
        let table = processing.table();
        let now = self.now();
        let mut tx = self.begin_write().await?;
        let (CiBucket { region, .. }, _) = bind(&mut tx, bucket, now).await?;
        let existing = format!("SELECT * FROM {table} WHERE bucket = $1");
        if let Some(existing) = sqlx::query_as(AssertSqlSafe(existing))
            .bind(bucket)
            .fetch_optional(&mut *tx)
            .await?
        {
            return Ok((existing, false));
        }
        let (kind, name) = (processing.queue_kind(), processing.queue_name());
        let queue = queues::insert(&mut tx, bucket, kind, name, now).await?;
        let created = sqlx::query_as(AssertSqlSafe(format!(
            "INSERT INTO {table} (bucket, region, queue_id, created_at) \
             VALUES ($1, $2, $3, $4) RETURNING *"
        )))
        .bind(bucket)
        .bind(region)
        .bind(queue.queue_id)
        .bind(now)
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok((created, true))
    }

    /// Lists the buckets bound to CI.
    pub(crate) async fn ci_buckets(&self, filter: &BucketFilter) -> Result<BucketPage<CiBucket>> {
        self.bound_buckets("ci_buckets", filter).await
    }

    /// Lists the buckets with `processing`.
    pub(crate) async fn process_buckets(
        &self,
        processing: Processing,
        filter: &BucketFilter,
    ) -> Result<BucketPage<ProcessBucket>> {
        self.bound_buckets(processing.table(), filter).await
    }

    async fn bound_buckets<T>(
        &self,
        table: &'static str,
        filter: &BucketFilter,
    ) -> Result<BucketPage<T>>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        // The table is one of the names above; everything from outside is bound.
        let matching = format!(
            "FROM {table} WHERE ($1 = '[]' OR region IN (SELECT value FROM json_each($1))) \
             AND ($2 = '[]' OR bucket IN (SELECT value FROM json_each($2))) \
             AND bucket >= $3 AND ($4 IS NULL OR bucket < $4)"
        );
        let after_prefix = after_all_with(&filter.prefix);
        let mut tx = self.begin_read().await?;
        let total = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) {matching}")))
            .bind(Json(&filter.regions))
            .bind(Json(&filter.names))
            .bind(&filter.prefix)
            .bind(&after_prefix)
            .fetch_one(&mut *tx)
            .await?;
        let skipped = i64::from(filter.page_number.saturating_sub(1)) * i64::from(filter.page_size);
        let page = format!("SELECT * {matching} ORDER BY bucket LIMIT $5 OFFSET $6");
        let buckets = sqlx::query_as(AssertSqlSafe(page))
            .bind(Json(&filter.regions))
            .bind(Json(&filter.names))
            .bind(&filter.prefix)
            .bind(&after_prefix)
            .bind(filter.page_size)
            .bind(skipped)
            .fetch_all(&mut *tx)
            .await?;
        Ok(BucketPage { buckets, total })
    }
}

async fn bind(tx: &mut SqliteConnection, bucket: &str, now: i64) -> Result<(CiBucket, bool)> {
    let region = buckets::find(tx, bucket).await?.region;
    let inserted = sqlx::query(
        "INSERT INTO ci_buckets (bucket, region, bound_at) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
    )
    .bind(bucket)
    .bind(region)
    .bind(now)
    .execute(&mut *tx)
    .await?;
    let bound = sqlx::query_as("SELECT * FROM ci_buckets WHERE bucket = $1")
        .bind(bucket)
        .fetch_one(tx)
        .await?;
    Ok((bound, inserted.rows_affected() > 0))
}
