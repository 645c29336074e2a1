//! What signatures must cover, by the wish of the bucket's owner.

use std::time::Duration;

use tcloud_cos::Client;
use tcloud_cos::types::{
    StrictSignatureActions, StrictSignatureHeaders, StrictSignatureParameters, StrictSignatureRule,
};
use tcloud_local::Settings;

use crate::fixture::{BUCKET, Fixture, bucket_host, code, request};
use crate::sockets::{Served, status};

/// The path of a link to read `k`, whose signature covers the host and its own parameters.
async fn link(client: &Client) -> String {
    let link = client.get_object(BUCKET, "k");
    let link = link.presign(Duration::from_mins(1)).await.unwrap();
    let uri: http::Uri = link.url().parse().unwrap();
    uri.path_and_query().unwrap().to_string()
}

fn rule(actions: &[&str]) -> StrictSignatureRule {
    let rule = StrictSignatureRule::new("strict");
    if actions.is_empty() {
        return rule;
    }
    rule.action_list(StrictSignatureActions::new().actions(actions.iter().copied()))
}

fn headers(names: &[&str]) -> StrictSignatureHeaders {
    StrictSignatureHeaders::new().headers(names.iter().copied())
}

fn parameters(names: &[&str]) -> StrictSignatureParameters {
    StrictSignatureParameters::new().params(names.iter().copied())
}

#[tokio::test]
async fn what_a_rule_wants_and_a_signature_leaves_out_is_refused() {
    let (fixture, client) = Fixture::with_bucket().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    let link = link(&client).await;
    let get = async |more: &str, header: Option<(&'static str, &'static str)>| {
        let mut request = request(&format!("GET {link}{more}"), &bucket_host());
        if let Some((name, value)) = header {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let answer = fixture.send(request).await;
        (answer.status.as_u16(), answer.element("Message").to_owned())
    };
    let more = "&response-content-language=de";
    let range = Some(("range", "bytes=0-0"));
    assert_eq!(get(more, None).await.0, 200, "nothing wants it yet");
    for (rule, wants_parameter, wants_header) in [
        (
            rule(&["GetObject"]).param_list(parameters(&["all"])),
            true,
            false,
        ),
        (
            rule(&[]).param_list(parameters(&["response-content-language"])),
            true,
            false,
        ),
        (
            rule(&["Get*"]).header_list(headers(&["Host", "Range"])),
            false,
            true,
        ),
        (
            rule(&["Put*"]).param_list(parameters(&["all"])),
            false,
            false,
        ),
        (rule(&[]).header_list(headers(&["x-cos-acl"])), false, false),
    ] {
        let set = client.put_bucket_strict_signature(BUCKET, [rule]);
        set.send().await.unwrap();
        assert_eq!(get("", None).await.0, 200, "what is there is signed");
        for ((status, message), wanted) in [
            (get(more, None).await, wants_parameter),
            (get("", range).await, wants_header),
        ] {
            assert_eq!(status == 403, wanted, "{message}");
            assert_eq!(message.contains("the rule strict"), wanted, "{message}");
        }
        // A program of ours signs all of it.
        let get = client
            .get_object(BUCKET, "k")
            .response_content_language("de");
        get.send().await.unwrap();
    }
    client
        .delete_bucket_strict_signature(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(get(more, None).await.0, 200);
}

#[tokio::test]
async fn two_rules_have_two_names() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let twice = client.put_bucket_strict_signature(BUCKET, [rule(&[]), rule(&[])]);
    assert_eq!(code(twice.send().await), "InvalidArgument");
}

#[tokio::test]
async fn over_a_socket_a_link_does_no_more_than_was_signed() {
    let served = Served::new(Settings::default()).await;
    let client = served.fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    let rule = rule(&[]).param_list(parameters(&["all"]));
    let set = client.put_bucket_strict_signature(BUCKET, [rule]);
    set.send().await.unwrap();
    let link = link(&client).await;
    let host = format!("Host: {}", bucket_host());
    for (more, expected) in [("", "200"), ("&response-content-type=text/html", "403")] {
        let get = format!("GET {link}{more} HTTP/1.1");
        let answer = served.exchange(&[&get, &host], "").await;
        assert_eq!(status(&answer), expected, "{answer}");
    }
}
