//! Domains of their owners' that lead to buckets and their websites.

use tcloud_cos::Client;
use tcloud_cos::types::{
    AccelerateStatus, BucketAcl, DomainKind, DomainRule, DomainStatus, IndexDocument,
};
use tcloud_local::Settings;

use crate::fixture::{BUCKET, Fixture, request};
use crate::sockets::{Served, status};

async fn fill(client: &Client) {
    let open = client.put_bucket_acl(BUCKET).acl(BucketAcl::PublicRead);
    open.send().await.unwrap();
    client
        .put_object(BUCKET, "index.html", "home")
        .send()
        .await
        .unwrap();
    let site = client.put_bucket_website(BUCKET, IndexDocument::new("index.html"));
    site.send().await.unwrap();
}

async fn set(client: &Client, rules: [(&str, DomainKind, DomainStatus); 3]) {
    let rules = rules.map(|(name, kind, status)| DomainRule::new(status, name, kind));
    client
        .put_bucket_domain(BUCKET, rules)
        .send()
        .await
        .unwrap();
}

const RULES: [(&str, DomainKind, DomainStatus); 3] = [
    ("files.example.com", DomainKind::Rest, DomainStatus::Enabled),
    (
        "www.example.com",
        DomainKind::Website,
        DomainStatus::Enabled,
    ),
    ("off.example.com", DomainKind::Rest, DomainStatus::Disabled),
];

#[tokio::test]
async fn a_domain_leads_to_what_its_rule_says() {
    let (fixture, client) = Fixture::with_bucket().await;
    fill(&client).await;
    let ask = async |host: &str, path: &str| {
        let answer = fixture.send(request(&format!("GET {path}"), host)).await;
        (answer.status.as_u16(), answer.text)
    };
    // Nobody knows it before.
    assert_eq!(ask("files.example.com", "/index.html").await.0, 403);
    set(&client, RULES).await;
    let home = || (200, "home".to_owned());
    assert_eq!(ask("files.example.com", "/index.html").await, home());
    assert_eq!(ask("FILES.example.com:9000", "/index.html").await, home());
    assert_eq!(ask("www.example.com", "/").await, home());
    let list = ask("files.example.com", "/").await;
    assert!(
        list.0 == 200 && list.1.contains("<ListBucketResult"),
        "{}",
        list.1
    );
    for host in ["off.example.com", "example.com", "other.example.com"] {
        assert_eq!(ask(host, "/index.html").await.0, 403, "{host}");
    }
    client.delete_bucket_domain(BUCKET).send().await.unwrap();
    assert_eq!(ask("files.example.com", "/index.html").await.0, 403);
}

#[tokio::test]
async fn acceleration_has_to_be_switched_on() {
    let (fixture, client) = Fixture::with_bucket().await;
    fill(&client).await;
    let ask = async || {
        let host = format!("{BUCKET}.cos.accelerate.myqcloud.com");
        let answer = fixture.send(request("GET /index.html", &host)).await;
        (answer.status.as_u16(), answer.element("Code").to_owned())
    };
    let refused = (400, "BucketAccelerateNotEnabled".to_owned());
    assert_eq!(ask().await, refused);
    for (status, answer) in [
        (AccelerateStatus::Enabled, (200, String::new())),
        (AccelerateStatus::Suspended, refused),
    ] {
        let set = client.put_bucket_accelerate(BUCKET, status);
        set.send().await.unwrap();
        assert_eq!(ask().await, answer);
    }
}

#[tokio::test]
async fn over_a_socket_a_domain_is_a_host_and_no_page_about_the_cloud() {
    let served = Served::new(Settings::default()).await;
    let client = served.fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    fill(&client).await;
    set(&client, RULES).await;
    let home = served
        .exchange(&["GET / HTTP/1.1", "Host: www.example.com"], "")
        .await;
    assert_eq!(status(&home), "200", "{home}");
    assert!(home.ends_with("\r\n\r\nhome"), "{home}");
    let page = ["GET /_local/health HTTP/1.1", "Host: files.example.com"];
    let answer = served.exchange(&page, "").await;
    assert_eq!(status(&answer), "404", "{answer}");
}
