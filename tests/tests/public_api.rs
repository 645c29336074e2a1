//! The interface of `tcloud-ci`, kept as it is read: a change of it is seen in review.

use std::path::Path;

use tcloud_tests::api::list;

#[test]
fn the_interface_of_cloud_infinite_is_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/ci/src");
    let operations: Vec<_> = tcloud_ci::CATALOG
        .operations
        .iter()
        .map(|operation| (operation.subject, operation.function))
        .collect();
    insta::assert_snapshot!("tcloud_ci", list(&folder, &operations).unwrap());
}
