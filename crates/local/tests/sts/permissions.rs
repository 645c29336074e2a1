use http::StatusCode;
use serde_json::{Value, json};
use tcloud_core::credentials::Credentials;
use tcloud_cos::types::ObjectAcl;
use tcloud_local::{Account, Settings, User};

use crate::fixture::{
    BUCKET, Fixture, account, allow, assumed, code, objects, policy, refused, root, user_key,
};

/// A cloud with one more user, who has a policy of these statements.
async fn with_user(statements: Value) -> (Fixture, Credentials) {
    let user = User::new("100000000008", "eighth")
        .key(user_key("eighth"))
        .policy(policy(&statements));
    let settings = Settings::default().account(account().user(user));
    (Fixture::with(settings).await, user_key("eighth"))
}

#[tokio::test]
async fn object_storage_asks_for_the_permission_of_each_operation() {
    let fixture = Fixture::new().await;
    let cos = fixture.cos(&user_key("reader"));
    cos.get_object(BUCKET, "cat.png").send().await.unwrap();
    cos.head_object(BUCKET, "cat.png").send().await.unwrap();
    let denied = |result, permission: &str, resource: &str| {
        let (code, message): (String, String) = refused(result);
        assert_eq!(code, "AccessDenied", "{message}");
        assert!(message.contains(&format!("({permission})")), "{message}");
        assert!(message.contains(&format!("({resource})")), "{message}");
    };
    let in_album = |key: &str| format!("qcs::cos:ap-guangzhou:uid/1250000000:{BUCKET}/{key}");
    let put = cos.put_object(BUCKET, "a", "a").send().await.map(drop);
    denied(put, "cos:PutObject", &in_album("a"));
    let delete = cos.delete_object(BUCKET, "cat.png").send().await.map(drop);
    denied(delete, "cos:DeleteObject", &in_album("cat.png"));
    let acl = cos.get_object_acl(BUCKET, "cat.png").send().await.map(drop);
    denied(acl, "cos:GetObjectACL", &in_album("cat.png"));
    let list = cos.get_bucket(BUCKET).send().await.map(drop);
    denied(list, "cos:GetBucket", &in_album(""));
    let drop_bucket = cos.delete_bucket(BUCKET).send().await.map(drop);
    denied(drop_bucket, "cos:DeleteBucket", &in_album(""));
    let service = cos.get_service().send().await.map(drop);
    denied(service, "cos:GetService", "*");
    let made = cos.put_bucket("other-1250000000").send().await;
    assert_eq!(code(made), "AccessDenied");
    let head = cos.head_bucket(BUCKET).send().await.unwrap_err();
    assert_eq!(head.status(), Some(StatusCode::FORBIDDEN));
    // What was refused was not done.
    fixture
        .cos(&root())
        .head_object(BUCKET, "cat.png")
        .send()
        .await
        .unwrap();
    assert_eq!(
        fixture
            .cos(&root())
            .get_service()
            .send()
            .await
            .unwrap()
            .into_output()
            .buckets
            .unwrap()
            .bucket
            .len(),
        1
    );
}

#[tokio::test]
async fn cloud_infinite_asks_for_its_own_and_for_those_of_objects() {
    let (fixture, eighth) = with_user(json!([
        allow(
            json!([
                "ci:CreateCIBucket",
                "ci:CreatePicProcessBucket",
                "ci:DescribeMediaJob"
            ]),
            "qcs::ci:ap-guangzhou:uid/1250000000:bucket/album-1250000000/*"
        ),
        allow(json!("cos:GetObject"), &objects("archives/")),
    ]))
    .await;
    let ci = fixture.ci(&eighth);
    ci.create_pic_bucket(BUCKET).send().await.unwrap();
    let job = "c".to_owned() + &"0".repeat(32);
    ci.describe_job(BUCKET, &job).send().await.unwrap();
    let (refused_as, message) = refused(ci.cancel_job(BUCKET, &job).send().await);
    assert_eq!(refused_as, "AccessDenied");
    assert!(message.contains("(ci:CancelMediaJob)"), "{message}");
    assert!(
        message.contains("qcs::ci:ap-guangzhou:uid/1250000000:bucket/album-1250000000/"),
        "{message}"
    );
    // Operations on objects need the permission to read them.
    let (refused_as, message) = refused(ci.get_zip_preview(BUCKET, "a.zip").send().await);
    assert_eq!(refused_as, "AccessDenied");
    assert!(message.contains("(cos:GetObject)"), "{message}");
    let absent = ci.get_zip_preview(BUCKET, "archives/a.zip").send().await;
    assert_eq!(code(absent), "ResourceNotFound");
    // The operation's own name is asked for where its document names no permission.
    let (refused_as, message) = refused(ci.get_file_hash(BUCKET, "cat.png", "md5").send().await);
    assert_eq!(refused_as, "AccessDenied");
    assert!(message.contains("(ci:GetFileHash)"), "{message}");
}

#[tokio::test]
async fn services_of_api_3_ask_for_the_action() {
    let fixture = Fixture::new().await;
    let mps = fixture.mps(&assumed(fixture.upload(&root())).await);
    // It may ask, so it is told that there is none.
    let answer = mps.describe_image_task_detail("none").send().await;
    assert_eq!(code(answer), "ResourceNotFound");
    let mps = fixture.mps(&user_key("reader"));
    let (code, message) = refused(mps.describe_image_task_detail("none").send().await);
    assert_eq!(code, "AuthFailure.UnauthorizedOperation");
    assert!(
        message.contains("(mps:DescribeImageTaskDetail)"),
        "{message}"
    );
    assert!(message.contains("(*)"), "{message}");
}

#[tokio::test]
async fn what_is_public_stays_public_unless_it_is_denied() {
    let (fixture, denied) = with_user(json!([
        { "effect": "deny", "action": "cos:GetObject", "resource": "*" }
    ]))
    .await;
    let acl = ObjectAcl::PublicRead;
    let put = fixture
        .cos(&root())
        .put_object(BUCKET, "open", "a")
        .acl(acl);
    put.send().await.unwrap();
    let nobody = fixture.cos(&user_key("nobody"));
    nobody.get_object(BUCKET, "open").send().await.unwrap();
    assert_eq!(
        code(nobody.get_object(BUCKET, "cat.png").send().await),
        "AccessDenied"
    );
    let denied = fixture.cos(&denied);
    assert_eq!(
        code(denied.get_object(BUCKET, "open").send().await),
        "AccessDenied"
    );
}

#[tokio::test]
async fn conditions_ask_the_request() {
    let conditional = |condition: Value| json!({ "effect": "allow", "action": "cos:*", "resource": "*", "condition": condition });
    for (condition, allowed, named) in [
        (
            json!({ "ip_equal": { "qcs:ip": ["10.0.0.0/8", "127.0.0.0/8"] } }),
            true,
            "",
        ),
        (
            json!({ "ip_not_equal": { "qcs:ip": "127.0.0.1" } }),
            false,
            "no statement",
        ),
        (
            json!({ "numeric_less_than_equal": { "cos:content-length": 5 } }),
            true,
            "",
        ),
        (
            json!({ "numeric_less_than_equal": { "cos:content-length": 4 } }),
            false,
            "no statement",
        ),
        (
            json!({ "string_equal": { "cos:x-cos-acl": "private" } }),
            true,
            "",
        ),
        (
            json!({ "string_equal": { "cos:x-cos-acl": "public-read" } }),
            false,
            "no statement",
        ),
        (
            json!({ "string_equal": { "cos:content-type": ["image/png", "text/plain"] } }),
            true,
            "",
        ),
        (json!({ "null_equal": { "cos:prefix": true } }), true, ""),
        (
            json!({ "bool_equal": { "cos:secure-transport": "true" } }),
            false,
            "no statement",
        ),
        (
            json!({ "date_greater_than": { "qcs:current_time": "2023-11-14T00:00:00Z" } }),
            true,
            "",
        ),
        (
            json!({ "date_greater_than": { "qcs:current_time": "2023-11-15T00:00:00Z" } }),
            false,
            "no statement",
        ),
        (
            json!({ "string_equal": { "cos:contenttype": "image/png" } }),
            false,
            "cos:contenttype",
        ),
        (
            json!({ "string_equal": { "qcs:resource_tag": "a&b" } }),
            false,
            "qcs:resource_tag",
        ),
        (
            json!({ "string_is": { "cos:content-type": "image/png" } }),
            false,
            "string_is",
        ),
    ] {
        let (fixture, eighth) = with_user(conditional(condition.clone())).await;
        let put = fixture
            .cos(&eighth)
            .put_object(BUCKET, "a", "12345")
            .content_type("image/png")
            .acl(ObjectAcl::Private);
        let result = put.send().await;
        if allowed {
            assert!(result.is_ok(), "{condition}: {result:?}");
        } else {
            let (code, message) = refused(result);
            assert_eq!(code, "AccessDenied", "{condition}");
            assert!(message.contains(named), "{condition}: {message}");
        }
    }
}

/// As before there were accounts: the keys of the settings are those of the root account.
#[tokio::test]
async fn the_root_account_needs_no_policy() {
    let key = Credentials::new("AKIDmine", "mine");
    for settings in [
        Settings::default().keys([key.clone()]),
        Settings::default()
            .account(Account::default())
            .keys([key.clone()]),
    ] {
        let clock = std::sync::Arc::new(tcloud_local::ManualClock::new(crate::fixture::NOW));
        let fixture = Fixture::start(settings, clock).await;
        fixture.cos(&key).put_bucket(BUCKET).send().await.unwrap();
        fixture
            .ci(&key)
            .create_pic_bucket(BUCKET)
            .send()
            .await
            .unwrap();
        let built_in = fixture.cos(&root()).get_bucket(BUCKET).send().await;
        assert_eq!(code(built_in), "InvalidAccessKeyId");
    }
}
