//! Which names are meant, those of our own files left out.

use crate::filter::Filter;

/// A filter that also leaves out what interrupted downloads have left in a folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(Filter);

impl Names {
    pub(super) fn new(filter: Filter) -> Self {
        Self(filter)
    }

    pub(super) fn takes(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let is_ours = name.starts_with('.')
            && [".tcloud-part", ".tcloud-checkpoint"]
                .iter()
                .any(|end| name.ends_with(end));
        !is_ours && self.0.takes(path)
    }
}
