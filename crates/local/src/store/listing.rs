//! Listing the objects of a bucket.

use super::buckets;
use super::error::Result;
use super::handle::Store;
use super::object::Object;
use super::sql::sql;

/// How many rows are read at first where a common prefix may make the rest of them useless.
const FEW: u32 = 16;

/// What to list. Empty text means "not given".
#[derive(Debug, Clone, Default)]
pub(crate) struct ListQuery {
    /// Only keys that begin with this.
    pub(crate) prefix: String,
    /// Keys that are equal up to the first delimiter after the prefix are shown as one common
    /// prefix.
    pub(crate) delimiter: String,
    /// Only keys and common prefixes that sort after this.
    pub(crate) marker: String,
    /// How many keys and common prefixes to give at most.
    pub(crate) max_keys: u32,
}

/// A page of a listing, in the order of the keys' UTF-8 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Listing {
    /// The objects.
    pub(crate) objects: Vec<Object>,
    /// The common prefixes, each ending with the delimiter.
    pub(crate) common_prefixes: Vec<String>,
    /// The marker of the next page. `None` if this is the last one.
    pub(crate) next_marker: Option<String>,
}

/// Where to go on.
enum Start {
    At(String),
    After(String),
}

impl Start {
    fn key(&self) -> &str {
        let (Self::At(key) | Self::After(key)) = self;
        key
    }
}

impl Store {
    /// Lists objects of `bucket`.
    ///
    /// The cost follows the length of the page, not that of the bucket: a common prefix is passed
    /// over in one step however many keys it represents.
    ///
    /// # Errors
    ///
    /// [`super::StoreError::NoSuchBucket`].
    pub(crate) async fn list_objects(&self, bucket: &str, query: &ListQuery) -> Result<Listing> {
        let mut tx = self.read().await?;
        buckets::find(&mut tx, bucket).await?;

        let mut listing = Listing::default();
        let mut left = query.max_keys;
        let mut last = None;
        let mut next = query.first_candidate().map(Start::At);
        let mut few = if query.delimiter.is_empty() {
            u32::MAX
        } else {
            FEW
        };
        'pages: while let Some(from) = next.take()
            && query.max_keys > 0
        {
            // One more than fits shows whether there is another page.
            let asked = left.saturating_add(1).min(few);
            let rows: Vec<Object> = sql(match from {
                Start::At(_) => {
                    "SELECT * FROM objects WHERE bucket = $1 AND key >= $2 AND key <> $3 \
                         ORDER BY key LIMIT $4"
                }
                Start::After(_) => {
                    "SELECT * FROM objects WHERE bucket = $1 AND key > $2 AND key <> $3 \
                         ORDER BY key LIMIT $4"
                }
            })
            .bind(bucket)
            .bind(from.key())
            // A key that equals the marker does not sort after it.
            .bind(&query.marker)
            .bind(asked)
            .all(&mut tx)
            .await?;
            let is_full = u32::try_from(rows.len()).is_ok_and(|rows| rows == asked);
            // If all of them are objects, go on behind them, and read more in one go.
            few = few.saturating_mul(2);
            next = rows
                .last()
                .filter(|_| is_full)
                .map(|object| Start::After(object.key.clone()));
            for object in rows {
                if !object.key.starts_with(&query.prefix) {
                    break 'pages;
                }
                if left == 0 {
                    listing.next_marker = last;
                    return Ok(listing);
                }
                left -= 1;
                if let Some(common) = query.common_prefix(&object.key) {
                    next = after_all_with(&common).map(Start::At);
                    few = FEW;
                    last = Some(common.clone());
                    listing.common_prefixes.push(common);
                    break;
                }
                last = Some(object.key.clone());
                listing.objects.push(object);
            }
        }
        Ok(listing)
    }
}

impl ListQuery {
    /// Where the first key of the page can be, or `None` if nothing can follow the marker.
    pub(super) fn first_candidate(&self) -> Option<String> {
        if self.marker < self.prefix {
            return Some(self.prefix.clone());
        }
        match self.common_prefix(&self.marker) {
            // The marker is inside a common prefix that was shown, or sorts before the marker.
            Some(shown) => after_all_with(&shown),
            None => Some(self.marker.clone()),
        }
    }

    /// What `key` is rolled up to, if it is.
    pub(super) fn common_prefix(&self, key: &str) -> Option<String> {
        if self.delimiter.is_empty() {
            return None;
        }
        let (folder, _) = key
            .strip_prefix(&self.prefix)?
            .split_once(&self.delimiter)?;
        Some(format!("{}{folder}{}", self.prefix, self.delimiter))
    }
}

/// The least text that sorts after everything beginning with `prefix`, if there is one. UTF-8
/// sorts as its characters do, so the last character that can grow is made one greater.
pub(super) fn after_all_with(prefix: &str) -> Option<String> {
    let mut kept = prefix.to_owned();
    while let Some(last) = kept.pop() {
        if let Some(greater) = (last..=char::MAX).nth(1) {
            kept.push(greater);
            return Some(kept);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::after_all_with;

    #[test]
    fn the_text_after_a_prefix_is_the_least_one() {
        assert_eq!(after_all_with("a/").as_deref(), Some("a0"));
        assert_eq!(after_all_with("").as_deref(), None);
        assert_eq!(after_all_with("\u{10FFFF}"), None);
        assert_eq!(after_all_with("a\u{10FFFF}").as_deref(), Some("b"));
        // There is no character between these two.
        assert_eq!(after_all_with("\u{D7FF}").as_deref(), Some("\u{E000}"));
    }
}
