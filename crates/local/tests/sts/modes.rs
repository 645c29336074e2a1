//! What counts in which mode.

use tcloud_core::credentials::Credentials;
use tcloud_local::{AuthMode, Settings};

use crate::fixture::{BUCKET, Fixture, OWNER, account, assumed, code, root, user_key};

async fn fixture(mode: AuthMode) -> Fixture {
    Fixture::with(Settings::default().account(account()).auth(mode)).await
}

#[tokio::test]
async fn policies_bind_whoever_is_checked() {
    for mode in [AuthMode::Strict, AuthMode::Lenient] {
        let fixture = fixture(mode).await;
        let reader = fixture.cos(&user_key("reader"));
        reader.get_object(BUCKET, "cat.png").send().await.unwrap();
        let put = reader.put_object(BUCKET, "a", "a").send().await;
        assert_eq!(code(put), "AccessDenied", "{mode}");
        let key = assumed(fixture.upload(&root()).duration_seconds(60)).await;
        let delete = fixture
            .cos(&key)
            .delete_object(BUCKET, "cat.png")
            .send()
            .await;
        assert_eq!(code(delete), "AccessDenied", "{mode}");
        fixture.pass(60);
        let get = fixture.cos(&key).get_object(BUCKET, "cat.png").send().await;
        assert_eq!(code(get), "ExpiredToken", "{mode}");
    }
}

#[tokio::test]
async fn whoever_is_not_checked_is_taken_for_the_root_account() {
    let stranger = Credentials::new("AKIDstranger", "s");
    let lenient = fixture(AuthMode::Lenient).await;
    lenient
        .cos(&stranger)
        .put_object(BUCKET, "a", "a")
        .send()
        .await
        .unwrap();
    assert_eq!(lenient.who(&stranger).await.unwrap().1, OWNER);
    let off = fixture(AuthMode::Off).await;
    for key in [stranger, user_key("reader"), user_key("nobody")] {
        off.cos(&key)
            .put_object(BUCKET, "a", "a")
            .send()
            .await
            .unwrap();
        assert_eq!(off.who(&key).await.unwrap().1, OWNER);
    }
    // Nor has a key an end where nothing is checked.
    let key = assumed(off.upload(&root()).duration_seconds(60)).await;
    off.pass(60);
    off.cos(&key)
        .delete_object(BUCKET, "a")
        .send()
        .await
        .unwrap();
}
