//! What the rules of a bucket say about one version of an object, or about one upload in parts, at a
//! time. Nothing is looked up here.
//!
//! Times are Unix milliseconds. Days are counted from the time of the version, and end with the next
//! midnight in Beijing, as the service acts once a day then.

use std::collections::BTreeMap;

use tcloud_core::time::Timestamp;
use tcloud_cos::types::{
    LifecycleExpiration, LifecycleFilter, LifecycleRule, LifecycleTransition, RuleStatus,
    StorageClass, Tag,
};

use crate::cos::midnight::{self, DAY};

/// Smaller objects stay in their storage class, in bytes.
const SMALLEST_MOVED: u64 = 64 * 1024;

/// What a version is to the others of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the latest.
    Latest,
    /// It is the latest, and says that the object was deleted.
    Marker,
    /// It has not been the latest since this time.
    Noncurrent(i64),
}

/// A version, as far as rules ask.
#[derive(Debug, Clone)]
pub(super) struct Version<'a> {
    pub(super) key: &'a str,
    pub(super) size: u64,
    pub(super) tags: &'a BTreeMap<String, String>,
    /// The word of its storage class, if it is not the usual one.
    pub(super) class: Option<&'a str>,
    pub(super) last_modified: i64,
    pub(super) place: Place,
}

/// What is to become of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is deleted. A delete marker only if its key has nothing else.
    Removed,
    /// It is moved to this storage class.
    Moved(String),
}

/// The rules of a bucket that apply.
#[derive(Debug)]
pub(super) struct Rules(Vec<LifecycleRule>);

impl Rules {
    /// Those of `rules` that are enabled.
    pub(super) fn new(mut rules: Vec<LifecycleRule>) -> Self {
        rules.retain(|rule| rule.status == Some(RuleStatus::Enabled));
        Self(rules)
    }

    /// What all keys begin with that a rule is about.
    pub(super) fn prefix(&self) -> String {
        let mut prefixes = self.0.iter().map(|rule| prefix(rule.filter.as_ref()));
        let first = prefixes.next().unwrap_or_default().to_owned();
        prefixes.fold(first, |common, prefix| {
            let pairs = common.chars().zip(prefix.chars());
            pairs
                .take_while(|(one, other)| one == other)
                .map(|(one, _)| one)
                .collect()
        })
    }

    /// Whether a rule is about versions, and not only about uploads.
    pub(super) fn concern_versions(&self) -> bool {
        let of_uploads = |rule: &&LifecycleRule| {
            rule.expiration.is_none()
                && rule.transitions.is_empty()
                && rule.noncurrent_version_expiration.is_none()
                && rule.noncurrent_version_transitions.is_empty()
        };
        !self.0.iter().all(|rule| of_uploads(&rule))
    }

    /// Whether a rule is about uploads.
    pub(super) fn concern_uploads(&self) -> bool {
        let mut abort = self
            .0
            .iter()
            .map(|it| &it.abort_incomplete_multipart_upload);
        abort.any(Option::is_some)
    }

    /// What is to become of `version` at the time `now`. A deletion comes before all else, then the
    /// coldest storage class.
    pub(super) fn verdict(&self, version: &Version<'_>, now: i64) -> Option<Verdict> {
        let matching = || {
            self.0
                .iter()
                .filter(|rule| matches(rule.filter.as_ref(), version))
        };
        if matching().any(|rule| removes(rule, version, now)) {
            return Some(Verdict::Removed);
        }
        if version.size < SMALLEST_MOVED {
            return None;
        }
        let here = Class::of(version.class.unwrap_or("STANDARD"))?;
        matching()
            .flat_map(|rule| targets(rule, version, now))
            .filter_map(|class| Some((Class::of(class.as_str())?, class)))
            .filter(|(class, _)| class.is_colder_than(here))
            .max_by_key(|(class, _)| class.cold)
            .map(|(_, class)| Verdict::Moved(class.as_str().to_owned()))
    }

    /// Whether an upload in parts is to be given up at the time `now`.
    pub(super) fn give_up(
        &self,
        key: &str,
        tags: &BTreeMap<String, String>,
        initiated: i64,
        now: i64,
    ) -> bool {
        self.0.iter().any(|rule| {
            let filter = rule.filter.as_ref();
            // How large the object will be, nobody knows.
            let abort = rule.abort_incomplete_multipart_upload.as_ref();
            let days = abort.and_then(|it| it.days_after_initiation);
            days.is_some_and(|days| end_of(initiated, days) <= now)
                && !has_sizes(filter)
                && matches_key(filter, key)
                && matches_tags(filter, tags)
        })
    }
}

/// A storage class, in the order in which objects are moved.
#[derive(Debug, Clone, Copy)]
struct Class {
    cold: u8,
    /// Whether it is kept in several zones: nothing leaves or enters these.
    is_zonal: bool,
}

impl Class {
    fn of(word: &str) -> Option<Self> {
        let (is_zonal, rest) = match word.strip_prefix("MAZ_") {
            Some(rest) => (true, rest),
            None => (false, word),
        };
        let cold = match rest {
            "STANDARD" => 0,
            "STANDARD_IA" => 1,
            "INTELLIGENT_TIERING" => 2,
            "ARCHIVE" => 3,
            "DEEP_ARCHIVE" => 4,
            _ => return None,
        };
        Some(Self { cold, is_zonal })
    }

    const fn is_colder_than(self, other: Self) -> bool {
        self.cold > other.cold && self.is_zonal == other.is_zonal
    }
}

/// The midnight that ends `days` from the time `from` on.
const fn end_of(from: i64, days: i64) -> i64 {
    midnight::next(from.saturating_add(days.saturating_mul(DAY)))
}

/// Whether the time has come that is given as days from `from` on, or as a date.
fn is_due(from: i64, days: Option<i64>, date: Option<&str>, now: i64) -> bool {
    let end = days.map(|days| end_of(from, days)).or_else(|| {
        let date = Timestamp::from_text(date?.to_owned()).unix_seconds()?;
        Some(date.saturating_mul(1000))
    });
    end.is_some_and(|end| end <= now)
}

fn removes(rule: &LifecycleRule, version: &Version<'_>, now: i64) -> bool {
    let expiration = rule.expiration.as_ref();
    match version.place {
        Place::Latest => expiration.is_some_and(|it| {
            let LifecycleExpiration { days, date, .. } = it;
            is_due(version.last_modified, *days, date.as_deref(), now)
        }),
        Place::Marker => expiration.is_some_and(|it| it.expired_object_delete_marker == Some(true)),
        Place::Noncurrent(since) => {
            let expiration = rule.noncurrent_version_expiration.as_ref();
            let days = expiration.and_then(|it| it.noncurrent_days);
            is_due(since, days, None, now)
        }
    }
}

/// Where `rule` moves `version`, at the time `now`.
fn targets<'a>(rule: &'a LifecycleRule, version: &Version<'_>, now: i64) -> Vec<&'a StorageClass> {
    match version.place {
        Place::Latest => {
            let due = |it: &&LifecycleTransition| {
                is_due(version.last_modified, it.days, it.date.as_deref(), now)
            };
            let due = rule.transitions.iter().filter(due);
            due.filter_map(|it| it.storage_class.as_ref()).collect()
        }
        Place::Marker => Vec::new(),
        Place::Noncurrent(since) => rule
            .noncurrent_version_transitions
            .iter()
            .filter(|it| is_due(since, it.noncurrent_days, None, now))
            .filter_map(|it| it.storage_class.as_ref())
            .collect(),
    }
}

fn matches(filter: Option<&LifecycleFilter>, version: &Version<'_>) -> bool {
    matches_key(filter, version.key)
        && matches_tags(filter, version.tags)
        && matches_size(filter, version.size)
}

fn prefix(filter: Option<&LifecycleFilter>) -> &str {
    let and = filter.and_then(|filter| filter.and.as_ref());
    let prefix = filter.and_then(|filter| filter.prefix.as_deref());
    prefix
        .or_else(|| and?.prefix.as_deref())
        .unwrap_or_default()
}

fn matches_key(filter: Option<&LifecycleFilter>, key: &str) -> bool {
    let and = filter.and_then(|filter| filter.and.as_ref());
    let not = and.and_then(|and| and.prefix_not_equals.as_deref());
    key.starts_with(prefix(filter)) && !not.is_some_and(|not| key.starts_with(not))
}

fn matches_tags(filter: Option<&LifecycleFilter>, tags: &BTreeMap<String, String>) -> bool {
    let has = |tag: &Tag| {
        let key = tag.key.as_deref().unwrap_or_default();
        let value = tag.value.as_deref().unwrap_or_default();
        tags.get(key).is_some_and(|found| found == value)
    };
    filter.is_none_or(|filter| {
        filter.tag.iter().all(has) && filter.and.iter().flat_map(|and| &and.tags).all(has)
    })
}

fn has_sizes(filter: Option<&LifecycleFilter>) -> bool {
    let and = filter.and_then(|filter| filter.and.as_ref());
    and.is_some_and(|and| {
        and.object_size_greater_than.is_some() || and.object_size_less_than.is_some()
    })
}

fn matches_size(filter: Option<&LifecycleFilter>, size: u64) -> bool {
    let Some(and) = filter.and_then(|filter| filter.and.as_ref()) else {
        return true;
    };
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    and.object_size_greater_than.is_none_or(|than| size > than)
        && and.object_size_less_than.is_none_or(|than| size < than)
}

#[cfg(test)]
mod tests;
