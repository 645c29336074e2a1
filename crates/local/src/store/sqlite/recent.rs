//! What was read since the last commit, which need not be read again.
//!
//! Every request asks for its bucket and most ask for an object, and a question to the thread of a
//! connection takes several times as long as the database takes to answer it. One process has the
//! database to itself, so what it has read holds until it commits a change.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::store::bucket::Bucket;
use crate::store::object::{Found, ObjectName, Wanted};
use crate::store::version::VersionId;

/// How many buckets and how many objects are kept at most.
const MOST: usize = 1000;
/// How many bytes of content are kept at most.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// Counts the commits.
#[derive(Clone, Default)]
pub(super) struct Commits(Arc<Counts>);

#[derive(Default)]
struct Counts {
    all: AtomicU64,
    of_buckets: AtomicU64,
}

/// How many commits there had been.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::store) struct Moment {
    all: u64,
    of_buckets: u64,
}

/// What was read since the last commit.
pub(in crate::store) struct Recent {
    commits: Commits,
    buckets: Mutex<Kept<String, Bucket>>,
    objects: Mutex<Kept<(ObjectName, Option<VersionId>), Found>>,
}

/// What was read after so many commits.
struct Kept<K, V> {
    commits: u64,
    values: HashMap<K, V>,
    /// How many bytes of content they have.
    bytes: usize,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self {
            commits: 0,
            values: HashMap::new(),
            bytes: 0,
        }
    }
}

impl Commits {
    /// Notes one, before anybody learns of it, and whether buckets or settings of them may have changed.
    pub(super) fn count(&self, changes_buckets: bool) {
        if changes_buckets {
            self.0.of_buckets.fetch_add(1, Ordering::AcqRel);
        }
        self.0.all.fetch_add(1, Ordering::AcqRel);
    }

    fn now(&self) -> Moment {
        Moment {
            all: self.0.all.load(Ordering::Acquire),
            of_buckets: self.0.of_buckets.load(Ordering::Acquire),
        }
    }
}

impl Recent {
    pub(super) fn new(commits: Commits) -> Self {
        Self {
            commits,
            buckets: Mutex::default(),
            objects: Mutex::default(),
        }
    }

    /// The moment, to be taken before something is read that is going to be kept.
    pub(in crate::store) fn moment(&self) -> Moment {
        self.commits.now()
    }

    /// The bucket called `name`, if it was read.
    pub(in crate::store) fn bucket(&self, name: &str) -> Option<Bucket> {
        let kept = lock(&self.buckets);
        let holds = kept.commits == self.commits.now().of_buckets;
        kept.values.get(name).filter(|_| holds).cloned()
    }

    /// Keeps `bucket`, which was read after `moment`.
    pub(in crate::store) fn keep_bucket(&self, moment: Moment, bucket: &Bucket) {
        let mut kept = lock(&self.buckets);
        if moment.of_buckets == self.commits.now().of_buckets {
            let name = bucket.name.clone();
            kept.insert(moment.of_buckets, name, bucket.clone(), 0);
        }
    }

    /// The version of the object `name`, if that was read with what is `wanted`.
    pub(in crate::store) fn object(
        &self,
        name: &ObjectName,
        version: Option<VersionId>,
        wanted: Wanted,
    ) -> Option<Found> {
        let kept = lock(&self.objects);
        let holds = kept.commits == self.commits.now().all;
        let found = kept.values.get(&(name.clone(), version))?;
        let has_all = wanted == Wanted::Description || found.has_content();
        (holds && has_all).then(|| found.clone())
    }

    /// Keeps `found`, which was read as `version` after `moment`.
    pub(in crate::store) fn keep_object(
        &self,
        moment: Moment,
        version: Option<VersionId>,
        found: &Found,
    ) {
        let mut kept = lock(&self.objects);
        if moment.all == self.commits.now().all {
            let key = (found.object.name(), version);
            kept.insert(moment.all, key, found.clone(), found.content_length());
        }
    }
}

impl<K: Eq + Hash, V> Kept<K, V> {
    /// Adds a value that was read after so many `commits`, and forgets all others if those were read after
    /// fewer, or if there are too many.
    fn insert(&mut self, commits: u64, key: K, value: V, bytes: usize) {
        let all = self.bytes.saturating_add(bytes);
        if self.commits != commits || self.values.len() >= MOST || all > MOST_BYTES {
            *self = Self {
                commits,
                ..Self::default()
            };
        }
        self.bytes = self.bytes.saturating_add(bytes);
        self.values.insert(key, value);
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    // A value is in it or not, whatever happens.
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{Commits, Recent};
    use crate::store::bucket::Bucket;
    use crate::store::object::{Found, Kept, Object, ObjectName, Wanted};

    fn object(content: Option<&'static [u8]>) -> Found {
        let mut object = Object::without_content(&ObjectName::new("bucket", "key"), 0);
        object.inline = true;
        Found {
            object,
            content: Kept(content.map(Into::into)),
        }
    }

    #[test]
    fn what_was_read_holds_until_a_commit() {
        let commits = Commits::default();
        let recent = Recent::new(commits.clone());
        let (bucket, found) = (Bucket::named("bucket"), object(Some(b"a")));
        let name = found.object.name();
        let has = || {
            let object = recent.object(&name, None, Wanted::Content);
            (recent.bucket("bucket").is_some(), object.is_some())
        };

        recent.keep_bucket(recent.moment(), &bucket);
        recent.keep_object(recent.moment(), None, &found);
        assert_eq!(has(), (true, true));
        commits.count(false);
        assert_eq!(has(), (true, false));
        commits.count(true);
        assert_eq!(has(), (false, false));
    }

    #[test]
    fn what_was_read_before_a_commit_is_not_kept_after_it() {
        let commits = Commits::default();
        let recent = Recent::new(commits.clone());
        let moment = recent.moment();
        commits.count(true);
        recent.keep_bucket(moment, &Bucket::named("bucket"));
        assert!(recent.bucket("bucket").is_none());
        let found = object(None);
        recent.keep_object(moment, None, &found);
        let name = found.object.name();
        assert!(recent.object(&name, None, Wanted::Description).is_none());
    }

    #[test]
    fn content_is_read_where_only_a_description_was() {
        let recent = Recent::new(Commits::default());
        let found = object(None);
        recent.keep_object(recent.moment(), None, &found);
        let name = found.object.name();
        assert!(recent.object(&name, None, Wanted::Description).is_some());
        assert!(recent.object(&name, None, Wanted::Content).is_none());
    }
}
