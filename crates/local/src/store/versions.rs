//! Listing the versions of the objects of a bucket.

use super::connection::Connection;
use super::error::Result;
use super::handle::Store;
use super::listing::{FEW, ListQuery, after_all_with};
use super::object::{Object, ObjectName};
use super::sql::sql;
use super::version::{VersionId, Versioning};
use super::{buckets, rows};

/// What to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct VersionQuery {
    /// Which keys. The marker is a key.
    pub(crate) keys: ListQuery,
    /// Of the marker's key, the versions behind this one are listed as well.
    pub(crate) version_marker: Option<VersionId>,
}

/// A page of a listing, in the order of the keys' UTF-8 bytes, and of one key the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct VersionListing {
    /// The versions, delete markers among them, and whether each is the latest of its key.
    pub(crate) versions: Vec<(Object, bool)>,
    /// The common prefixes, each ending with the delimiter.
    pub(crate) common_prefixes: Vec<String>,
    /// The markers of the next page: a key, and a version unless the page begins with another key.
    /// `None` if this is the last one.
    pub(crate) next: Option<(String, Option<VersionId>)>,
}

/// Where to go on.
struct Start {
    key: String,
    /// Of this key, the versions with a greater number.
    after: i64,
}

impl Start {
    fn at(key: String) -> Self {
        Self {
            key,
            after: i64::MIN,
        }
    }
}

impl Store {
    /// Lists versions of the objects of `bucket`.
    ///
    /// The cost follows the length of the page, as that of [`Store::list_objects`] does.
    ///
    /// # Errors
    ///
    /// [`super::StoreError::NoSuchBucket`].
    pub(crate) async fn list_versions(
        &self,
        bucket: &str,
        query: &VersionQuery,
    ) -> Result<VersionListing> {
        let VersionQuery {
            keys,
            version_marker,
        } = query;
        let mut tx = self.read().await?;
        let is_versioned = buckets::find(&mut tx, bucket).await?.versioning != Versioning::Never;
        let marker = match version_marker {
            // It lies within the listing, and not in a common prefix that was shown.
            Some(id) if keys.lists(&keys.marker) => {
                number_of(&mut tx, bucket, &keys.marker, *id).await?
            }
            _ => None,
        };
        let (mut next, skipped) = match marker {
            Some(after) => {
                let key = keys.marker.clone();
                (Some(Start { key, after }), "")
            }
            None => (keys.first_candidate().map(Start::at), keys.marker.as_str()),
        };
        // The key whose newest version is behind us.
        let mut known = marker.map(|_| keys.marker.clone());
        let mut listing = VersionListing::default();
        let mut left = keys.max_keys;
        let mut last = None;
        let mut few = keys.first_look();
        'pages: while let Some(start) = next.take()
            && keys.max_keys > 0
        {
            // One more than fits shows whether there is another page.
            let asked = left.saturating_add(1).min(few);
            let rows = read(&mut tx, bucket, &start, skipped, asked).await?;
            let is_full = u32::try_from(rows.len()).is_ok_and(|rows| rows == asked);
            // If none of them is behind a common prefix, read more in one go.
            few = few.saturating_mul(2);
            next = rows.last().filter(|_| is_full).map(|object| Start {
                key: object.key.clone(),
                after: object.version,
            });
            for mut object in rows {
                if !object.key.starts_with(&keys.prefix) {
                    break 'pages;
                }
                if left == 0 {
                    listing.next = last.map(|(key, version): (String, Option<VersionId>)| {
                        let version = version.filter(|_| key == object.key);
                        (key, version)
                    });
                    return Ok(listing);
                }
                left -= 1;
                if let Some(common) = keys.common_prefix(&object.key) {
                    next = after_all_with(&common).map(Start::at);
                    few = FEW;
                    last = Some((common.clone(), None));
                    listing.common_prefixes.push(common);
                    break;
                }
                object.is_versioned = is_versioned;
                let is_latest = known.as_ref() != Some(&object.key);
                known = Some(object.key.clone());
                last = Some((object.key.clone(), object.version_id()));
                listing.versions.push((object, is_latest));
            }
        }
        Ok(listing)
    }
}

/// Rows of `bucket` from `start` on, but none of the key `skipped`.
async fn read(
    tx: &mut Connection,
    bucket: &str,
    start: &Start,
    skipped: &str,
    limit: u32,
) -> Result<Vec<Object>> {
    // Each half is in the order of the table's key, so the database merges them as it reads.
    let half =
        "SELECT * FROM objects WHERE bucket = $1 AND (key, version) > ($2, $3) AND key <> $4";
    sql(format!(
        "{half} AND shown = TRUE UNION ALL {half} AND shown = FALSE ORDER BY key, version LIMIT $5"
    ))
    .bind(bucket)
    .bind(&start.key)
    .bind(start.after)
    .bind(skipped)
    .bind(limit)
    .all(tx)
    .await
}

/// The number of the version `id` of `key`. A number needs no row: it may have been deleted since.
async fn number_of(
    tx: &mut Connection,
    bucket: &str,
    key: &str,
    id: VersionId,
) -> Result<Option<i64>> {
    match id {
        VersionId::Number(number) => Ok(Some(number)),
        VersionId::Null => rows::null_number(tx, &ObjectName::new(bucket, key)).await,
    }
}
