use tcloud_core::call::Request;
use tcloud_core::operation::Operation;
use tcloud_cos::operation::get_object::GetObjectRequest;
use tcloud_cos::operation::put_object::PutObjectRequest;

use super::{FaultKind, FaultRule, Faults, Met};

fn met<'a>(operation: &'a Operation, bucket: &'a str, key: &'a str) -> Met<'a> {
    Met {
        operation,
        bucket: Some(bucket),
        key: Some(key),
    }
}

/// Which of `requests` equal requests the rule strikes, counted from 1.
fn struck(rule: FaultRule, requests: u64) -> Vec<u64> {
    let faults = Faults::default();
    faults.add(rule).unwrap();
    let met = met(PutObjectRequest::operation(), "b", "k");
    (1..=requests)
        .filter(|_| !faults.judge(met).ids.is_empty())
        .collect()
}

#[test]
fn a_rule_is_about_what_it_names() {
    let faults = Faults::default();
    let rule = FaultRule::throttle()
        .of::<PutObjectRequest>()
        .bucket("b")
        .key_prefix("a/");
    let id = faults.add(rule).unwrap();
    let put = PutObjectRequest::operation();
    let about = [
        (met(put, "b", "a/1"), true),
        (met(put, "b", "a"), false),
        (met(put, "c", "a/1"), false),
        (met(GetObjectRequest::operation(), "b", "a/1"), false),
        (
            Met {
                key: None,
                ..met(put, "b", "")
            },
            false,
        ),
        (
            Met {
                bucket: None,
                ..met(put, "", "a/1")
            },
            false,
        ),
    ];
    for (met, is_struck) in about {
        let expected: &[u64] = if is_struck { &[id] } else { &[] };
        assert_eq!(faults.judge(met).ids, expected, "{met:?}");
    }
    let state = &faults.list()[0];
    assert_eq!((state.matched, state.hits), (1, 1));
}

#[test]
fn some_are_left_alone_and_some_are_struck() {
    assert_eq!(struck(FaultRule::throttle(), 3), [1, 2, 3]);
    assert_eq!(struck(FaultRule::throttle().count(2), 5), [1, 2]);
    assert_eq!(struck(FaultRule::throttle().skip(2), 4), [3, 4]);
    assert_eq!(struck(FaultRule::throttle().skip(1).count(2), 9), [2, 3]);
}

#[test]
fn a_share_is_the_same_every_time() {
    let rule = |share, seed| FaultRule::throttle().share(share, seed);
    let some = struck(rule(0.25, 7), 4_000);
    assert_eq!(some, struck(rule(0.25, 7), 4_000));
    assert_ne!(some, struck(rule(0.25, 8), 4_000));
    assert!((900..1_100).contains(&some.len()), "{}", some.len());
    assert_eq!(struck(rule(1.0, 7), 100).len(), 100);
    // The same ones as without, but no more of them.
    let first = struck(rule(0.25, 7).count(3), 4_000);
    assert_eq!(first[..], some[..3]);
}

#[test]
fn rules_are_asked_in_order_until_one_refuses() {
    let faults = Faults::default();
    let slow = FaultRule::latency(std::time::Duration::from_millis(20));
    for rule in [
        slow.clone(),
        slow,
        FaultRule::cut(10),
        FaultRule::cut(7),
        FaultRule::refuse(500, "InternalError").count(1),
        FaultRule::wrong_checksum(),
    ] {
        faults.add(rule).unwrap();
    }
    let met = met(GetObjectRequest::operation(), "b", "k");
    let refused = faults.judge(met);
    assert_eq!(refused.ids, [1, 2, 3, 4, 5]);
    assert_eq!((refused.latency.as_millis(), refused.cut), (40, Some(7)));
    assert!(matches!(refused.refusal, Some(FaultKind::Refuse { .. })));
    let passed = faults.judge(met);
    assert_eq!(passed.ids, [1, 2, 3, 4, 6]);
    assert!(passed.refusal.is_none() && passed.wrong_checksum);
    let matched: Vec<_> = faults
        .list()
        .iter()
        .map(|it| (it.matched, it.hits))
        .collect();
    assert_eq!(matched, [(2, 2), (2, 2), (2, 2), (2, 2), (2, 1), (1, 1)]);

    assert!(faults.remove(1));
    assert!(!faults.remove(1));
    faults.clear();
    assert_eq!(faults.list(), []);
    assert_eq!(faults.add(FaultRule::throttle()), Ok(7));
}

#[test]
fn what_no_request_could_meet_is_refused() {
    let faults = Faults::default();
    let refused = |rule: FaultRule| faults.add(rule).unwrap_err().to_string();
    for (rule, says) in [
        (
            FaultRule::throttle().service("s3"),
            "no service `s3`; there are cos, ci, ",
        ),
        (
            FaultRule::throttle().operation("PutObjct"),
            "no operation `PutObjct` of any service",
        ),
        (
            FaultRule::throttle().service("ci").operation("PutObject"),
            "no operation `PutObject` of ci",
        ),
        (FaultRule::throttle().share(0.0, 1), "above 0"),
        (FaultRule::throttle().share(1.5, 1), "at most 1"),
        (FaultRule::throttle().share(f64::NAN, 1), "at most 1"),
        (FaultRule::throttle().count(0), "at least 1"),
        (FaultRule::refuse(200, "InternalError"), "400 to 599"),
        (
            FaultRule::refuse(200, "InternalError").service("cos"),
            "400 to 599",
        ),
        (FaultRule::refuse(600, "InternalError"), "400 to 599"),
        (FaultRule::refuse(500, ""), "code of an error"),
        (FaultRule::refuse(500, "Internal error"), "code of an error"),
        (FaultRule::wrong_checksum().service("ci"), "answers of cos"),
    ] {
        let message = refused(rule);
        assert!(message.contains(says), "{message}");
    }
    assert_eq!(faults.list(), []);
    let of_api = FaultRule::refuse(200, "FailedOperation").service("mps");
    faults.add(of_api).unwrap();
}

#[test]
fn json_says_the_same_and_nothing_else() {
    let kinds = [
        (r#"{"fault":"expiredToken"}"#, FaultRule::expired_token()),
        (r#"{"fault":"wrongChecksum"}"#, FaultRule::wrong_checksum()),
        (r#"{"fault":{"throttle":{}}}"#, FaultRule::throttle()),
        (
            r#"{"fault":{"throttle":{"retryAfter":3}}}"#,
            FaultRule::new(FaultKind::Throttle {
                retry_after: Some(3),
            }),
        ),
        (
            r#"{"share":0.5,"seed":7,"fault":{"latency":{"millis":300}}}"#,
            FaultRule::latency(std::time::Duration::from_millis(300)).share(0.5, 7),
        ),
        (
            r#"{"keyPrefix":"a/","skip":1,"count":2,"fault":{"cut":{"after":100}}}"#,
            FaultRule::cut(100).key_prefix("a/").skip(1).count(2),
        ),
        (
            r#"{"fault":{"refuse":{"status":500,"code":"InternalError"}}}"#,
            FaultRule::refuse(500, "InternalError"),
        ),
    ];
    for (text, rule) in kinds {
        assert_eq!(serde_json::from_str::<FaultRule>(text).unwrap(), rule);
        assert_eq!(serde_json::to_string(&rule).unwrap(), text);
    }
    for (text, says) in [
        (
            r#"{"fault":"expiredToken","times":3}"#,
            "unknown field `times`",
        ),
        (
            r#"{"fault":{"cut":{"after":1,"status":500}}}"#,
            "unknown field `status`",
        ),
        (r#"{"fault":{"break":{}}}"#, "unknown variant `break`"),
        (r#"{"operation":"PutObject"}"#, "missing field `fault`"),
        (r#"{"fault":{"latency":{"millis":-1}}}"#, "invalid value"),
    ] {
        let error = serde_json::from_str::<FaultRule>(text).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}
