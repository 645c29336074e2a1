//! Protection against hotlinks: which web pages may show what is in a bucket.

use std::time::Duration;

use tcloud_cos::Client;
use tcloud_cos::types::{
    BucketAcl, EmptyReferer, RefererDomains, RefererKind, SwitchStatus, VersioningStatus,
};
use tcloud_local::Settings;

use crate::fixture::{Answered, BUCKET, Fixture, bucket_host, code, request};
use crate::sockets::{Served, status};

const ALLOWED: &str = "http://shop.example.com/page?x";
const OTHER: &str = "https://evil.example/";

/// A cloud with a bucket that everyone may read and write, the object `k` in it.
async fn public() -> (Fixture, Client) {
    let (fixture, client) = Fixture::with_bucket().await;
    fill(&client).await;
    (fixture, client)
}

async fn fill(client: &Client) {
    let open = client
        .put_bucket_acl(BUCKET)
        .acl(BucketAcl::PublicReadWrite);
    open.send().await.unwrap();
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
}

async fn protect(client: &Client, kind: RefererKind, empty: Option<EmptyReferer>) {
    let domains = RefererDomains::new(["*.example.com", "192.0.2.1:8080"]);
    let put = client.put_bucket_referer(BUCKET, SwitchStatus::Enabled, kind, domains);
    put.empty_referer(empty).send().await.unwrap();
}

async fn from(fixture: &Fixture, line: &str, page: Option<&str>) -> Answered {
    let mut request = request(line, &bucket_host());
    if line.starts_with("PUT") {
        request.headers_mut().insert("content-length", 0.into());
    }
    if let Some(page) = page {
        let headers = request.headers_mut();
        headers.insert("referer", page.parse().unwrap());
    }
    fixture.send(request).await
}

#[tokio::test]
async fn a_white_list_lets_its_pages_through_and_a_black_list_all_others() {
    let (fixture, client) = public().await;
    for (kind, listed, other) in [
        (RefererKind::WhiteList, 200, 403),
        (RefererKind::BlackList, 403, 200),
    ] {
        protect(&client, kind, None).await;
        for (page, status) in [
            (Some(ALLOWED), listed),
            (Some("http://192.0.2.1:8080/"), listed),
            (Some("http://192.0.2.1/"), other),
            (Some(OTHER), other),
            // No page is refused, unless the rules say otherwise.
            (None, 403),
            (Some(""), 403),
        ] {
            for line in ["GET /k", "HEAD /k", "GET /", "PUT /new"] {
                let answer = from(&fixture, line, page).await;
                assert_eq!(answer.status.as_u16(), status, "{line} {page:?}");
                let refused = !line.starts_with("HEAD") && status == 403;
                let code = answer.element("Code");
                assert_eq!(code, if refused { "AccessDenied" } else { "" });
            }
        }
    }
    let refused = from(&fixture, "GET /k", None).await;
    let message = refused.element("Message");
    assert!(message.contains("referer rule") && message.contains("PutBucketReferer"));
    protect(&client, RefererKind::WhiteList, Some(EmptyReferer::Allow)).await;
    assert_eq!(from(&fixture, "GET /k", None).await.status, 200);
    assert_eq!(from(&fixture, "GET /k", Some(OTHER)).await.status, 403);
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let (fixture, client) = public().await;
    let enabled = client.put_bucket_versioning(BUCKET, VersioningStatus::Enabled);
    enabled.send().await.unwrap();
    protect(&client, RefererKind::WhiteList, None).await;
    for line in ["DELETE /k", "PUT /k"] {
        assert_eq!(
            from(&fixture, line, Some(OTHER)).await.status,
            403,
            "{line}"
        );
    }
    let kept = client.get_bucket_object_versions(BUCKET).send().await;
    let kept = kept.unwrap();
    assert_eq!((kept.versions.len(), kept.delete_markers.len()), (1, 0));
}

#[tokio::test]
async fn what_is_signed_is_let_through_unless_links_are_looked_at_too() {
    let (fixture, client) = public().await;
    protect(&client, RefererKind::WhiteList, None).await;
    client.get_object(BUCKET, "k").send().await.unwrap();
    let link = client.get_object(BUCKET, "k");
    let link = link.presign(Duration::from_mins(1)).await.unwrap();
    let uri: http::Uri = link.url().parse().unwrap();
    let followed = format!("GET {}", uri.path_and_query().unwrap());
    let follow = async |page| from(&fixture, &followed, page).await.status.as_u16();
    assert_eq!(follow(Some(OTHER)).await, 200);
    let domains = RefererDomains::new(["*.example.com"]);
    let kind = RefererKind::WhiteList;
    let strict = client.put_bucket_referer(BUCKET, SwitchStatus::Enabled, kind, domains);
    let strict = strict.verify_signed_urls(SwitchStatus::Enabled);
    strict.send().await.unwrap();
    assert_eq!(follow(Some(OTHER)).await, 403);
    assert_eq!(follow(Some(ALLOWED)).await, 200);
    // A signed request is no link.
    client.get_object(BUCKET, "k").send().await.unwrap();
}

#[tokio::test]
async fn it_ends_when_it_is_switched_off_or_deleted() {
    let (fixture, client) = public().await;
    let refused = async || from(&fixture, "GET /k", Some(OTHER)).await.status == 403;
    protect(&client, RefererKind::WhiteList, None).await;
    assert!(refused().await);
    // A browser's question is no use of what is there; no CORS rule is the reason here.
    let asked = from(&fixture, "OPTIONS /k", Some(OTHER)).await;
    assert_ne!(asked.element("Code"), "AccessDenied", "{}", asked.text);
    let domains = RefererDomains::new(["*.example.com"]);
    let kind = RefererKind::WhiteList;
    let off = client.put_bucket_referer(BUCKET, SwitchStatus::Disabled, kind, domains);
    off.send().await.unwrap();
    assert!(!refused().await);
    protect(&client, RefererKind::WhiteList, None).await;
    client.delete_bucket_referer(BUCKET).send().await.unwrap();
    assert!(!refused().await);
}

#[tokio::test]
async fn a_list_names_each_page_once_and_not_too_many() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = async |domains: Vec<String>| {
        let domains = RefererDomains::new(domains);
        let kind = RefererKind::BlackList;
        let put = client.put_bucket_referer(BUCKET, SwitchStatus::Enabled, kind, domains);
        put.send().await
    };
    let many = |count| (0..count).map(|it| format!("d{it}.example.com")).collect();
    assert!(put(many(30)).await.is_ok());
    let twice = vec!["a.example".to_owned(), "a.example".to_owned()];
    for bad in [many(31), twice, vec![" ".to_owned()]] {
        assert_eq!(code(put(bad).await), "InvalidArgument");
    }
}

#[tokio::test]
async fn over_a_socket_a_page_of_another_site_gets_nothing() {
    let served = Served::new(Settings::default()).await;
    let client = served.fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    fill(&client).await;
    protect(&client, RefererKind::WhiteList, None).await;
    let host = format!("Host: {}", bucket_host());
    for (page, expected) in [(ALLOWED, "200"), (OTHER, "403")] {
        let referer = format!("Referer: {page}");
        let head = ["GET /k HTTP/1.1", &host, &referer];
        let answer = served.exchange(&head, "").await;
        assert_eq!(status(&answer), expected, "{answer}");
        assert_eq!(answer.ends_with("\r\n\r\nv"), expected == "200");
    }
}
