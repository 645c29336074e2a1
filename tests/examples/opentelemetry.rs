//! Metrics of calls by OpenTelemetry: an [`Observer`] whose instruments have the names and the
//! attributes of its semantic conventions where there are any. Copy it into your program and take a
//! meter provider with an exporter of your choice; this one exports into memory, to be looked at.
//!
//! Traces need no adapter: the feature `tracing` of the clients opens a span for each call and each
//! attempt, which the crate `tracing-opentelemetry` exports.
//!
//! ```sh
//! cargo run -p tcloud-tests --example opentelemetry
//! ```
#![expect(clippy::unwrap_used, reason = "an example that cannot go on ends")]

use std::collections::BTreeMap;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics,
};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use tcloud_core::environment::Manual;
use tcloud_core::error::Error;
use tcloud_core::observe::{Event, Observer, Outcome};
use tcloud_core::operation::Operation;
use tcloud_core::transport::Memory;
use tcloud_cos::{Client, Config, Credentials};

/// Records what happens to calls.
#[derive(Debug)]
struct Metrics {
    calls: Histogram<f64>,
    attempts: Histogram<f64>,
    sent: Histogram<u64>,
    received: Histogram<u64>,
    retries: Counter<u64>,
    refreshes: Counter<u64>,
}

impl Metrics {
    fn new(meter: &Meter) -> Self {
        let seconds = |name| meter.f64_histogram(name).with_unit("s");
        let bytes = |name| meter.u64_histogram(name).with_unit("By").build();
        Self {
            calls: seconds("rpc.client.call.duration").build(),
            attempts: seconds("http.client.request.duration").build(),
            sent: bytes("http.client.request.body.size"),
            received: bytes("http.client.response.body.size"),
            retries: meter.u64_counter("tcloud.client.retries").build(),
            refreshes: meter
                .u64_counter("tcloud.client.credential_refreshes")
                .build(),
        }
    }
}

impl Observer for Metrics {
    fn observe(&self, event: &Event<'_>) {
        match event {
            Event::CallEnded {
                operation,
                duration,
                outcome,
                ..
            } => {
                let mut attributes = of(operation);
                attributes.extend(error_type(*outcome));
                self.calls.record(duration.as_secs_f64(), &attributes);
            }
            Event::AttemptEnded {
                operation,
                host,
                status,
                sent,
                received,
                duration,
                outcome,
                ..
            } => {
                let mut attributes = of(operation);
                attributes.push(KeyValue::new("http.request.method", operation.method));
                attributes.push(KeyValue::new("server.address", (*host).to_owned()));
                if let Some(status) = status {
                    let status = i64::from(status.as_u16());
                    attributes.push(KeyValue::new("http.response.status_code", status));
                }
                attributes.extend(error_type(*outcome));
                self.attempts.record(duration.as_secs_f64(), &attributes);
                self.sent.record(*sent, &attributes);
                self.received.record(*received, &attributes);
            }
            Event::Retry { operation, .. } => self.retries.add(1, &of(operation)),
            Event::CredentialsRefreshed { .. } => self.refreshes.add(1, &[]),
            Event::CredentialsNotRefreshed { .. } => {
                let failed = KeyValue::new("error.type", "credentials");
                self.refreshes.add(1, &[failed]);
            }
            _ => {}
        }
    }
}

/// What is called. Buckets and keys would make a series of each: they are left to traces.
fn of(operation: &Operation) -> Vec<KeyValue> {
    vec![
        KeyValue::new("rpc.system.name", "tencentcloud"),
        KeyValue::new("rpc.service", operation.service.name),
        KeyValue::new("rpc.method", operation.name),
    ]
}

/// The code of a refusal, or the kind of another failure. Messages could hold anything.
fn error_type(outcome: Outcome<'_>) -> Option<KeyValue> {
    let text = |error: &Error| {
        let code = error.code().map(str::to_owned);
        code.unwrap_or_else(|| format!("{:?}", error.kind()))
    };
    match outcome {
        Outcome::Failed(error) => Some(KeyValue::new("error.type", text(error))),
        Outcome::Abandoned => Some(KeyValue::new("error.type", "abandoned")),
        _ => None,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let exporter = InMemoryMetricExporter::default();
    let reader = PeriodicReader::builder(exporter.clone())
        .with_interval(Duration::from_mins(1))
        .build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();

    // A service in memory: busy at first, then it has the object, then it has not.
    let busy = "<Error><Code>SlowDown</Code><Message>Please wait.</Message></Error>";
    let missing = "<Error><Code>NoSuchKey</Code><Message>There is none.</Message></Error>";
    let service = Memory::answering([(503, busy), (200, "hello"), (404, missing)]);
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(service)
        .environment(Manual::new(1_700_000_000_000))
        .observer(Metrics::new(&provider.meter("tcloud")))
        .build()?;
    let client = Client::new(&config);
    let bucket = "examplebucket-1250000000";
    client.get_object(bucket, "hello.txt").send().await?;
    let refused = client.get_object(bucket, "other.txt").send().await;
    assert!(refused.unwrap_err().is_not_found());

    provider.force_flush().unwrap();
    let series = series(&exporter);
    for (name, count) in &series {
        println!("{count} × {name}");
    }
    let object = "rpc.method=GetObject rpc.service=cos rpc.system.name=tencentcloud";
    let host = "server.address=examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com";
    let attempt = |status: &str, error: &str| {
        format!(
            "http.client.request.duration {error}http.request.method=GET \
             http.response.status_code={status} {object} {host}"
        )
    };
    for (name, count) in [
        (format!("rpc.client.call.duration {object}"), 1),
        (
            format!("rpc.client.call.duration error.type=NoSuchKey {object}"),
            1,
        ),
        (attempt("503", "error.type=SlowDown "), 1),
        (attempt("200", ""), 1),
        (attempt("404", "error.type=NoSuchKey "), 1),
        (format!("tcloud.client.retries {object}"), 1),
        ("tcloud.client.credential_refreshes".to_owned(), 1),
    ] {
        assert_eq!(series.get(&name), Some(&count), "{name}");
    }
    Ok(())
}

/// How often each series was recorded, by name and attributes.
fn series(exporter: &InMemoryMetricExporter) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let all = exporter.get_finished_metrics().unwrap();
    let scopes = all.iter().flat_map(ResourceMetrics::scope_metrics);
    for metric in scopes.flat_map(ScopeMetrics::metrics) {
        let mut add = |attributes: &mut dyn Iterator<Item = &KeyValue>, count| {
            let mut words: Vec<_> = attributes
                .map(|it| format!("{}={}", it.key, it.value))
                .collect();
            words.sort();
            words.insert(0, metric.name().to_owned());
            found.insert(words.join(" "), count);
        };
        match metric.data() {
            AggregatedMetrics::F64(MetricData::Histogram(histogram)) => histogram
                .data_points()
                .for_each(|it| add(&mut it.attributes(), it.count())),
            AggregatedMetrics::U64(MetricData::Histogram(histogram)) => histogram
                .data_points()
                .for_each(|it| add(&mut it.attributes(), it.count())),
            AggregatedMetrics::U64(MetricData::Sum(sum)) => sum
                .data_points()
                .for_each(|it| add(&mut it.attributes(), it.value())),
            _ => {}
        }
    }
    found
}
