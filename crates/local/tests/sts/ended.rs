use std::sync::Arc;

use http::StatusCode;
use tcloud_core::credentials::Credentials;
use tcloud_local::ManualClock;
use tcloud_local::{Account, Settings};

use crate::fixture::{BUCKET, Fixture, NOW, account, assumed, code, refused, root};

#[tokio::test]
async fn a_key_ends_with_its_time_and_each_service_says_so_in_its_own_way() {
    let fixture = Fixture::new().await;
    let key = assumed(fixture.upload(&root()).duration_seconds(60)).await;
    fixture.pass(59);
    fixture
        .cos(&key)
        .get_object(BUCKET, "cat.png")
        .send()
        .await
        .unwrap();
    fixture.who(&key).await.unwrap();
    fixture.pass(1);
    let error = fixture
        .cos(&key)
        .get_object(BUCKET, "cat.png")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("ExpiredToken"));
    assert_eq!(error.status(), Some(StatusCode::BAD_REQUEST));
    let ci = fixture.ci(&key).create_pic_bucket(BUCKET).send().await;
    assert_eq!(code(ci), "ExpiredToken");
    let mps = fixture
        .mps(&key)
        .describe_image_task_detail("none")
        .send()
        .await;
    let (code, message) = refused(mps);
    assert_eq!(code, "AuthFailure.TokenFailure");
    assert!(message.contains("expired"), "{message}");
    assert_eq!(
        refused(fixture.who(&key).await).0,
        "AuthFailure.TokenFailure"
    );
    // The key that it was issued with goes on.
    fixture
        .cos(&root())
        .get_object(BUCKET, "cat.png")
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn a_key_is_nothing_without_its_own_token() {
    let fixture = Fixture::new().await;
    let [first, second] = [
        assumed(fixture.upload(&root())).await,
        assumed(fixture.upload(&root())).await,
    ];
    let bare = Credentials::new(first.secret_id(), first.secret_key());
    let crossed = bare.clone().with_token(second.token().unwrap());
    let forged = Credentials::new(first.secret_id(), "guessed").with_token(first.token().unwrap());
    for (key, cos, api) in [
        (&bare, "InvalidAccessKeyId", "AuthFailure.SecretIdNotFound"),
        (&crossed, "AccessDenied", "AuthFailure.TokenFailure"),
        (
            &forged,
            "SignatureDoesNotMatch",
            "AuthFailure.SignatureFailure",
        ),
    ] {
        assert_eq!(
            code(fixture.cos(key).get_object(BUCKET, "cat.png").send().await),
            cos
        );
        assert_eq!(code(fixture.who(key).await), api);
    }
}

#[tokio::test]
async fn keys_survive_a_restart_and_end_with_their_role_and_their_store() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::new(NOW));
    let settings = |account: Account| Settings::default().folder(folder.path()).account(account);
    let first = Fixture::start(settings(account()), Arc::clone(&clock)).await;
    let key = assumed(first.upload(&root())).await;
    first.who(&key).await.unwrap();
    first.cloud.shutdown().await;
    drop(first);

    let second = Fixture::start(settings(account()), Arc::clone(&clock)).await;
    second.who(&key).await.unwrap();
    second.cloud.shutdown().await;
    drop(second);

    let without_roles = Fixture::start(settings(Account::default()), Arc::clone(&clock)).await;
    let (refused_as, message) = refused(without_roles.who(&key).await);
    assert_eq!(refused_as, "AuthFailure.TokenFailure");
    assert!(message.contains("gone"), "{message}");

    let other_store = Fixture::new().await;
    assert_eq!(
        code(other_store.who(&key).await),
        "AuthFailure.TokenFailure"
    );
    let cos = other_store
        .cos(&key)
        .get_object(BUCKET, "cat.png")
        .send()
        .await;
    assert_eq!(code(cos), "AccessDenied");
}
