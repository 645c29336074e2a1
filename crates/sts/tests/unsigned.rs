//! Operations whose request carries its own proof need no credentials.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use tcloud_sts::runtime::transport::Memory;
use tcloud_sts::{Client, Config, Credentials};

const ANSWER: &str = r#"{"Response": {
    "Credentials": {"Token": "t", "TmpSecretId": "AKIDtmp", "TmpSecretKey": "k"},
    "ExpiredTime": 1700000000, "RequestId": "03b25aab"
}}"#;

fn client(transport: &Memory) -> Client {
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(transport.clone())
        .build()
        .unwrap();
    Client::new(&config)
}

#[tokio::test]
async fn a_web_identity_is_its_own_proof() {
    let transport = Memory::answering([(200, ANSWER)]);
    let reply = client(&transport)
        .assume_role_with_web_identity("oidc", "jwt-of-a-pod", "qcs::cam::uin/1:roleName/r", "s")
        .send()
        .await
        .unwrap();
    let credentials = reply.credentials.clone().unwrap();
    assert_eq!(credentials.tmp_secret_id.as_deref(), Some("AKIDtmp"));

    let requests = transport.requests();
    let headers = &requests[0].headers;
    assert_eq!(headers["authorization"], "SKIP");
    assert!(headers.contains_key("x-tc-timestamp"));
    assert!(!headers.contains_key("x-tc-token"));
    let shown = format!("{reply:?}");
    assert!(!shown.contains("\"k\""), "{shown}");
}

#[tokio::test]
async fn any_other_operation_is_signed() {
    let transport = Memory::answering([(200, ANSWER)]);
    let call = client(&transport).get_federation_token("pod", "%7B%7D");
    call.send().await.unwrap();
    let authorization = &transport.requests()[0].headers["authorization"];
    assert!(
        authorization
            .to_str()
            .unwrap()
            .starts_with("TC3-HMAC-SHA256 ")
    );
}
