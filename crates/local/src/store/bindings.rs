//! Which buckets picture services are switched on for.

use sqlx::FromRow;

use super::connection::Connection;
use super::error::Result;
use super::handle::Store;
use super::listing::after_all_with;
use super::sql::{Row, sql};
use super::value::Value;
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
        let mut tx = self.write().await?;
        let bound = bind(&mut tx, bucket, self.now()).await;
        tx.end(bound).await
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
        let mut tx = self.write().await?;
        let created = switch_on(&mut tx, processing, bucket, self.now()).await;
        tx.end(created).await
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
        T: Row,
    {
        let mut tx = self.read().await?;
        let dialect = tx.dialect();
        let (regions, names) = (dialect.among(1), dialect.among(2));
        // The table is one of the names above; everything from outside is bound.
        let matching = format!(
            "FROM {table} WHERE ($1 = '[]' OR region {regions}) AND ($2 = '[]' OR bucket {names}) \
             AND bucket >= $3 AND ($4 IS NULL OR bucket < $4)"
        );
        let bound = |select: String| -> Result<_> {
            Ok(sql(select)
                .bind(Value::texts(&filter.regions)?)
                .bind(Value::texts(&filter.names)?)
                .bind(&filter.prefix)
                .bind(after_all_with(&filter.prefix)))
        };
        let total: i64 = bound(format!("SELECT count(*) {matching}"))?
            .scalar(&mut tx)
            .await?;
        let skipped = i64::from(filter.page_number.saturating_sub(1)) * i64::from(filter.page_size);
        let page = format!("SELECT * {matching} ORDER BY bucket LIMIT $5 OFFSET $6");
        let buckets = bound(page)?
            .bind(filter.page_size)
            .bind(skipped)
            .all(&mut tx)
            .await?;
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        Ok(BucketPage { buckets, total })
    }
}

async fn switch_on(
    tx: &mut Connection,
    processing: Processing,
    bucket: &str,
    now: i64,
) -> Result<(ProcessBucket, bool)> {
    // The table is one of the names above; everything from outside is bound.
    let table = processing.table();
    let (CiBucket { region, .. }, _) = bind(tx, bucket, now).await?;
    let existing = sql(format!("SELECT * FROM {table} WHERE bucket = $1")).bind(bucket);
    if let Some(existing) = existing.optional(tx).await? {
        return Ok((existing, false));
    }
    let (kind, name) = (processing.queue_kind(), processing.queue_name());
    let queue = queues::insert(tx, bucket, kind, name, now).await?;
    let created = sql(format!(
        "INSERT INTO {table} (bucket, region, queue_id, created_at) \
         VALUES ($1, $2, $3, $4) RETURNING *"
    ))
    .bind(bucket)
    .bind(region)
    .bind(queue.queue_id)
    .bind(now)
    .one(tx)
    .await?;
    Ok((created, true))
}

async fn bind(tx: &mut Connection, bucket: &str, now: i64) -> Result<(CiBucket, bool)> {
    // Whoever binds it comes one after the other.
    let region = buckets::lock(tx, bucket).await?.region;
    let inserted = sql(
        "INSERT INTO ci_buckets (bucket, region, bound_at) VALUES ($1, $2, $3) \
         ON CONFLICT DO NOTHING",
    )
    .bind(bucket)
    .bind(region)
    .bind(now)
    .execute(tx)
    .await?;
    let bound = sql("SELECT * FROM ci_buckets WHERE bucket = $1")
        .bind(bucket)
        .one(tx)
        .await?;
    Ok((bound, inserted > 0))
}
