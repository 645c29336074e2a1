//! At which hosts a bucket answers.

use std::net::Ipv4Addr;

use http::StatusCode;
use tcloud_core::server::Fault;
use tcloud_cos::operation::delete_bucket_domain::DeleteBucketDomainRequest;
use tcloud_cos::operation::get_bucket_accelerate::GetBucketAccelerateRequest;
use tcloud_cos::operation::get_bucket_domain::{GetBucketDomainRequest, GetBucketDomainResponse};
use tcloud_cos::operation::put_bucket_accelerate::PutBucketAccelerateRequest;
use tcloud_cos::operation::put_bucket_domain::PutBucketDomainRequest;
use tcloud_cos::types::{AccelerateStatus, DomainKind, DomainStatus};

use super::kept::{self, Absent, Deletable, Setting};
use super::rules::{at_most, each_once};
use crate::cos::fault::invalid;
use crate::state::State;
use crate::store::{Bucket, BucketSetting};

/// How many domains a bucket has.
const DOMAINS: usize = 20;

/// Global acceleration.
pub(super) struct Accelerate;

impl Setting for Accelerate {
    type Put = PutBucketAccelerateRequest;
    type Get = GetBucketAccelerateRequest;

    const KIND: &'static str = "accelerate";
    const ABSENT: Absent = Absent::Empty;

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        match request.kind.as_deref() {
            // An answer says it always.
            None | Some("COS") => request.kind = Some("COS".to_owned()),
            Some(other) => return Err(invalid(format!("Type must be COS, got `{other}`"))),
        }
        Ok(())
    }
}

/// Domains of its owner that lead to a bucket.
pub(super) struct Domain;

impl Setting for Domain {
    type Put = PutBucketDomainRequest;
    type Get = GetBucketDomainRequest;

    const KIND: &'static str = "domain";
    const ABSENT: Absent = Absent::Empty;

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        at_most(request.rules.len(), DOMAINS, "domains")?;
        each_once(names(request), "Name")?;
        match names(request).find(|name| !is_domain(name)) {
            Some(name) => Err(invalid(format!(
                "`{name}` is no domain; write one as in www.example.com"
            ))),
            None => Ok(()),
        }
    }

    /// A domain leads to one bucket.
    async fn check_beside(
        state: &State,
        bucket: &Bucket,
        request: &Self::Put,
    ) -> Result<(), Fault> {
        for kept in state.store.settings_of_kind(Self::KIND).await? {
            if kept.bucket == bucket.name {
                continue;
            }
            let taken = domains(&kept)?;
            let conflict = request.rules.iter().find(|rule| {
                rule.forced_replacement.is_none()
                    && taken.rules.iter().any(|other| other.name == rule.name)
            });
            if let Some(name) = conflict.and_then(|rule| rule.name.as_deref()) {
                let message = format!(
                    "the domain {name} leads to the bucket {}; remove it there first",
                    kept.bucket
                );
                let code = "DomainConfigConflict";
                return Err(Fault::new(StatusCode::CONFLICT, code, message));
            }
        }
        Ok(())
    }
}

impl Deletable for Domain {
    type Delete = DeleteBucketDomainRequest;
}

/// The domains that were kept.
pub(super) fn domains(kept: &BucketSetting) -> Result<GetBucketDomainResponse, Fault> {
    let mut domains = GetBucketDomainResponse::new();
    let format = tcloud_cos::operation::get_bucket_domain::OPERATION.response_body;
    kept::read(format, &kept.document, &mut domains)?;
    Ok(domains)
}

/// Whether `bucket` is reached by global acceleration.
pub(in crate::cos) async fn is_accelerated(state: &State, bucket: &str) -> Result<bool, Fault> {
    let kept = kept::of::<Accelerate>(state, bucket).await?;
    let status = kept.and_then(|kept| kept.status);
    Ok(status == Some(AccelerateStatus::Enabled))
}

/// The bucket that the domain `name` leads to, and what it leads to there.
pub(in crate::cos) async fn leads_to(
    state: &State,
    name: &str,
) -> Result<Option<(String, DomainKind)>, Fault> {
    for kept in state.store.settings_of_kind(Domain::KIND).await? {
        let domains = domains(&kept)?;
        let mut rules = domains.rules.into_iter();
        let rule = rules.find(|rule| {
            let is_it = |own: &str| own.eq_ignore_ascii_case(name);
            rule.status == Some(DomainStatus::Enabled) && rule.name.as_deref().is_some_and(is_it)
        });
        if let Some(kind) = rule.and_then(|rule| rule.kind) {
            return Ok(Some((kept.bucket, kind)));
        }
    }
    Ok(None)
}

fn names(request: &PutBucketDomainRequest) -> impl Iterator<Item = &str> {
    request.rules.iter().filter_map(|rule| rule.name.as_deref())
}

/// Whether `name` is one of the DNS, of two labels or more, and no address.
fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.len() <= 253
        && name.contains('.')
        && name.split('.').all(is_label)
        && name.parse::<Ipv4Addr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::is_domain;

    #[test]
    fn domains_have_labels() {
        for good in ["www.example.com", "example.com", "xn--fiq228c.example"] {
            assert!(is_domain(good), "{good}");
        }
        let long = format!("{}.com", "a".repeat(64));
        for bad in [
            "",
            "com",
            "a..b",
            "-a.com",
            "a-.com",
            "a_b.com",
            "192.0.2.1",
            &long,
        ] {
            assert!(!is_domain(bad), "{bad}");
        }
    }
}
