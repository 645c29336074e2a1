//! Policies that are made to hurt.

use serde_json::json;
use tcloud_local::{Settings, User};

use crate::fixture::{
    BUCKET, Fixture, account, allow, assumed, code, document, policy, root, user_key,
};

#[tokio::test]
async fn a_policy_that_is_too_long_for_a_token_is_refused() {
    let fixture = Fixture::new().await;
    let stars = document(&allow(
        json!("*"),
        &format!("qcs::cos:::{}", "*a".repeat(2000)),
    ));
    let many = document(&json!(vec![allow(json!("*"), "*"); 200]));
    let spaces = " ".repeat(6200) + &document(&allow(json!("*"), "*"));
    // Whoever read these would refuse them for what they say: it is the length that decides.
    let encoded = "%20".repeat(1 << 20);
    let nested = "[".repeat(1 << 20);
    let broken = "{".repeat(6145);
    for text in [stars, many, spaces, encoded, nested, broken] {
        let refused = fixture.upload(&root()).policy(text).send().await;
        assert_eq!(code(refused), "InvalidParameter.PolicyTooLong");
    }
}

#[tokio::test]
async fn a_policy_that_is_nested_without_end_is_refused() {
    let fixture = Fixture::new().await;
    let deep = format!(r#"{{"version":"2.0","statement":{}"#, "[".repeat(3000));
    let refused = fixture.upload(&root()).policy(deep).send().await;
    assert_eq!(code(refused), "InvalidParameter.StrategyFormatError");
}

/// The longest key against as many wildcards as a token holds. A unit test of patterns counts how much
/// work that is.
#[tokio::test]
async fn wildcards_galore_are_answered() {
    let fixture = Fixture::new().await;
    let resource = format!("qcs::cos:::*{}b", "a*".repeat(1200));
    let text = document(&allow(json!(["cos:*", "*:*:*:*:*"]), &resource));
    let key = assumed(fixture.upload(&root()).policy(text)).await;
    let cos = fixture.cos(&key);
    for _ in 0..20 {
        let refused = cos.put_object(BUCKET, "a".repeat(850), "").send().await;
        assert_eq!(code(refused), "AccessDenied");
    }
}

/// The policies of an account are their owner's, and may be many.
#[tokio::test]
async fn a_user_with_thousands_of_statements_is_served() {
    let statement = |n: usize| allow(json!("cos:Get*"), &format!("qcs::cos:::*a*a*a*{n}*/*"));
    let mut many = (0..5000).map(statement).collect::<Vec<_>>();
    many.push(allow(json!("cos:GetObject"), "qcs::cos:::*/last"));
    let user = User::new("100000000008", "eighth")
        .key(user_key("eighth"))
        .policy(policy(&json!(many)));
    let account = account().user(user);
    let fixture = Fixture::with(Settings::default().account(account)).await;
    let cos = fixture.cos(&user_key("eighth"));
    let refused = cos.get_object(BUCKET, "a".repeat(850)).send().await;
    assert_eq!(code(refused), "AccessDenied");
    let allowed = cos.get_object(BUCKET, "last").send().await;
    assert_eq!(code(allowed), "NoSuchKey");
}
