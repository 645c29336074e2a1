//! Objects and their versions as the model has them.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::{VersionId, Versioning};

/// A version of an object as the model has it; a delete marker has no content.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Version {
    pub(super) id: VersionId,
    pub(super) made: Option<String>,
}

/// The versions of each key as the model has them, the newest last.
#[derive(Debug, Default)]
pub(super) struct Objects {
    pub(super) versioning: Versioning,
    pub(super) keys: BTreeMap<u8, Vec<Version>>,
}

impl Objects {
    /// What `key` shows.
    pub(super) fn shown(&self, key: u8) -> Option<&String> {
        self.keys.get(&key)?.last()?.made.as_ref()
    }

    /// Makes `made`, which the store calls `id`, the newest version of `key`.
    pub(super) fn put(&mut self, key: u8, id: Option<VersionId>, made: Option<String>) {
        let versions = self.keys.entry(key).or_default();
        match self.versioning {
            Versioning::Never => versions.clear(),
            Versioning::Enabled => assert!(versions.iter().all(|it| Some(it.id) != id)),
            Versioning::Suspended => {
                versions.retain(|it| it.id != VersionId::Null);
                assert_eq!(id, Some(VersionId::Null));
            }
        }
        let id = id.unwrap_or(VersionId::Null);
        versions.push(Version { id, made });
    }

    /// Deletes what `key` shows, with the marker that the store has made.
    pub(super) fn delete(&mut self, key: u8, marker: Option<VersionId>) {
        if self.versioning == Versioning::Never {
            assert_eq!(marker, None);
            self.keys.remove(&key);
        } else {
            assert!(marker.is_some());
            self.put(key, marker, None);
        }
    }

    /// All content there is.
    pub(super) fn contents(&self) -> BTreeSet<&String> {
        let versions = self.keys.values().flatten();
        versions.filter_map(|it| it.made.as_ref()).collect()
    }
}
