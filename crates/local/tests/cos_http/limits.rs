//! What an ephemeral cloud has room for.

use http::StatusCode;
use tcloud_local::Settings;

use crate::fixture::{BUCKET, Fixture};

#[tokio::test]
async fn an_ephemeral_cloud_takes_so_much_content_and_no_more() {
    let fixture = Fixture::with(Settings::default().ephemeral_limit(1000)).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    let put = async |key: &str, bytes: usize| {
        let put = client.put_object(BUCKET, key, vec![7; bytes]);
        put.send().await
    };
    put("a", 1000).await.unwrap();
    let full = put("b", 1).await.unwrap_err();
    assert_eq!(full.status(), Some(StatusCode::INSUFFICIENT_STORAGE));
    assert_eq!(full.code(), Some("InsufficientStorage"));
    assert!(full.message().contains("limited to 1000 bytes"), "{full}");
    client.delete_object(BUCKET, "a").send().await.unwrap();
    put("b", 1000).await.unwrap();
}
