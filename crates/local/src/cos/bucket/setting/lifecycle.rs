//! What happens to objects as they get older.

use tcloud_core::call::Request;
use tcloud_core::server::Fault;
use tcloud_core::time::Timestamp;
use tcloud_cos::operation::delete_bucket_lifecycle::DeleteBucketLifecycleRequest;
use tcloud_cos::operation::get_bucket_lifecycle::GetBucketLifecycleRequest;
use tcloud_cos::operation::put_bucket_lifecycle::PutBucketLifecycleRequest;
use tcloud_cos::types::{LifecycleFilter, LifecycleRule};

use super::kept::{Absent, Deletable, Setting, read};
use super::rules::{at_most, each_once, name, not_both, one_of};
use crate::cos::fault::{invalid, not_implemented};

/// How many rules a bucket has.
const RULES: usize = 1000;
/// How many tags a rule asks for.
const TAGS: usize = 10;

/// Under which kind the rules are kept.
pub(in crate::cos) const KIND: &str = "lifecycle";

/// The rules.
pub(super) struct Lifecycle;

impl Setting for Lifecycle {
    type Put = PutBucketLifecycleRequest;
    type Get = GetBucketLifecycleRequest;

    const KIND: &'static str = KIND;
    const ABSENT: Absent = Absent::Refused("NoSuchLifecycleConfiguration");

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        at_most(request.rules.len(), RULES, "rules")?;
        for rule in &mut request.rules {
            name(&mut rule.id);
            check(rule)?;
        }
        each_once(
            request.rules.iter().filter_map(|rule| rule.id.as_deref()),
            "ID",
        )
    }
}

impl Deletable for Lifecycle {
    type Delete = DeleteBucketLifecycleRequest;
}

/// The rules of a document that was kept.
pub(in crate::cos) fn rules(document: &str) -> Result<Vec<LifecycleRule>, Fault> {
    let mut kept = PutBucketLifecycleRequest::default();
    let format = PutBucketLifecycleRequest::operation().request_body;
    read(format, document, &mut kept)?;
    Ok(kept.rules)
}

fn check(rule: &LifecycleRule) -> Result<(), Fault> {
    if let Some(filter) = &rule.filter {
        check_filter(filter)?;
    }
    let does_something = rule.expiration.is_some()
        || !rule.transitions.is_empty()
        || rule.abort_incomplete_multipart_upload.is_some()
        || rule.noncurrent_version_expiration.is_some()
        || !rule.noncurrent_version_transitions.is_empty();
    if !does_something {
        let id = rule.id.as_deref().unwrap_or_default();
        return Err(invalid(format!(
            "the rule `{id}` says nothing that is to happen"
        )));
    }
    if let Some(expiration) = &rule.expiration {
        let (days, date) = (expiration.days.is_some(), expiration.date.is_some());
        not_both(("Expiration.Days", days), ("Expiration.Date", date))?;
        let marker = expiration.expired_object_delete_marker.is_some();
        let marker = ("Expiration.ExpiredObjectDeleteMarker", marker);
        one_of(("Expiration.Days or Date", days || date), marker)?;
        check_date(expiration.date.as_deref())?;
    }
    let current = rule.transitions.iter().map(|it| &it.access_frequency);
    let noncurrent = rule.noncurrent_version_transitions.iter();
    let noncurrent = noncurrent.map(|it| &it.access_frequency);
    if current.chain(noncurrent).any(Option::is_some) {
        return Err(not_implemented(
            "Moving objects by how often they are read (`AccessFrequency`)",
        ));
    }
    for transition in &rule.transitions {
        one_of(
            ("Transition.Days", transition.days.is_some()),
            ("Transition.Date", transition.date.is_some()),
        )?;
        check_date(transition.date.as_deref())?;
    }
    let abort = rule.abort_incomplete_multipart_upload.as_ref();
    if abort.is_some_and(|it| it.days_after_initiation.is_none_or(|days| days < 1)) {
        return Err(invalid("DaysAfterInitiation must be at least 1"));
    }
    Ok(())
}

fn check_filter(filter: &LifecycleFilter) -> Result<(), Fault> {
    let alone = filter.prefix.is_some() || filter.tag.is_some();
    not_both(
        ("Filter.And", filter.and.is_some()),
        ("another condition", alone),
    )?;
    not_both(
        ("Filter.Prefix", filter.prefix.is_some()),
        ("Filter.Tag", filter.tag.is_some()),
    )?;
    let Some(and) = &filter.and else {
        return Ok(());
    };
    at_most(and.tags.len(), TAGS, "tags")?;
    each_once(and.tags.iter().filter_map(|tag| tag.key.as_deref()), "Key")
}

/// A day: it begins at midnight, wherever that is.
fn check_date(date: Option<&str>) -> Result<(), Fault> {
    let Some(date) = date else { return Ok(()) };
    let is_time = Timestamp::from_text(date.to_owned())
        .unix_seconds()
        .is_some();
    if is_time && date.contains("T00:00:00") {
        return Ok(());
    }
    Err(invalid(format!(
        "the Date `{date}` is no midnight; write it as in 2024-05-06T00:00:00+08:00"
    )))
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{
        LifecycleAnd, LifecycleExpiration, LifecycleFilter, LifecycleRule, LifecycleTransition,
        RuleStatus, StorageClass, Tag,
    };

    use super::check;

    fn rule(filter: LifecycleFilter) -> LifecycleRule {
        LifecycleRule::new(filter, RuleStatus::Enabled)
    }

    #[test]
    fn a_rule_says_what_happens_and_when() {
        let filter = || LifecycleFilter::new().prefix("logs/");
        let after = || LifecycleExpiration::new().days(30);
        let on = |date: &str| LifecycleExpiration::new().date(date);
        let marker = || LifecycleExpiration::new().expired_object_delete_marker(true);
        let moved = || LifecycleTransition::new(StorageClass::Archive);
        for good in [
            rule(filter()).expiration(after()),
            rule(filter()).expiration(on("2024-05-06T00:00:00+08:00")),
            rule(filter()).expiration(marker()),
            rule(LifecycleFilter::new()).transitions([moved().days(0)]),
        ] {
            assert!(check(&good).is_ok(), "{:?}", check(&good));
        }
        for bad in [
            rule(filter()),
            rule(filter()).expiration(LifecycleExpiration::new()),
            rule(filter()).expiration(after().date("2024-05-06T00:00:00+08:00")),
            rule(filter()).expiration(marker().days(1)),
            rule(filter()).expiration(on("2024-05-06T10:00:00+08:00")),
            rule(filter()).expiration(on("tomorrow")),
            rule(filter()).transitions([moved()]),
            rule(filter().and(LifecycleAnd::new())).expiration(after()),
            rule(filter().tag(Tag::new("k", "v"))).expiration(after()),
        ] {
            assert_eq!(check(&bad).unwrap_err().code, "InvalidArgument", "{bad:?}");
        }
    }
}
