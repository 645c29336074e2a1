use serde_json::json;
use tcloud_core::sign::encode;
use tcloud_sts::types::Tag;

use crate::fixture::{
    BUCKET, Fixture, UPLOADER, VISITOR, allow, assumed, code, document, objects, refused, root,
    user_key,
};

#[tokio::test]
async fn a_key_of_a_role_may_what_the_role_may() {
    let fixture = Fixture::new().await;
    let answer = fixture
        .upload(&root())
        .duration_seconds(900)
        .send()
        .await
        .unwrap()
        .into_output();
    assert_eq!(answer.expired_time, Some(1_700_000_900));
    assert_eq!(answer.expiration.as_deref(), Some("2023-11-14T22:28:20Z"));
    let key = crate::fixture::key(answer.credentials);
    assert!(key.token().unwrap().len() <= 4096);
    let cos = fixture.cos(&key);
    cos.put_object(BUCKET, "dog.png", "wuff")
        .send()
        .await
        .unwrap();
    cos.get_object(BUCKET, "dog.png").send().await.unwrap();
    let (code, message) = refused(cos.delete_object(BUCKET, "dog.png").send().await);
    assert_eq!(code, "AccessDenied");
    assert!(message.contains("cos:DeleteObject"), "{message}");
}

#[tokio::test]
async fn a_policy_takes_away_and_gives_nothing() {
    let fixture = Fixture::new().await;
    let text = document(&json!([
        allow(json!("name/cos:PutObject"), &objects("mine/")),
        allow(json!("name/cos:DeleteObject"), "*"),
    ]));
    // With its spaces as a form has them, percent-encoded, and as it is.
    let spaced = text.replace(',', ", ");
    let form = encode::component(&spaced).replace("%20", "+");
    for policy in [text.clone(), encode::component(&spaced), form] {
        let key = assumed(fixture.upload(&root()).policy(policy)).await;
        let cos = fixture.cos(&key);
        cos.put_object(BUCKET, "mine/a", "a").send().await.unwrap();
        for result in [
            cos.put_object(BUCKET, "yours/a", "a")
                .send()
                .await
                .map(drop),
            cos.delete_object(BUCKET, "mine/a").send().await.map(drop),
            cos.get_object(BUCKET, "mine/a").send().await.map(drop),
        ] {
            assert_eq!(code(result), "AccessDenied");
        }
    }
}

#[tokio::test]
async fn who_may_become_a_role_is_said_by_the_role_and_by_the_policies_of_the_caller() {
    let fixture = Fixture::new().await;
    assumed(fixture.upload(&user_key("reader"))).await;
    let (code, message) = refused(fixture.upload(&user_key("nobody")).send().await);
    assert_eq!(code, "UnauthorizedOperation");
    assert!(
        message.contains("sts:AssumeRole") && message.contains("roleName/uploader"),
        "{message}"
    );
    let external = |key, id: &str| {
        let call = fixture.sts(key).assume_role(VISITOR, "visit");
        if id.is_empty() {
            call
        } else {
            call.external_id(id)
        }
    };
    let root = root();
    assumed(external(&root, "agreed")).await;
    for id in ["", "other"] {
        let (code, message) = refused(external(&root, id).send().await);
        assert_eq!(code, "UnauthorizedOperation", "{id}");
        assert!(message.contains("does not trust"), "{message}");
    }
}

/// A role is not trusted by itself, and a session has no `sts:AssumeRole` here.
#[tokio::test]
async fn a_session_becomes_no_other_role_unless_its_own_allows_it() {
    let fixture = Fixture::new().await;
    let key = assumed(fixture.upload(&root())).await;
    let again = fixture.upload(&key).send().await;
    assert_eq!(code(again), "UnauthorizedOperation");
}

#[tokio::test]
async fn a_role_may_be_named_by_its_number() {
    let fixture = Fixture::new().await;
    let key = assumed(fixture.upload(&root())).await;
    let (_, user, _) = fixture.who(&key).await.unwrap();
    let id = user.split_once(':').unwrap().0;
    let arn = format!("qcs::cam::uin/100000000001:role/{id}");
    assumed(fixture.sts(&root()).assume_role(arn, "build")).await;
}

#[tokio::test]
async fn wrong_requests_are_refused_by_the_codes_of_the_service() {
    let fixture = Fixture::new().await;
    let sts = fixture.sts(&root());
    let role = |arn: &str| sts.assume_role(arn, "build");
    let good = || role(UPLOADER);
    let principal = json!({
        "effect": "allow", "action": "*", "resource": "*", "principal": { "qcs": "*" }
    });
    let foreign = allow(json!("*"), "qcs::cos::uid/1250000001:x-1250000001/*");
    for (call, expected, named) in [
        (role("uploader"), "InvalidParameter.ParamError", "RoleArn"),
        (
            role("qcs::cam::uin/100000000001:user/a"),
            "InvalidParameter.ParamError",
            "RoleArn",
        ),
        (
            role("qcs::cam::uin/100000000001:roleName/gone"),
            "ResourceNotFound.RoleNotFound",
            "gone",
        ),
        (
            role("qcs::cam::uin/100000000009:roleName/uploader"),
            "ResourceNotFound.RoleNotFound",
            "0009",
        ),
        (
            sts.assume_role(UPLOADER, "a"),
            "InvalidParameter.ParamError",
            "RoleSessionName",
        ),
        (
            sts.assume_role(UPLOADER, "a b"),
            "InvalidParameter.ParamError",
            "RoleSessionName",
        ),
        (
            sts.assume_role(UPLOADER, "a".repeat(129)),
            "InvalidParameter.ParamError",
            "RoleSessionName",
        ),
        (
            good().duration_seconds(0),
            "InvalidParameter.OverTimeError",
            "DurationSeconds",
        ),
        (
            good().duration_seconds(43_201),
            "InvalidParameter.OverTimeError",
            "43200",
        ),
        (
            good().policy("{"),
            "InvalidParameter.StrategyFormatError",
            "Policy",
        ),
        (
            good().policy("%7B%FF"),
            "InvalidParameter.StrategyFormatError",
            "UTF-8",
        ),
        (
            good().policy(document(&allow(json!("*"), "album"))),
            "InvalidParameter.ResouceError",
            "album",
        ),
        (
            good().policy(document(&principal)),
            "InvalidParameter.StrategyInvalid",
            "principal",
        ),
        (
            good().policy(document(&foreign)),
            "InvalidParameter.GrantOtherResource",
            "another",
        ),
        (
            good().tags([Tag::new("k", "v")]),
            "UnsupportedOperation",
            "Tags",
        ),
        (
            good().source_identity("7"),
            "UnsupportedOperation",
            "SourceIdentity",
        ),
        (
            good().token_code("1"),
            "FailedOperation.CheckMFAError",
            "users",
        ),
    ] {
        let (code, message) = refused(call.send().await);
        assert_eq!(code, expected, "{message}");
        assert!(message.contains(named), "{message}");
    }
}
