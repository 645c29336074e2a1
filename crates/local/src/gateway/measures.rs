//! The page that Prometheus reads.

use std::fs;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use tcloud_core::body::Body;

use crate::metrics::{Exposition, RequestMetrics};
use crate::state::State;
use crate::store::Counts;

/// Its path.
pub(super) const PAGE: &str = "/_local/metrics";

/// What was counted of requests, and what the store holds. If the store cannot be read, what it
/// holds is left out, and `tcloud_store_up` is 0.
pub(super) async fn answer(state: &State, requests: &RequestMetrics) -> Response<Body> {
    let mut text = Exposition::default();
    let version = [("version", env!("CARGO_PKG_VERSION"))];
    text.family("tcloud_info", "gauge", "The version.");
    text.sample("tcloud_info", &version, 1);
    requests.write(&mut text);
    let counts = state.store.counts().await;
    let up = u8::from(counts.is_ok());
    let help = "Whether the store can be read.";
    text.single("tcloud_store_up", "gauge", help, up);
    match counts {
        Ok(counts) => write(&counts, &mut text),
        Err(error) => tracing::error!(%error, "the store cannot be counted"),
    }
    of_process(&mut text);
    let mut response = Response::new(Body::from(text.finish()));
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    headers.insert(CONTENT_TYPE, format);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn write(counts: &Counts, text: &mut Exposition) {
    let name = "tcloud_jobs";
    text.family(name, "gauge", "Jobs whose records are kept.");
    for (service, kind, state, count) in &counts.jobs {
        let labels = [
            ("service", service.as_str()),
            ("kind", kind.as_str()),
            ("state", state.as_str()),
        ];
        text.sample(name, &labels, count);
    }
    let name = "tcloud_jobs_waiting";
    text.family(name, "gauge", "Jobs that wait for a worker.");
    for (class, count) in &counts.waiting {
        text.sample(name, &[("class", class.as_str())], count);
    }
    let name = "tcloud_callbacks";
    text.family(name, "gauge", "Callbacks whose records are kept.");
    for (state, count) in &counts.callbacks {
        text.sample(name, &[("state", state.as_str())], count);
    }
    text.single("tcloud_buckets", "gauge", "Buckets.", counts.buckets);
    text.single("tcloud_objects", "gauge", "Objects.", counts.objects);
    let help = "Bytes of all objects.";
    text.single("tcloud_object_bytes", "gauge", help, counts.bytes);
    let help = "Blobs that nothing names and that are to be deleted.";
    text.single("tcloud_garbage_blobs", "gauge", help, counts.garbage);
    if let Some(batches) = &counts.batches {
        let name = "tcloud_commit_transactions";
        text.family(name, "histogram", "Transactions that shared a commit.");
        text.histogram(name, &[], batches);
    }
}

/// What Prometheus knows of every process, where the system provides it.
fn of_process(text: &mut Exposition) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let bytes = |field: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(field))?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        kib.checked_mul(1024)
    };
    if let Some(bytes) = bytes("VmRSS:") {
        let help = "Memory that is resident.";
        text.single("process_resident_memory_bytes", "gauge", help, bytes);
    }
    if let Some(bytes) = bytes("VmSize:") {
        let help = "Memory that is reserved.";
        text.single("process_virtual_memory_bytes", "gauge", help, bytes);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        let help = "Files and sockets that are open.";
        text.single("process_open_fds", "gauge", help, open.count());
    }
}
