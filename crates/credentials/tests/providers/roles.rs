//! Roles that the token service gives, by keys and by a token.

use std::time::Duration;

use http::HeaderMap;
use serde_json::{Value, json};
use tcloud_core::config::Config;
use tcloud_core::host::{ApiHost, Hosts};
use tcloud_core::transport::Memory;
use tcloud_credentials::{
    AssumeRole, Credentials, CredentialsProvider, ProfileProvider, StaticProvider, WebIdentity,
};

use crate::fixture::{Home, NOW, SECRET, context, failure, keys_of_sts, variables};

const ROLE: &str = "qcs::cam::uin/1:roleName/uploads";

fn caller() -> StaticProvider {
    StaticProvider::new(
        Credentials::new("AKIDcaller", SECRET)
            .with_token("caller-token")
            .with_region("ap-home"),
    )
}

fn answering(answers: &[&str]) -> Memory {
    Memory::answering(answers.iter().map(|answer| (200, (*answer).to_owned())))
}

/// Action, headers and body of the request numbered `at`.
fn request(service: &Memory, at: usize) -> (String, HeaderMap, Value) {
    let request = service.requests().remove(at);
    let action = request.headers["x-tc-action"].to_str().unwrap().to_owned();
    let body = serde_json::from_slice(&request.body).unwrap();
    (action, request.headers, body)
}

#[tokio::test]
async fn a_role_is_taken_with_all_that_was_asked_for() {
    let service = answering(&[&keys_of_sts("AKIDrole", 3600)]);
    let provider = AssumeRole::new(ROLE, caller())
        .session_name("nightly")
        .duration(Duration::from_secs(3600))
        .policy(r#"{"version": "2.0"}"#)
        .external_id("partner");
    let keys = provider
        .credentials(&context(service.clone()))
        .await
        .unwrap();
    assert_eq!(keys.secret_id(), "AKIDrole");
    assert_eq!(keys.expires_at(), Some(NOW + 3600));
    assert_eq!(keys.region(), Some("ap-home"), "that of the keys that ask");
    assert_eq!(keys.source(), Some(format!("role {ROLE}").as_str()));

    let (action, headers, body) = request(&service, 0);
    assert_eq!(action, "AssumeRole");
    assert_eq!(
        body,
        json!({
            "RoleArn": ROLE, "RoleSessionName": "nightly", "DurationSeconds": 3600,
            "Policy": "%7B%22version%22%3A%20%222.0%22%7D", "ExternalId": "partner",
        })
    );
    assert_eq!(headers["x-tc-version"], "2018-08-13");
    assert_eq!(headers["x-tc-region"], "ap-home");
    assert_eq!(headers["x-tc-token"], "caller-token");
    assert_eq!(headers["host"], "sts.tencentcloudapi.com");
    let authorization = headers["authorization"].to_str().unwrap();
    assert!(
        authorization.contains("Credential=AKIDcaller/"),
        "{authorization}"
    );
}

#[tokio::test]
async fn the_token_service_is_asked_at_the_hosts_of_the_configuration() {
    for (hosts, expected) in [
        (Hosts::internal(), "sts.internal.tencentcloudapi.com"),
        (Hosts::second_domain(), "sts.tencentcloudapi.cn"),
        (
            Hosts::new().api(ApiHost::Regional),
            "sts.ap-home.tencentcloudapi.com",
        ),
    ] {
        let service = answering(&[&keys_of_sts("AKIDrole", 7200)]);
        let config = Config::builder()
            .credentials_provider(AssumeRole::new(ROLE, caller()))
            .transport(service.clone())
            .hosts(hosts)
            .build()
            .unwrap();
        config.credentials().await.unwrap();
        let request = service.requests().remove(0);
        assert_eq!(request.headers["host"], expected);
        assert_eq!(request.uri.authority().unwrap(), expected);
    }
}

#[tokio::test]
async fn what_is_not_asked_for_is_left_to_the_service() {
    let service = answering(&[&keys_of_sts("AKIDrole", 7200)]);
    let plain = StaticProvider::new(Credentials::new("AKIDcaller", SECRET));
    let provider = AssumeRole::new(ROLE, plain);
    provider
        .credentials(&context(service.clone()))
        .await
        .unwrap();
    let (_, headers, body) = request(&service, 0);
    let session = format!("tcloud-{NOW}");
    assert_eq!(body, json!({"RoleArn": ROLE, "RoleSessionName": session}));
    assert_eq!(headers["x-tc-region"], "ap-guangzhou");
}

#[tokio::test]
async fn a_role_is_taken_over_a_role() {
    let service = answering(&[
        &keys_of_sts("AKIDfirst", 60),
        &keys_of_sts("AKIDsecond", 60),
    ]);
    let provider = AssumeRole::new("second", AssumeRole::new("first", caller()));
    let keys = provider
        .credentials(&context(service.clone()))
        .await
        .unwrap();
    assert_eq!(keys.secret_id(), "AKIDsecond");
    assert_eq!(keys.source(), Some("role second by role first"));
    let (_, headers, body) = request(&service, 1);
    assert_eq!(body["RoleArn"], "second");
    let authorization = headers["authorization"].to_str().unwrap();
    assert!(
        authorization.contains("Credential=AKIDfirst/"),
        "{authorization}"
    );
}

#[tokio::test]
async fn a_refused_role_says_what_the_service_says() {
    let refusal = r#"{"Response": {"Error": {"Code": "InternalError.GetRoleError",
        "Message": "the role does not exist"}, "RequestId": "r-1"}}"#;
    let service = answering(&[refusal, refusal, refusal]);
    let provider = AssumeRole::new(ROLE, caller());
    let error = provider.credentials(&context(service)).await.unwrap_err();
    assert!(!error.is_absent());
    let error = error.to_string();
    for part in [
        ROLE,
        "AssumeRole: InternalError.GetRoleError: the role does not exist",
        "r-1",
    ] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!error.contains(SECRET), "{error}");
    let service = answering(&[r#"{"Response": {"RequestId": "r"}}"#]);
    let error = provider.credentials(&context(service)).await.unwrap_err();
    assert!(
        error.to_string().contains("it has no `SecretId`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_profile_takes_a_role_by_another_profile() {
    let home = Home::new();
    home.write(
        ".tencentcloud/credentials",
        format!(
            "[default]\nsecret_id = AKIDown\nsecret_key = {SECRET}\n[uploads]\nrole_arn = {ROLE}\n\
             source_profile = default\nrole_session_name = s\nexternal_id = e\n\
             duration_seconds = 900\nregion = ap-x\n"
        ),
    );
    let service = answering(&[&keys_of_sts("AKIDrole", 900)]);
    let provider = ProfileProvider::of(home.files(&[]).profile("uploads"));
    let keys = provider
        .credentials(&context(service.clone()))
        .await
        .unwrap();
    assert_eq!(
        (keys.secret_id(), keys.region()),
        ("AKIDrole", Some("ap-x"))
    );
    let (_, headers, body) = request(&service, 0);
    assert_eq!(
        body,
        json!({"RoleArn": ROLE, "RoleSessionName": "s", "ExternalId": "e", "DurationSeconds": 900})
    );
    assert_eq!(headers["x-tc-region"], "ap-x");
    let authorization = headers["authorization"].to_str().unwrap();
    assert!(
        authorization.contains("Credential=AKIDown/"),
        "{authorization}"
    );
}

#[tokio::test]
async fn a_profile_of_the_official_command_line_takes_its_role() {
    let home = Home::new();
    let json = json!({"secretId": "AKIDown", "secretKey": SECRET, "role-arn": ROLE,
        "role-session-name": "s"});
    home.write(".tccli/default.credential", json.to_string());
    let service = answering(&[&keys_of_sts("AKIDrole", 900)]);
    let provider = ProfileProvider::of(home.files(&[]));
    let keys = provider
        .credentials(&context(service.clone()))
        .await
        .unwrap();
    assert_eq!(keys.secret_id(), "AKIDrole");
    let (_, _, body) = request(&service, 0);
    assert_eq!(body, json!({"RoleArn": ROLE, "RoleSessionName": "s"}));
}

#[tokio::test]
async fn a_pod_gives_its_token_as_the_file_has_it_now() {
    let home = Home::new();
    let path = home.write("token", "first\n");
    let variables = variables(&[
        ("TKE_REGION", "ap-pod"),
        ("TKE_PROVIDER_ID", "cluster"),
        ("TKE_WEB_IDENTITY_TOKEN_FILE", path.to_str().unwrap()),
        ("TKE_ROLE_ARN", ROLE),
    ]);
    let service = answering(&[&keys_of_sts("AKIDone", 60), &keys_of_sts("AKIDtwo", 60)]);
    let context = context(service.clone());
    let provider = WebIdentity::of(variables).duration(Duration::from_secs(1800));
    let keys = provider.credentials(&context).await.unwrap();
    assert_eq!(
        (keys.secret_id(), keys.region()),
        ("AKIDone", Some("ap-pod"))
    );
    home.write("token", "second");
    let keys = provider.credentials(&context).await.unwrap();
    assert_eq!(keys.secret_id(), "AKIDtwo");

    let (action, headers, body) = request(&service, 0);
    assert_eq!(action, "AssumeRoleWithWebIdentity");
    let session = format!("tcloud-{NOW}");
    assert_eq!(
        body,
        json!({
            "ProviderId": "cluster", "WebIdentityToken": "first", "RoleArn": ROLE,
            "RoleSessionName": session, "DurationSeconds": 1800,
        })
    );
    assert_eq!(headers["authorization"], "SKIP");
    assert_eq!(headers["x-tc-region"], "ap-pod");
    assert_eq!(request(&service, 1).2["WebIdentityToken"], "second");
}

#[tokio::test]
async fn a_pod_that_is_set_up_in_part_says_what_is_missing() {
    let home = Home::new();
    let error = failure(WebIdentity::of(variables(&[]))).await;
    assert!(error.is_absent(), "{error}");
    let part = variables(&[("TKE_ROLE_ARN", ROLE), ("TKE_PROVIDER_ID", "cluster")]);
    let error = failure(WebIdentity::of(part)).await;
    assert!(!error.is_absent());
    let error = error.to_string();
    assert!(
        error.starts_with("TKE_WEB_IDENTITY_TOKEN_FILE is not set, though"),
        "{error}"
    );

    let missing = WebIdentity::new("cluster", home.path("none"), ROLE);
    let error = failure(missing).await.to_string();
    assert!(error.contains("none does not exist"), "{error}");
    let empty = WebIdentity::new("cluster", home.write("empty", " \n"), ROLE);
    let error = failure(empty).await.to_string();
    assert!(error.contains("empty is empty"), "{error}");
    let binary = WebIdentity::new("cluster", home.write("binary", [0xff, 0xfe]), ROLE);
    let error = failure(binary).await.to_string();
    assert!(error.contains("is not text in UTF-8"), "{error}");
}
