use http::{HeaderMap, HeaderValue, StatusCode};
use tcloud_cos::types::{
    NewOriginHeaders, OriginCondition, OriginFile, OriginFixedFile, OriginHeader, OriginHeaderName,
    OriginHeaderNames, OriginHeaders, OriginHost, OriginInfo, OriginParameter, OriginPrefix,
    OriginProtocol, OriginRule, OriginSuffix, OriginType, StandbyCodes,
};

use super::{Request, address, first, hands_over, headers, hosts};

fn rule(status: &str) -> OriginRule {
    let condition = OriginCondition::new().http_status_code(status);
    let host = OriginHost::new().host_name("o.example.com");
    OriginRule::new(OriginType::Mirror, condition, OriginInfo::new([host]))
}

fn beside(rule: OriginRule, parameter: OriginParameter) -> OriginRule {
    rule.origin_parameter(parameter)
}

fn asked(key: &str) -> Request<'_> {
    Request {
        key,
        query: &[],
        is_secure: false,
    }
}

#[test]
fn the_rule_with_the_smallest_number_counts_if_all_of_its_conditions_are_met() {
    let mut rules = [rule("404"), rule("4XX"), rule("5xx"), rule("404")];
    let priorities = [None, Some(2), Some(1), Some(3)];
    for (rule, priority) in rules.iter_mut().zip(priorities) {
        rule.rule_priority = priority;
    }
    let last = rules[3].origin_condition.as_mut().unwrap();
    last.prefix = Some("a/".to_owned());
    last.suffix = Some(".png".to_owned());
    let found = |key, status, wanted: &str| {
        let status = StatusCode::from_u16(status).unwrap();
        let is = |rule: &OriginRule| {
            let condition = rule.origin_condition.as_ref().unwrap();
            wanted.is_empty() || condition.http_status_code.as_deref() == Some(wanted)
        };
        first(&rules, key, status, is).map(|rule| rule.rule_priority)
    };
    assert_eq!(found("k", 404, ""), Some(Some(2)));
    assert_eq!(found("k", 404, "404"), Some(None));
    assert_eq!(found("a/k.png", 404, "404"), Some(Some(3)));
    assert_eq!(found("a/k.jpg", 404, "404"), Some(None));
    assert_eq!(found("k", 403, ""), Some(Some(2)));
    assert_eq!(found("k", 503, ""), Some(Some(1)));
    assert_eq!(found("k", 304, ""), None);
}

#[test]
fn requests_are_shared_out_by_weight_and_each_host_has_its_own_standbys() {
    let host = |name: &str| OriginHost::new().host_name(name);
    let mut rule = rule("404");
    rule.origin_info = Some(OriginInfo::new([
        host("a")
            .weight(2)
            .standby_host_name_1("b")
            .standby_host_name_2("c"),
        host("never").weight(0),
        host("d"),
    ]));
    for (turn, expected) in [(0, "a"), (1, "a"), (2, "d"), (3, "a"), (5, "d")] {
        assert_eq!(hosts(&rule, turn)[0], expected, "{turn}");
    }
    assert_eq!(hosts(&rule, 0), ["a", "b", "c"]);
    assert_eq!(hosts(&rule, 2), ["d"]);
    rule.origin_info = Some(OriginInfo::new([host("a").weight(0)]));
    assert!(hosts(&rule, 0).is_empty());
    assert!(hands_over(&rule, StatusCode::BAD_GATEWAY));
    assert!(!hands_over(&rule, StatusCode::NOT_FOUND));
    rule.http_standby_code = Some(StandbyCodes::new(["404"]));
    assert!(hands_over(&rule, StatusCode::NOT_FOUND));
    assert!(!hands_over(&rule, StatusCode::FORBIDDEN));
}

#[test]
fn the_name_at_the_origin_is_the_key_or_made_of_it() {
    let with = |file: OriginFile| {
        let mut rule = rule("404");
        let host = OriginHost::new().host_name("o.example.com");
        rule.origin_info = Some(OriginInfo::new([host]).file_info(file));
        rule
    };
    let prefix = |text: &str| OriginPrefix::new().prefix(text);
    let suffix = |text: &str| OriginSuffix::new().suffix(text);
    let file = OriginFile::new;
    for (rule, path) in [
        (rule("404"), "/a/b%20c.png"),
        (with(file()), "/a/b%20c.png"),
        (
            with(
                file()
                    .prefix_configuration(prefix("x/"))
                    .suffix_configuration(suffix("!y")),
            ),
            "/x/a/b%20c.png%21y",
        ),
        (
            with(file().prefix_configuration(prefix("a/").replaced_with_prefix("z/"))),
            "/z/b%20c.png",
        ),
        (
            with(file().prefix_configuration(prefix("b/").replaced_with_prefix("z/"))),
            "/a/b%20c.png",
        ),
        (
            with(file().suffix_configuration(suffix(".png").replaced_with_suffix(".jpg"))),
            "/a/b%20c.jpg",
        ),
        (
            with(file().fixed_file_configuration(OriginFixedFile::new("/one.html"))),
            "/one.html",
        ),
    ] {
        let expected = format!("http://o.example.com{path}");
        assert_eq!(
            address(&rule, "o.example.com", asked("a/b c.png")),
            Some(expected)
        );
    }
}

#[test]
fn scheme_and_query_follow_the_request_unless_the_rule_says_otherwise() {
    let query = [("v".to_owned(), "1 2".to_owned())];
    let asked = |is_secure| Request {
        query: &query,
        is_secure,
        ..asked("k")
    };
    let parameter = OriginParameter::new;
    for (rule, is_secure, expected) in [
        (rule("404"), false, "http://h/k?v=1%202"),
        (rule("404"), true, "https://h/k?v=1%202"),
        (
            beside(rule("404"), parameter().protocol(OriginProtocol::Http)),
            true,
            "http://h/k?v=1%202",
        ),
        (
            beside(
                rule("404"),
                parameter()
                    .protocol(OriginProtocol::Https)
                    .follow_query_string(false),
            ),
            false,
            "https://h/k",
        ),
    ] {
        let address = address(&rule, "h", asked(is_secure));
        assert_eq!(address.as_deref(), Some(expected));
    }
}

#[test]
fn a_name_that_readers_of_addresses_would_fold_is_nowhere() {
    for key in ["..", "a/..", "a/.", "a/./.."] {
        assert_eq!(address(&rule("404"), "h", asked(key)), None, "{key}");
    }
    for (key, path) in [("a/../b", "a/..%2Fb"), ("a..", "a.."), ("a/...", "a/...")] {
        let address = address(&rule("404"), "h", asked(key)).unwrap();
        assert_eq!(address, format!("http://h/{path}"));
        // Whoever reads it sees the same.
        assert_eq!(address.parse::<reqwest::Url>().unwrap().as_str(), address);
    }
}

#[test]
fn headers_are_passed_on_as_the_rule_says_and_secrets_never() {
    let mut sent = HeaderMap::new();
    for (name, value) in [
        ("accept", "image/*"),
        ("cookie", "c"),
        ("x-own", "o"),
        ("host", "here"),
        ("range", "bytes=0-1"),
        ("if-none-match", "e"),
        ("authorization", "q-signature=…"),
        ("x-tc-action", "GetCallerIdentity"),
        ("x-cos-security-token", "t"),
        ("x-cos-server-side-encryption-customer-key", "k"),
    ] {
        sent.insert(name, HeaderValue::from_str(value).unwrap());
    }
    let names = |names: &[&str]| {
        OriginHeaderNames::new(names.iter().map(|name| OriginHeaderName::new(*name)))
    };
    let got = |wanted: Option<OriginHeaders>| {
        let mut parameter = OriginParameter::new();
        parameter.headers = wanted;
        let headers = headers(&beside(rule("404"), parameter), &sent);
        assert_eq!(headers["cdn-loop"], "tcloud-local");
        let names = headers.keys().map(|name| name.as_str().to_owned());
        let mut names: Vec<_> = names.filter(|name| name != "cdn-loop").collect();
        names.sort();
        names
    };
    let wanted = OriginHeaders::new;
    assert!(got(None).is_empty());
    let all = wanted().follow_all_headers(true);
    assert_eq!(got(Some(all.clone())), ["accept", "cookie", "x-own"]);
    let mut without = all.clone();
    without.forbid_follow_headers = Some(names(&["Cookie"]));
    without.forbid_follow_http_headers = Some(names(&["X-Own"]));
    assert_eq!(got(Some(without)), ["accept"]);
    let mut chosen = wanted();
    chosen.follow_http_headers = Some(names(&["X-Own", "Authorization", "Range"]));
    assert_eq!(got(Some(chosen)), ["x-own"]);
    let added = |key: &str, value: &str| OriginHeader::new(key).value(value);
    let mut new = wanted();
    new.new_http_headers = Some(NewOriginHeaders::new([
        added("x-new", "n"),
        added("x-empty", ""),
        added("Authorization", "Basic bzpw"),
        added("Host", "localhost"),
        added("CDN-Loop", "else"),
        added("Content-Length", "9"),
        added("Range", "bytes=0-9"),
        added("X-TC-Action", "GetCallerIdentity"),
    ]));
    assert_eq!(got(Some(new)), ["authorization", "x-new"]);
}
