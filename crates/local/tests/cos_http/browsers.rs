//! What a web page of somebody else may try with a browser on this machine.

use tcloud_local::{AuthMode, Settings};

use crate::fixture::{BUCKET, bucket_host};
use crate::sockets::{Served, status};

/// A cloud that does whatever it is asked: nothing but the guard keeps a page from it.
async fn open() -> Served {
    Served::new(Settings::default().auth(AuthMode::Off)).await
}

#[tokio::test]
async fn a_page_whose_name_leads_here_is_refused() {
    let served = open().await;
    let rebound = format!("Host: evil.example:{}", served.port);
    for line in [
        &format!("PUT /{BUCKET} HTTP/1.1"),
        "GET / HTTP/1.1",
        "GET /_local/health HTTP/1.1",
        "GET /_local/requests HTTP/1.1",
    ] {
        let answer = served
            .exchange(&[line, &rebound, "Content-Length: 0"], "")
            .await;
        assert_eq!(status(&answer), "403", "{line}: {answer}");
        assert!(answer.contains("--allow-host evil.example"), "{answer}");
    }
    let action = [
        "POST / HTTP/1.1",
        &rebound,
        "X-TC-Action: DescribeImageTaskDetail",
        "Content-Length: 2",
    ];
    let answer = served.exchange(&action, "{}").await;
    assert_eq!(status(&answer), "403", "{answer}");
    assert!(
        answer.contains("\"Code\":\"UnauthorizedOperation\""),
        "{answer}"
    );
    // Nothing was made.
    let local = format!("Host: localhost:{}", served.port);
    let head = format!("HEAD /{BUCKET} HTTP/1.1");
    assert_eq!(status(&served.exchange(&[&head, &local], "").await), "404");
}

#[tokio::test]
async fn a_request_across_sites_is_refused() {
    let served = open().await;
    let local = format!("Host: localhost:{}", served.port);
    let put = format!("PUT /{BUCKET} HTTP/1.1");
    for origin in ["http://evil.example", "null", "http://localhost:1"] {
        let origin = format!("Origin: {origin}");
        for line in [&put, "POST / HTTP/1.1", "GET /_local/requests HTTP/1.1"] {
            let answer = served
                .exchange(&[line, &local, &origin, "Content-Length: 0"], "")
                .await;
            assert_eq!(status(&answer), "403", "{line} {origin}: {answer}");
            assert!(answer.contains("comes from a web page of"), "{answer}");
        }
    }
    let own = format!("Origin: http://localhost:{}", served.port);
    let answer = served
        .exchange(&[&put, &local, &own, "Content-Length: 0"], "")
        .await;
    assert_eq!(status(&answer), "200", "{answer}");
}

#[tokio::test]
async fn hosts_of_the_services_and_allowed_names_are_served() {
    let settings = Settings::default().auth(AuthMode::Off);
    let served = Served::new(settings.allow_host("emulator")).await;
    let put = ["PUT / HTTP/1.1", &format!("Host: {}", bucket_host())];
    let made = served
        .exchange(&[&put[..], &["Content-Length: 0"]].concat(), "")
        .await;
    assert_eq!(status(&made), "200", "{made}");
    let by_path = format!("HEAD /{BUCKET} HTTP/1.1");
    for host in ["Host: emulator", "Host: EMULATOR:8273", "Host: 127.0.0.1"] {
        let answer = served.exchange(&[&by_path, host], "").await;
        assert_eq!(status(&answer), "200", "{host}: {answer}");
        let health = ["GET /_local/health HTTP/1.1", host];
        assert_eq!(status(&served.exchange(&health, "").await), "200");
    }
    let proxied = format!("HEAD http://emulator/{BUCKET} HTTP/1.1");
    let answer = served.exchange(&[&proxied, "Host: emulator"], "").await;
    assert_eq!(status(&answer), "200", "{answer}");
}

#[tokio::test]
async fn the_host_must_be_said_once() {
    let served = open().await;
    for hosts in [
        &[][..],
        &["Host: localhost", "Host: evil.example"],
        &["Host: user@localhost"],
    ] {
        let head = [&["GET /_local/health HTTP/1.1"][..], hosts].concat();
        let answer = served.exchange(&head, "").await;
        assert_eq!(status(&answer), "400", "{hosts:?}: {answer}");
    }
    let old = served.exchange(&["GET /_local/health HTTP/1.0"], "").await;
    assert_eq!(status(&old), "200", "{old}");
}
