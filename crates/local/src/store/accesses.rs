//! When objects were read last, as far as it matters: tiers follow from it.

use std::collections::BTreeMap;

use super::error::Result;
use super::handle::Store;
use super::object::Object;
use super::rows;

/// Under which name it is kept among the headers of an object when it was read last. No answer has
/// it, and no copy.
pub(super) const ACCESSED: &str = "accessed";

impl Object {
    /// Whether it is in a class that has tiers.
    pub(crate) fn is_tiered(&self) -> bool {
        self.storage_class().is_some_and(has_tiers)
    }

    /// When it was read last, if that was noted.
    pub(crate) fn accessed(&self) -> Option<i64> {
        self.attributes.headers.get(ACCESSED)?.parse().ok()
    }
}

/// Whether objects of the storage class `class` move between tiers by use.
fn has_tiers(class: &str) -> bool {
    class.ends_with("INTELLIGENT_TIERING")
}

/// Notes among the headers of an object that moves to the storage class `class` at the time `now` that its
/// days without use begin.
pub(super) fn begin(headers: &mut BTreeMap<String, String>, class: &str, now: i64) {
    if has_tiers(class) {
        headers.insert(ACCESSED.to_owned(), now.to_string());
    }
}

impl Store {
    /// Notes that `object` was read at the time `at`, unless it is gone.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`](super::StoreError::Unavailable).
    pub(crate) async fn note_access(&self, object: &Object, at: i64) -> Result<()> {
        let mut tx = self.write().await?;
        let noted = async {
            rows::lock(&mut tx, &object.name()).await?;
            let Some(found) = rows::again(&mut tx, object).await? else {
                return Ok(());
            };
            let mut headers = found.attributes.headers;
            headers.insert(ACCESSED.to_owned(), at.to_string());
            rows::set_headers(&mut tx, object, &headers).await
        };
        let noted = noted.await;
        tx.end(noted).await
    }
}
