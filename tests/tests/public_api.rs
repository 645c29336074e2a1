//! The interfaces of crates, kept as they are read: a change of one is seen in review.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

use tcloud_core::operation::Catalog;
use tcloud_tests::api::{list, list_by_file};

fn sources(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../crates/{name}/src"))
}

fn generated(catalog: &Catalog) -> String {
    let operations: Vec<_> = catalog
        .operations
        .iter()
        .map(|operation| (operation.subject, operation.function))
        .collect();
    list(&sources(catalog.service.name), &operations).unwrap()
}

#[test]
fn the_interface_of_cloud_infinite_is_as_it_was() {
    insta::assert_snapshot!("tcloud_ci", generated(&tcloud_ci::CATALOG));
}

#[test]
fn the_interface_of_object_storage_is_as_it_was() {
    insta::assert_snapshot!("tcloud_cos", generated(&tcloud_cos::CATALOG));
}

#[test]
fn the_interface_of_media_processing_is_as_it_was() {
    insta::assert_snapshot!("tcloud_mps", generated(&tcloud_mps::CATALOG));
}

#[test]
fn the_interface_of_transfers_is_as_it_was() {
    insta::assert_snapshot!(
        "tcloud_transfer",
        list_by_file(&sources("transfer")).unwrap()
    );
}

#[test]
fn the_interface_of_credentials_is_as_it_was() {
    insta::assert_snapshot!(
        "tcloud_credentials",
        list_by_file(&sources("credentials")).unwrap()
    );
}

#[test]
fn the_interface_of_the_runtime_is_as_it_was() {
    insta::assert_snapshot!("tcloud_core", list_by_file(&sources("core")).unwrap());
}
