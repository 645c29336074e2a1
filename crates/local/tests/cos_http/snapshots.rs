//! All of the state as one file, over sockets.

use http::header::{CONTENT_LENGTH, HOST};
use http::{Method, Request};
use tcloud_core::body::Body;
use tcloud_core::transport::{Reqwest, Transport};
use tcloud_local::Settings;

use crate::fixture::{BUCKET, REGION, code, text};
use crate::sockets::Served;

/// Sends `body` to the page of `served`; the status and what came back.
async fn page(served: &Served, method: Method, body: Vec<u8>) -> (u16, Vec<u8>) {
    let host = format!("127.0.0.1:{}", served.port);
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{host}/_local/snapshot"))
        .header(HOST, host)
        .header(CONTENT_LENGTH, body.len())
        .body(Body::from(body))
        .unwrap();
    let answer = Reqwest::new().unwrap().send(request).await.unwrap();
    let status = answer.status().as_u16();
    (
        status,
        answer.into_body().collect(64 << 20).await.unwrap().to_vec(),
    )
}

async fn served() -> Served {
    Served::new(Settings::default().default_region(REGION).bucket(BUCKET)).await
}

#[tokio::test]
async fn a_file_brings_back_what_was() {
    let served = served().await;
    let client = served.fixture.client();
    client
        .put_object(BUCKET, "a", vec![7; 300_000])
        .send()
        .await
        .unwrap();
    let (status, snapshot) = page(&served, Method::GET, Vec::new()).await;
    assert_eq!(status, 200);
    client.delete_object(BUCKET, "a").send().await.unwrap();
    client.put_object(BUCKET, "b", "b").send().await.unwrap();

    let (status, said) = page(&served, Method::PUT, snapshot.clone()).await;
    let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
    assert_eq!(
        (status, &said),
        (200, &serde_json::json!({ "objects": 1, "blobs": 1 }))
    );
    let a = client.get_object(BUCKET, "a").send().await.unwrap();
    assert_eq!(
        a.into_body().collect(1 << 20).await.unwrap(),
        vec![7; 300_000]
    );
    assert_eq!(
        code(client.get_object(BUCKET, "b").send().await),
        "NoSuchKey"
    );

    // A cloud of another kind takes it, too.
    let folder = tempfile::tempdir().unwrap();
    let other = Served::new(Settings::default().folder(folder.path())).await;
    assert_eq!(page(&other, Method::PUT, snapshot).await.0, 200);
    let client = other.fixture.client();
    client.head_object(BUCKET, "a").send().await.unwrap();
    let (status, _) = page(&other, Method::GET, Vec::new()).await;
    assert_eq!(status, 200);
}

#[tokio::test]
async fn what_is_no_snapshot_is_refused() {
    let served = served().await;
    let client = served.fixture.client();
    client.put_object(BUCKET, "a", "a").send().await.unwrap();
    let (status, said) = page(&served, Method::PUT, b"nothing".repeat(200)).await;
    let said = String::from_utf8(said).unwrap();
    assert_eq!(status, 400, "{said}");
    assert!(said.contains("this is no snapshot"), "{said}");
    assert_eq!(page(&served, Method::DELETE, Vec::new()).await.0, 405);
    let a = client.get_object(BUCKET, "a").send().await.unwrap();
    assert_eq!(text(a.into_body()).await, "a");
}

#[tokio::test]
async fn a_test_goes_back_to_where_it_was() {
    let served = served().await;
    let (cloud, client) = (&served.fixture.cloud, served.fixture.client());
    client
        .put_object(BUCKET, "a", "before")
        .send()
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("before.tar");
    assert_eq!(cloud.snapshot(&file).await.unwrap().objects, 1);
    let again = cloud.snapshot(&file).await.unwrap_err().to_string();
    assert!(again.contains("before.tar"), "{again}");
    client
        .put_object(BUCKET, "a", "after")
        .send()
        .await
        .unwrap();
    assert_eq!(cloud.restore(&file).await.unwrap().objects, 1);
    let a = client.get_object(BUCKET, "a").send().await.unwrap();
    assert_eq!(text(a.into_body()).await, "before");
}
