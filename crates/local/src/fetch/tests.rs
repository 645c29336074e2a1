use std::net::Ipv4Addr;

use tokio::net::TcpSocket;

use super::receiver::{answering, ok, status};
use super::*;

#[tokio::test]
async fn content_is_read_up_to_the_limit() {
    let fetch = Fetch::new(true);
    let (address, _) = answering(ok("picture")).await;
    let content = fetch.get(&format!("http://{address}/a"), 7).await.unwrap();
    assert_eq!(content, "picture");

    let (address, _) = answering(ok("picture")).await;
    let error = fetch
        .get(&format!("http://{address}/a"), 6)
        .await
        .unwrap_err();
    assert!(
        matches!(error, FetchError::TooLarge { limit: 6, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn an_answer_of_unknown_length_is_cut_off_at_the_limit() {
    let fetch = Fetch::new(true);
    let (address, _) =
        answering("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\npicture".to_owned()).await;
    let error = fetch
        .get(&format!("http://{address}/a"), 6)
        .await
        .unwrap_err();
    assert!(
        matches!(error, FetchError::TooLarge { limit: 6, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn content_is_read_as_it_comes_under_the_same_guard() {
    let fetch = Fetch::new(true);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/x-film\r\nContent-Length: 4\r\n";
    let (address, _) = answering(format!("{head}Connection: close\r\n\r\nfilm")).await;
    let fetched = fetch
        .open(&format!("http://{address}/a"), GET_TIMEOUT)
        .await;
    let fetched = fetched.unwrap();
    assert_eq!(fetched.media_type.as_deref(), Some("text/x-film"));
    assert_eq!(fetched.body.length(), Some(4));
    assert_eq!(fetched.body.collect(4).await.unwrap(), "film");

    let (address, _) = answering(format!("{head}Connection: close\r\n\r\nfi")).await;
    let cut = fetch
        .open(&format!("http://{address}/a"), GET_TIMEOUT)
        .await;
    assert!(cut.unwrap().body.collect(4).await.is_err());
    let (address, _) = answering(status(404)).await;
    let gone = fetch
        .open(&format!("http://{address}/a"), GET_TIMEOUT)
        .await;
    assert_eq!(gone.unwrap_err().status(), Some(404));
    for (fetch, host) in [(Fetch::new(false), "127.0.0.1:9"), (fetch, "169.254.0.23")] {
        let error = fetch.open(&format!("http://{host}/"), GET_TIMEOUT).await;
        assert!(matches!(error, Err(FetchError::Forbidden(_))), "{host}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let fetch = Fetch::new(true);
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://169.254.0.23/\r\n\
                    Content-Length: 0\r\nConnection: close\r\n\r\n";
    let (address, _) = answering(redirect.to_owned()).await;
    let error = fetch
        .get(&format!("http://{address}/"), 1)
        .await
        .unwrap_err();
    assert_eq!(error.status(), Some(302));
}

#[tokio::test]
async fn a_post_carries_type_and_body() {
    let fetch = Fetch::new(true);
    let (address, asked) = answering(ok("")).await;
    let status = fetch
        .post(
            &format!("http://{address}/hook"),
            "application/xml",
            b"<a/>".to_vec(),
        )
        .await
        .unwrap();
    assert_eq!(status, 200);
    let asked = asked.await.unwrap().to_lowercase();
    assert!(asked.starts_with("post /hook http/1.1\r\n"), "{asked}");
    assert!(
        asked.contains("content-type: application/xml\r\n"),
        "{asked}"
    );
    assert!(asked.ends_with("\r\n\r\n<a/>"), "{asked}");
}

#[tokio::test]
async fn loopback_is_refused_unless_allowed_however_it_is_written() {
    let fetch = Fetch::new(false);
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0x7f.1",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ] {
        let error = fetch
            .get(&format!("http://{host}:9/?key=s3cret"), 1)
            .await
            .unwrap_err();
        assert!(matches!(error, FetchError::Forbidden(_)), "{host}: {error}");
        assert!(!error.to_string().contains("s3cret"));
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn metadata_is_refused_even_if_private_addresses_are_allowed() {
    let fetch = Fetch::new(true);
    for host in ["169.254.0.23", "169.254.169.254", "[fe80::1]", "0.0.0.0"] {
        let error = fetch
            .post(&format!("http://{host}/"), "", Vec::new())
            .await
            .unwrap_err();
        assert!(matches!(error, FetchError::Forbidden(_)), "{host}: {error}");
    }
}

#[tokio::test]
async fn only_the_web_is_reached() {
    let fetch = Fetch::new(true);
    for url in ["file:///etc/passwd", "ftp://a/b", "a/b", "", "http://"] {
        let error = fetch.get(url, 1).await.unwrap_err();
        assert!(matches!(error, FetchError::Address(_)), "{url}: {error}");
    }
}

#[tokio::test]
async fn nobody_listening_is_worth_another_attempt() {
    // It has the port, so that nobody else gets it, and does not listen.
    let silent = TcpSocket::new_v4().unwrap();
    silent.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = silent.local_addr().unwrap();
    let fetch = Fetch::new(true);
    let error = fetch
        .get(&format!("http://{address}/?key=s3cret"), 1)
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::Network { .. }), "{error}");
    assert!(error.is_transient());
    assert!(!error.to_string().contains("s3cret"));
}

/// This machine, its neighbours, and where clouds keep the credentials of their machines, in the
/// spellings that have fooled others.
const FORBIDDEN: [&str; 47] = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "0x7f.1",
    "0x7f000001",
    "0177.0.0.1",
    "017700000001",
    "2130706433",
    "localhost",
    "LOCALHOST",
    "user:password@127.0.0.1",
    "%31%32%37.0.0.1",
    "\u{2460}\u{2461}\u{2466}.0.0.1",
    "127\u{3002}0\u{3002}0\u{3002}1",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "100.64.0.1",
    "198.18.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.0.23",
    "169.254.169.254",
    "0xa9fea9fe",
    "2852039166",
    "192.0.0.192",
    "224.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
];

#[tokio::test]
async fn forbidden_addresses_are_neither_read_nor_written_to() {
    let fetch = Fetch::new(false);
    for host in FORBIDDEN {
        let url = format!("http://{host}:9/");
        for error in [
            fetch.get(&url, 1).await.unwrap_err(),
            fetch.post(&url, "", Vec::new()).await.unwrap_err(),
        ] {
            assert!(matches!(error, FetchError::Forbidden(_)), "{host}: {error}");
        }
    }
    println!(
        "figure: {} addresses, none read from and none written to",
        FORBIDDEN.len()
    );
}
