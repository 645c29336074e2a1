//! What is reported of a bucket as it is used: access logs, and functions that events run.

use http::StatusCode;
use tcloud_core::call::Request;
use tcloud_core::server::Fault;
use tcloud_cos::operation::get_bucket_logging::GetBucketLoggingRequest;
use tcloud_cos::operation::get_bucket_notification::GetBucketNotificationRequest;
use tcloud_cos::operation::put_bucket_logging::PutBucketLoggingRequest;
use tcloud_cos::operation::put_bucket_notification::PutBucketNotificationRequest;
use tcloud_cos::types::{CloudFunctionRule, NotificationKeyPart};

use super::kept::{Absent, Setting, read};
use super::rules::{each_once, name};
use crate::cos::fault::invalid;
use crate::cos::is_bucket_name;
use crate::state::State;
use crate::store::{Bucket, StoreError};

/// Under which kind it is kept where accesses are logged.
pub(crate) const LOGGING: &str = "logging";

/// Where accesses are logged.
pub(super) struct Logging;

impl Setting for Logging {
    type Put = PutBucketLoggingRequest;
    type Get = GetBucketLoggingRequest;

    const KIND: &'static str = LOGGING;
    const ABSENT: Absent = Absent::Empty;

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        let Some(logging) = &request.logging_enabled else {
            return Ok(());
        };
        let target = logging.target_bucket.as_deref().unwrap_or_default();
        if !is_bucket_name(target) {
            let message = format!("the TargetBucket `{target}` is no name of a bucket");
            return Err(refused("TargetBucketNameInvalid", message));
        }
        let prefix = logging.target_prefix.as_deref().unwrap_or_default();
        if prefix.starts_with('/') {
            let message = "the TargetPrefix begins with a slash, which no key does";
            return Err(refused("LoggingPrefixInvalid", message));
        }
        Ok(())
    }

    async fn check_beside(
        state: &State,
        bucket: &Bucket,
        request: &Self::Put,
    ) -> Result<(), Fault> {
        let logging = request.logging_enabled.as_ref();
        let Some(target) = logging.and_then(|it| it.target_bucket.as_deref()) else {
            return Ok(());
        };
        let code = "InvalidTargetBucketForLogging";
        match state.store.bucket(target).await {
            Ok(found) if found.region == bucket.region => Ok(()),
            Ok(found) => Err(refused(
                code,
                format!(
                    "the TargetBucket {target} is in {}, and logs of {} must stay in {}",
                    found.region, bucket.name, bucket.region
                ),
            )),
            Err(StoreError::NoSuchBucket(_)) => Err(refused(
                code,
                format!("there is no TargetBucket {target}; make it first"),
            )),
            Err(error) => Err(error.into()),
        }
    }

    fn removes(request: &Self::Put) -> bool {
        request.logging_enabled.is_none()
    }
}

/// The bucket and the beginning of the keys of access logs, of a document that was kept.
pub(in crate::cos) fn log_target(document: &str) -> Result<(String, String), Fault> {
    let mut kept = PutBucketLoggingRequest::default();
    let format = PutBucketLoggingRequest::operation().request_body;
    read(format, document, &mut kept)?;
    let logging = kept.logging_enabled.unwrap_or_default();
    let target = logging.target_bucket.unwrap_or_default();
    Ok((target, logging.target_prefix.unwrap_or_default()))
}

/// Functions that run on events.
pub(super) struct Notification;

impl Setting for Notification {
    type Put = PutBucketNotificationRequest;
    type Get = GetBucketNotificationRequest;

    const KIND: &'static str = "notification";
    const ABSENT: Absent = Absent::Empty;

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        for rule in &mut request.rules {
            name(&mut rule.id);
        }
        each_once(
            request.rules.iter().filter_map(|rule| rule.id.as_deref()),
            "Id",
        )?;
        for rule in &request.rules {
            check(rule)?;
        }
        for (index, rule) in request.rules.iter().enumerate() {
            for other in request.rules.iter().take(index) {
                check_apart(rule, other)?;
            }
        }
        Ok(())
    }

    fn removes(request: &Self::Put) -> bool {
        request.rules.is_empty()
    }
}

fn check(rule: &CloudFunctionRule) -> Result<(), Fault> {
    let function = rule.cloud_function.as_deref().unwrap_or_default();
    if !function.starts_with("qcs::scf:") {
        return Err(invalid(format!(
            "`{function}` is no function; write it as in qcs::scf:…"
        )));
    }
    if let Some(event) = rule.events.iter().find(|event| !event.starts_with("cos:")) {
        return Err(invalid(format!(
            "`{event}` is no event; write one as in cos:ObjectCreated:*"
        )));
    }
    for part in [NotificationKeyPart::Prefix, NotificationKeyPart::Suffix] {
        let keys = rule.filter.iter().flat_map(|filter| &filter.key);
        let rules = keys.flat_map(|keys| &keys.rules);
        if rules.filter(|key| key.name.as_ref() == Some(&part)).count() > 1 {
            return Err(invalid(format!("a rule has one {} at most", part.as_str())));
        }
    }
    Ok(())
}

/// Refuses two rules that one event would meet.
fn check_apart(rule: &CloudFunctionRule, other: &CloudFunctionRule) -> Result<(), Fault> {
    let meet = |a: &str, b: &str| {
        let covers = |a: &str, b: &str| {
            a.strip_suffix('*')
                .is_some_and(|start| b.starts_with(start))
                || a == b
        };
        covers(a, b) || covers(b, a)
    };
    let events = || {
        rule.events
            .iter()
            .any(|a| other.events.iter().any(|b| meet(a, b)))
    };
    let (mine, theirs) = (
        text(rule, &NotificationKeyPart::Prefix),
        text(other, &NotificationKeyPart::Prefix),
    );
    let begins = mine.starts_with(theirs) || theirs.starts_with(mine);
    let (mine, theirs) = (
        text(rule, &NotificationKeyPart::Suffix),
        text(other, &NotificationKeyPart::Suffix),
    );
    let ends = mine.ends_with(theirs) || theirs.ends_with(mine);
    if begins && ends && events() {
        let message = "two rules would run for one event of one object; tell them apart by \
                       Event, prefix or suffix";
        return Err(refused("NotifyRuleEventConflict", message));
    }
    Ok(())
}

fn text<'a>(rule: &'a CloudFunctionRule, part: &NotificationKeyPart) -> &'a str {
    let keys = rule.filter.iter().flat_map(|filter| &filter.key);
    let mut rules = keys.flat_map(|keys| &keys.rules);
    let found = rules.find(|key| key.name.as_ref() == Some(part));
    found
        .and_then(|key| key.value.as_deref())
        .unwrap_or_default()
}

fn refused(code: &str, message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, code, message)
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{
        CloudFunctionRule, NotificationFilter, NotificationKey, NotificationKeyPart,
        NotificationKeys,
    };

    use super::check_apart;

    fn rule(event: &str, prefix: &str) -> CloudFunctionRule {
        let key = NotificationKey::new()
            .name(NotificationKeyPart::Prefix)
            .value(prefix);
        CloudFunctionRule::new("qcs::scf:r:appid/1:default.f.$DEFAULT", [event])
            .filter(NotificationFilter::new().key(NotificationKeys::new().rules([key])))
    }

    #[test]
    fn two_rules_for_one_event_are_refused() {
        let all = rule("cos:ObjectCreated:*", "a/");
        assert!(check_apart(&all, &rule("cos:ObjectRemove:*", "a/")).is_ok());
        assert!(check_apart(&all, &rule("cos:ObjectCreated:Put", "b/")).is_ok());
        let both = check_apart(&all, &rule("cos:ObjectCreated:Put", "a/b/"));
        assert_eq!(both.unwrap_err().code, "NotifyRuleEventConflict");
    }
}
