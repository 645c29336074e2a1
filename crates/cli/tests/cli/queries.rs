//! `--query`, `--all` and `--output text` of operations.

use crate::storage::cloud::Cloud;
use crate::support::finish;

const BUCKET: [&str; 2] = ["--bucket", "demo-1250000000"];

fn filled() -> Cloud {
    let cloud = Cloud::start();
    for number in 0..5 {
        cloud.put(&format!("k{number}"), "content");
    }
    cloud
}

/// The list of the objects in pages of two.
fn list(more: &[&'static str]) -> Vec<&'static str> {
    [&["cos", "get-bucket", "--max-keys", "2"][..], &BUCKET, more].concat()
}

#[test]
fn every_page_makes_one_answer() {
    let cloud = filled();
    let first = cloud.json(&list(&[]));
    assert_eq!(first["Contents"].as_array().unwrap().len(), 2);
    assert_eq!(first["IsTruncated"], true);
    let all = cloud.json(&list(&["--all"]));
    let keys: Vec<_> = all["Contents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["Key"])
        .collect();
    assert_eq!(keys, ["k0", "k1", "k2", "k3", "k4"]);
    assert_eq!(
        (&all["IsTruncated"], &all["NextMarker"]),
        (&false.into(), &().into())
    );
    let xml = cloud.done(&list(&["--all", "--output", "xml"]));
    assert_eq!(xml.matches("<Key>").count(), 5, "{xml}");
    // A list in a container.
    let buckets = cloud.json(&["cos", "get-service", "--all"]);
    assert_eq!(
        buckets["Buckets"]["Bucket"].as_array().unwrap().len(),
        1,
        "{buckets}"
    );
    let args = ["cos", "head-bucket", "--bucket", "demo-1250000000", "--all"];
    let error = cloud.fails(2, &args);
    assert!(error.contains("is no list of several pages"), "{error}");
}

#[test]
fn a_table_that_was_cut_says_so() {
    let cloud = filled();
    let cut = cloud.run(&list(&["--output", "table"]));
    assert_eq!(cut.code, 0, "{}", cut.err);
    assert!(
        cut.err.contains("there is more: --all shows all of it"),
        "{}",
        cut.err
    );
    for whole in [
        &["--output", "table", "--all"][..],
        &["--output=table", "--max-keys=5"],
    ] {
        let arguments = [&["cos", "get-bucket"][..], &BUCKET, whole].concat();
        let whole = cloud.run(&arguments);
        assert!(whole.out.contains("k4"), "{}", whole.out);
        assert!(!whole.err.contains("there is more"), "{}", whole.err);
    }
}

#[test]
fn a_query_takes_a_part_of_an_answer() {
    let cloud = filled();
    let taken = cloud.json(&list(&[
        "--all",
        "--query",
        "Contents[?Key > 'k2' || Size == `7`] | [1:].Key",
    ]));
    assert_eq!(taken, serde_json::json!(["k1", "k2", "k3", "k4"]));
    let text = cloud.done(&list(&[
        "--all",
        "--query",
        "Contents[].[Key, Size]",
        "--output",
        "text",
    ]));
    assert_eq!(text, "k0\t7\nk1\t7\nk2\t7\nk3\t7\nk4\t7\n");
    let table = [
        "--query",
        "Contents[].{key: Key, bytes: Size}",
        "--output",
        "table",
    ];
    let table = cloud.run(&list(&table));
    assert!(table.out.contains("│ 7     ┆ k1  │"), "{}", table.out);
    assert!(table.err.contains("--all"), "{}", table.err);
    // Another service, with an answer in JSON.
    let who = cloud.done(&[
        "sts",
        "get-caller-identity",
        "--query",
        "AccountId",
        "--output=text",
    ]);
    assert_eq!(who, "100000000001\n");
    let error = cloud.fails(2, &list(&["--query", "Contents["]));
    assert!(error.contains("Parse error"), "{error}");
    let error = cloud.fails(2, &list(&["--query", "Name", "--output", "xml"]));
    assert!(error.contains("no XML document"), "{error}");
    let content = [
        "cos",
        "get-object",
        "--key",
        "k0",
        "--to",
        "-",
        "--query",
        "x",
    ];
    let refused = finish(cloud.command(&content).args(BUCKET));
    assert!(
        refused.err.contains("the answer is content"),
        "{}",
        refused.err
    );
}
