//! What was read since the last commit, which need not be read again.
//!
//! Every request asks for its bucket and most ask for an object, and a question to the thread of a
//! connection takes several times as long as the database takes to answer it. One process has the
//! database to itself, so what it has read holds until it commits a change. While that is under way, nobody
//! knows what others see of it already, and everybody asks.

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
    all: Count,
    /// Those that may have changed buckets or settings of them.
    of_buckets: Count,
}

/// How often a commit has begun or ended: odd while one is under way.
#[derive(Default)]
struct Count(AtomicU64);

/// How many commits there had been; nothing while one was under way.
#[derive(Clone, Copy)]
pub(in crate::store) struct Moment {
    all: Option<u64>,
    of_buckets: Option<u64>,
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
    /// One begins, which may change buckets or settings of them.
    pub(super) fn begin(&self, changes_buckets: bool) {
        self.0.all.begin();
        if changes_buckets {
            self.0.of_buckets.begin();
        }
    }

    /// The one that is under way, if any, has ended. Nobody has learned that yet.
    pub(super) fn end(&self) {
        self.0.all.end();
        self.0.of_buckets.end();
    }
}

impl Count {
    fn begin(&self) {
        self.0.fetch_or(1, Ordering::AcqRel);
    }

    fn end(&self) {
        // One writer begins and ends them.
        if self.now().is_none() {
            self.0.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn now(&self) -> Option<u64> {
        let count = self.0.load(Ordering::Acquire);
        count.is_multiple_of(2).then_some(count)
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
        Moment {
            all: self.commits.0.all.now(),
            of_buckets: self.commits.0.of_buckets.now(),
        }
    }

    /// The bucket called `name`, if it was read.
    pub(in crate::store) fn bucket(&self, name: &str) -> Option<Bucket> {
        let kept = lock(&self.buckets);
        let holds = self.commits.0.of_buckets.now() == Some(kept.commits);
        kept.values.get(name).filter(|_| holds).cloned()
    }

    /// Keeps `bucket`, which was read after `moment`.
    pub(in crate::store) fn keep_bucket(&self, moment: Moment, bucket: &Bucket) {
        let mut kept = lock(&self.buckets);
        let Some(commits) = moment.of_buckets else {
            return;
        };
        if self.commits.0.of_buckets.now() == Some(commits) {
            kept.insert(commits, bucket.name.clone(), bucket.clone(), 0);
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
        let holds = self.commits.0.all.now() == Some(kept.commits);
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
        let Some(commits) = moment.all else {
            return;
        };
        if self.commits.0.all.now() == Some(commits) {
            let key = (found.object.name(), version);
            kept.insert(commits, key, found.clone(), found.content_length());
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
        commits.begin(false);
        assert_eq!(has(), (true, false));
        commits.end();
        assert_eq!(has(), (true, false));
        commits.begin(true);
        assert_eq!(has(), (false, false));
        commits.end();
        assert_eq!(has(), (false, false));
    }

    #[test]
    fn what_is_read_while_a_commit_is_under_way_is_not_kept() {
        let commits = Commits::default();
        let recent = Recent::new(commits.clone());
        commits.begin(true);
        let moment = recent.moment();
        recent.keep_bucket(moment, &Bucket::named("bucket"));
        assert!(recent.bucket("bucket").is_none());
        commits.end();
        recent.keep_bucket(moment, &Bucket::named("bucket"));
        assert!(recent.bucket("bucket").is_none());
        recent.keep_bucket(recent.moment(), &Bucket::named("bucket"));
        assert!(recent.bucket("bucket").is_some());
    }

    #[test]
    fn what_was_read_before_a_commit_is_not_kept_after_it() {
        let commits = Commits::default();
        let recent = Recent::new(commits.clone());
        let moment = recent.moment();
        commits.begin(true);
        commits.end();
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
