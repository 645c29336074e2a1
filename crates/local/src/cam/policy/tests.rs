use serde_json::{Value, json};

use super::super::condition::{Fact, Facts};
use super::super::principal::{Asker, Sort};
use super::super::resource::Resource;
use super::{Decision, Policy, PolicyError, Question, decide};

struct At(&'static str);

impl Facts for At {
    fn fact(&self, key: &str) -> Fact {
        match key {
            "qcs:ip" => Fact::of(Some(self.0)),
            _ => Fact::Unknown,
        }
    }
}

fn resource(name: &str) -> Resource {
    Resource {
        service: "cos".into(),
        region: "ap-guangzhou".into(),
        accounts: ["uid/1250000000".into(), "uin/100000000001".into()],
        names: vec![name.into()],
    }
}

fn policy(statements: &Value) -> Policy {
    json!({ "version": "2.0", "statement": statements })
        .to_string()
        .parse()
        .unwrap()
}

/// What `policies` come to for `action` on an object of the album, asked from 10.0.0.1.
fn decided(policies: &[Policy], action: &str) -> Decision {
    let question = Question {
        action,
        resource: Some(&resource("album-1250000000/cat.png")),
        asker: None,
        facts: &At("10.0.0.1"),
    };
    decide(format_args!("the user reader"), policies, &question)
}

const ALBUM: &str = "qcs::cos:ap-guangzhou:uid/1250000000:album-1250000000/*";

#[test]
fn what_nothing_allows_is_not_allowed() {
    let reads = policy(&json!([{
        "effect": "allow", "action": ["name/cos:GetObject", "cos:Head*"], "resource": [ALBUM]
    }]));
    for (action, decision) in [
        ("cos:GetObject", Decision::Allowed),
        ("cos:HeadObject", Decision::Allowed),
        ("cos:GetObjectACL", Decision::NotAllowed(None)),
        ("cos:PutObject", Decision::NotAllowed(None)),
        ("ci:HeadObject", Decision::NotAllowed(None)),
    ] {
        assert_eq!(
            decided(std::slice::from_ref(&reads), action),
            decision,
            "{action}"
        );
    }
    assert_eq!(decided(&[], "cos:GetObject"), Decision::NotAllowed(None));
    let elsewhere = policy(&json!({
        "effect": "allow", "action": "*",
        "resource": "qcs::cos:ap-guangzhou:uid/1250000000:results-1250000000/*"
    }));
    assert_eq!(
        decided(&[elsewhere], "cos:GetObject"),
        Decision::NotAllowed(None)
    );
}

#[test]
fn a_denial_wins_wherever_it_stands() {
    let all = Policy::administrator();
    let none = policy(&json!({
        "effect": "deny", "action": "name/cos:Delete*", "resource": "*"
    }));
    for policies in [[all.clone(), none.clone()], [none, all]] {
        assert_eq!(decided(&policies, "cos:GetObject"), Decision::Allowed);
        let denied = decided(&policies, "cos:DeleteObject");
        assert!(matches!(denied, Decision::Denied(_)), "{denied:?}");
    }
}

#[test]
fn conditions_decide_whether_a_statement_counts() {
    let from = |effect: &str, network: &str| {
        policy(&json!({
            "effect": effect, "action": "*", "resource": "*",
            "condition": { "ip_equal": { "qcs:ip": network } }
        }))
    };
    let decided = |policies: &[Policy]| decided(policies, "cos:GetObject");
    assert_eq!(decided(&[from("allow", "10.0.0.0/8")]), Decision::Allowed);
    assert_eq!(
        decided(&[from("allow", "11.0.0.0/8")]),
        Decision::NotAllowed(None)
    );
    let all = Policy::administrator();
    assert_eq!(
        decided(&[all.clone(), from("deny", "11.0.0.0/8")]),
        Decision::Allowed
    );
    let denied = decided(&[all, from("deny", "10.0.0.0/8")]);
    assert!(matches!(denied, Decision::Denied(_)));
}

#[test]
fn what_is_not_understood_never_allows_and_always_denies() {
    let tagged = |effect: &str| {
        policy(&json!({
            "effect": effect, "action": "*", "resource": "*",
            "condition": { "string_equal": { "qcs:resource_tag": "a&b" } }
        }))
    };
    let decided = |policies: &[Policy]| decided(policies, "cos:GetObject");
    match decided(&[tagged("allow")]) {
        Decision::NotAllowed(Some(why)) => assert!(why.contains("qcs:resource_tag"), "{why}"),
        other => panic!("{other:?}"),
    }
    match decided(&[Policy::administrator(), tagged("deny")]) {
        Decision::Denied(why) => assert!(why.contains("qcs:resource_tag"), "{why}"),
        other => panic!("{other:?}"),
    }
    // Another statement may allow it, and one whose other condition fails says nothing.
    assert_eq!(
        decided(&[tagged("allow"), Policy::administrator()]),
        Decision::Allowed
    );
    let elsewhere = policy(&json!({
        "effect": "deny", "action": "*", "resource": "*",
        "condition": {
            "string_equal": { "qcs:resource_tag": "a&b" },
            "ip_equal": { "qcs:ip": "11.0.0.1" }
        }
    }));
    assert_eq!(
        decided(&[Policy::administrator(), elsewhere]),
        Decision::Allowed
    );
}

/// As the document of `PUT Bucket policy` prints it.
#[test]
fn elements_may_begin_with_capital_letters() {
    let policy: Policy = r#"{
        "Statement": [{
            "Principal": { "qcs": ["qcs::cam::uin/100000000001:uin/100000000011"] },
            "Effect": "allow",
            "Action": ["name/cos:GetBucket"],
            "Resource": ["qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"]
        }],
        "version": "2.0"
    }"#
    .parse()
    .unwrap();
    let asked_by = |uin: &str| {
        let asker = Asker {
            sort: Sort::Identity,
            names: vec![format!("qcs::cam::uin/100000000001:uin/{uin}")],
        };
        let question = Question {
            action: "cos:GetBucket",
            resource: Some(&resource("examplebucket-1250000000/")),
            asker: Some(&asker),
            facts: &At("10.0.0.1"),
        };
        decide(format_args!("the role"), [&policy], &question)
    };
    assert_eq!(asked_by("100000000011"), Decision::Allowed);
    assert_eq!(asked_by("100000000012"), Decision::NotAllowed(None));
}

#[test]
fn a_statement_for_somebody_is_for_nobody_else_and_one_for_nobody_is_not_for_somebody() {
    let for_somebody = policy(&json!({
        "effect": "allow", "action": "*", "resource": "*", "principal": { "qcs": "*" }
    }));
    assert_eq!(
        decided(&[for_somebody], "cos:GetObject"),
        Decision::NotAllowed(None)
    );
    let asker = Asker {
        sort: Sort::Identity,
        names: vec!["x".into()],
    };
    let question = Question {
        action: "sts:AssumeRole",
        resource: None,
        asker: Some(&asker),
        facts: &At("10.0.0.1"),
    };
    let everything = Policy::administrator();
    assert_eq!(
        decide(format_args!("the role"), [&everything], &question),
        Decision::NotAllowed(None)
    );
}

#[test]
fn what_is_no_policy_is_refused_with_the_reason() {
    let statement = |change: Value| {
        let mut statement = json!({ "effect": "allow", "action": "cos:*", "resource": "*" });
        let members = statement.as_object_mut().unwrap();
        for (name, value) in change.as_object().unwrap() {
            match value {
                Value::Null => drop(members.remove(name)),
                value => drop(members.insert(name.clone(), value.clone())),
            }
        }
        json!({ "version": "2.0", "statement": [statement] }).to_string()
    };
    for (text, named) in [
        ("{".to_owned(), "EOF"),
        ("[]".to_owned(), "no object"),
        (json!({ "statement": [] }).to_string(), "version"),
        (
            json!({ "version": "1.0", "statement": [] }).to_string(),
            "version",
        ),
        (json!({ "version": "2.0" }).to_string(), "statement"),
        (
            json!({ "version": "2.0", "statement": [1] }).to_string(),
            "statement",
        ),
        (statement(json!({ "effect": "maybe" })), "effect"),
        (statement(json!({ "effect": null })), "effect"),
        (statement(json!({ "action": null })), "action"),
        (statement(json!({ "action": [] })), "action"),
        (statement(json!({ "action": [1] })), "action"),
        (
            statement(json!({ "action": "permid/280649" })),
            "permid/280649",
        ),
        (
            statement(json!({ "action": null, "notAction": "cos:*" })),
            "notAction",
        ),
        (statement(json!({ "resource": null })), "resource"),
        (statement(json!({ "resource": "album/*" })), "album/*"),
        (statement(json!({ "condition": [] })), "condition"),
        (
            statement(json!({ "condition": { "ip_equal": "10.0.0.1" } })),
            "ip_equal",
        ),
        (statement(json!({ "principal": "*" })), "principal"),
    ] {
        let error = text.parse::<Policy>().unwrap_err();
        assert!(error.to_string().contains(named), "{text}: {error}");
    }
    let error = statement(json!({ "resource": "album/*" }))
        .parse::<Policy>()
        .unwrap_err();
    assert!(matches!(error, PolicyError::Resource(_)));
}

#[test]
fn a_policy_nested_without_end_is_refused() {
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let text = format!(r#"{{"version":"2.0","statement":{deep}}}"#);
    assert!(text.parse::<Policy>().is_err());
}

#[test]
fn the_text_says_the_same() {
    let written = policy(&json!([{ "effect": "allow", "action": "cos:*", "resource": [ALBUM] }]));
    let again: Policy = written.as_str().parse().unwrap();
    assert_eq!(decided(&[again], "cos:GetObject"), Decision::Allowed);
    let everything: Policy = Policy::administrator().as_str().parse().unwrap();
    assert_eq!(
        decided(&[everything], "ci:CreateMediaJobs"),
        Decision::Allowed
    );
}
