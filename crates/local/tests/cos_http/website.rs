//! Buckets as websites.

use http::{HeaderName, HeaderValue};
use tcloud_cos::Client;
use tcloud_cos::types::{
    AutoAddressing, BucketAcl, CorsMethod, CorsRule, ErrorDocument, IndexDocument, ObjectAcl,
    RedirectAllRequestsTo, RefererDomains, RefererKind, RoutingCondition, RoutingRedirect,
    RoutingRule, RoutingRules, SwitchStatus,
};
use tcloud_local::{AuthMode, Settings};

use crate::fixture::{Answered, BUCKET, Fixture, REGION, code, request};
use crate::sockets::{Served, status};

fn host() -> String {
    format!("{BUCKET}.cos-website.{REGION}.myqcloud.com")
}

async fn ask(fixture: &Fixture, line: &str) -> Answered {
    fixture.send(request(line, &host())).await
}

fn index() -> IndexDocument {
    IndexDocument::new("index.html")
}

/// A cloud with a public bucket and pages in it, each of which holds its key.
async fn pages() -> (Fixture, Client) {
    let (fixture, client) = Fixture::with_bucket().await;
    fill(&client).await;
    (fixture, client)
}

async fn fill(client: &Client) {
    let open = client.put_bucket_acl(BUCKET).acl(BucketAcl::PublicRead);
    open.send().await.unwrap();
    for key in [
        "index.html",
        "about.html",
        "article/index.html",
        "new/a b.html",
        "error.html",
        "plain",
    ] {
        let put = client.put_object(BUCKET, key, key.to_owned());
        put.content_type("text/html").send().await.unwrap();
    }
    let secret = client.put_object(BUCKET, "secret.html", "secret");
    secret.acl(ObjectAcl::Private).send().await.unwrap();
    let site = client.put_bucket_website(BUCKET, index());
    site.send().await.unwrap();
}

#[tokio::test]
async fn an_address_is_answered_by_a_page() {
    let (fixture, client) = pages().await;
    for (line, page) in [
        ("GET /", "index.html"),
        ("GET /?v=1&acl&website", "index.html"),
        ("GET /index.html", "index.html"),
        ("GET /article/", "article/index.html"),
        ("GET /about", "about.html"),
        ("GET /plain", "plain"),
        ("GET /new/a%20b", "new/a b.html"),
    ] {
        let answer = ask(&fixture, line).await;
        assert_eq!(answer.status, 200, "{line}: {}", answer.text);
        assert_eq!(answer.text, page, "{line}");
        assert_eq!(answer.header("content-type"), "text/html");
    }
    let head = ask(&fixture, "HEAD /article/").await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), "18");
    // A folder has its slash.
    let folder = ask(&fixture, "GET /article").await;
    assert_eq!(folder.status, 302);
    assert_eq!(
        folder.header("location"),
        format!("http://{}/article/", host())
    );
    for (line, code) in [
        ("GET /none", "NoSuchKey"),
        ("GET /none/", "NoSuchKey"),
        ("GET /secret", "AccessDenied"),
    ] {
        let answer = ask(&fixture, line).await;
        assert_eq!(answer.element("Code"), code, "{line}: {}", answer.text);
    }
    let off = AutoAddressing::new().status(SwitchStatus::Disabled);
    let site = client.put_bucket_website(BUCKET, index());
    site.auto_addressing(off).send().await.unwrap();
    assert_eq!(ask(&fixture, "GET /about").await.status, 404);
    assert_eq!(ask(&fixture, "GET /about.html").await.status, 200);
}

#[tokio::test]
async fn what_a_client_has_already_or_wants_in_part_is_as_at_the_bucket() {
    let (fixture, _) = pages().await;
    let whole = ask(&fixture, "GET /").await;
    let with = async |name: &'static str, value: &str| {
        let mut request = request("GET /", &host());
        let value = HeaderValue::from_str(value).unwrap();
        request
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
        fixture.send(request).await
    };
    let same = with("if-none-match", whole.header("etag")).await;
    assert_eq!((same.status.as_u16(), same.text.as_str()), (304, ""));
    let part = with("range", "bytes=0-4").await;
    assert_eq!((part.status.as_u16(), part.text.as_str()), (206, "index"));
}

#[tokio::test]
async fn an_error_is_answered_by_its_page() {
    let (fixture, client) = pages().await;
    for (switch, missing, denied) in [
        (None, 404, 403),
        (Some(SwitchStatus::Enabled), 404, 403),
        (Some(SwitchStatus::Disabled), 200, 200),
    ] {
        let page = ErrorDocument::new("error.html").original_http_status(switch);
        let site = client.put_bucket_website(BUCKET, index());
        site.error_document(page).send().await.unwrap();
        for (line, status) in [
            ("GET /none", missing),
            ("GET /a/b/c/", missing),
            ("GET /secret.html", denied),
        ] {
            let answer = ask(&fixture, line).await;
            assert_eq!(answer.status.as_u16(), status, "{line}");
            assert_eq!(answer.text, "error.html");
        }
        // A part is wanted of the page, and not of the error.
        let mut part = request("GET /none", &host());
        part.headers_mut()
            .insert("range", "bytes=0-1".parse().unwrap());
        let answer = fixture.send(part).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text.as_str()),
            (missing, "error.html")
        );
        assert_eq!(ask(&fixture, "GET /").await.status, 200);
    }
    // Without the page the error stays what it was.
    let page = ErrorDocument::new("none.html").original_http_status(SwitchStatus::Disabled);
    let site = client.put_bucket_website(BUCKET, index());
    site.error_document(page).send().await.unwrap();
    let answer = ask(&fixture, "GET /none").await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.element("Code"), "NoSuchKey");
}

#[tokio::test]
async fn rules_send_browsers_elsewhere() {
    let (fixture, client) = pages().await;
    let below = |prefix: &str| RoutingCondition::new().key_prefix_equals(prefix);
    let status = |status| RoutingCondition::new().http_error_code_equals(status);
    let rules = [
        RoutingRule::new(
            below("old/"),
            RoutingRedirect::new().replace_key_prefix_with("new/"),
        ),
        RoutingRule::new(
            below("img/"),
            RoutingRedirect::new()
                .replace_key_with("one.png")
                .protocol("https"),
        ),
        RoutingRule::new(
            status(404),
            RoutingRedirect::new().replace_key_with("pages/404.html"),
        ),
    ];
    let site = client.put_bucket_website(BUCKET, index());
    let site = site.error_document(ErrorDocument::new("error.html"));
    site.routing_rules(RoutingRules::new(rules))
        .send()
        .await
        .unwrap();
    let host = host();
    for (line, to) in [
        (
            "GET /old/a%20b.html",
            format!("http://{host}/new/a%20b.html"),
        ),
        ("GET /old/none?x=1", format!("http://{host}/new/none")),
        ("HEAD /img/x/y", format!("https://{host}/one.png")),
        // A rule for a status comes before the page for errors.
        ("GET /none", format!("http://{host}/pages/404.html")),
    ] {
        let answer = ask(&fixture, line).await;
        assert_eq!(answer.status, 302, "{line}: {}", answer.text);
        assert_eq!(answer.header("location"), to, "{line}");
        assert_eq!(answer.text, "");
    }
    // Where the browser is already it is not sent again.
    let missing = ask(&fixture, "GET /pages/404.html").await;
    assert_eq!(
        (missing.status.as_u16(), missing.text.as_str()),
        (404, "error.html")
    );
    let denied = ask(&fixture, "GET /secret.html").await;
    assert_eq!(
        (denied.status.as_u16(), denied.text.as_str()),
        (403, "error.html")
    );
}

#[tokio::test]
async fn all_requests_can_be_sent_to_https() {
    let (fixture, client) = pages().await;
    let site = client.put_bucket_website(BUCKET, index());
    let site = site.redirect_all_requests_to(RedirectAllRequestsTo::new("https"));
    site.send().await.unwrap();
    for (line, to) in [("GET /", "/"), ("GET /a%20b?x=%2F", "/a%20b?x=%2F")] {
        let answer = ask(&fixture, line).await;
        assert_eq!(answer.status, 302);
        assert_eq!(answer.header("location"), format!("https://{}{to}", host()));
    }
}

#[tokio::test]
async fn a_website_is_read_and_belongs_to_a_bucket() {
    let (fixture, client) = pages().await;
    for line in ["PUT /k", "DELETE /index.html", "POST /"] {
        let answer = ask(&fixture, line).await;
        assert_eq!(answer.status, 405, "{line}");
        assert_eq!(answer.element("Code"), "MethodNotAllowed");
    }
    client
        .head_object(BUCKET, "index.html")
        .send()
        .await
        .unwrap();
    let elsewhere = format!("{BUCKET}.cos-website.ap-beijing.myqcloud.com");
    let answer = fixture.send(request("GET /", &elsewhere)).await;
    assert_eq!(answer.element("Code"), "NoSuchBucket", "{}", answer.text);
    client.delete_bucket_website(BUCKET).send().await.unwrap();
    let answer = ask(&fixture, "GET /").await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.element("Code"), "NoSuchWebsiteConfiguration");
    // What nobody knows what to do with is refused, and not kept.
    let charity = ErrorDocument::new("e").charity_404(SwitchStatus::Enabled);
    let site = client
        .put_bucket_website(BUCKET, index())
        .error_document(charity);
    assert_eq!(code(site.send().await), "NotImplemented");
    for bad in [IndexDocument::new(""), IndexDocument::new("a/b")] {
        let site = client.put_bucket_website(BUCKET, bad).send().await;
        assert_eq!(code(site), "InvalidArgument");
    }
    let answer = ask(&fixture, "GET /").await;
    assert_eq!(answer.element("Code"), "NoSuchWebsiteConfiguration");
}

#[tokio::test]
async fn whoever_signs_is_a_stranger_to_a_website() {
    let (fixture, client) = pages().await;
    let link = client.get_object(BUCKET, "secret.html");
    let link = link
        .presign(std::time::Duration::from_mins(1))
        .await
        .unwrap();
    let uri: http::Uri = link.url().parse().unwrap();
    let answer = ask(&fixture, &format!("GET {}", uri.path_and_query().unwrap())).await;
    assert_eq!(answer.element("Code"), "AccessDenied", "{}", answer.text);
    // Rules of the bucket count for its website: those for hotlinks and for pages of other sites.
    let domains = RefererDomains::new(["*.example.com"]);
    let kind = RefererKind::WhiteList;
    let rules = client.put_bucket_referer(BUCKET, SwitchStatus::Enabled, kind, domains);
    rules.send().await.unwrap();
    assert_eq!(ask(&fixture, "GET /").await.status, 403);
    let mut shown = request("GET /", &host());
    shown
        .headers_mut()
        .insert("referer", "http://a.example.com/".parse().unwrap());
    assert_eq!(fixture.send(shown).await.status, 200);
    client.delete_bucket_referer(BUCKET).send().await.unwrap();
    let site = "https://www.example.com";
    let foreign = || {
        let mut request = request("GET /", &host());
        request
            .headers_mut()
            .insert("origin", site.parse().unwrap());
        request
    };
    assert_eq!(
        fixture.send(foreign()).await.element("Code"),
        "AccessForbidden"
    );
    let rule = CorsRule::new([site], [CorsMethod::Get]);
    client.put_bucket_cors(BUCKET, [rule]).send().await.unwrap();
    let answer = fixture.send(foreign()).await;
    assert_eq!(answer.header("access-control-allow-origin"), site);
    let mut asked = request("OPTIONS /", &host());
    let headers = asked.headers_mut();
    headers.insert("origin", site.parse().unwrap());
    headers.insert("access-control-request-method", "GET".parse().unwrap());
    assert_eq!(fixture.send(asked).await.status, 200);
}

#[tokio::test]
async fn over_a_socket_a_browser_is_served_by_a_name_that_leads_here() {
    let served = Served::new(Settings::default().auth(AuthMode::Strict)).await;
    let client = served.fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    fill(&client).await;
    let host = format!(
        "Host: {BUCKET}.cos-website.{REGION}.localhost:{}",
        served.port
    );
    let answer = served
        .exchange(&["GET /article/ HTTP/1.1", &host], "")
        .await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.ends_with("\r\n\r\narticle/index.html"), "{answer}");
    let answer = served.exchange(&["GET /article HTTP/1.1", &host], "").await;
    assert_eq!(status(&answer), "302", "{answer}");
    let to = host.replace("Host: ", "http://");
    assert!(answer.contains(&format!("{to}/article/\r\n")), "{answer}");
    let body = ["POST / HTTP/1.1", &host, "Content-Length: 1"];
    assert_eq!(status(&served.exchange(&body, "x").await), "405");
}
