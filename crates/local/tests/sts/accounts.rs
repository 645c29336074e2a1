//! The account is shown and replaced while the cloud runs.

use http::Request;
use serde_json::{Value, json};
use tcloud_core::body::Body;
use tcloud_local::{Account, LocalError, User};

use crate::fixture::{
    BUCKET, Fixture, account, allow, assumed, code, objects, policy, refused, root, user_key,
};

async fn page(fixture: &Fixture, method: &str, body: &str) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri("/_local/accounts")
        .header("host", "localhost")
        .body(Body::from(body.to_owned()));
    let answer = fixture.cloud.handle(request.unwrap()).await;
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect(1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn it_is_shown_without_secrets_and_put_back_as_it_is() {
    let fixture = Fixture::new().await;
    let (status, shown) = page(&fixture, "GET", "").await;
    assert_eq!(status, 200);
    let shown = &shown["account"];
    assert_eq!(shown["users"][0]["name"], "reader");
    assert_eq!(shown["users"][0]["keys"][0]["secretKey"], "(secret)");
    assert!(!shown.to_string().contains("secret-of-"), "{shown}");
    let session = assumed(fixture.upload(&root())).await;
    let (status, again) = page(&fixture, "PUT", &shown.to_string()).await;
    assert_eq!((status, &again["account"]), (200, shown));
    let cos = fixture.cos(&user_key("reader"));
    cos.get_object(BUCKET, "cat.png").send().await.unwrap();
    let cos = fixture.cos(&session);
    cos.get_object(BUCKET, "cat.png").send().await.unwrap();
}

#[tokio::test]
async fn what_is_put_counts_at_once_until_a_reset() {
    let fixture = Fixture::new().await;
    let (_, shown) = page(&fixture, "GET", "").await;
    let mut changed = shown["account"].clone();
    let user = json!({
        "uin": "100000000009",
        "name": "ninth",
        "keys": [{ "secretId": "AKIDninth", "secretKey": "secret-of-ninth" }],
        "policies": [
            { "version": "2.0", "statement": allow(json!("cos:*"), "*") },
            { "version": "2.0", "statement": [
                allow(json!("cos:HeadObject"), "*"),
                { "effect": "deny", "action": "cos:DeleteObject", "resource": objects("") },
            ] },
        ],
    });
    changed["users"].as_array_mut().unwrap().push(user);
    let (status, answer) = page(&fixture, "PUT", &changed.to_string()).await;
    assert_eq!(status, 200, "{answer}");
    let cos = fixture.cos(&user_key("ninth"));
    cos.get_object(BUCKET, "cat.png").send().await.unwrap();
    let (code_of, message) = refused(cos.delete_object(BUCKET, "cat.png").send().await);
    assert_eq!(code_of, "AccessDenied");
    let named = "statement 2 of policy 2 of the user ninth denies it";
    assert!(message.contains(named), "{message}");

    fixture.cloud.reset().await.unwrap();
    assert_eq!(page(&fixture, "GET", "").await.1, shown);
    let gone = cos.get_object(BUCKET, "cat.png").send().await;
    assert_eq!(code(gone), "InvalidAccessKeyId");
}

#[tokio::test]
async fn what_is_no_account_changes_nothing() {
    let fixture = Fixture::new().await;
    let (_, before) = page(&fixture, "GET", "").await;
    for (body, named) in [
        ("{", "line 1"),
        (r#"{"user": []}"#, "unknown field `user`"),
        (
            r#"{"keys": [{"secretId": "a", "secretKey": "(secret)"}]}"#,
            "the access key of a",
        ),
        (r#"{"keys": "hidden"}"#, "a text is not what belongs there"),
        (r#"{"uin": "a"}"#, "`a` is no number"),
    ] {
        let (status, answer) = page(&fixture, "PUT", body).await;
        let error = answer["error"].as_str().unwrap();
        assert_eq!(status, 400, "{error}");
        assert!(error.contains(named), "{error}");
        assert!(!error.contains("hidden"), "{error}");
    }
    assert_eq!(page(&fixture, "DELETE", "").await.0, 405);
    assert_eq!(page(&fixture, "GET", "").await.1, before);
}

#[tokio::test]
async fn the_cloud_itself_takes_one() {
    let fixture = Fixture::new().await;
    let everything = policy(&json!([allow(json!("*"), "*")]));
    let user = User::new("100000000009", "ninth").key(user_key("ninth"));
    let cloud = &fixture.cloud;
    cloud
        .set_account(account().user(user.policy(everything)))
        .unwrap();
    assert_eq!(cloud.account().users.len(), 4);
    let cos = fixture.cos(&user_key("ninth"));
    cos.get_object(BUCKET, "cat.png").send().await.unwrap();
    let twice = account().user(User::new("100000000002", "again"));
    let refused = cloud.set_account(twice);
    assert!(matches!(refused, Err(LocalError::Account(_))));
    assert_eq!(cloud.account().users.len(), 4);
    cloud.set_account(Account::default()).unwrap();
    let gone = cos.get_object(BUCKET, "cat.png").send().await;
    assert_eq!(code(gone), "InvalidAccessKeyId");
}
