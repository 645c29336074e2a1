//! The cloud over TLS, by clients as programs have them.

use std::path::Path;

use tcloud_core::config::{Config, ConfigBuilder};
use tcloud_core::credentials::Credentials;
use tcloud_core::endpoint::Endpoint;
use tcloud_core::network::{Network, Proxy};
use tcloud_cos::Client;
use tcloud_cos::types::{
    BucketAcl, DomainKind, DomainRule, DomainStatus, IndexDocument, RedirectAllRequestsTo,
};
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalError, Settings};

use crate::fixture::{BUCKET, Fixture, NOW, REGION, Standing, bucket_host};
use crate::sockets::{Served, status};

fn settings() -> Settings {
    Settings::default()
        .default_region(REGION)
        .bucket(BUCKET)
        .tls(true)
}

fn ca_file(served: &Served) -> &Path {
    served.fixture.cloud.ca_file().unwrap()
}

/// A client that reaches `served` by `network` besides the certificate of `ca`.
fn config(network: Network, ca: &Path) -> ConfigBuilder {
    Config::builder()
        .region(REGION)
        .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
        .environment(Standing(NOW))
        .network(network.certificates(std::fs::read(ca).unwrap()))
}

fn client(config: ConfigBuilder) -> Client {
    Client::new(&config.build().unwrap())
}

/// A network whose proxy is `served`.
fn proxied(served: &Served) -> Network {
    let address = format!("http://127.0.0.1:{}", served.port);
    Network::new().proxy(Proxy::url(address))
}

/// Stores and reads an object by `client`.
async fn use_it(client: &Client) {
    let content = vec![7; 3_000_000];
    let put = client.put_object(BUCKET, "k", content.clone()).send().await;
    put.unwrap();
    let got = client.get_object(BUCKET, "k").send().await.unwrap();
    let got = got.into_body().collect(usize::MAX).await.unwrap();
    assert!(got == content, "{} bytes came back", got.len());
}

#[tokio::test]
async fn a_client_reaches_it_by_its_address() {
    let served = Served::new(settings()).await;
    for host in ["localhost", "127.0.0.1"] {
        let address = format!("https://{host}:{}", served.port);
        let endpoint = Endpoint::parse(&address).unwrap();
        let config = config(Network::new(), ca_file(&served)).endpoint(endpoint);
        use_it(&client(config)).await;
    }
}

/// As official SDKs do that insist on https.
#[tokio::test]
async fn a_client_reaches_it_by_the_services_own_hosts_through_the_proxy() {
    let served = Served::new(settings()).await;
    let config = config(proxied(&served), ca_file(&served)).build().unwrap();
    use_it(&Client::new(&config)).await;
    let sts = tcloud_sts::Client::new(&config);
    let caller = sts.get_caller_identity().send().await.unwrap();
    assert!(caller.into_output().account_id.is_some());
    // What came through tunnels is remembered as it was asked for, the tunnels are not.
    let log = served.fixture.page("/_local/requests").await;
    let hosts: Vec<_> = log["requests"].as_array().unwrap().iter().collect();
    assert_eq!(hosts.len(), 3, "{log}");
    assert!(log.to_string().contains(&bucket_host()), "{log}");
}

/// A website that sends everybody to https would otherwise send them there for ever.
#[tokio::test]
async fn a_website_over_tls_is_where_https_leads() {
    let served = Served::new(settings()).await;
    let store = client(config(proxied(&served), ca_file(&served)));
    let page = store.put_object(BUCKET, "index.html", "a page");
    page.send().await.unwrap();
    let site = store.put_bucket_website(BUCKET, IndexDocument::new("index.html"));
    let site = site.redirect_all_requests_to(RedirectAllRequestsTo::new("https"));
    site.send().await.unwrap();
    let open = store.put_bucket_acl(BUCKET).acl(BucketAcl::PublicRead);
    open.send().await.unwrap();
    let proxy = format!("http://127.0.0.1:{}", served.port);
    let ca = std::fs::read(ca_file(&served)).unwrap();
    // Whoever builds a client of this kind chooses what computes.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let browser = reqwest::Client::builder()
        .proxy(reqwest::Proxy::all(proxy).unwrap())
        .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
        .build()
        .unwrap();
    let site = format!("http://{BUCKET}.cos-website.{REGION}.myqcloud.com/");
    let answer = browser.get(site).send().await.unwrap();
    assert_eq!(answer.url().scheme(), "https");
    assert_eq!(answer.text().await.unwrap(), "a page");
}

/// There is a certificate for it from the moment it is set, and none for a domain of nobody here.
#[tokio::test]
async fn a_domain_of_a_bucket_is_answered_over_tls() {
    let served = Served::new(settings()).await;
    let store = client(config(proxied(&served), ca_file(&served)));
    let put = store.put_object(BUCKET, "k", "by its domain");
    put.acl("public-read").send().await.unwrap();
    let proxy = format!("http://127.0.0.1:{}", served.port);
    let ca = std::fs::read(ca_file(&served)).unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let browser = || {
        let browser = reqwest::Client::builder();
        let browser = browser.proxy(reqwest::Proxy::all(proxy.clone()).unwrap());
        let trusted = reqwest::Certificate::from_pem(&ca).unwrap();
        browser.tls_certs_only([trusted]).build().unwrap()
    };
    let ask = async |host: &str| browser().get(format!("https://{host}/k")).send().await;
    ask("files.example.com").await.unwrap_err();
    let rule = |status, name| DomainRule::new(status, name, DomainKind::Rest);
    let rules = [
        rule(DomainStatus::Enabled, "files.example.com"),
        rule(DomainStatus::Disabled, "off.example.com"),
    ];
    store.put_bucket_domain(BUCKET, rules).send().await.unwrap();
    let answer = ask("files.example.com").await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "by its domain");
    ask("off.example.com").await.unwrap_err();
    // Without the proxy, for which the name of the host is all there is to go by.
    let here = ([127, 0, 0, 1], served.port).into();
    let direct = reqwest::Client::builder()
        .no_proxy()
        .resolve("files.example.com", here)
        .tls_certs_only([reqwest::Certificate::from_pem(&ca).unwrap()])
        .build()
        .unwrap();
    let address = format!("https://files.example.com:{}/k", served.port);
    let answer = direct.get(address).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "by its domain");
}

#[tokio::test]
async fn who_trusts_another_cloud_is_not_answered() {
    let served = Served::new(settings()).await;
    let other = Fixture::with(settings()).await;
    let config = config(proxied(&served), other.cloud.ca_file().unwrap());
    let once = config.retry(tcloud_core::retry::RetryPolicy::never());
    let error = client(once).head_bucket(BUCKET).send().await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    assert_eq!(served.fixture.cloud.requests().all().len(), 0);
}

#[tokio::test]
async fn requests_without_tls_are_answered_at_the_same_port() {
    let served = Served::new(settings()).await;
    let answer = served
        .exchange(&["GET /_local/health HTTP/1.1", "Host: localhost"], "")
        .await;
    assert_eq!(status(&answer), "200", "{answer}");
    let through = format!("HEAD http://{}/ HTTP/1.1", bucket_host());
    let host = format!("Host: {}", bucket_host());
    let answer = served.exchange(&[&through, &host], "").await;
    assert_eq!(status(&answer), "403", "it is not signed: {answer}");
}

#[tokio::test]
async fn tunnels_lead_nowhere_else() {
    let served = Served::new(settings()).await;
    for host in ["example.com:443", "localhost:443", "127.0.0.1:22"] {
        let connect = format!("CONNECT {host} HTTP/1.1");
        let named = format!("Host: {host}");
        let refused = served.exchange(&[&connect, &named], "").await;
        assert_eq!(status(&refused), "403", "{refused}");
        let reason = refused.lines().next().unwrap();
        assert!(reason.contains("NO_PROXY"), "{refused}");
        assert!(refused.contains("never forwards"), "{refused}");
    }
}

#[tokio::test]
async fn a_state_in_a_folder_is_trusted_after_every_start() {
    let place = tempfile::tempdir().unwrap();
    let first = Fixture::with(settings().folder(place.path())).await;
    let ca = first.cloud.ca_file().unwrap().to_owned();
    assert!(ca.starts_with(place.path()), "{}", ca.display());
    let kept = std::fs::read(&ca).unwrap();
    first.cloud.shutdown().await;
    let again = Served::new(settings().folder(place.path())).await;
    assert_eq!(std::fs::read(&ca).unwrap(), kept);
    use_it(&client(config(proxied(&again), &ca))).await;
}

#[tokio::test]
async fn without_it_there_is_no_file_and_one_that_cannot_be_used_is_named() {
    let without = Fixture::new().await;
    assert_eq!(without.cloud.ca_file(), None);
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("tls"), "in the way").unwrap();
    let refused = tcloud_local::LocalCloud::start(settings().folder(place.path())).await;
    let Err(LocalError::Tls(why)) = refused else {
        panic!("{refused:?}");
    };
    assert!(why.contains("authority.pem"), "{why}");
    std::fs::remove_file(place.path().join("tls")).unwrap();
    // The folder is free again.
    Fixture::with(settings().folder(place.path())).await;
}
