//! Listing uploads, and the parts of one.

use super::{MultipartUpload, Part};
use crate::store::buckets;
use crate::store::error::Result;
use crate::store::handle::Store;
use crate::store::listing::{ListQuery, after_all_with};
use crate::store::object::ObjectName;
use crate::store::sql::sql;

/// Which uploads to list.
#[derive(Debug, Clone, Default)]
pub(crate) struct UploadQuery {
    /// Which keys, behind which one, and how many uploads and common prefixes at most.
    pub(crate) keys: ListQuery,
    /// If not empty, also those uploads of the key that is the marker which have a greater id.
    pub(crate) id_marker: String,
}

/// A page of uploads, in the order of their keys' UTF-8 bytes and their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct UploadPage {
    /// The uploads.
    pub(crate) uploads: Vec<MultipartUpload>,
    /// The common prefixes, each ending with the delimiter.
    pub(crate) common_prefixes: Vec<String>,
    /// The markers of the next page, of which the second is empty behind a common prefix. `None` if
    /// this is the last one.
    pub(crate) next: Option<(String, String)>,
}

/// Where to go on.
enum Start {
    /// With this key.
    At(String),
    /// Behind the upload of this key with this id.
    After(String, String),
}

impl Store {
    /// Lists uploads to `bucket` that have begun and not ended.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchBucket`](crate::store::StoreError::NoSuchBucket).
    pub(crate) async fn list_multiparts(
        &self,
        bucket: &str,
        query: &UploadQuery,
    ) -> Result<UploadPage> {
        let mut tx = self.read().await?;
        buckets::find(&mut tx, bucket).await?;
        let UploadQuery { keys, id_marker } = query;
        let mut page = UploadPage::default();
        let mut left = keys.max_keys;
        let mut last = None;
        let is_within = keys.marker < keys.prefix || keys.common_prefix(&keys.marker).is_some();
        let mut next = if id_marker.is_empty() || is_within {
            keys.first_candidate().map(Start::At)
        } else {
            Some(Start::After(keys.marker.clone(), id_marker.clone()))
        };
        'pages: while let Some(from) = next.take()
            && keys.max_keys > 0
        {
            let mut rows =
                sql("SELECT * FROM multipart_uploads WHERE bucket = $1 AND ").bind(bucket);
            match &from {
                // A key that equals the marker does not sort behind it.
                Start::At(key) => {
                    rows.push("key >= ").push_bind(key);
                    rows.push(" AND key <> ").push_bind(&keys.marker);
                }
                Start::After(key, id) => {
                    rows.push("(key, id) > (").push_bind(key);
                    rows.push(", ").push_bind(id).push(")");
                }
            }
            // One more than fits shows whether there is another page.
            let asked = left.saturating_add(1);
            rows.push(" ORDER BY key, id LIMIT ").push_bind(asked);
            let rows: Vec<MultipartUpload> = rows.all(&mut tx).await?;
            for upload in rows {
                if !upload.key.starts_with(&keys.prefix) {
                    break 'pages;
                }
                if left == 0 {
                    page.next = last;
                    return Ok(page);
                }
                left -= 1;
                if let Some(common) = keys.common_prefix(&upload.key) {
                    next = after_all_with(&common).map(Start::At);
                    last = Some((common.clone(), String::new()));
                    page.common_prefixes.push(common);
                    break;
                }
                last = Some((upload.key.clone(), upload.id.clone()));
                page.uploads.push(upload);
            }
        }
        Ok(page)
    }

    /// The first `most` parts of an upload with numbers above `after`, and whether there are more.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchUpload`](crate::store::StoreError::NoSuchUpload).
    pub(crate) async fn list_parts(
        &self,
        name: &ObjectName,
        upload: &str,
        after: u32,
        most: u32,
    ) -> Result<(MultipartUpload, Vec<Part>, bool)> {
        let mut tx = self.read().await?;
        let found = super::find(&mut tx, name, upload, "").await?;
        let parts =
            sql("SELECT * FROM parts WHERE upload = $1 AND number > $2 ORDER BY number LIMIT $3");
        let parts = parts.bind(upload).bind(after).bind(most.saturating_add(1));
        let mut parts: Vec<Part> = parts.all(&mut tx).await?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let is_truncated = parts.len() > most;
        parts.truncate(most);
        Ok((found, parts, is_truncated))
    }
}
