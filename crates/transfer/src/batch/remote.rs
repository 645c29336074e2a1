//! The objects of a prefix, as paths from there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::batch::filter_of::Names;
use crate::engine::Job;
use crate::error::Error;
use crate::object::Prefix;
use crate::paths::relative_path;
use crate::service::{Entry, ObjectInfo};

/// An object of a prefix.
#[derive(Debug, Clone)]
pub(super) struct RemoteObject {
    /// What its key has behind the prefix.
    pub(super) relative: String,
    pub(super) info: ObjectInfo,
}

impl RemoteObject {
    /// Whether it only marks a folder.
    pub(super) fn is_marker(&self) -> bool {
        self.relative.ends_with('/') && self.info.size == 0
    }

    /// Whether its key is the prefix: the marker of the folder as a whole.
    pub(super) fn is_itself(&self) -> bool {
        self.relative.is_empty()
    }

    /// Its path within a folder.
    ///
    /// # Errors
    /// It has none.
    pub(super) fn path(&self) -> Result<PathBuf, Error> {
        let is_marker = self.is_marker();
        let name = self.relative.strip_suffix('/').filter(|_| is_marker);
        relative_path(name.unwrap_or(&self.relative))
    }
}

/// Calls `each` with the objects of `prefix` that are meant, in the order of their keys.
pub(super) async fn list(
    job: &Job,
    prefix: &Prefix,
    names: &Names,
    mut each: impl FnMut(RemoteObject),
) -> Result<(), Error> {
    job.control.turn().await?;
    let listing = job.engine.service.objects(prefix, |entry: Entry| {
        let Some(relative) = entry.key.strip_prefix(&prefix.prefix) else {
            return;
        };
        if !names.takes(relative) {
            return;
        }
        each(RemoteObject {
            relative: relative.to_owned(),
            info: ObjectInfo {
                size: entry.size,
                etag: entry.etag,
                modified: entry.modified,
                ..ObjectInfo::default()
            },
        });
    });
    Ok(job.control.unless_cancelled(listing).await??)
}

/// All objects of `prefix` that are meant, markers left out.
pub(super) async fn all(
    job: &Job,
    prefix: &Prefix,
    names: &Names,
) -> Result<BTreeMap<String, ObjectInfo>, Error> {
    let mut all = BTreeMap::new();
    let each = |object: RemoteObject| {
        if !object.is_marker() && !object.is_itself() {
            all.insert(object.relative, object.info);
        }
    };
    list(job, prefix, names, each).await?;
    Ok(all)
}
