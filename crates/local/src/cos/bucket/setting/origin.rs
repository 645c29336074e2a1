//! Other hosts from which a bucket answers what it does not have.

use tcloud_core::server::Fault;
use tcloud_cos::operation::delete_bucket_origin::DeleteBucketOriginRequest;
use tcloud_cos::operation::get_bucket_origin::GetBucketOriginRequest;
use tcloud_cos::operation::put_bucket_origin::PutBucketOriginRequest;
use tcloud_cos::types::{OriginHost, OriginRule, OriginType};

use super::kept::{Absent, Deletable, Setting};
use super::rules::{at_most, each_once, one_of};
use crate::cos::fault::{invalid, not_implemented};

/// How many hosts share the requests of a mirror.
const HOSTS: usize = 10;
/// How many headers a rule adds.
const HEADERS: usize = 10;

/// The rules.
pub(super) struct Origin;

impl Setting for Origin {
    type Put = PutBucketOriginRequest;
    type Get = GetBucketOriginRequest;

    const KIND: &'static str = "origin";
    const ABSENT: Absent = Absent::Refused("OriginConfigurationNotFoundError");

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        request.rules.iter().try_for_each(check)?;
        let priorities = request.rules.iter().filter_map(|rule| rule.rule_priority);
        let priorities: Vec<_> = priorities.map(|priority| priority.to_string()).collect();
        each_once(priorities.iter().map(String::as_str), "RulePriority")
    }
}

impl Deletable for Origin {
    type Delete = DeleteBucketOriginRequest;
}

fn check(rule: &OriginRule) -> Result<(), Fault> {
    let is_mirror = rule.origin_type == Some(OriginType::Mirror);
    let is_redirect = rule.origin_type == Some(OriginType::Redirect);
    let condition = rule.origin_condition.as_ref();
    let status = condition.and_then(|it| it.http_status_code.as_deref());
    let is_right = match status {
        None => true,
        Some(status) if is_redirect => {
            status.len() == 3 && (status.starts_with('4') || status.starts_with('5'))
        }
        Some(status) => status == "404",
    };
    if !is_right {
        return Err(invalid(
            "HTTPStatusCode is 404 for Proxy and Mirror, and of 4XX or 5XX for Redirect",
        ));
    }
    if let Some(parameter) = &rule.origin_parameter {
        let code = parameter.http_redirect_code.as_deref();
        if code.is_some_and(|code| !matches!(code, "301" | "302" | "307")) {
            return Err(invalid("HttpRedirectCode must be 301, 302 or 307"));
        }
        let headers = parameter.headers.as_ref();
        let added = headers.and_then(|it| it.new_http_headers.as_ref());
        at_most(
            added.map_or(0, |it| it.headers.len()),
            HEADERS,
            "NewHttpHeaders",
        )?;
    }
    let hosts = rule.origin_info.as_ref().map_or(&[][..], |it| &it.hosts);
    if hosts.len() > 1 && !is_mirror {
        return Err(invalid("only Mirror has more than one HostInfo"));
    }
    at_most(hosts.len(), HOSTS, "HostInfo")?;
    hosts.iter().try_for_each(check_host)
}

fn check_host(host: &OriginHost) -> Result<(), Fault> {
    one_of(
        ("HostInfo.HostName", host.host_name.is_some()),
        ("HostInfo.PrivateHost", host.private_host.is_some()),
    )?;
    let private = host.private_host.as_ref();
    let credentials = private.and_then(|it| it.credential_provider.as_ref());
    // Answers have it encrypted, by a key that nobody else has.
    if credentials.is_some_and(|it| it.secret_key.is_some() || it.encrypted_secret_key.is_some()) {
        return Err(not_implemented(
            "Keeping the key of another bucket (CredentialProvider.SecretKey)",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{OriginCondition, OriginHost, OriginInfo, OriginRule, OriginType};

    use super::check;

    fn rule(kind: OriginType, status: &str, hosts: usize) -> OriginRule {
        let hosts = (0..hosts).map(|it| OriginHost::new().host_name(format!("{it}.example.com")));
        let condition = OriginCondition::new().http_status_code(status);
        OriginRule::new(kind, condition, OriginInfo::new(hosts))
    }

    #[test]
    fn the_kind_of_a_rule_decides_what_goes_with_it() {
        assert!(check(&rule(OriginType::Mirror, "404", 10)).is_ok());
        assert!(check(&rule(OriginType::Proxy, "404", 1)).is_ok());
        assert!(check(&rule(OriginType::Redirect, "503", 1)).is_ok());
        for bad in [
            rule(OriginType::Mirror, "404", 11),
            rule(OriginType::Mirror, "503", 1),
            rule(OriginType::Proxy, "404", 2),
            rule(OriginType::Redirect, "200", 1),
        ] {
            assert!(check(&bad).is_err(), "{bad:?}");
        }
    }
}
