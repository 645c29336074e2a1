//! What the codec costs, beside what serde's derive costs for equal types.
//!
//! `cargo bench -p tcloud-tests --bench codec` runs all cases; a word behind `--`, such as
//! `ProcessImage` or `encode`, runs those that have it in their name. Each case is measured twice in
//! one run: `ours` is the codec over a generated type, with its report of drift and its unknown
//! nodes; `serde` is `serde_json` or `quick-xml` over the peer type in `peers`, which `cargo xtask
//! regenerate` makes from the same tables. Only the ratio of the two times means anything on another
//! machine.
//!
//! Reading goes from text to a value and writing from a value to text; freeing a value that was
//! read is not measured. Before a case is measured, both sides must have read the same document and
//! nothing may have drifted.

#![expect(clippy::unwrap_used, reason = "a bench that cannot go on has failed")]

mod documents;
#[allow(dead_code, reason = "no case reads some of the messages")]
#[expect(
    unreachable_pub,
    clippy::struct_field_names,
    reason = "written like a library, and named by the tables"
)]
mod peers;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, Throughput, measurement::WallTime};
use serde::{Serialize, de::DeserializeOwned};
use tcloud_ci::operation::list_jobs::ListJobsResponse;
use tcloud_core::codec::{json, xml};
use tcloud_core::node::Node;
use tcloud_core::operation::BodyFormat;
use tcloud_mps::operation::describe_task_detail::DescribeTaskDetailResponse;
use tcloud_mps::operation::process_image::ProcessImageRequest;
use tcloud_tests::reading;

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .configure_from_args();
    json_case::<ProcessImageRequest, peers::mps::operation::process_image::ProcessImageRequest>(
        &mut criterion,
        "ProcessImage request",
        &documents::process_image(),
    );
    json_case::<
        DescribeTaskDetailResponse,
        peers::mps::operation::describe_task_detail::DescribeTaskDetailResponse,
    >(
        &mut criterion,
        "DescribeTaskDetail response of 1 MB",
        &documents::task_detail(),
    );
    xml_case::<ListJobsResponse, peers::ci::operation::list_jobs::ListJobsResponse>(
        &mut criterion,
        "ListJobs response of 100 jobs",
        &documents::jobs(),
    );
    criterion.final_summary();
}

fn json_case<T, P>(criterion: &mut Criterion, name: &str, text: &str)
where
    T: Node + Default,
    P: Serialize + DeserializeOwned,
{
    let decode = |text: &str| {
        let mut value = T::default();
        let drift = json::decode(text, "", &mut value).unwrap();
        (value, drift)
    };
    let encode = |value: &T| json::encode(value, json::Style::Typed).unwrap();
    let peer_decode = |text: &str| serde_json::from_str::<P>(text).unwrap();
    let peer_encode = |peer: &P| serde_json::to_string(peer).unwrap();

    let (ours, drift) = decode(text);
    let peer = peer_decode(text);
    assert_eq!(drift, []);
    assert_equal(BodyFormat::Json, &encode(&ours), &peer_encode(&peer));

    let mut group = group(criterion, name, text);
    group.bench_function("decode/ours", |bencher| {
        bencher.iter_with_large_drop(|| decode(black_box(text)));
    });
    group.bench_function("decode/serde", |bencher| {
        bencher.iter_with_large_drop(|| peer_decode(black_box(text)));
    });
    group.bench_function("encode/ours", |bencher| {
        bencher.iter(|| encode(black_box(&ours)));
    });
    group.bench_function("encode/serde", |bencher| {
        bencher.iter(|| peer_encode(black_box(&peer)));
    });
}

fn xml_case<T, P>(criterion: &mut Criterion, name: &str, text: &str)
where
    T: Node + Default,
    P: Serialize + DeserializeOwned,
{
    const ROOT: &str = "Response";
    let decode = |text: &str| {
        let mut value = T::default();
        let drift = xml::decode(text, ROOT, &mut value).unwrap();
        (value, drift)
    };
    let encode = |value: &T| xml::encode(ROOT, value).unwrap();
    let peer_decode = |text: &str| quick_xml::de::from_str::<P>(text).unwrap();
    let peer_encode = |peer: &P| quick_xml::se::to_string_with_root(ROOT, peer).unwrap();

    let (ours, drift) = decode(text);
    let peer = peer_decode(text);
    assert_eq!(drift, []);
    assert_equal(BodyFormat::Xml(ROOT), &encode(&ours), &peer_encode(&peer));

    let mut group = group(criterion, name, text);
    group.bench_function("decode/ours", |bencher| {
        bencher.iter_with_large_drop(|| decode(black_box(text)));
    });
    group.bench_function("decode/serde", |bencher| {
        bencher.iter_with_large_drop(|| peer_decode(black_box(text)));
    });
    group.bench_function("encode/ours", |bencher| {
        bencher.iter(|| encode(black_box(&ours)));
    });
    group.bench_function("encode/serde", |bencher| {
        bencher.iter(|| peer_encode(black_box(&peer)));
    });
}

fn group<'c>(criterion: &'c mut Criterion, name: &str, text: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(text.len().try_into().unwrap()));
    group
}

/// Both sides read the same, or one of them did less work.
fn assert_equal(format: BodyFormat, ours: &str, peer: &str) {
    assert_eq!(
        reading::read(format, ours).unwrap(),
        reading::read(format, peer).unwrap()
    );
}
