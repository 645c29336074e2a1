use std::time::Duration;

use serde_json::json;
use tcloud_core::credentials::Credentials;
use tcloud_local::{IdentityProvider, Policy, Role, Settings};

use crate::fixture::{
    BUCKET, Fixture, OWNER, UPLOADER, VISITOR, account, code, key, policy, refused, root,
};

const SUBJECT: &str = "system:serviceaccount:default:web";
const HOUR: Duration = Duration::from_hours(1);

/// Somebody who has no key: the call is not signed.
fn keyless() -> Credentials {
    Credentials::new("AKIDnobody", "nothing")
}

#[tokio::test]
async fn a_token_of_a_pod_is_exchanged_for_a_key_of_its_role() {
    let fixture = Fixture::new().await;
    // As a file has it, with a line break.
    let token = fixture.cloud.web_identity_token(SUBJECT, HOUR) + "\n";
    let sts = fixture.sts(&keyless());
    let call = sts.assume_role_with_web_identity("local", token, UPLOADER, "pod-1");
    let answer = call.send().await.unwrap().into_output();
    assert_eq!(answer.expired_time, Some(1_700_007_200));
    let key = key(answer.credentials);
    let (kind, user, _) = fixture.who(&key).await.unwrap();
    assert_eq!(kind, "CAMRole");
    assert!(user.ends_with(":pod-1"), "{user}");
    fixture
        .cos(&key)
        .put_object(BUCKET, "pod", "a")
        .send()
        .await
        .unwrap();
    let refused = fixture.cos(&key).delete_object(BUCKET, "pod").send().await;
    assert_eq!(code(refused), "AccessDenied");
}

#[tokio::test]
async fn what_does_not_prove_who_asks_is_refused() {
    let fixture = Fixture::new().await;
    let sts = fixture.sts(&keyless());
    let token = |subject| fixture.cloud.web_identity_token(subject, HOUR);
    let ask = |provider: &str, token: String, role| {
        sts.assume_role_with_web_identity(provider, token, role, "pod-1")
    };
    let wrong = "InvalidParameter.WebIdentityTokenError";
    let mut changed = token(SUBJECT);
    changed.pop();
    for (call, expected, named) in [
        (ask("local", changed, UPLOADER), wrong, "WebIdentityToken"),
        (
            ask("local", "no token".into(), UPLOADER),
            wrong,
            "JSON Web Token",
        ),
        (
            ask("other", token(SUBJECT), UPLOADER),
            wrong,
            "no identity provider other",
        ),
        (
            ask("local", token("system:serviceaccount:default:db"), UPLOADER),
            "UnauthorizedOperation",
            "does not trust",
        ),
        (
            ask("local", token(SUBJECT), VISITOR),
            "UnauthorizedOperation",
            "does not trust",
        ),
        (
            ask("local", token(SUBJECT), "qcs::cam::uin/1:roleName/x"),
            "ResourceNotFound.RoleNotFound",
            "roleName/x",
        ),
        (
            ask("local", token(SUBJECT), UPLOADER).duration_seconds(43_201),
            "InvalidParameter.OverTimeError",
            "43200",
        ),
    ] {
        let (code, message) = refused(call.send().await);
        assert_eq!(code, expected, "{message}");
        assert!(message.contains(named), "{message}");
    }
    let old = token(SUBJECT);
    fixture.pass(2 * 3600);
    let (code, message) = refused(ask("local", old, UPLOADER).send().await);
    assert_eq!(
        (code.as_str(), message.contains("over")),
        (wrong, true),
        "{message}"
    );
}

/// A token of the cloud itself says nothing to a role that trusts another provider, and a folder of
/// another cloud has other keys.
#[tokio::test]
async fn tokens_are_of_one_cloud_and_one_provider() {
    let keys = json!({ "keys": [{
        "kty": "oct", "alg": "HS256", "k": "YW5vdGhlcg"
    }] });
    let other = IdentityProvider::new(
        "tke",
        "https://oidc.localhost",
        ["sts.cloud.tencent.com"],
        &keys.to_string(),
    );
    let trust = policy(&json!({
        "effect": "allow",
        "action": "sts:AssumeRoleWithWebIdentity",
        "principal": { "federated": format!("qcs::cam::uin/{OWNER}:oidc-provider/tke") }
    }));
    let role = Role::new("pod", trust).policy(Policy::administrator());
    let account = account().provider(other.unwrap()).role(role);
    let fixture = Fixture::with(Settings::default().account(account)).await;
    let pod = "qcs::cam::uin/100000000001:roleName/pod";
    let sts = fixture.sts(&root());
    let ask = |provider: &str, token: &str| {
        sts.assume_role_with_web_identity(provider, token, pod, "pod-1")
    };
    let own = fixture.cloud.web_identity_token(SUBJECT, HOUR);
    assert_eq!(
        code(ask("local", &own).send().await),
        "UnauthorizedOperation"
    );
    let wrong = "InvalidParameter.WebIdentityTokenError";
    assert_eq!(code(ask("tke", &own).send().await), wrong);
    let elsewhere = Fixture::new().await.cloud.web_identity_token(SUBJECT, HOUR);
    assert_eq!(code(ask("local", &elsewhere).send().await), wrong);
}
