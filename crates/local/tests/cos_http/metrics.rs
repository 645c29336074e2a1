//! What Prometheus reads.

use http::Request;
use prometheus_parse::{Scrape, Value};
use tcloud_core::body::Body;

use super::fixture::{BUCKET, Fixture};

async fn scrape(fixture: &Fixture) -> Scrape {
    let request = Request::get("/_local/metrics").header("host", "localhost");
    let answer = fixture.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200);
    let format = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(answer.header("content-type"), format);
    Scrape::parse(answer.text.lines().map(|line| Ok(line.to_owned()))).unwrap()
}

/// The value of the metric `name` whose labels are those and perhaps more.
fn value(scrape: &Scrape, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let found = scrape.samples.iter().find(|it| {
        it.metric == name
            && labels
                .iter()
                .all(|(label, text)| it.labels.get(label) == Some(*text))
    });
    match &found?.value {
        Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value) => Some(*value),
        Value::Histogram(buckets) => buckets.last().map(|all| all.count),
        Value::Summary(_) => None,
    }
}

#[tokio::test]
async fn requests_and_the_store_are_counted() {
    let (fixture, client) = Fixture::with_bucket().await;
    client.put_object(BUCKET, "a", "abc").send().await.unwrap();
    client.put_object(BUCKET, "b", "de").send().await.unwrap();
    client.get_object(BUCKET, "none").send().await.unwrap_err();
    let scrape = scrape(&fixture).await;
    let requests = |operation: &str, status: &str| {
        let labels = [
            ("service", "cos"),
            ("operation", operation),
            ("status", status),
        ];
        value(&scrape, "tcloud_requests_total", &labels)
    };
    assert_eq!(requests("PutObject", "200"), Some(2.0));
    assert_eq!(requests("GetObject", "404"), Some(1.0));
    assert_eq!(requests("GetObject", "200"), None);
    let labels = [("operation", "PutObject")];
    let took = value(&scrape, "tcloud_request_duration_seconds", &labels);
    assert_eq!(took, Some(2.0));
    for (name, expected) in [
        ("tcloud_store_up", 1.0),
        ("tcloud_buckets", 1.0),
        ("tcloud_objects", 2.0),
        ("tcloud_object_bytes", 5.0),
    ] {
        assert_eq!(value(&scrape, name, &[]), Some(expected), "{name}");
    }
    let commits = value(&scrape, "tcloud_commit_transactions", &[]);
    assert!(commits.unwrap() >= 3.0, "{commits:?}");
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    assert_eq!(value(&scrape, "tcloud_info", &version), Some(1.0));
    if cfg!(target_os = "linux") {
        let memory = value(&scrape, "process_resident_memory_bytes", &[]);
        assert!(memory.unwrap() > 1e6, "{memory:?}");
    }
}
