//! Accesses are logged as the clock goes on.

use tcloud_cos::Client;
use tcloud_local::{AuthMode, DEFAULT_SECRET_ID, Settings};

use crate::fixture::{Answered, BUCKET, Fixture, bucket_host, request, text};

const LOGS: &str = "logs-1250000000";

async fn open(mode: AuthMode) -> (Fixture, Client) {
    let fixture = Fixture::mode(mode).await;
    let client = fixture.client();
    for bucket in [BUCKET, LOGS] {
        client.put_bucket(bucket).send().await.unwrap();
    }
    (fixture, client)
}

fn document(prefix: &str) -> String {
    format!(
        "<BucketLoggingStatus><LoggingEnabled><TargetBucket>{LOGS}</TargetBucket>\
         <TargetPrefix>{prefix}</TargetPrefix></LoggingEnabled></BucketLoggingStatus>"
    )
}

async fn set(fixture: &Fixture, document: String) -> Answered {
    let mut put = request("PUT /?logging", &bucket_host());
    *put.body_mut() = document.into();
    fixture.send(put).await
}

/// Lets `seconds` pass, and returns how many objects were delivered.
async fn advance(fixture: &Fixture, seconds: u64) -> u64 {
    let line = format!("POST /_local/clock?advance={seconds}");
    let answer = fixture.send(request(&line, "localhost")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let page: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    let delivered = page.pointer("/done/access_logs").unwrap();
    delivered.as_u64().unwrap()
}

/// The keys of all objects with accesses, and the fields of their lines.
async fn logged(client: &Client) -> Vec<(String, Vec<Vec<String>>)> {
    let listed = client.get_bucket(LOGS).send().await.unwrap();
    let mut logged = Vec::new();
    for object in &listed.contents {
        let key = object.key.clone().unwrap();
        let mut got = client.get_object(LOGS, &key).send().await.unwrap();
        let lines = text(std::mem::take(got.body_mut())).await;
        let fields = |line: &str| line.split(' ').map(ToOwned::to_owned).collect();
        logged.push((key, lines.lines().map(fields).collect()));
    }
    logged
}

#[tokio::test]
async fn accesses_become_lines_of_an_object() {
    let (fixture, client) = open(AuthMode::Off).await;
    client
        .put_object(BUCKET, "before", "x")
        .send()
        .await
        .unwrap();
    assert_eq!(set(&fixture, document("album/")).await.status, 200);
    client
        .put_object(BUCKET, "k", "content")
        .send()
        .await
        .unwrap();
    let mut missing = request("GET /none?versionId=a%20b", &bucket_host());
    let headers = missing.headers_mut();
    headers.insert("user-agent", "a browser/1".parse().unwrap());
    headers.insert("referer", "http://example.com/".parse().unwrap());
    let missing = fixture.send(missing).await;
    assert!(missing.status.is_client_error());
    client.put_object(LOGS, "other", "x").send().await.unwrap();
    assert_eq!(advance(&fixture, 0).await, 1);
    client.delete_object(LOGS, "other").send().await.unwrap();
    let logged = logged(&client).await;
    let [(key, lines)] = &logged[..] else {
        panic!("{logged:?}")
    };
    assert!(key.starts_with("album/2023/11/14/20231114221320_"), "{key}");
    assert_eq!(lines.len(), 2, "{lines:?}");
    for line in lines {
        assert_eq!(line.len(), 30);
        assert_eq!(
            line[..4],
            ["1.0", BUCKET, "ap-chongqing", "2023-11-14T22:13:20Z"]
        );
        assert_eq!(line[4], bucket_host());
        assert_eq!(line[6], "127.0.0.1");
    }
    let [put, got] = &lines[..] else { panic!() };
    assert_eq!(put[5], "PutObject");
    assert_eq!((put[9].as_str(), put[11].as_str()), ("7", "/k"));
    assert_eq!((put[12].as_str(), put[14].as_str()), ("PUT", "200"));
    assert_eq!(got[5], "GetObject");
    assert_eq!(got[13], "a%20browser%2F1");
    assert_eq!(got[14], missing.status.as_str());
    assert_eq!(got[15], missing.element("Code"));
    assert_eq!(got[24], missing.header("x-cos-request-id"));
    assert_eq!(got[28], "http%3A%2F%2Fexample.com%2F");
    // Nothing is logged twice.
    assert_eq!(advance(&fixture, 3600).await, 0);
}

#[tokio::test]
async fn a_line_names_the_key_and_no_signature() {
    let (fixture, client) = open(AuthMode::Strict).await;
    let set = client.put_bucket_logging(BUCKET);
    let enabled = tcloud_cos::types::LoggingEnabled::new().target_bucket(LOGS);
    set.logging_enabled(enabled).send().await.unwrap();
    let hour = std::time::Duration::from_hours(1);
    let url = client.get_object(BUCKET, "k").presign(hour).await.unwrap();
    let url = url.url().to_string();
    let (_, path) = url.split_once(".com").unwrap();
    assert!(path.contains("q-signature="));
    fixture.anonymous(&format!("GET {path}")).await;
    fixture.anonymous("GET /k").await;
    assert_eq!(advance(&fixture, 0).await, 1);
    let logged = logged(&client).await;
    let lines = &logged[0].1;
    assert_eq!(lines[0][7], DEFAULT_SECRET_ID);
    assert!(lines[0][23].contains(':'), "{lines:?}");
    assert!(lines[0][29].contains("q-signature%3D"), "{lines:?}");
    let (_, signature) = path.split_once("q-signature=").unwrap();
    let signature = signature.split('&').next().unwrap();
    assert!(!lines[0][29].contains(signature), "{lines:?}");
    assert_eq!((lines[1][7].as_str(), lines[1][23].as_str()), ("-", "-"));
    assert_eq!(lines[1][15], "AccessDenied");
}

#[tokio::test]
async fn what_is_not_logged_any_more_is_not_delivered() {
    let (fixture, client) = open(AuthMode::Off).await;
    assert_eq!(set(&fixture, document("")).await.status, 200);
    client.put_object(BUCKET, "k", "x").send().await.unwrap();
    assert_eq!(
        set(&fixture, "<BucketLoggingStatus/>".into()).await.status,
        200
    );
    assert_eq!(advance(&fixture, 3600).await, 0);
    assert_eq!(set(&fixture, document("")).await.status, 200);
    client.put_object(BUCKET, "k", "x").send().await.unwrap();
    client.delete_bucket(LOGS).send().await.unwrap();
    assert_eq!(advance(&fixture, 3600).await, 0);
    client.put_bucket(LOGS).send().await.unwrap();
    client.put_object(BUCKET, "k", "x").send().await.unwrap();
    assert_eq!(advance(&fixture, 3600).await, 1);
    assert_eq!(logged(&client).await[0].1.len(), 1);
}

#[tokio::test]
async fn a_cloud_that_ends_delivers_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || {
        Settings::default()
            .auth(AuthMode::Off)
            .folder(folder.path())
    };
    let fixture = Fixture::with(settings()).await;
    let client = fixture.client();
    for bucket in [BUCKET, LOGS] {
        client.put_bucket(bucket).send().await.unwrap();
    }
    assert_eq!(set(&fixture, document("")).await.status, 200);
    client.put_object(BUCKET, "k", "x").send().await.unwrap();
    fixture.cloud.shutdown().await;
    let fixture = Fixture::with(settings()).await;
    let logged = logged(&fixture.client()).await;
    assert_eq!(logged.len(), 1);
    assert_eq!(logged[0].1.len(), 1);
}
