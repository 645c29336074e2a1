//! Lifecycle rules act: objects expire, move to other storage classes, and uploads in parts that
//! nobody completes are given up.
//!
//! A pass looks at all versions that a rule may be about, page by page, and decides by the rules
//! alone ([`rules`]). Each change is a transaction of its own that counts only if the rules and the
//! version are still what they were (`store/aging.rs`), so a pass can end anywhere and be begun again.

mod rules;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use self::rules::{Place, Rules, Verdict, Version};
use super::bucket::setting::lifecycle;
use crate::state::State;
use crate::store::{
    Aged, Aging, ListQuery, Object, ObjectName, Pass, StoreError, UploadQuery, VersionQuery,
};

/// How many versions or uploads are looked at in one go.
const PAGE: u32 = 1000;
/// How many changes are under way at the same time; they share an fsync.
const AT_ONCE: usize = 16;

/// What passes have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Done {
    /// How many versions were deleted, or hidden behind a delete marker, and how many delete markers
    /// were deleted.
    pub(crate) removed: u64,
    /// How many versions were moved to another storage class.
    pub(crate) moved: u64,
    /// How many uploads in parts were given up.
    pub(crate) given_up: u64,
}

/// A pass under way.
struct Work<'a> {
    state: &'a State,
    pass: &'a Pass,
    document: &'a str,
    rules: Rules,
    now: i64,
}

/// Does what is left of `pass`, and adds it to `done`. Returns whether it came to its end: not if
/// another process has taken it over.
///
/// # Errors
///
/// The state cannot be read or written.
pub(super) async fn run(state: &State, pass: &Pass, done: &mut Done) -> Result<bool, StoreError> {
    let Some(set) = state.store.bucket_setting(&pass.setting).await? else {
        return Ok(true);
    };
    let rules = match lifecycle::rules(&set.document) {
        Ok(rules) => Rules::new(rules),
        Err(error) => {
            // Nobody else has written them.
            tracing::error!(%error, bucket = set.bucket, "cannot read the lifecycle rules");
            return Ok(true);
        }
    };
    let work = Work {
        state,
        pass,
        document: &set.document,
        rules,
        now: state.store.now(),
    };
    if work.rules.concern_versions() && !work.age_versions(done).await? {
        return Ok(false);
    }
    if work.rules.concern_uploads() {
        work.give_up_uploads(done).await?;
    }
    Ok(true)
}

impl Work<'_> {
    /// Returns whether it came to its end.
    async fn age_versions(&self, done: &mut Done) -> Result<bool, StoreError> {
        let mut query = VersionQuery {
            keys: ListQuery {
                prefix: self.rules.prefix(),
                marker: self.pass.place.clone(),
                max_keys: PAGE,
                ..ListQuery::default()
            },
            version_marker: None,
        };
        // When the version before this one was made, if it is of the same key.
        let mut newer: Option<(String, i64)> = None;
        loop {
            let bucket = &self.pass.setting.bucket;
            let page = self.state.store.list_versions(bucket, &query).await?;
            let mut due = Vec::new();
            for (object, is_latest) in page.versions {
                let since = newer.take().filter(|(key, _)| *key == object.key);
                let since = since.map(|(_, since)| since);
                newer = Some((object.key.clone(), object.last_modified));
                // Of a version whose newer one is gone since, the next pass knows more.
                if is_latest == since.is_none()
                    && let Some(aging) = self.aging(&object, since)
                {
                    due.push((Aged { object, is_latest }, aging));
                }
            }
            // A delete marker goes if all else of its key is gone.
            let (markers, others): (Vec<_>, Vec<_>) =
                due.into_iter().partition(|(aged, _)| aged.object.is_marker);
            for due in [others, markers] {
                self.age(due, done).await?;
            }
            let Some((key, version)) = page.next else {
                return Ok(true);
            };
            // A key is gone through again from its newest version on.
            if version.is_none() && !self.state.store.note_pass(self.pass, &key).await? {
                return Ok(false);
            }
            query.keys.marker = key;
            query.version_marker = version;
        }
    }

    /// What is to become of `object`, which has not been the latest since `since`.
    fn aging(&self, object: &Object, since: Option<i64>) -> Option<Aging> {
        let place = match since {
            Some(since) => Place::Noncurrent(since),
            None if object.is_marker => Place::Marker,
            None => Place::Latest,
        };
        let version = Version {
            key: &object.key,
            size: object.size,
            tags: &object.attributes.tags,
            class: object.storage_class(),
            last_modified: object.last_modified,
            place,
        };
        Some(match self.rules.verdict(&version, self.now)? {
            Verdict::Removed => Aging::Removed,
            Verdict::Moved(class) => Aging::Moved(class),
        })
    }

    async fn age(&self, due: Vec<(Aged, Aging)>, done: &mut Done) -> Result<(), StoreError> {
        let Self {
            state,
            pass,
            document,
            ..
        } = self;
        let aged = stream::iter(due)
            .map(|(aged, aging)| async move {
                let aged = state.store.age(&aged, &aging, &pass.setting, document);
                aged.await.map(|is_done| is_done.then_some(aging))
            })
            .buffer_unordered(AT_ONCE);
        let aged: Vec<Option<Aging>> = aged.try_collect().await?;
        for aging in aged.into_iter().flatten() {
            match aging {
                Aging::Removed => done.removed += 1,
                Aging::Moved(_) => done.moved += 1,
            }
        }
        Ok(())
    }

    async fn give_up_uploads(&self, done: &mut Done) -> Result<(), StoreError> {
        let mut query = UploadQuery {
            keys: ListQuery {
                prefix: self.rules.prefix(),
                max_keys: PAGE,
                ..ListQuery::default()
            },
            ..UploadQuery::default()
        };
        loop {
            let bucket = &self.pass.setting.bucket;
            let page = self.state.store.list_multiparts(bucket, &query).await?;
            for upload in page.uploads {
                let tags = &upload.attributes.tags;
                let is_over = self
                    .rules
                    .give_up(&upload.key, tags, upload.initiated, self.now);
                if !is_over {
                    continue;
                }
                let name = ObjectName::new(upload.bucket, upload.key);
                match self.state.store.abort_multipart(&name, &upload.id).await {
                    Ok(()) => done.given_up += 1,
                    // Completed or aborted meanwhile.
                    Err(StoreError::NoSuchUpload { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            let Some((key, id)) = page.next else {
                return Ok(());
            };
            query.keys.marker = key;
            query.id_marker = id;
        }
    }
}
