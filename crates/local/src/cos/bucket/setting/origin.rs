//! Other hosts from which a bucket answers what it does not have.

use http::{HeaderName, HeaderValue};
use reqwest::Url;
use tcloud_core::server::Fault;
use tcloud_cos::operation::delete_bucket_origin::DeleteBucketOriginRequest;
use tcloud_cos::operation::get_bucket_origin::GetBucketOriginRequest;
use tcloud_cos::operation::put_bucket_origin::PutBucketOriginRequest;
use tcloud_cos::types::{OriginHost, OriginParameter, OriginRule, OriginType};

use super::kept::{Absent, Deletable, Setting, of};
use super::rules::{at_most, each_once, one_of};
use crate::cos::fault::{invalid, not_implemented};
use crate::cos::origin::rules::{is_reserved, standbys};
use crate::state::State;

/// Under which kind the rules are kept.
pub(in crate::cos) const KIND: &str = "origin";
/// How many hosts share the requests of a mirror.
const HOSTS: usize = 10;
/// How many headers a rule adds.
const HEADERS: usize = 10;

/// The rules.
pub(super) struct Origin;

impl Setting for Origin {
    type Put = PutBucketOriginRequest;
    type Get = GetBucketOriginRequest;

    const KIND: &'static str = KIND;
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

/// The rules of `bucket`.
pub(in crate::cos) async fn rules(state: &State, bucket: &str) -> Result<Vec<OriginRule>, Fault> {
    let set = of::<Origin>(state, bucket).await?;
    Ok(set.map(|set| set.rules).unwrap_or_default())
}

fn check(rule: &OriginRule) -> Result<(), Fault> {
    let is_mirror = rule.origin_type == Some(OriginType::Mirror);
    let is_redirect = rule.origin_type == Some(OriginType::Redirect);
    let condition = rule.origin_condition.as_ref();
    let status = condition.and_then(|it| it.http_status_code.as_deref());
    let is_right = match status {
        Some(status) if is_redirect => is_status(status, &['4', '5']),
        None => !is_redirect,
        Some(status) => status == "404",
    };
    if !is_right {
        return Err(invalid(
            "HTTPStatusCode is 404 for Proxy and Mirror, and of 4XX or 5XX for Redirect",
        ));
    }
    if let Some(parameter) = &rule.origin_parameter {
        // The documents call that an error.
        if is_mirror && parameter.http_redirect_code.is_some() {
            return Err(invalid(
                "Mirror sends no client on; leave HttpRedirectCode out",
            ));
        }
        check_parameter(parameter)?;
    }
    let codes = rule.http_standby_code.iter();
    let mut codes = codes.flat_map(|codes| &codes.status_codes);
    let is_plain = |code: &&String| is_status(code, &['4']) && code.parse::<u16>().is_ok();
    if let Some(code) = codes.find(|code| !is_plain(code)) {
        return Err(invalid(format!(
            "`{code}` in HTTPStandbyCode is no status of 4XX, as 404 is"
        )));
    }
    let hosts = rule.origin_info.as_ref().map_or(&[][..], |it| &it.hosts);
    if hosts.len() > 1 && !is_mirror {
        return Err(invalid("only Mirror has more than one HostInfo"));
    }
    at_most(hosts.len(), HOSTS, "HostInfo")?;
    if !hosts.is_empty() && hosts.iter().all(|host| host.weight == Some(0)) {
        return Err(invalid(
            "every HostInfo.Weight is 0, so nobody would be asked; let one be more",
        ));
    }
    hosts.iter().try_for_each(check_host)
}

/// Whether `text` is a status that begins with one of `first`, or all of them, as `4XX` is.
fn is_status(text: &str, first: &[char]) -> bool {
    let is_rest = |rest: &str| {
        let digits = rest.chars().all(|it| it.is_ascii_digit());
        rest.len() == 2 && (digits || rest.eq_ignore_ascii_case("XX"))
    };
    text.strip_prefix(first).is_some_and(is_rest)
}

fn check_parameter(parameter: &OriginParameter) -> Result<(), Fault> {
    let code = parameter.http_redirect_code.as_deref();
    if code.is_some_and(|code| !matches!(code, "301" | "302" | "307")) {
        return Err(invalid("HttpRedirectCode must be 301, 302 or 307"));
    }
    if parameter.copy_origin_data == Some(false) {
        return Err(not_implemented(
            "Answering from an origin without storing (CopyOriginData of false)",
        ));
    }
    let following = parameter.follow_redirection_configuration.as_ref();
    if following.and_then(|it| it.follow_url_auto_decode) == Some(true) {
        return Err(not_implemented(
            "Decoding an address before it is followed (FollowUrlAutoDecode)",
        ));
    }
    let Some(headers) = &parameter.headers else {
        return Ok(());
    };
    let added = headers.new_http_headers.iter();
    let added: Vec<_> = added.flat_map(|it| &it.headers).collect();
    at_most(added.len(), HEADERS, "NewHttpHeaders")?;
    for header in added {
        let name = header.key.as_deref().unwrap_or_default();
        let value = header.value.as_deref().unwrap_or_default();
        let parsed = name.parse::<HeaderName>();
        let (Ok(parsed), Ok(_)) = (parsed, HeaderValue::from_str(value)) else {
            return Err(invalid(format!(
                "NewHttpHeaders: `{name}` is no name of a header, or its Value cannot be one's"
            )));
        };
        if is_reserved(&parsed) {
            return Err(invalid(format!(
                "NewHttpHeaders: `{name}` is between the service and the origin; leave it out"
            )));
        }
    }
    Ok(())
}

fn check_host(host: &OriginHost) -> Result<(), Fault> {
    one_of(
        ("HostInfo.HostName", host.host_name.is_some()),
        ("HostInfo.PrivateHost", host.private_host.is_some()),
    )?;
    // Its key would have to be kept, and answers have it encrypted, by a key that nobody else has.
    if host.private_host.is_some() {
        return Err(not_implemented(
            "Signing requests to an origin (HostInfo.PrivateHost)",
        ));
    }
    if host.weight.is_some_and(|weight| weight < 0) {
        return Err(invalid("HostInfo.Weight must not be negative"));
    }
    let names = std::iter::once(host.host_name.as_deref()).chain(standbys(host));
    match names.flatten().find(|name| !is_host(name)) {
        Some(name) => Err(invalid(format!(
            "`{name}` is no host; write it as in www.example.com or 192.0.2.1:8080, and what is \
             not ASCII as a browser sends it (xn--…)"
        ))),
        None => Ok(()),
    }
}

fn is_host(name: &str) -> bool {
    let url = format!("http://{name}/").parse::<Url>();
    // The header Location has it as it is.
    let is_plain = name.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain && !name.contains(['/', '\\', '@', '?', '#']) && url.is_ok_and(|url| url.has_host())
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{
        NewOriginHeaders, OriginCondition, OriginHeader, OriginHeaders, OriginHost, OriginInfo,
        OriginParameter, OriginRule, OriginType, PrivateOrigin, StandbyCodes,
    };

    use super::{check, is_host};

    fn rule(kind: OriginType, status: &str, hosts: usize) -> OriginRule {
        let hosts = (0..hosts).map(|it| OriginHost::new().host_name(format!("{it}.example.com")));
        let condition = OriginCondition::new().http_status_code(status);
        OriginRule::new(kind, condition, OriginInfo::new(hosts))
    }

    fn mirror() -> OriginRule {
        rule(OriginType::Mirror, "404", 1)
    }

    #[test]
    fn the_kind_of_a_rule_decides_what_goes_with_it() {
        assert!(check(&rule(OriginType::Mirror, "404", 10)).is_ok());
        assert!(check(&rule(OriginType::Proxy, "404", 1)).is_ok());
        for status in ["503", "4XX", "5xx"] {
            assert!(check(&rule(OriginType::Redirect, status, 1)).is_ok());
        }
        for bad in [
            rule(OriginType::Mirror, "404", 11),
            rule(OriginType::Mirror, "503", 1),
            rule(OriginType::Proxy, "404", 2),
            rule(OriginType::Redirect, "200", 1),
            rule(OriginType::Redirect, "4", 1),
            rule(OriginType::Redirect, "40X", 1),
            rule(OriginType::Redirect, "404", 1)
                .origin_parameter(OriginParameter::new().http_redirect_code("308")),
        ] {
            assert!(check(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused_by_name() {
        let with = |parameter: OriginParameter| mirror().origin_parameter(parameter);
        let mut private = mirror();
        let host = PrivateOrigin::new("h", tcloud_cos::types::OriginCredentials::new());
        private.origin_info = Some(OriginInfo::new([OriginHost::new().private_host(host)]));
        for (rule, named) in [
            (
                with(OriginParameter::new().copy_origin_data(false)),
                "CopyOriginData",
            ),
            (private, "PrivateHost"),
        ] {
            let refused = check(&rule).unwrap_err();
            assert_eq!(refused.code, "NotImplemented");
            assert!(refused.message.contains(named), "{refused}");
        }
        let header = |name: &str, value: &str| {
            let new = NewOriginHeaders::new([OriginHeader::new(name).value(value)]);
            with(OriginParameter::new().headers(OriginHeaders::new().new_http_headers(new)))
        };
        let weightless = || {
            let hosts = ["a.com", "b.com"].map(|name| OriginHost::new().host_name(name).weight(0));
            let mut rule = mirror();
            rule.origin_info = Some(OriginInfo::new(hosts));
            rule
        };
        assert!(check(&header("x-own", "")).is_ok());
        assert!(check(&header("Authorization", "Basic bzpw")).is_ok());
        for bad in [
            header("x own", "v"),
            header("x-own", "a\nb"),
            header("Host", "localhost"),
            header("cdn-loop", "else"),
            header("Content-Length", "9"),
            header("Range", "bytes=0-9"),
            header("X-TC-Action", "GetCallerIdentity"),
            with(OriginParameter::new().http_redirect_code("302")),
            weightless(),
            mirror().http_standby_code(StandbyCodes::new(["503"])),
            mirror().http_standby_code(StandbyCodes::new(["4XX"])),
        ] {
            assert_eq!(check(&bad).unwrap_err().code, "InvalidArgument", "{bad:?}");
        }
    }

    #[test]
    fn hosts_are_names_or_addresses_with_a_port_at_most() {
        for good in [
            "example.com",
            "example.com:8080",
            "192.0.2.1:80",
            "[::1]:80",
        ] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "",
            "http://example.com",
            "a.com/b",
            "u@a.com",
            "a.com?b",
            "a b",
            "a\tb.com",
            "ex\u{e4}mple.com",
            "a:b",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}
