//! URLs that carry their own signature, and calls without one.

use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;
use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::codec::{self, Document};
use tcloud_core::config::Config;
use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, ProviderContext,
};
use tcloud_core::endpoint::Endpoint;
use tcloud_core::environment::Manual;
use tcloud_core::error::ErrorKind;
use tcloud_core::future::BoxFuture;
use tcloud_core::host::Hosts;
use tcloud_core::operation::{BodyFormat, Operation, Protocol, Service};
use tcloud_core::schema::{Field, Kind, Place, Structure};
use tcloud_core::sign::{Policy, encode, qsign};
use tcloud_core::transport::Memory;

use crate::fixture::{
    ANSWER, CREATE, DESCRIBE, EMPTY, PUT, TASK, TC3_REQUEST, call, client, clock, whole,
};

const HOUR: Duration = Duration::from_secs(3600);
const NOW: i64 = 1_700_000_000;

/// What a server says of `url`, with these headers, at `now`.
fn verdict(
    method: &http::Method,
    url: &str,
    headers: &HeaderMap,
    now: i64,
) -> Result<(), tcloud_core::sign::Rejection> {
    let uri: http::Uri = url.parse().unwrap();
    let query = encode::decode_query(uri.query().unwrap()).unwrap();
    let path = encode::decode_path(uri.path()).unwrap();
    let mut headers = headers.clone();
    if !headers.contains_key("host") {
        headers.insert("host", uri.authority().unwrap().as_str().parse().unwrap());
    }
    let received = qsign::Request {
        method,
        path: &path,
        query: &query,
        headers: &headers,
    };
    qsign::Authorization::from_request(&received)?.verify(
        &received,
        Some("SECRETEXAMPLE"),
        now,
        Policy::COS.with_require_host(true),
    )
}

#[tokio::test]
async fn a_presigned_url_has_the_whole_call_in_it() {
    let transport = Memory::answering::<Body>([]);
    let client = client(transport.clone(), &clock());
    let options = CallOptions::new().query("imageMogr2/thumbnail/!50p|new", "");
    let mut request = whole();
    codec::set(&mut request, "Object", "o");
    let signed = client
        .presign(&DESCRIBE, &request, &options, HOUR)
        .await
        .unwrap();
    assert!(transport.requests().is_empty());
    assert_eq!(signed.method(), "GET");
    assert_eq!(signed.expires(), NOW + 3600);
    let url = signed.url();
    assert!(
        url.starts_with(
            "https://b-1250000000.ci.ap-chongqing.myqcloud.com/jobs/a/%E5%9B%BE%201.png?size=5&imageMogr2%2Fthumbnail%2F%2150p%7Cnew="
        ),
        "{url}"
    );
    assert!(url.contains("x-ci-security-token=TOKENEXAMPLE"), "{url}");
    // What is not in the URL, and is signed.
    let headers = signed.headers();
    assert_eq!(headers["x-ci-note"], "n");
    for absent in ["host", "authorization", "user-agent", "content-length"] {
        assert!(!headers.contains_key(absent), "{absent}");
    }
    let check = |url: &str, headers: &HeaderMap, now| verdict(signed.method(), url, headers, now);
    assert_eq!(check(url, headers, NOW), Ok(()));
    assert_eq!(check(url, headers, NOW + 3600), Ok(()));
    assert!(check(url, headers, NOW + 3601).is_err());
    assert!(check(&url.replace("size=5", "size=6"), headers, NOW).is_err());
    assert!(check(&url.replace("%2150p", "%2151p"), headers, NOW).is_err());
    assert!(check(&url.replace("TOKENEXAMPLE", "T"), headers, NOW).is_err());
    assert!(check(url, &HeaderMap::new(), NOW).is_err());
}

static COS: Service = Service::new("cos", "Object Storage", "", Protocol::Cos);
static OBJECT: Structure = Structure::new(
    "Request",
    &[
        Field::new("bucket", Kind::Text).at(Place::Host),
        Field::new("key", Kind::Text).at(Place::Path),
        Field::new("ci-process", Kind::Text).at(Place::Query),
        Field::new("Content-Type", Kind::Text).at(Place::Header),
        Field::new("x-cos-acl", Kind::Text).at(Place::Header),
    ],
);
const fn of_object(name: &'static str, method: &'static str) -> Operation {
    let host = "{bucket}.cos.{region}.myqcloud.com";
    Operation::new(&COS, name, method, "/{key+}", host, &OBJECT, &EMPTY)
        .request_body(BodyFormat::Raw)
        .response_body(BodyFormat::Raw)
}
static GET_OBJECT: Operation = of_object("GetObject", "GET");
static PUT_OBJECT: Operation = of_object("PutObject", "PUT");

/// The URLs of the official Python SDK, made at the same time.
#[tokio::test]
async fn presigned_urls_are_those_of_an_official_sdk() {
    let file: Value =
        serde_json::from_str(include_str!("../vectors/qsign_presigned_vectors.json")).unwrap();
    let vectors = file["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let input = &vector["input"];
        let text = |name: &str| input[name].as_str().unwrap();
        let number = |name: &str| input[name].as_u64().unwrap();
        let pairs = |name: &str| {
            let pairs = input[name].as_array().unwrap().iter();
            pairs.map(|pair| [0, 1].map(|at| pair[at].as_str().unwrap()))
        };
        let mut credentials = Credentials::new(text("secret_id"), text("secret_key"));
        let mut request = Document::new(&OBJECT);
        codec::set(&mut request, "bucket", "examplebucket-1250000000");
        codec::set(
            &mut request,
            "key",
            text("signing_path").strip_prefix('/').unwrap(),
        );
        let mut options = CallOptions::new();
        for [name, value] in pairs("params_to_sign") {
            match name {
                "x-cos-security-token" => credentials = credentials.with_token(value),
                "ci-process" => {
                    codec::set(&mut request, name, value);
                }
                _ => options = options.query(name, value),
            }
        }
        let mut headers = Vec::new();
        for [name, value] in pairs("headers").filter(|[name, _]| *name != "host") {
            codec::set(&mut request, name, value);
            headers.push((name.to_ascii_lowercase(), value));
        }
        let config = Config::builder()
            .region("ap-guangzhou")
            .credentials(credentials)
            .environment(Manual::new(input["now"].as_i64().unwrap() * 1000))
            .transport(Memory::answering::<Body>([]))
            .build()
            .unwrap();
        let operation = match text("method") {
            "GET" => &GET_OBJECT,
            _ => &PUT_OBJECT,
        };
        let duration = Duration::from_secs(number("end") - number("now"));
        let signed = Client::new(&config)
            .presign(operation, &request, &options, duration)
            .await
            .unwrap();
        let parts = |url: &str| {
            let (path, query) = url.split_once('?').unwrap();
            let mut items: Vec<_> = query.split('&').map(str::to_owned).collect();
            items.sort();
            (path.to_owned(), items)
        };
        let expected = vector["expected"]["url"].as_str().unwrap();
        assert_eq!(parts(signed.url()), parts(expected), "{}", vector["name"]);
        let sent: Vec<_> = signed.headers().iter().collect();
        assert_eq!(sent.len(), headers.len(), "{sent:?}");
        for (name, value) in headers {
            assert_eq!(signed.headers()[name.as_str()], value);
        }
    }
}

#[tokio::test]
async fn the_host_is_sent_where_the_url_leads_elsewhere() {
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(Memory::answering::<Body>([]))
        .environment(clock())
        .endpoint(Endpoint::parse("http://127.0.0.1:9000").unwrap())
        .hosts(Hosts::second_domain())
        .build()
        .unwrap();
    let signed = Client::new(&config)
        .presign(&CREATE, &whole(), &CallOptions::new(), HOUR)
        .await
        .unwrap();
    assert!(signed.url().starts_with("http://127.0.0.1:9000/jobs/a/"));
    let headers = signed.headers();
    assert_eq!(headers["host"], "b-1250000000.ci.ap-chongqing.tencentci.cn");
    assert_eq!(headers["content-type"], "application/xml");
    assert_eq!(signed.body(), b"<Request><Object>o</Object></Request>");
    assert_eq!(verdict(signed.method(), signed.url(), headers, NOW), Ok(()));
}

#[tokio::test]
async fn a_raw_body_is_left_to_whoever_uses_the_url() {
    let client = client(Memory::answering::<Body>([]), &clock());
    let request = Document::new(&EMPTY);
    let signed = client
        .presign(&PUT, &request, &CallOptions::new(), HOUR)
        .await
        .unwrap();
    assert_eq!(signed.method(), "PUT");
    assert!(signed.headers().is_empty(), "{:?}", signed.headers());
    assert!(signed.body().is_empty());
}

#[tokio::test]
async fn what_cannot_be_presigned_is_refused_with_a_reason() {
    let client = client(Memory::answering::<Body>([]), &clock());
    let options = CallOptions::new();
    let api = Document::new(&TC3_REQUEST);
    let error = client
        .presign(&TASK, &api, &options, HOUR)
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "DescribeTask: a call of API 3.0 has no presigned URL: its signature is a header; sign the \
         request and send it while it is good, or have a server make the call"
    );
    let short = Duration::from_millis(999);
    let error = client
        .presign(&DESCRIBE, &whole(), &options, short)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Request);
    let config = Config::builder()
        .region("ap-chongqing")
        .anonymous()
        .transport(Memory::answering::<Body>([]))
        .build()
        .unwrap();
    let error = Client::new(&config)
        .presign(&DESCRIBE, &whole(), &options, HOUR)
        .await
        .unwrap_err();
    assert!(error.message().contains("anonymous"), "{error}");
}

#[tokio::test]
async fn debug_of_a_presigned_url_shows_no_secret() {
    let client = client(Memory::answering::<Body>([]), &clock());
    let mut request = whole();
    codec::set(&mut request, "x-ci-customer-key", "KEYEXAMPLE");
    let signed = client
        .presign(&DESCRIBE, &request, &CallOptions::new(), HOUR)
        .await
        .unwrap();
    let signature = signed.url().split("q-signature=").nth(1).unwrap();
    let signature = signature.split('&').next().unwrap();
    let shown = format!("{signed:?}");
    for secret in ["SECRETEXAMPLE", "TOKENEXAMPLE", "KEYEXAMPLE", signature] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[tokio::test]
async fn an_anonymous_client_signs_nothing_and_asks_nobody() {
    #[derive(Debug)]
    struct Asked;
    impl CredentialsProvider for Asked {
        fn credentials<'a>(
            &'a self,
            _: &'a ProviderContext,
        ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
            panic!("an anonymous client has no use for credentials")
        }
    }
    let transport = Memory::answering([
        (200, ANSWER),
        (200, r#"{"Response":{"State":"x"}}"#),
        (
            403,
            "<Error><Code>AccessDenied</Code><Message>m</Message></Error>",
        ),
    ]);
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials_provider(Asked)
        .anonymous()
        .transport(transport.clone())
        .environment(clock())
        .build()
        .unwrap();
    let client = Client::new(&config);
    call(&client, &CREATE, &whole()).await.unwrap();
    call(&client, &TASK, &Document::new(&TC3_REQUEST))
        .await
        .unwrap();
    let error = call(&client, &CREATE, &whole()).await.unwrap_err();
    assert!(
        error.to_string().contains("the call was anonymous"),
        "{error}"
    );
    let [storage, api, _] = transport.requests().try_into().unwrap();
    assert!(!storage.headers.contains_key("authorization"));
    assert!(!storage.headers.contains_key("x-tc-timestamp"));
    assert_eq!(api.headers["authorization"], "SKIP");
}
