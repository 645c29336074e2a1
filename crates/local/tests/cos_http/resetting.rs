//! A cloud is emptied, by a request and by a call.

use std::time::{Duration, Instant};

use http::Request;
use tcloud_core::body::Body;
use tcloud_local::{FaultRule, LocalCloud, LocalError, Settings};

use crate::fixture::{BUCKET, Fixture, REGION, code, request};

async fn filled() -> (Fixture, tcloud_cos::Client) {
    let settings = Settings::default().default_region(REGION).bucket(BUCKET);
    let fixture = Fixture::with(settings).await;
    let client = fixture.client();
    let other = client.put_bucket("other-1250000000").send().await;
    other.unwrap();
    for key in ["a", "b"] {
        let put = client.put_object(BUCKET, key, "content").send().await;
        put.unwrap();
    }
    (fixture, client)
}

async fn buckets(client: &tcloud_cos::Client) -> Vec<String> {
    let listed = client.get_service().send().await.unwrap().into_output();
    let buckets = listed.buckets.unwrap_or_default().bucket;
    buckets.into_iter().filter_map(|it| it.name).collect()
}

#[tokio::test]
async fn nothing_is_left_but_what_the_settings_gave() {
    let (fixture, client) = filled().await;
    let cloud = &fixture.cloud;
    cloud.advance_clock(Duration::from_mins(5)).await.unwrap();
    cloud.faults().add(FaultRule::throttle().skip(100)).unwrap();
    assert!(!cloud.requests().all().is_empty());

    let answer = fixture
        .send(request("POST /_local/reset", "localhost"))
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    let emptied: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    let expected = serde_json::json!({ "buckets": 2, "objects": 2, "jobs": 0 });
    assert_eq!(emptied, expected);

    assert_eq!(cloud.faults().list(), []);
    assert_eq!(cloud.requests().all().len(), 0);
    let log = fixture.page("/_local/requests").await;
    assert_eq!(log["requests"], serde_json::json!([]));
    assert_eq!(fixture.page("/_local/clock").await["ahead_seconds"], 0);
    // The same key is known, and the bucket of the settings is there.
    assert_eq!(buckets(&client).await, [BUCKET]);
    assert_eq!(
        code(client.get_object(BUCKET, "a").send().await),
        "NoSuchKey"
    );
    let put = client.put_object(BUCKET, "a", "again").send().await;
    put.unwrap();

    let emptied = cloud.reset().await.unwrap();
    assert_eq!((emptied.buckets, emptied.objects), (1, 1));
    assert_eq!(buckets(&client).await, [BUCKET]);
}

#[tokio::test]
async fn nobody_empties_it_by_mistake_or_from_another_site() {
    let (fixture, client) = filled().await;
    let status = async |request: Request<Body>| fixture.send(request).await.status.as_u16();
    assert_eq!(status(request("GET /_local/reset", "localhost")).await, 405);
    assert_eq!(
        status(request("DELETE /_local/reset", "localhost")).await,
        405
    );
    let answer = fixture
        .send(request("POST /_local/reset?bucket=a", "localhost"))
        .await;
    assert_eq!(answer.status.as_u16(), 400);
    assert!(
        answer.text.contains("no parameter bucket"),
        "{}",
        answer.text
    );
    assert_eq!(
        status(request("POST /_local/reset", "evil.example")).await,
        403
    );
    for line in ["POST /_local/reset", "DELETE /_local/faults"] {
        for origin in ["http://evil.example", "http://localhost:3000", "null"] {
            let mut across = request(line, "localhost");
            let origin = http::HeaderValue::from_static(origin);
            across.headers_mut().insert("origin", origin);
            assert_eq!(status(across).await, 403, "{line}");
        }
    }
    // Through a proxy, the path is one of a bucket's.
    let proxied = request(
        "POST http://album-1250000000.cos.ap-guangzhou.myqcloud.com/_local/reset",
        "localhost",
    );
    assert_ne!(status(proxied).await, 200);
    assert_eq!(buckets(&client).await.len(), 2);
}

#[tokio::test]
async fn what_is_being_uploaded_finds_no_bucket() {
    let (fixture, client) = Fixture::with_bucket().await;
    let (send, received) = tokio::sync::oneshot::channel();
    let (go, gone) = tokio::sync::oneshot::channel::<()>();
    let start = futures_util::stream::once(async move {
        send.send(()).unwrap();
        Ok(bytes::Bytes::from(vec![7; 100_000]))
    });
    let end = futures_util::stream::once(async move {
        gone.await.unwrap();
        Ok(bytes::Bytes::from_static(b"end"))
    });
    let stream = futures_util::StreamExt::chain(start, end);
    let body = Body::from_stream(stream, Some(100_003));
    let put = client.put_object(BUCKET, "late", body).send();
    let between = async {
        received.await.unwrap();
        fixture.cloud.reset().await.unwrap();
        go.send(()).unwrap();
    };
    let (stored, ()) = tokio::join!(put, between);
    assert_eq!(code(stored), "NoSuchBucket");
    assert_eq!(buckets(&client).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_name_of_the_settings_has_to_be_one_of_a_bucket() {
    let settings = Settings::default().bucket("Album");
    let refused = LocalCloud::start(settings).await;
    assert!(matches!(refused, Err(LocalError::Bucket(name)) if name == "Album"));
}

/// `cargo test -p tcloud-local --test cos_http -- --ignored --nocapture a_reset_takes`
#[tokio::test]
#[ignore = "a measurement"]
async fn a_reset_takes() {
    let (fixture, client) = filled().await;
    let mut taken = Vec::new();
    for _ in 0..50 {
        for key in 0..10 {
            let put = client.put_object(BUCKET, format!("{key}"), vec![7; 10_000]);
            put.send().await.unwrap();
        }
        let started = Instant::now();
        fixture.cloud.reset().await.unwrap();
        taken.push(started.elapsed());
    }
    taken.sort_unstable();
    println!(
        "a reset of 10 objects in memory: {:?} (median), {:?} (slowest of {})",
        taken[taken.len() / 2],
        taken.last().unwrap(),
        taken.len()
    );
}
