//! What is no document of an API.

use tcloud_codegen::import::doc::{Given, Reading};

/// What is no document of an API says what it is and what to do.
#[test]
fn refusals_say_what_to_do() {
    let refusal = |bytes: &[u8]| {
        let given = Given {
            service: Some("ci"),
            name: None,
        };
        Reading::of("page", bytes, &given)
            .operations
            .unwrap_err()
            .to_string()
    };
    let prose = refusal(b"# A poem\n\nRoses are red.\n");
    assert!(prose.starts_with("page: this describes no API:"), "{prose}");
    let table =
        refusal(b"| Node Name | Parent Node | Type |\n|---|---|---|\n| A | None | Container |\n");
    assert!(
        table.contains("there is a table of parameters but no request"),
        "{table}"
    );
    let russian = refusal(&super::document("russian.md"));
    assert!(
        russian.contains("`DescribeLamps`") && russian.contains("in English or Chinese"),
        "{russian}"
    );
    let picture = refusal(b"## Request\n```\nGET /<ObjectKey>?imageMogr2/thumbnail/<Width> HTTP/1.1\nHost: <BucketName-APPID>.cos.<Region>.myqcloud.com\n```\n");
    assert!(picture.contains("`pictures/*.yaml`"), "{picture}");
    assert!(refusal(b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00").contains("no text in UTF-8"));
    let large = vec![b'a'; 9 << 20];
    assert!(refusal(&large).contains("more than 8 MB"));
}
