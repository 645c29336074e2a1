//! What the rules of an origin say, without asking anybody.

use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, PROXY_AUTHORIZATION, RANGE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tcloud_core::sign::encode;
use tcloud_cos::types::{
    OriginHeaderNames, OriginHost, OriginParameter, OriginProtocol, OriginRule,
};

/// The header by which a request that an origin's rule has made is known, so that two clouds that are
/// the origin of one another do not ask for ever (RFC 8586).
pub(super) const LOOP: HeaderName = HeaderName::from_static("cdn-loop");
/// What it says.
pub(super) const NAME: &str = "tcloud-local";

/// What is between this cloud and the other side: whom a request is for, the connection, and which
/// part of an object is wanted, as a part would be stored as the whole.
const RESERVED: [HeaderName; 18] = [
    CONNECTION,
    CONTENT_LENGTH,
    EXPECT,
    HOST,
    IF_MATCH,
    IF_MODIFIED_SINCE,
    IF_NONE_MATCH,
    IF_RANGE,
    IF_UNMODIFIED_SINCE,
    HeaderName::from_static("keep-alive"),
    LOOP,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    RANGE,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];
/// The beginning of the headers that make a request one for an action of another service.
const ACTION: &str = "x-tc-";
/// Parts of names of headers that hold keys and tokens of this cloud, and prove nothing to another one.
const SECRET: [&str; 2] = ["security-token", "-customer-"];

/// A request that is answered from elsewhere.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    /// The key of the object.
    pub(super) key: &'a str,
    /// The query, without its signature.
    pub(super) query: &'a [(String, String)],
    /// Whether it came by HTTPS.
    pub(super) is_secure: bool,
}

/// The first of the rules that is `wanted` and counts for an answer about `key` with `status`.
pub(super) fn first<'a>(
    rules: &'a [OriginRule],
    key: &str,
    status: StatusCode,
    wanted: impl Fn(&OriginRule) -> bool,
) -> Option<&'a OriginRule> {
    let counting = rules
        .iter()
        .filter(|rule| wanted(rule) && counts(rule, key, status));
    counting.min_by_key(|rule| rule.rule_priority.unwrap_or(i64::MAX))
}

fn counts(rule: &OriginRule, key: &str, status: StatusCode) -> bool {
    let Some(condition) = &rule.origin_condition else {
        return status == StatusCode::NOT_FOUND;
    };
    let wanted = condition.http_status_code.as_deref().unwrap_or("404");
    let prefix = condition.prefix.as_deref().unwrap_or_default();
    let suffix = condition.suffix.as_deref().unwrap_or_default();
    is_like(wanted, status.as_str()) && key.starts_with(prefix) && key.ends_with(suffix)
}

/// Whether `status` is meant by `wanted`, as 404 is by `4XX`.
fn is_like(wanted: &str, status: &str) -> bool {
    let mut pairs = wanted.bytes().zip(status.bytes());
    wanted.len() == status.len()
        && pairs.all(|(wanted, digit)| wanted == digit || wanted.eq_ignore_ascii_case(&b'X'))
}

/// The host that is to be asked, and those to ask one after the other if it fails. Requests with one
/// `turn` after the other are shared out by weight.
pub(super) fn hosts(rule: &OriginRule, turn: u64) -> Vec<&str> {
    let hosts = rule.origin_info.as_ref().map_or(&[][..], |it| &it.hosts);
    let weights = hosts
        .iter()
        .map(|host| u64::try_from(host.weight.unwrap_or(1)).unwrap_or(0));
    let total = weights.clone().fold(0, u64::saturating_add);
    let mut at = turn.checked_rem(total).unwrap_or(0);
    let chosen = weights.zip(hosts).find(|(weight, _)| {
        let is_here = at < *weight;
        at = at.saturating_sub(*weight);
        is_here
    });
    let Some((_, host)) = chosen else {
        return Vec::new();
    };
    let names = std::iter::once(host.host_name.as_deref()).chain(standbys(host));
    names.flatten().collect()
}

/// The hosts that are asked one after the other if `host` fails.
pub(in crate::cos) fn standbys(host: &OriginHost) -> [Option<&str>; 10] {
    [
        &host.standby_host_name_1,
        &host.standby_host_name_2,
        &host.standby_host_name_3,
        &host.standby_host_name_4,
        &host.standby_host_name_5,
        &host.standby_host_name_6,
        &host.standby_host_name_7,
        &host.standby_host_name_8,
        &host.standby_host_name_9,
        &host.standby_host_name_10,
    ]
    .map(Option::as_deref)
}

/// Whether another host is to be asked where one has answered with `status`.
pub(super) fn hands_over(rule: &OriginRule, status: StatusCode) -> bool {
    let codes = rule.http_standby_code.as_ref();
    let mut codes = codes.iter().flat_map(|codes| &codes.status_codes);
    status.is_server_error() || codes.any(|code| code == status.as_str())
}

/// Where `request` is sent to at `host`. Nowhere, if no address can say what the object is called there:
/// `a/..` is `a` to whoever reads one, and outside of what the rule is about.
pub(super) fn address(rule: &OriginRule, host: &str, request: Request<'_>) -> Option<String> {
    let name = name(rule, request.key);
    if matches!(name.rsplit('/').next(), Some("." | "..")) {
        return None;
    }
    let parameter = rule.origin_parameter.as_ref();
    let scheme = match parameter.and_then(|it| it.protocol.as_ref()) {
        Some(OriginProtocol::Http) => "http",
        Some(OriginProtocol::Https) => "https",
        _ if request.is_secure => "https",
        _ => "http",
    };
    let path = encode::path(&format!("/{name}"));
    let query = if is_on(rule, |it| it.follow_query_string, true) && !request.query.is_empty() {
        let pairs = request.query.iter();
        format!(
            "?{}",
            encode::query(pairs.map(|(name, value)| (name, value)))
        )
    } else {
        String::new()
    };
    Some(format!("{scheme}://{host}{path}{query}"))
}

/// What the object `key` is called at the origin.
fn name(rule: &OriginRule, key: &str) -> String {
    let info = rule.origin_info.as_ref();
    let Some(file) = info.and_then(|info| info.file_info.as_ref()) else {
        return key.to_owned();
    };
    let fixed = file.fixed_file_configuration.as_ref();
    if let Some(path) = fixed.and_then(|fixed| fixed.fixed_file_path.as_deref()) {
        return path.trim_start_matches('/').to_owned();
    }
    let mut name = key.to_owned();
    if let Some(begin) = &file.prefix_configuration {
        let prefix = begin.prefix.as_deref().unwrap_or_default();
        name = match &begin.replaced_with_prefix {
            Some(other) => match name.strip_prefix(prefix) {
                Some(rest) => format!("{other}{rest}"),
                None => name,
            },
            None => format!("{prefix}{name}"),
        };
    }
    if let Some(end) = &file.suffix_configuration {
        let suffix = end.suffix.as_deref().unwrap_or_default();
        name = match &end.replaced_with_suffix {
            Some(other) => match name.strip_suffix(suffix) {
                Some(rest) => format!("{rest}{other}"),
                None => name,
            },
            None => format!("{name}{suffix}"),
        };
    }
    if file.prefix_directive == Some(true) {
        name = format!("{}{name}", file.prefix.as_deref().unwrap_or_default());
    }
    if let Some(suffix) = &file.suffix {
        name.push_str(suffix);
    }
    name
}

/// Whether neither a client nor a rule says what the header `name` is.
pub(in crate::cos) fn is_reserved(name: &HeaderName) -> bool {
    RESERVED.contains(name) || name.as_str().starts_with(ACTION)
}

/// The headers that an origin gets of a request with the headers `sent`.
pub(super) fn headers(rule: &OriginRule, sent: &HeaderMap) -> HeaderMap {
    let mut passed = marked(sent);
    let parameter = rule.origin_parameter.as_ref();
    let Some(wanted) = parameter.and_then(|it| it.headers.as_ref()) else {
        return passed;
    };
    let named = |names: &Option<OriginHeaderNames>, name: &HeaderName| {
        let mut names = names.iter().flat_map(|names| &names.headers);
        names.any(|it| {
            let key = it.key.as_deref().unwrap_or_default();
            key.eq_ignore_ascii_case(name.as_str())
        })
    };
    for (name, value) in sent {
        let is_wanted =
            wanted.follow_all_headers == Some(true) || named(&wanted.follow_http_headers, name);
        let is_forbidden = named(&wanted.forbid_follow_headers, name)
            || named(&wanted.forbid_follow_http_headers, name);
        let is_kept_back = is_reserved(name)
            || *name == AUTHORIZATION
            || SECRET.iter().any(|part| name.as_str().contains(part));
        if is_wanted && !is_forbidden && !is_kept_back {
            passed.append(name.clone(), value.clone());
        }
    }
    let added = wanted.new_http_headers.iter().flat_map(|it| &it.headers);
    for header in added {
        let name = header.key.as_deref().unwrap_or_default();
        let name = name.parse::<HeaderName>();
        let value = header.value.as_deref().filter(|value| !value.is_empty());
        if let (Ok(name), Some(Ok(value))) = (name, value.map(HeaderValue::from_str)) {
            // Rules that were set before this was looked at are still there.
            if !is_reserved(&name) {
                passed.insert(name, value);
            }
        }
    }
    passed
}

/// The headers that say no more than that this cloud is asking.
pub(super) fn marked(sent: &HeaderMap) -> HeaderMap {
    let mut marked = HeaderMap::new();
    for value in sent.get_all(LOOP) {
        marked.append(LOOP, value.clone());
    }
    marked.append(LOOP, HeaderValue::from_static(NAME));
    marked
}

/// Whether a switch of the rule is on, which is `usual` where it says nothing.
pub(super) fn is_on(
    rule: &OriginRule,
    switch: impl Fn(&OriginParameter) -> Option<bool>,
    usual: bool,
) -> bool {
    let parameter = rule.origin_parameter.as_ref();
    parameter.and_then(switch).unwrap_or(usual)
}

/// The status with which a client is sent on.
pub(super) fn redirect_status(rule: &OriginRule) -> StatusCode {
    let parameter = rule.origin_parameter.as_ref();
    match parameter.and_then(|it| it.http_redirect_code.as_deref()) {
        Some("301") => StatusCode::MOVED_PERMANENTLY,
        Some("307") => StatusCode::TEMPORARY_REDIRECT,
        _ => StatusCode::FOUND,
    }
}

#[cfg(test)]
mod tests;
