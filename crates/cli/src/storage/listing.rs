//! Lists of objects and of their versions.

use tcloud_core::error::Error as CallError;
use tcloud_cos::Client;
use tcloud_cos::types::{DeleteMarker, ObjectSummary, ObjectVersion};
use tcloud_transfer::{Filter, Object};

use super::filters::FilterArgs;
use crate::error::Error;
use crate::location::Remote;

/// Which objects of a bucket are meant.
#[derive(Debug, Clone)]
pub(super) struct Selection {
    /// The bucket.
    pub(super) bucket: String,
    /// What their keys begin with.
    pub(super) prefix: String,
    /// What fits, of the keys behind `base`.
    filter: Filter,
    /// How much of a key no pattern looks at.
    base: usize,
    /// The key of one object and, behind a `/`, of what is below it; nothing else that begins so.
    exact: Option<String>,
}

impl Selection {
    /// What `remote` names by wildcards, or the object of its key and all that is below it.
    pub(super) fn of(remote: &Remote, filters: &FilterArgs) -> Result<Self, Error> {
        let bucket = remote.bucket.clone();
        if let Some(pattern) = remote.pattern() {
            return Ok(Self {
                bucket,
                base: pattern.folder.len(),
                filter: filters.filter(Some(&pattern.rest))?,
                prefix: pattern.folder,
                exact: None,
            });
        }
        let key = remote.plain_key();
        let is_folder = remote.is_folder();
        Ok(Self {
            bucket,
            base: if is_folder {
                key.len()
            } else {
                key.len().saturating_add(1)
            },
            filter: filters.filter(None)?,
            exact: (!is_folder).then(|| key.clone()),
            prefix: key,
        })
    }

    /// Whether the object `key` is meant.
    pub(super) fn takes(&self, key: &str) -> bool {
        let Some(rest) = key.strip_prefix(&self.prefix) else {
            return false;
        };
        if self.exact.is_some() && !rest.is_empty() && !rest.starts_with('/') {
            return false;
        }
        // The object that is named itself has no path behind its name.
        let relative = key.get(self.base..).filter(|relative| !relative.is_empty());
        self.filter.takes(relative.unwrap_or_else(|| last(key)))
    }
}

fn last(key: &str) -> &str {
    key.trim_end_matches('/').rsplit('/').next().unwrap_or(key)
}

/// Calls `each` with the objects that are meant, in the order of their keys.
pub(super) async fn objects(
    client: &Client,
    of: &Selection,
    mut each: impl FnMut(&str, &ObjectSummary) -> Result<(), Error>,
) -> Result<(), Error> {
    let prefix = Some(of.prefix.as_str()).filter(|prefix| !prefix.is_empty());
    let mut objects = client.get_bucket(&of.bucket).prefix(prefix).items();
    while let Some(object) = objects.next().await {
        let object = object.map_err(failed)?;
        if let Some(key) = object.key.as_deref().filter(|key| of.takes(key)) {
            each(key, &object)?;
        }
    }
    Ok(())
}

/// A version of an object, or a marker that it was deleted.
#[derive(Debug, Clone)]
pub(super) enum Version {
    /// A version.
    Kept(ObjectVersion),
    /// A deletion.
    Deleted(DeleteMarker),
}

impl Version {
    /// The object and the version, if the list names both.
    pub(super) fn object(&self, bucket: &str) -> Option<Object> {
        let (key, version) = match self {
            Self::Kept(version) => (version.key.as_ref(), version.version_id.as_ref()),
            Self::Deleted(marker) => (marker.key.as_ref(), marker.version_id.as_ref()),
        };
        Some(Object::new(bucket, key?).version(version?))
    }
}

/// Calls `each` with all versions of the objects that are meant.
pub(super) async fn versions(
    client: &Client,
    of: &Selection,
    mut each: impl FnMut(Version) -> Result<(), Error>,
) -> Result<(), Error> {
    let prefix = Some(of.prefix.as_str()).filter(|prefix| !prefix.is_empty());
    let call = client.get_bucket_object_versions(&of.bucket).prefix(prefix);
    let mut pages = call.pages();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed)?.into_output();
        let kept = page.versions.into_iter().map(Version::Kept);
        let deleted = page.delete_markers.into_iter().map(Version::Deleted);
        for version in kept.chain(deleted) {
            let object = version.object(&of.bucket);
            if object.is_some_and(|object| of.takes(&object.key)) {
                each(version)?;
            }
        }
    }
    Ok(())
}

/// An error of a call: what is not there has an exit code of its own.
pub(super) fn failed(error: CallError) -> Error {
    if error.is_not_found() {
        Error::Missing(error.to_string())
    } else {
        error.into()
    }
}

/// The same of a call about `place`.
pub(super) fn failed_at(place: &Remote) -> impl Fn(CallError) -> Error {
    move |error| match failed(error) {
        Error::Missing(text) => Error::Missing(format!("{place}: {text}")),
        Error::Failed(text) => Error::Failed(format!("{place}: {text}")),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{FilterArgs, Remote, Selection};

    fn selection(key: &str) -> Selection {
        let remote = Remote {
            bucket: "b-1".to_owned(),
            key: key.to_owned(),
        };
        Selection::of(&remote, &FilterArgs::default()).unwrap()
    }

    #[test]
    fn a_key_means_its_object_and_what_is_below() {
        let named = selection("a/b");
        assert!(named.takes("a/b") && named.takes("a/b/c/d") && named.takes("a/b/"));
        assert!(!named.takes("a/bc") && !named.takes("a/") && !named.takes("x"));
        let folder = selection("a/");
        assert!(folder.takes("a/b") && folder.takes("a/") && !folder.takes("ab"));
        assert!(selection("").takes("anything/at all"));
        let wild = selection("a/*.jpg");
        assert!(wild.takes("a/b.jpg") && !wild.takes("a/c/b.jpg") && !wild.takes("b.jpg"));
    }
}
