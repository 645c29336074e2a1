//! Archived objects, and the clock of the cloud.

use std::time::Duration;

use tcloud_cos::types::RestoreParameters;
use tcloud_local::AuthMode;

use crate::fixture::{BUCKET, Fixture, NOW, REGION, code, request, text};

#[tokio::test]
async fn an_archived_object_is_restored_before_it_is_read() {
    let fixture = Fixture::mode(AuthMode::Off).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    client
        .put_object(BUCKET, "k", "content")
        .storage_class("ARCHIVE")
        .send()
        .await
        .unwrap();
    let head = client.head_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(head.storage_class.as_ref().unwrap().as_str(), "ARCHIVE");
    assert_eq!(head.restore, None);
    let refused = client.get_object(BUCKET, "k").send().await.unwrap_err();
    assert_eq!(
        (refused.code(), refused.status().unwrap().as_u16()),
        (Some("InvalidObjectState"), 403)
    );
    let refused = fixture.anonymous("GET /k").await;
    assert_eq!(refused.header("x-cos-storage-class"), "ARCHIVE");
    let source = format!("{BUCKET}.cos.{REGION}.myqcloud.com/k");
    let copy = client.put_object_copy(BUCKET, "to", &source).send().await;
    assert_eq!(code(copy), "InvalidObjectState");

    let restore = || {
        let tier = RestoreParameters::new("Expedited");
        client.post_object_restore(BUCKET, "k", 1, tier).send()
    };
    assert_eq!(restore().await.unwrap().status(), 202);
    let head = client.head_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(head.restore.as_deref(), Some("ongoing-request=\"true\""));
    assert_eq!(
        head.restore_status.as_deref(),
        Some("tier=\"expedited\"; request-date=\"Tue, 14 Nov 2023 22:13:20 GMT\"")
    );
    assert_eq!(code(restore().await), "RestoreAlreadyInProgress");

    fixture
        .cloud
        .advance_clock(Duration::from_mins(5))
        .await
        .unwrap();
    let client = fixture.client_at(NOW + 300_000);
    let read = client.get_object(BUCKET, "k").send().await.unwrap();
    // The end of the next day in Beijing, where it is the 15th.
    assert_eq!(
        read.restore.as_deref(),
        Some("ongoing-request=\"false\", expiry-date=\"Thu, 16 Nov 2023 16:00:00 GMT\"")
    );
    assert_eq!(text(read.into_body()).await, "content");
    client
        .put_object_copy(BUCKET, "to", &source)
        .send()
        .await
        .unwrap();
    let longer = client.post_object_restore(BUCKET, "k", 2, RestoreParameters::new("Bulk"));
    assert_eq!(longer.send().await.unwrap().status(), 200);

    let days = Duration::from_hours(3 * 24);
    fixture.cloud.advance_clock(days).await.unwrap();
    let client = fixture.client_at(NOW + 300_000 + 3 * 24 * 3_600_000);
    assert_eq!(
        code(client.get_object(BUCKET, "k").send().await),
        "InvalidObjectState"
    );
    let head = client.head_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(head.restore, None);
}

#[tokio::test]
async fn what_cannot_be_restored_is_refused() {
    let (_fixture, client) = Fixture::with_bucket().await;
    client.put_object(BUCKET, "warm", "").send().await.unwrap();
    let deep = client
        .put_object(BUCKET, "deep", "")
        .storage_class("DEEP_ARCHIVE");
    deep.send().await.unwrap();
    let restore = |key: &str, days, tier: &str| {
        let tier = RestoreParameters::new(tier);
        client.post_object_restore(BUCKET, key, days, tier).send()
    };
    let warm = restore("warm", 1, "Bulk").await.unwrap_err();
    assert_eq!(
        (warm.code(), warm.status().unwrap().as_u16()),
        (Some("RestoreNonArchiveObject"), 405)
    );
    assert_eq!(
        code(restore("deep", 1, "Expedited").await),
        "InvalidArgument"
    );
    assert_eq!(code(restore("deep", 0, "Bulk").await), "InvalidArgument");
    assert_eq!(code(restore("deep", 366, "Bulk").await), "InvalidArgument");
    assert_eq!(code(restore("deep", 1, "Slow").await), "InvalidArgument");
    assert_eq!(code(restore("none", 1, "Bulk").await), "NoSuchKey");
    restore("deep", 365, "Bulk").await.unwrap();
}

#[tokio::test]
async fn the_clock_is_put_ahead_by_a_request() {
    let (fixture, _client) = Fixture::with_bucket().await;
    let page = async |line: &str, host: &str| {
        let answer = fixture.send(request(line, host)).await;
        (answer.status.as_u16(), answer.text)
    };
    let (status, text) = page("POST /_local/clock?advance=3600", "localhost").await;
    assert_eq!(status, 200, "{text}");
    let page_of = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(page_of(&text)["now"], "2023-11-14T23:13:20Z");
    assert_eq!(page_of(&text)["ahead_seconds"], 3600);
    let (_, text) = page("GET /_local/clock", "localhost").await;
    assert_eq!(page_of(&text)["now"], "2023-11-14T23:13:20Z");
    let service = format!("service.cos.{REGION}.myqcloud.com");
    let answer = fixture.send(request("GET /", &service)).await;
    assert_eq!(answer.header("date"), "Tue, 14 Nov 2023 23:13:20 GMT");
    for wrong in [
        "",
        "?advance=",
        "?advance=-1",
        "?advance=1h",
        "?advance=99999999999",
        "?other=1",
    ] {
        let (status, text) = page(&format!("POST /_local/clock{wrong}"), "localhost").await;
        assert_eq!(status, 400, "{wrong}");
        assert!(text.contains("advance"), "{text}");
    }
    let (status, _) = page("DELETE /_local/clock", "localhost").await;
    assert_eq!(status, 405);
    let (_, text) = page("GET /_local/clock", "localhost").await;
    assert_eq!(page_of(&text)["ahead_seconds"], 3600);
}
