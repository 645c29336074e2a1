//! What is counted of a spec.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

use tcloud_codegen::coverage::{Coverage, coverage};
use tcloud_codegen::load::{SourceFile, load};

const FILES: [(&str, &str); 3] = [
    (
        "demo/service.yaml",
        "\
service: demo
title: Demo
protocol: tc3
version: 2020-01-01
imported: true
paging: [{ input: Offset, by: items, total: [Total] }]
",
    ),
    (
        "demo/structures/shared.yaml",
        "\
structures:
  - name: Job
    rows:
      - { name: Place, type: Container, doc: Where it writes. }
      - { name: Object, parent: Job.Place, type: String }
      - { name: State, type: String, values: [Running, Done], doc: How far it is. }
",
    ),
    (
        "demo/operations/jobs/describe_jobs.yaml",
        "\
operation: DescribeJobs
request:
  rows:
    - { name: Offset, type: Integer, doc: Where to begin. }
    - { name: Order, type: String, values: [Up] }
response:
  rows:
    - { name: Jobs, type: Job array, doc: The jobs. }
    - { name: Total, type: Integer }
    - { name: Page, type: Page }
structures:
  - name: Page
    rows:
      - { name: Size, type: Integer, doc: ' ' }
",
    ),
];

fn counted() -> Coverage {
    let files = FILES.map(|(path, text)| SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    });
    let spec = load(files.into()).unwrap_or_else(|found| panic!("{}", found[0].render()));
    coverage(&spec).unwrap().remove(0)
}

#[test]
fn everything_is_counted_once() {
    let counted = counted();
    assert_eq!(counted.service, "demo");
    assert_eq!(counted.operations, 1);
    // A container within a structure is a structure as well.
    assert_eq!(counted.structures, 3);
    assert_eq!((counted.enumerations, counted.words), (2, 3));
    assert_eq!((counted.rows(), counted.documented()), (9, 4));
    assert_eq!(counted.waiters, 0);
}

#[test]
fn rows_without_a_description_are_named() {
    let tables: Vec<_> = counted()
        .tables
        .into_iter()
        .map(|table| (table.owner, table.undocumented.join(" ")))
        .collect();
    let expected = [
        ("Job", "Job.Place.Object"),
        ("Page", "Size"),
        ("DescribeJobs request", "Order"),
        ("DescribeJobs response", "Total Page"),
    ];
    assert_eq!(
        tables,
        expected.map(|(owner, rows)| (owner.to_owned(), rows.to_owned()))
    );
}

#[test]
fn a_list_that_goes_on_by_a_rule_counts() {
    let paged = counted().paged;
    let (operation, paging) = &paged[0];
    assert_eq!(operation, "DescribeJobs");
    assert_eq!((paging.input.as_str(), paging.by_items), ("Offset", true));
    assert_eq!(paging.total.as_deref(), Some("Total"));
    assert_eq!(paging.items.name, "jobs");
}
