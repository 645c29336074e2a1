use http::{Request, StatusCode};
use serde_json::Value;
use tcloud_core::body::Body;
use tcloud_core::credentials::Credentials;
use tcloud_local::{Role, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::fixture::{BUCKET, Fixture, account, code, policy};

const CREDENTIALS: &str = "/latest/meta-data/cam/security-credentials/";

async fn with_role() -> Fixture {
    let account = account().instance_role("uploader");
    Fixture::with(Settings::default().account(account)).await
}

/// Status and text of the answer to `<method> <path>`.
async fn ask(fixture: &Fixture, line: &str) -> (StatusCode, String) {
    let (method, path) = line.split_once(' ').unwrap();
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "metadata.tencentyun.com")
        .body(Body::empty())
        .unwrap();
    let answer = fixture.cloud.handle(request).await;
    let status = answer.status();
    let text = answer.into_body().collect(1 << 16).await.unwrap();
    (status, String::from_utf8(text.to_vec()).unwrap())
}

async fn get(fixture: &Fixture, path: &str) -> (StatusCode, String) {
    ask(fixture, &format!("GET {path}")).await
}

#[tokio::test]
async fn a_machine_gets_keys_of_its_role() {
    let fixture = with_role().await;
    assert_eq!(
        get(&fixture, CREDENTIALS).await,
        (StatusCode::OK, "uploader".into())
    );
    let (status, text) = get(&fixture, &format!("{CREDENTIALS}uploader")).await;
    assert_eq!(status, StatusCode::OK);
    let key: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(key["Code"], "Success");
    assert_eq!(key["ExpiredTime"], 1_700_021_600);
    assert_eq!(key["Expiration"], "2023-11-15T04:13:20Z");
    let text = |name: &str| key[name].as_str().unwrap().to_owned();
    let key = Credentials::new(text("TmpSecretId"), text("TmpSecretKey")).with_token(text("Token"));
    assert_eq!(fixture.who(&key).await.unwrap().0, "CAMRole");
    let cos = fixture.cos(&key);
    cos.put_object(BUCKET, "machine", "a").send().await.unwrap();
    assert_eq!(
        code(cos.delete_object(BUCKET, "machine").send().await),
        "AccessDenied"
    );
    fixture.pass(21_600);
    let get = fixture.cos(&key).get_object(BUCKET, "machine").send().await;
    assert_eq!(code(get), "ExpiredToken");
}

#[tokio::test]
async fn a_machine_without_a_role_has_no_keys() {
    let fixture = Fixture::new().await;
    for path in [
        CREDENTIALS,
        "/latest/meta-data/cam/",
        &format!("{CREDENTIALS}uploader"),
    ] {
        assert_eq!(get(&fixture, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (_, list) = get(&fixture, "/latest/meta-data/").await;
    assert!(!list.contains("cam"), "{list}");
}

#[tokio::test]
async fn a_machine_is_told_where_it_is() {
    let settings = Settings::default().default_region("ap-beijing");
    let fixture = Fixture::start(settings, std::sync::Arc::default()).await;
    for (item, value) in [
        ("placement/region", "ap-beijing"),
        ("placement/zone", "ap-beijing-3"),
        ("instance-id", "ins-local000"),
        ("app-id", "1250000000"),
        ("local-ipv4", "127.0.0.1"),
    ] {
        let path = format!("/latest/meta-data/{item}");
        assert_eq!(
            get(&fixture, &path).await,
            (StatusCode::OK, value.into()),
            "{item}"
        );
        let (_, list) = get(&fixture, "/meta-data/").await;
        assert!(list.contains(item.split('/').next().unwrap()), "{list}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let fixture = with_role().await;
    for path in [
        "/",
        "/latest/user-data",
        "/latest/meta-data/placement/rack",
        &format!("{CREDENTIALS}visitor"),
        &format!("{CREDENTIALS}uploader/x"),
        "/latest/meta-data/../../etc/passwd",
    ] {
        assert_eq!(get(&fixture, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let put = ask(&fixture, &format!("PUT {CREDENTIALS}uploader")).await;
    assert_eq!(put.0, StatusCode::METHOD_NOT_ALLOWED);
    let head = ask(&fixture, "HEAD /latest/meta-data/instance-id").await;
    assert_eq!(head, (StatusCode::OK, String::new()));
}

#[tokio::test]
async fn a_role_ends_its_keys_as_early_as_it_says() {
    let mut short = Role::new(
        "short",
        policy(&serde_json::json!({
            "effect": "allow",
            "action": "sts:AssumeRole",
            "principal": { "service": "cvm.cloud.tencent.com" }
        })),
    );
    short.longest_session = 60;
    let account = account().role(short).instance_role("short");
    let fixture = Fixture::with(Settings::default().account(account)).await;
    let (_, text) = get(&fixture, &format!("{CREDENTIALS}short")).await;
    let key: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(key["ExpiredTime"], 1_700_000_060);
}

/// As providers send it: to the address with the service's own host, or through a proxy.
#[tokio::test]
async fn it_is_reached_by_its_host_and_as_a_proxy_over_a_socket() {
    let fixture = with_role().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let cloud = fixture.cloud.clone();
    let serving = tokio::spawn(async move { cloud.serve(listener).await });
    for target in [
        CREDENTIALS.to_owned(),
        format!("http://metadata.tencentyun.com{CREDENTIALS}"),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: metadata.tencentyun.com\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\nuploader"), "{answer}");
    }
    fixture.cloud.shutdown().await;
    serving.await.unwrap().unwrap();
}

/// A web page must not get at keys through a browser, nor a client through the cloud's own jobs.
#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let fixture = with_role().await;
    let request = Request::get(CREDENTIALS)
        .header("host", "metadata.tencentyun.com")
        .header("origin", "https://evil.example.com")
        .body(Body::empty())
        .unwrap();
    let answer = fixture.cloud.handle(request).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
}
