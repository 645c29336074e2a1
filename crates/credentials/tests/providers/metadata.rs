//! The role of a virtual machine.

use std::time::Duration;

use http::Response;
use tcloud_core::body::Body;
use tcloud_core::environment::Environment;
use tcloud_core::future::BoxFuture;
use tcloud_core::transport::{Memory, Transport, TransportError};
use tcloud_credentials::{
    Credentials, CredentialsError, CredentialsProvider, CvmRole, ProfileProvider, ProviderContext,
};

use crate::fixture::{Home, NOW, SECRET, context, variables};

const ROLES: &str = "/latest/meta-data/cam/security-credentials/";

fn keys(id: &str) -> String {
    format!(
        r#"{{"TmpSecretId": "{id}", "TmpSecretKey": "{SECRET}", "Token": "t",
            "ExpiredTime": {}, "Expiration": "2026-05-28T22:26:40Z", "Code": "Success"}}"#,
        NOW + 3600
    )
}

/// A metadata service that answers by path; what it does not know is not found.
fn machine(answers: &[(&'static str, u16, String)]) -> Memory {
    let answers = answers.to_vec();
    Memory::new(move |request| {
        let found = answers
            .iter()
            .find(|(path, ..)| request.uri.path() == *path);
        let (status, body) = found.map_or((404, String::new()), |(_, status, body)| {
            (*status, body.clone())
        });
        Ok(Response::builder()
            .status(status)
            .body(Body::from(body))
            .unwrap())
    })
}

async fn ask(
    provider: &CvmRole,
    transport: impl Transport + 'static,
) -> Result<Credentials, CredentialsError> {
    let outcome = provider.credentials(&context(transport)).await;
    if let Err(error) = &outcome {
        assert!(!error.to_string().contains(SECRET), "{error}");
    }
    outcome
}

#[tokio::test]
async fn the_first_role_gives_keys_and_the_machine_its_region() {
    let service = machine(&[
        (ROLES, 200, "\nuploads\nother\n".to_owned()),
        (
            "/latest/meta-data/cam/security-credentials/uploads",
            200,
            keys("AKIDmachine"),
        ),
        (
            "/latest/meta-data/placement/region",
            200,
            "ap-machine\n".to_owned(),
        ),
    ]);
    let found = ask(&CvmRole::of(variables(&[])), service.clone())
        .await
        .unwrap();
    assert_eq!(found.secret_id(), "AKIDmachine");
    assert_eq!(
        (found.token(), found.expires_at()),
        (Some("t"), Some(NOW + 3600))
    );
    assert_eq!(found.region(), Some("ap-machine"));
    assert_eq!(found.source(), Some("role uploads of this machine"));
    for request in service.requests() {
        assert_eq!(request.uri.authority().unwrap(), "metadata.tencentyun.com");
        assert_eq!(request.headers["host"], "metadata.tencentyun.com");
        assert_eq!(request.uri.scheme_str(), Some("http"));
    }
}

#[tokio::test]
async fn a_role_can_be_named_and_another_address_given() {
    let service = machine(&[(
        "/latest/meta-data/cam/security-credentials/mine",
        200,
        keys("AKIDmine"),
    )]);
    let set = [("TENCENTCLOUD_METADATA_ENDPOINT", "http://127.0.0.1:9000")];
    let provider = CvmRole::of(variables(&set)).role("mine");
    let found = ask(&provider, service.clone()).await.unwrap();
    assert_eq!((found.secret_id(), found.region()), ("AKIDmine", None));
    let request = service.requests().remove(0);
    assert_eq!(request.uri.authority().unwrap(), "127.0.0.1:9000");
    assert_eq!(request.headers["host"], "metadata.tencentyun.com");
}

#[tokio::test]
async fn no_role_and_no_service_are_absent() {
    let provider = CvmRole::of(variables(&[]));
    let unreachable = Memory::new(|_| Err(TransportError::unsent("no such host")));
    for (service, reason) in [
        (machine(&[]), "says that this machine has no role"),
        (
            machine(&[(ROLES, 200, " \n".to_owned())]),
            "says that this machine has no role",
        ),
        (unreachable, "metadata.tencentyun.com: no such host"),
    ] {
        let error = ask(&provider, service).await.unwrap_err();
        assert!(error.is_absent(), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn it_can_be_turned_off() {
    for (value, is_off) in [
        ("true", true),
        ("1", true),
        ("yes", true),
        ("0", false),
        ("False", false),
    ] {
        let service = machine(&[]);
        let provider = CvmRole::of(variables(&[("TENCENTCLOUD_METADATA_DISABLED", value)]));
        let error = ask(&provider, service.clone()).await.unwrap_err();
        assert!(error.is_absent(), "{error}");
        assert_eq!(service.requests().is_empty(), is_off, "{value}");
        assert_eq!(
            error.to_string().contains("is turned off by"),
            is_off,
            "{error}"
        );
    }
}

#[tokio::test]
async fn strange_answers_are_refused_without_their_words() {
    let provider = CvmRole::of(variables(&[]));
    let named = |json: &str| {
        machine(&[
            (ROLES, 200, "r".to_owned()),
            (
                "/latest/meta-data/cam/security-credentials/r",
                200,
                json.to_owned(),
            ),
        ])
    };
    let html = format!("<html>{SECRET}</html>");
    for (service, reason) in [
        (
            machine(&[(ROLES, 500, html.clone())]),
            "answered with HTTP 500",
        ),
        (
            machine(&[(ROLES, 302, html.clone())]),
            "answered with HTTP 302",
        ),
        (
            machine(&[(ROLES, 200, html.clone())]),
            "names a role that cannot be one",
        ),
        (
            machine(&[(ROLES, 200, "../../user-data".to_owned())]),
            "names a role that cannot be one",
        ),
        (
            machine(&[(ROLES, 200, "..".to_owned())]),
            "names a role that cannot be one",
        ),
        (
            machine(&[(ROLES, 200, "a".repeat(129))]),
            "names a role that cannot be one",
        ),
        (
            machine(&[(ROLES, 200, "x".repeat(70_000))]),
            "more than 65536 bytes",
        ),
        (
            machine(&[(ROLES, 200, "r".to_owned())]),
            "has no keys of the role r",
        ),
        (named(&html), "it is not a JSON object of keys"),
        (
            named(r#"{"Code": "Failed", "TmpSecretKey": "s3cret"}"#),
            "its code is Failed",
        ),
        (
            named(r#"{"Code": "s3cret s3cret"}"#),
            "its code is not Success",
        ),
        (
            named(r#"{"Code": "Success", "TmpSecretKey": "s3cret"}"#),
            "it has no `SecretId`",
        ),
    ] {
        let error = ask(&provider, service).await.unwrap_err().to_string();
        assert!(error.contains("metadata.tencentyun.com"), "{error}");
        assert!(error.contains(reason), "{error}");
    }
    let bad = [("TENCENTCLOUD_METADATA_ENDPOINT", "ftp://x")];
    let error = ask(&CvmRole::of(variables(&bad)), machine(&[]))
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("TENCENTCLOUD_METADATA_ENDPOINT: "),
        "{error}"
    );
}

#[tokio::test]
async fn a_strange_region_is_left_out() {
    let service = machine(&[
        (ROLES, 200, "r".to_owned()),
        (
            "/latest/meta-data/cam/security-credentials/r",
            200,
            keys("AKIDmachine"),
        ),
        (
            "/latest/meta-data/placement/region",
            200,
            "<html>".to_owned(),
        ),
    ]);
    let found = ask(&CvmRole::of(variables(&[])), service).await.unwrap();
    assert_eq!(found.region(), None);
}

/// Never answers.
#[derive(Debug)]
struct Silent;

impl Transport for Silent {
    fn send(
        &self,
        _: http::Request<Body>,
    ) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(std::future::pending())
    }
}

/// Sleeps that last a second are over at once; longer ones last for ever.
#[derive(Debug)]
struct Second;

impl Environment for Second {
    fn now(&self) -> i64 {
        NOW * 1000
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration == Duration::from_secs(1) {
            Box::pin(std::future::ready(()))
        } else {
            Box::pin(std::future::pending())
        }
    }

    fn random(&self) -> u64 {
        0
    }
}

#[tokio::test]
async fn a_silent_service_is_given_up_after_a_second() {
    let context = ProviderContext::new(Silent, Second);
    let provider = CvmRole::of(variables(&[]));
    let error = provider.credentials(&context).await.unwrap_err();
    assert!(error.is_absent());
    assert_eq!(
        error.to_string(),
        "metadata.tencentyun.com: no answer within 1 s"
    );
}

#[tokio::test]
async fn a_profile_of_the_official_command_line_can_mean_the_machine() {
    let home = Home::new();
    home.write(".tccli/default.credential", r#"{"type": "cvm-role"}"#);
    let provider = ProfileProvider::of(home.files(&[]));
    let service = machine(&[
        (ROLES, 200, "r".to_owned()),
        (
            "/latest/meta-data/cam/security-credentials/r",
            200,
            keys("AKIDmachine"),
        ),
    ]);
    let found = provider.credentials(&context(service)).await.unwrap();
    assert_eq!(found.secret_id(), "AKIDmachine");
    let error = provider
        .credentials(&context(machine(&[])))
        .await
        .unwrap_err();
    assert!(!error.is_absent(), "the profile is there: {error}");
}
