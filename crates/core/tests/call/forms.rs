//! Forms of browsers, signed by the text of their policy.

use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use tcloud_core::call::{CallOptions, Condition};
use tcloud_core::client::Client;
use tcloud_core::codec::{self, Document};
use tcloud_core::config::{Config, ConfigBuilder};
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::Endpoint;
use tcloud_core::environment::Manual;
use tcloud_core::operation::{BodyFormat, Operation, Protocol, Service};
use tcloud_core::schema::{Field, Kind, Place, Structure};
use tcloud_core::sign::{Policy, qsign};
use tcloud_core::transport::Memory;

use crate::fixture::EMPTY;

const NOW: i64 = 1_700_000_000;

static COS: Service = Service::new("cos", "Object Storage", "", Protocol::Cos);
static REQUEST: Structure = Structure::new(
    "Request",
    &[Field::new("bucket", Kind::Text).at(Place::Host)],
);
static POST_OBJECT: Operation = Operation::new(
    &COS,
    "PostObject",
    "POST",
    "/",
    "{bucket}.cos.{region}.myqcloud.com",
    &REQUEST,
    &EMPTY,
)
.request_body(BodyFormat::Raw)
.unsigned(true);

fn builder() -> ConfigBuilder {
    Config::builder()
        .region("ap-guangzhou")
        .environment(Manual::new(NOW * 1000))
        .transport(Memory::answering([(200, "")]))
}

fn temporary() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE").with_token("TOKENEXAMPLE")
}

async fn presign(
    config: ConfigBuilder,
    duration: Duration,
) -> Result<tcloud_core::call::PresignedForm, tcloud_core::error::Error> {
    let client = Client::new(&config.build().unwrap());
    let mut request = Document::new(&REQUEST);
    codec::set(&mut request, "bucket", "examplebucket-1250000000");
    let fields = vec![("key".to_owned(), "dir/${filename}".to_owned())];
    let conditions = [
        Condition::equals("bucket", "examplebucket-1250000000"),
        Condition::starts_with("key", "dir/"),
        Condition::ContentLength(1..=10),
    ];
    client
        .presign_form(
            &POST_OBJECT,
            &request,
            &CallOptions::new(),
            duration,
            fields,
            &conditions,
        )
        .await
}

#[tokio::test]
async fn a_form_carries_its_policy_and_what_signs_it() {
    let form = presign(builder().credentials(temporary()), Duration::from_secs(60));
    let form = form.await.unwrap();
    assert_eq!(
        form.url(),
        "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/"
    );
    assert!(form.headers().is_empty());
    assert_eq!(form.expires(), NOW + 60);
    let times = format!("{};{}", NOW - 60, NOW + 60);
    let policy: Value = serde_json::from_str(form.policy()).unwrap();
    assert_eq!(
        policy,
        json!({
            "expiration": "2023-11-14T22:14:20Z",
            "conditions": [
                { "bucket": "examplebucket-1250000000" },
                ["starts-with", "$key", "dir/"],
                ["content-length-range", 1, 10],
                { "q-sign-algorithm": "sha1" },
                { "q-ak": "AKIDEXAMPLE" },
                { "q-sign-time": times },
            ]
        })
    );
    let field = |name: &str| {
        let mut fields = form.fields().iter();
        fields.find(|(own, _)| own == name).unwrap().1.as_str()
    };
    assert_eq!(field("key"), "dir/${filename}");
    assert_eq!(field("policy"), BASE64_STANDARD.encode(form.policy()));
    assert_eq!(field("x-cos-security-token"), "TOKENEXAMPLE");
    let pairs = form.fields().iter();
    let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
    let signature = qsign::FormSignature::from_fields(&pairs).unwrap();
    let secret = Some("SECRETEXAMPLE");
    assert_eq!(
        signature.verify(form.policy(), secret, NOW, Policy::COS),
        Ok(())
    );
    let shown = format!("{form:?}");
    for secret in ["TOKENEXAMPLE", field("q-signature"), field("policy")] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn a_form_to_an_endpoint_names_its_host() {
    let endpoint = Endpoint::parse("http://127.0.0.1:9000").unwrap();
    let config = builder().credentials(temporary()).endpoint(endpoint);
    let form = presign(config, Duration::from_secs(60)).await.unwrap();
    assert_eq!(form.url(), "http://127.0.0.1:9000/");
    assert_eq!(
        form.headers()["host"],
        "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com"
    );
}

#[tokio::test]
async fn what_cannot_be_signed_says_why() {
    let short = presign(builder().credentials(temporary()), Duration::ZERO);
    let error = short.await.unwrap_err().to_string();
    assert!(error.contains("PostObject"), "{error}");
    assert!(error.contains("a second at least"), "{error}");
    let nobody = presign(builder().anonymous(), Duration::from_secs(60));
    let error = nobody.await.unwrap_err().to_string();
    assert!(error.contains("nothing to sign a form with"), "{error}");
}
