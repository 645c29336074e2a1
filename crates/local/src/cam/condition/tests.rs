use serde_json::{Value, json};

use super::{Condition, Fact, Facts};

/// A request from one address at one time, with a key that has two values.
struct Request;

impl Facts for Request {
    fn fact(&self, key: &str) -> Fact {
        match key {
            "qcs:ip" => Fact::of(Some("10.217.182.99")),
            "qcs:current_time" => Fact::of(Some("2022-05-30T12:00:00Z")),
            "cos:content-length" => Fact::of(Some("10")),
            "cos:content-type" => Fact::of(Some("image/png")),
            "cos:secure-transport" => Fact::of(Some("false")),
            "cos:versionid" => Fact::Absent,
            "oidc:aud" => Fact::Values(vec!["a".into(), "b".into()]),
            _ => Fact::Unknown,
        }
    }
}

fn holds(operator: &str, key: &str, value: &Value) -> Result<bool, String> {
    Condition::new(operator, key, value)
        .holds(&Request)
        .map_err(|why| why.to_string())
}

#[test]
fn operators_compare_what_their_names_say() {
    for (operator, key, value, expected) in [
        ("string_equal", "cos:content-type", json!("image/png"), true),
        (
            "string_equal",
            "cos:content-type",
            json!("IMAGE/PNG"),
            false,
        ),
        (
            "string_equal_ignore_case",
            "cos:content-type",
            json!("IMAGE/PNG"),
            true,
        ),
        (
            "string_not_equal",
            "cos:content-type",
            json!(["a", "image/png"]),
            false,
        ),
        (
            "string_not_equal",
            "cos:content-type",
            json!(["a", "b"]),
            true,
        ),
        (
            "string_not_equal_ignore_case",
            "cos:content-type",
            json!("IMAGE/PNG"),
            false,
        ),
        ("string_like", "cos:content-type", json!("image/*"), true),
        (
            "string_not_like",
            "cos:content-type",
            json!("image/*"),
            false,
        ),
        ("numeric_equal", "cos:content-length", json!(10), true),
        (
            "numeric_not_equal",
            "cos:content-length",
            json!("10"),
            false,
        ),
        ("numeric_less_than", "cos:content-length", json!(10), false),
        (
            "numeric_less_than_equal",
            "cos:content-length",
            json!(10),
            true,
        ),
        (
            "numeric_greater_than",
            "cos:content-length",
            json!(9.5),
            true,
        ),
        (
            "numeric_greater_than_equal",
            "cos:content-length",
            json!(11),
            false,
        ),
        ("numeric_equal", "cos:content-type", json!(10), false),
        (
            "date_less_than",
            "qcs:current_time",
            json!("2022-05-31 00:00:00"),
            true,
        ),
        (
            "date_less_than",
            "qcs:current_time",
            json!("2022-05-30T20:00:00+08:00"),
            false,
        ),
        (
            "date_less_than_equal",
            "qcs:current_time",
            json!("2022-05-30T20:00:00+08:00"),
            true,
        ),
        (
            "date_greater_than",
            "qcs:current_time",
            json!("2022-05-31T00:00:00Z"),
            false,
        ),
        (
            "date_not_equal",
            "qcs:current_time",
            json!("2022-05-31T00:00:00Z"),
            true,
        ),
        ("bool_equal", "cos:secure-transport", json!(false), true),
        ("bool_equal", "cos:secure-transport", json!("True"), false),
        ("ip_equal", "qcs:ip", json!("10.217.182.3/24"), true),
        (
            "ip_equal",
            "qcs:ip",
            json!(["192.168.0.1", "10.217.182.99"]),
            true,
        ),
        ("ip_equal", "qcs:ip", json!("10.217.183.0/24"), false),
        ("ip_equal", "qcs:ip", json!("::/0"), false),
        ("ip_not_equal", "qcs:ip", json!("10.217.182.3/24"), false),
        ("null_equal", "qcs:ip", json!(false), true),
        ("null_equal", "qcs:ip", json!(true), false),
        ("null_equal", "cos:versionid", json!("true"), true),
        ("null_equal", "cos:versionid", json!(false), false),
    ] {
        assert_eq!(
            holds(operator, key, &value),
            Ok(expected),
            "{operator} {key} {value}"
        );
    }
}

#[test]
fn what_the_request_lacks_fails_unless_it_need_not_exist() {
    for operator in [
        "string_equal",
        "string_not_equal",
        "numeric_equal",
        "string_like",
    ] {
        let optional = format!("{operator}_if_exist");
        assert_eq!(
            holds(operator, "cos:versionid", &json!("1")),
            Ok(false),
            "{operator}"
        );
        assert_eq!(
            holds(&optional, "cos:versionid", &json!("1")),
            Ok(true),
            "{operator}"
        );
    }
    assert_eq!(
        holds("string_equal_if_exist", "cos:content-type", &json!("x")),
        Ok(false)
    );
}

#[test]
fn of_several_values_one_or_all_must_pass() {
    for (operator, value, expected) in [
        ("string_equal", json!("a"), true),
        ("for_any_value:string_equal", json!("b"), true),
        ("for_all_value:string_equal", json!("a"), false),
        ("for_all_value:string_equal", json!(["b", "a"]), true),
        ("string_not_equal", json!("a"), false),
        ("for_any_value:string_not_equal", json!("a"), true),
        ("for_all_value:string_not_equal_if_exist", json!("c"), true),
    ] {
        assert_eq!(
            holds(operator, "oidc:aud", &value),
            Ok(expected),
            "{operator} {value}"
        );
    }
}

#[test]
fn what_is_not_understood_is_named() {
    for (operator, key, value, named) in [
        ("string_equals", "qcs:ip", json!("a"), "string_equals"),
        ("StringEqual", "qcs:ip", json!("a"), "StringEqual"),
        (
            "for_some_value:string_equal",
            "qcs:ip",
            json!("a"),
            "for_some_value",
        ),
        ("binary_equal", "qcs:ip", json!("a"), "binary_equal"),
        (
            "string_equal",
            "qcs:resource_tag",
            json!("a"),
            "qcs:resource_tag",
        ),
        (
            "string_equal_if_exist",
            "vpc:requester_vpc",
            json!("a"),
            "vpc:requester_vpc",
        ),
        ("ip_equal", "qcs:ip", json!("10.*.*.10/24"), "10.*.*.10/24"),
        ("numeric_equal", "cos:content-length", json!("ten"), "ten"),
        (
            "date_equal",
            "qcs:current_time",
            json!("tomorrow"),
            "tomorrow",
        ),
        (
            "string_equal",
            "cos:content-type",
            json!({ "a": 1 }),
            "not text",
        ),
        ("null_equal", "qcs:ip", json!([true, false]), "one value"),
    ] {
        let why = holds(operator, key, &value).unwrap_err();
        assert!(why.contains(named), "{why}");
    }
}
