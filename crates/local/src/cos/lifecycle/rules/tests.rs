//! What rules say, without a store.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tcloud_cos::types::{
    AbortIncompleteMultipartUpload, LifecycleAnd, LifecycleExpiration, LifecycleFilter,
    LifecycleRule, LifecycleTransition, NoncurrentVersionExpiration, RuleStatus, StorageClass, Tag,
};

use super::{DAY, Place, Rules, Verdict, Version, end_of, midnight};

/// 2023-11-15T15:00 in Beijing.
const AFTERNOON: i64 = 1_700_031_600_000;
/// The midnight in Beijing that follows.
const MIDNIGHT: i64 = 1_700_064_000_000;

static NO_TAGS: BTreeMap<String, String> = BTreeMap::new();

fn rule(filter: LifecycleFilter) -> LifecycleRule {
    LifecycleRule::new(filter, RuleStatus::Enabled)
}

fn all() -> LifecycleRule {
    rule(LifecycleFilter::new())
}

fn version(key: &str) -> Version<'_> {
    Version {
        key,
        size: 1 << 20,
        tags: &NO_TAGS,
        class: None,
        last_modified: AFTERNOON,
        place: Place::Latest,
    }
}

fn expiring(filter: LifecycleFilter) -> Rules {
    Rules::new(vec![
        rule(filter).expiration(LifecycleExpiration::new().days(1)),
    ])
}

#[test]
fn days_end_at_midnight_in_beijing() {
    assert_eq!(end_of(AFTERNOON, 0), MIDNIGHT);
    assert_eq!(end_of(AFTERNOON, 1), MIDNIGHT + DAY);
    assert_eq!(end_of(MIDNIGHT, 1), MIDNIGHT + DAY);
    assert_eq!(end_of(MIDNIGHT + 1, 1), MIDNIGHT + 2 * DAY);
    let rules = expiring(LifecycleFilter::new());
    let at = |now| rules.verdict(&version("k"), now);
    assert_eq!(at(MIDNIGHT + DAY - 1), None);
    assert_eq!(at(MIDNIGHT + DAY), Some(Verdict::Removed));
}

#[test]
fn a_date_is_a_time_of_its_own() {
    let date = LifecycleExpiration::new().date("2023-11-17T00:00:00+08:00");
    let rules = Rules::new(vec![all().expiration(date)]);
    let at = |now| rules.verdict(&version("k"), now);
    assert_eq!(at(MIDNIGHT + DAY - 1), None);
    assert_eq!(at(MIDNIGHT + DAY), Some(Verdict::Removed));
}

#[test]
fn a_filter_asks_for_prefix_tags_and_size() {
    let far = MIDNIGHT + 100 * DAY;
    let tags: BTreeMap<_, _> = [("a", "1"), ("b", "2")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
    let tagged = Version {
        tags: &tags,
        ..version("logs/1")
    };
    let and = || LifecycleAnd::new().prefix("logs/");
    let cases = [
        (LifecycleFilter::new().prefix("logs/"), true),
        (LifecycleFilter::new().prefix("log1"), false),
        (LifecycleFilter::new().tag(Tag::new("a", "1")), true),
        (LifecycleFilter::new().tag(Tag::new("a", "2")), false),
        (
            LifecycleFilter::new().and(and().tags([Tag::new("a", "1"), Tag::new("b", "2")])),
            true,
        ),
        (
            LifecycleFilter::new().and(and().tags([Tag::new("a", "1"), Tag::new("c", "2")])),
            false,
        ),
        (
            LifecycleFilter::new().and(and().prefix_not_equals("logs/1")),
            false,
        ),
        (
            LifecycleFilter::new().and(and().object_size_greater_than(1 << 20)),
            false,
        ),
        (
            LifecycleFilter::new().and(and().object_size_less_than((1 << 20) + 1)),
            true,
        ),
    ];
    for (filter, expected) in cases {
        let text = format!("{filter:?}");
        let verdict = expiring(filter).verdict(&tagged, far);
        assert_eq!(verdict.is_some(), expected, "{text}");
    }
    let mut disabled = all().expiration(LifecycleExpiration::new().days(1));
    disabled.status = Some(RuleStatus::Disabled);
    assert_eq!(Rules::new(vec![disabled]).verdict(&tagged, far), None);
}

#[test]
fn versions_are_told_apart() {
    let far = MIDNIGHT + 100 * DAY;
    let current = expiring(LifecycleFilter::new());
    let noncurrent = Rules::new(vec![all().noncurrent_version_expiration(
        NoncurrentVersionExpiration::new().noncurrent_days(10),
    )]);
    let marker = LifecycleExpiration::new().expired_object_delete_marker(true);
    let marker = Rules::new(vec![all().expiration(marker)]);
    let places = [Place::Latest, Place::Marker, Place::Noncurrent(AFTERNOON)];
    for (index, rules) in [&current, &marker, &noncurrent].into_iter().enumerate() {
        let removed = places.map(|place| {
            let version = Version {
                place,
                ..version("k")
            };
            rules.verdict(&version, far).is_some()
        });
        let mut expected = [false; 3];
        expected[index] = true;
        assert_eq!(removed, expected);
    }
    // Counted from when it stopped being the latest.
    let late = Version {
        place: Place::Noncurrent(far),
        ..version("k")
    };
    assert_eq!(noncurrent.verdict(&late, far + 9 * DAY), None);
}

#[test]
fn objects_move_to_the_coldest_class_that_is_due_and_never_back() {
    let to = |class: StorageClass, days| LifecycleTransition::new(class).days(days);
    let rules = Rules::new(vec![all().transitions([
        to(StorageClass::Archive, 2),
        to(StorageClass::StandardIa, 1),
        to(StorageClass::MazStandardIa, 1),
        to(StorageClass::DeepArchive, 30),
    ])]);
    let at = |class, now| {
        let version = Version {
            class,
            ..version("k")
        };
        match rules.verdict(&version, now) {
            Some(Verdict::Moved(class)) => class,
            other => format!("{other:?}"),
        }
    };
    assert_eq!(at(None, MIDNIGHT), "None");
    assert_eq!(at(None, MIDNIGHT + DAY), "STANDARD_IA");
    assert_eq!(at(None, MIDNIGHT + 2 * DAY), "ARCHIVE");
    assert_eq!(at(Some("ARCHIVE"), MIDNIGHT + 2 * DAY), "None");
    assert_eq!(at(Some("ARCHIVE"), MIDNIGHT + 30 * DAY), "DEEP_ARCHIVE");
    assert_eq!(
        at(Some("MAZ_STANDARD"), MIDNIGHT + 2 * DAY),
        "MAZ_STANDARD_IA"
    );
    let small = Version {
        size: 64 * 1024 - 1,
        ..version("k")
    };
    assert_eq!(rules.verdict(&small, MIDNIGHT + 2 * DAY), None);
}

#[test]
fn uploads_are_given_up_by_prefix_and_age() {
    let filter = LifecycleFilter::new().prefix("parts/");
    let abort = AbortIncompleteMultipartUpload::new(3);
    let rules = Rules::new(vec![rule(filter).abort_incomplete_multipart_upload(abort)]);
    assert!(rules.concern_uploads());
    assert!(!rules.concern_versions());
    let given_up = |key, now| rules.give_up(key, &NO_TAGS, AFTERNOON, now);
    assert!(!given_up("parts/1", MIDNIGHT + 3 * DAY - 1));
    assert!(given_up("parts/1", MIDNIGHT + 3 * DAY));
    assert!(!given_up("part", MIDNIGHT + 30 * DAY));
}

#[test]
fn only_what_a_rule_may_be_about_is_looked_at() {
    let of = |prefixes: &[&str]| {
        let rules = prefixes
            .iter()
            .map(|prefix| rule(LifecycleFilter::new().prefix(*prefix)));
        Rules::new(rules.collect()).prefix()
    };
    assert_eq!(of(&["logs/a", "logs/b"]), "logs/");
    assert_eq!(of(&["日志/一", "日志/二"]), "日志/");
    assert_eq!(of(&["a", ""]), "");
    assert_eq!(of(&["a/"]), "a/");
}

proptest! {
    /// What is due stays due, is never due before its days have passed, and within a day after.
    #[test]
    fn time_only_makes_more_due(
        age in 0..400 * DAY,
        days in 0_i64..400,
        later in 0..400 * DAY,
        from in 0..4_000_000_000_000_i64,
    ) {
        let rules = Rules::new(vec![all().expiration(LifecycleExpiration::new().days(days))]);
        let version = Version { last_modified: from, ..version("k") };
        let at = |age: i64| rules.verdict(&version, from + age).is_some();
        prop_assert!(!at(age) || at(age + later));
        prop_assert_eq!(at(age) && age < days * DAY, false);
        prop_assert!(at((days + 1) * DAY));
        prop_assert_eq!(midnight::last(end_of(from, days)), end_of(from, days));
    }

    /// A class is moved to once: what was moved stays where it is, or goes on to a colder one.
    #[test]
    fn moving_ends(days in proptest::collection::vec((0_usize..6, 0_i64..9), 0..6), age in 0..9 * DAY) {
        let classes = ["STANDARD_IA", "INTELLIGENT_TIERING", "ARCHIVE", "DEEP_ARCHIVE",
            "MAZ_STANDARD_IA", "MAZ_INTELLIGENT_TIERING"];
        let transitions = days.iter().map(|(class, days)| {
            LifecycleTransition::new(StorageClass::from(classes[*class])).days(*days)
        });
        let rules = Rules::new(vec![all().transitions(transitions.collect::<Vec<_>>())]);
        let before = version("k");
        if let Some(Verdict::Moved(class)) = rules.verdict(&before, AFTERNOON + age) {
            let after = Version { class: Some(&class), ..before };
            prop_assert_eq!(rules.verdict(&after, AFTERNOON + age), None);
        }
    }
}
