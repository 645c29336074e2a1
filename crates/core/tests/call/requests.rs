//! From a request's fields to what is sent.

use tcloud_core::body::Body;
use tcloud_core::call::CallOptions;
use tcloud_core::client::Client;
use tcloud_core::codec::{self, Document};
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::{Endpoint, Site};
use tcloud_core::error::ErrorKind;
use tcloud_core::transport::Memory;

use crate::fixture::{
    ANSWER, CREATE, RESPONSE, TASK, TC3_REQUEST, call, client, clock, request, whole,
};

#[tokio::test]
async fn fields_travel_where_the_table_puts_them() {
    let transport = Memory::answering([(200, ANSWER)]);
    let output = call(&client(transport.clone(), &clock()), &CREATE, &whole())
        .await
        .unwrap();
    assert_eq!(format!("{output:?}"), "Response { State: \"Success\" }");
    let [sent] = transport.requests().try_into().unwrap();
    assert_eq!(
        sent.uri.to_string(),
        "https://b-1250000000.ci.ap-chongqing.myqcloud.com/jobs/a/%E5%9B%BE%201.png?size=5"
    );
    assert_eq!(
        sent.headers["host"],
        "b-1250000000.ci.ap-chongqing.myqcloud.com"
    );
    assert_eq!(sent.headers["x-ci-note"], "n");
    assert_eq!(sent.headers["x-ci-security-token"], "TOKENEXAMPLE");
    assert_eq!(
        sent.headers["content-length"],
        sent.body.len().to_string().as_str()
    );
    assert_eq!(sent.body, "<Request><Object>o</Object></Request>");
    let authorization = sent.headers["authorization"].to_str().unwrap();
    assert!(
        authorization.contains(
            "q-header-list=content-length;content-type;host;x-ci-note;x-ci-security-token"
        )
    );
    assert!(authorization.contains("q-url-param-list=size"));
}

#[tokio::test]
async fn a_parameter_that_the_table_lacks_is_sent_and_signed() {
    let transport = Memory::answering([(200, ANSWER)]);
    let options = CallOptions::new().query("imageMogr2/thumbnail/!50p|new", "");
    let mut output = Document::new(&RESPONSE);
    client(transport.clone(), &clock())
        .execute(&CREATE, &whole(), Body::empty(), &options, &mut output)
        .await
        .unwrap();
    let [sent] = transport.requests().try_into().unwrap();
    assert_eq!(
        sent.uri.query(),
        Some("size=5&imageMogr2%2Fthumbnail%2F%2150p%7Cnew=")
    );
    let authorization = sent.headers["authorization"].to_str().unwrap();
    assert!(
        authorization.contains("q-url-param-list=imagemogr2%2fthumbnail%2f%2150p%7cnew;size"),
        "{authorization}"
    );
}

#[tokio::test]
async fn an_endpoint_keeps_the_services_host() {
    let transport = Memory::answering([(200, ANSWER)]);
    let config = Config::builder()
        .region("ap-chongqing")
        .credentials(Credentials::new("a", "b"))
        .transport(transport.clone())
        .endpoint(Endpoint::parse("http://127.0.0.1:9000/").unwrap())
        .build()
        .unwrap();
    call(&Client::new(&config), &CREATE, &whole())
        .await
        .unwrap();
    let [sent] = transport.requests().try_into().unwrap();
    assert_eq!(sent.uri.authority().unwrap(), "127.0.0.1:9000");
    assert_eq!(sent.uri.scheme_str(), Some("http"));
    assert_eq!(
        sent.headers["host"],
        "b-1250000000.ci.ap-chongqing.myqcloud.com"
    );
}

#[tokio::test]
async fn the_international_site_has_its_own_api_hosts() {
    let transport = Memory::answering([(200, r#"{"Response":{"State":"x"}}"#)]);
    let config = Config::builder()
        .site(Site::International)
        .region("ap-singapore")
        .credentials(Credentials::new("a", "b"))
        .transport(transport.clone())
        .build()
        .unwrap();
    call(&Client::new(&config), &TASK, &Document::new(&TC3_REQUEST))
        .await
        .unwrap();
    let [sent] = transport.requests().try_into().unwrap();
    assert_eq!(sent.headers["host"], "mps.intl.tencentcloudapi.com");
    assert_eq!(sent.headers["x-tc-action"], "DescribeTask");
    assert_eq!(sent.headers["x-tc-version"], "2019-06-12");
    assert_eq!(sent.headers["x-tc-region"], "ap-singapore");
    assert_eq!(sent.body, "{}");
}

#[tokio::test]
async fn what_is_missing_or_impossible_is_told_before_anything_is_sent() {
    let cases: [(&[(&str, &str)], &str); 6] = [
        (
            &[("key", "k")],
            "CreateJob: required, but not given: bucket, Request.Object; set them; see ",
        ),
        (
            &[("bucket", "evil.com/"), ("key", "k"), ("Object", "o")],
            "CreateJob: \"evil.com/\" cannot be the `bucket` of a host name; use lower-case letters, digits and hyphens only",
        ),
        (
            &[("bucket", "b"), ("Object", "o")],
            "CreateJob: \"\" cannot be the `key` of a path: it is empty",
        ),
        (
            &[("bucket", "b"), ("key", "a/.."), ("Object", "o")],
            "CreateJob: \"a/..\" cannot be the `key` of a path: it ends in a dot segment",
        ),
        (
            &[("bucket", "b"), ("key", "/./"), ("Object", "o")],
            "CreateJob: \"/./\" cannot be the `key` of a path: it names nothing, so that the service would take it for the bucket",
        ),
        (
            &[
                ("bucket", "b"),
                ("key", "k"),
                ("x-ci-note", "a\nb"),
                ("Object", "o"),
            ],
            "CreateJob: the value of `x-ci-note` cannot be sent in a header; remove line breaks and control characters",
        ),
    ];
    for (fields, expected) in cases {
        let transport = Memory::answering::<Body>([]);
        let error = call(
            &client(transport.clone(), &clock()),
            &CREATE,
            &request(fields),
        )
        .await
        .unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(!error.was_ever_sent());
        assert!(transport.requests().is_empty());
    }
}

#[tokio::test]
async fn nothing_shows_a_secret() {
    let client = client(Memory::answering([(200, ANSWER)]), &clock());
    let mut request = whole();
    codec::set(&mut request, "x-ci-customer-key", "KEYEXAMPLE");
    codec::set(&mut request, "Password", "PASSWORDEXAMPLE");
    let options = CallOptions::new();
    let signed = client
        .sign(&CREATE, &request, Body::empty(), &options)
        .await
        .unwrap();
    let api = client
        .sign(&TASK, &Document::new(&TC3_REQUEST), Body::empty(), &options)
        .await
        .unwrap();
    let signature_of = |text: &str| text.rsplit('=').next().unwrap().to_owned();
    let signatures = [&signed, &api]
        .map(|signed| signature_of(signed.http().headers()["authorization"].to_str().unwrap()));
    let secrets = [
        "SECRETEXAMPLE",
        "TOKENEXAMPLE",
        "KEYEXAMPLE",
        "PASSWORDEXAMPLE",
        signatures[0].as_str(),
        signatures[1].as_str(),
    ];
    for shown in [
        format!("{client:?}"),
        format!("{signed:?}"),
        signed.to_string(),
        format!("{:?}", signed.http()),
        format!("{api:?}"),
        format!("{:?}", api.http()),
    ] {
        for secret in secrets {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
    }
    assert!(
        signed
            .to_string()
            .ends_with("<Request><Object>o</Object><Password>(secret)</Password></Request>")
    );
}
