//! Which objects are copied to another bucket.

use http::StatusCode;
use tcloud_core::call::Request;
use tcloud_core::server::Fault;
use tcloud_core::time::format_http_date;
use tcloud_cos::operation::delete_bucket_replication::DeleteBucketReplicationRequest;
use tcloud_cos::operation::get_bucket_replication::GetBucketReplicationRequest;
use tcloud_cos::operation::put_bucket_replication::PutBucketReplicationRequest;
use tcloud_cos::types::ReplicationRule;

use super::kept::{Absent, Deletable, Setting, read};
use super::rules::{at_most, bucket_of, each_once, name, not_both};
use crate::cos::fault::{invalid, not_implemented};
use crate::state::State;
use crate::store::{Bucket, BucketSetting, StoreError, Versioning};

/// How many rules a bucket has.
const RULES: usize = 1000;

/// Under which kind the rules are kept.
pub(crate) const KIND: &str = "replication";

/// The rules.
pub(super) struct Replication;

impl Setting for Replication {
    type Put = PutBucketReplicationRequest;
    type Get = GetBucketReplicationRequest;

    const KIND: &'static str = KIND;
    const ABSENT: Absent = Absent::Refused("ReplicationConfigurationNotFoundError");

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        let role = request.role.as_deref().unwrap_or_default();
        if !role.starts_with("qcs::cam::") {
            return Err(invalid(format!(
                "the Role `{role}` is nobody; write it as in qcs::cam::uin/100000000001:uin/100000000001"
            )));
        }
        at_most(request.rules.len(), RULES, "rules")?;
        for rule in &mut request.rules {
            name(&mut rule.id);
            let destination = rule.destination.as_ref();
            let encryption = destination.and_then(|it| it.encryption_configuration.as_ref());
            if encryption.is_some() || rule.source_selection_criteria.is_some() {
                return Err(not_implemented(
                    "Copying encrypted objects (`EncryptionConfiguration`, `SourceSelectionCriteria`)",
                ));
            }
            not_both(
                ("Prefix", rule.prefix.is_some()),
                ("Filter", rule.filter.is_some()),
            )?;
        }
        each_once(
            request.rules.iter().filter_map(|rule| rule.id.as_deref()),
            "ID",
        )?;
        check_apart(&request.rules)
    }

    async fn check_beside(
        state: &State,
        bucket: &Bucket,
        request: &Self::Put,
    ) -> Result<(), Fault> {
        require_versions(bucket)?;
        for rule in &request.rules {
            let named = rule
                .destination
                .as_ref()
                .and_then(|it| it.bucket.as_deref());
            let (name, region) = bucket_of(named.unwrap_or_default())?;
            if name == bucket.name {
                return Err(invalid("a bucket is not copied to itself"));
            }
            match state.store.bucket(name).await {
                Ok(found) if found.region == region => require_versions(&found)?,
                Ok(found) => {
                    return Err(invalid(format!(
                        "the bucket {name} is in {}, not in {region}",
                        found.region
                    )));
                }
                Err(StoreError::NoSuchBucket(_)) => {
                    let message = format!("there is no bucket {name} of yours to copy to");
                    let code = "UserNotTargetBucketOwner";
                    return Err(Fault::new(StatusCode::FORBIDDEN, code, message));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn complete(response: &mut <Self::Get as Request>::Response, kept: &BucketSetting) {
        let set_at = format_http_date(kept.set_at.div_euclid(1000));
        response.rule_creation_time = Some(set_at);
    }
}

/// The rules of a document that was kept.
pub(in crate::cos) fn rules(document: &str) -> Result<Vec<ReplicationRule>, Fault> {
    let mut kept = PutBucketReplicationRequest::default();
    let format = PutBucketReplicationRequest::operation().request_body;
    read(format, document, &mut kept)?;
    Ok(kept.rules)
}

impl Deletable for Replication {
    type Delete = DeleteBucketReplicationRequest;
}

/// Refuses a bucket that does not keep versions: both ends must.
fn require_versions(bucket: &Bucket) -> Result<(), Fault> {
    if bucket.versioning == Versioning::Enabled {
        return Ok(());
    }
    let message = format!(
        "the bucket {} does not keep versions, which replication needs; enable its versioning first",
        bucket.name
    );
    let code = "BucketVersionNotOpen";
    Err(Fault::new(StatusCode::BAD_REQUEST, code, message))
}

/// Refuses two rules without priorities that an object would meet.
fn check_apart(rules: &[ReplicationRule]) -> Result<(), Fault> {
    let prefix = |rule: &ReplicationRule| rule.prefix.clone().unwrap_or_default();
    let mut prefixes: Vec<_> = rules
        .iter()
        .filter(|rule| rule.filter.is_none() && rule.priority.is_none())
        .map(prefix)
        .collect();
    // What begins with a prefix follows it at once.
    prefixes.sort();
    let overlap = prefixes.windows(2).find_map(|pair| match pair {
        [first, second] if second.starts_with(first.as_str()) => Some((first, second)),
        _ => None,
    });
    match overlap {
        Some((first, second)) => Err(invalid(format!(
            "the prefixes `{first}` and `{second}` overlap; an object may meet one rule"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{ReplicationDestination, ReplicationRule, RuleStatus};

    use super::check_apart;

    #[test]
    fn prefixes_do_not_overlap() {
        let rules = |prefixes: &[&str]| {
            let rule = |prefix: &&str| {
                let destination = ReplicationDestination::new("qcs::cos:r::b-1250000000");
                ReplicationRule::new(RuleStatus::Enabled, destination).prefix(*prefix)
            };
            check_apart(&prefixes.iter().map(rule).collect::<Vec<_>>())
        };
        assert!(rules(&["a/", "b/", "ab"]).is_ok());
        for bad in [&["a/", "b", "a/b/"][..], &["", "a"], &["a", "a"]] {
            assert!(rules(bad).is_err(), "{bad:?}");
        }
    }
}
