//! What tests have compiled is what importer and generator make of the metadata beside it.

use tcloud_tests::generated::assert_in_step;

#[test]
fn hunyuan_is_in_step_with_its_metadata() {
    assert_in_step(
        include_str!("hunyuan/metadata.json"),
        "tests/hunyuan/generated",
    );
}

#[test]
fn lkeap_is_in_step_with_its_metadata() {
    assert_in_step(include_str!("lkeap/metadata.json"), "tests/lkeap/generated");
}
