//! Copies of one object.

use tcloud_cos::StorageClass;
use tcloud_transfer::{CustomerKey, Encryption, ErrorKind, Object, Settings};

use crate::fixture::{BUCKET, MIB, builder, content, transfers};
use crate::service::{Cos, Fault, What};

const OTHER: &str = "otherbucket-1250000000";

#[tokio::test]
async fn any_size_is_copied_with_its_settings() {
    let cos = Cos::start().await;
    let transfers = builder(&cos).copy_in_parts_from(2 * MIB as u64).build();
    for size in [0, 1, 2 * MIB, 5 * MIB + 3] {
        let bytes = content(size, 1);
        let key = format!("a b/ü+{size}");
        let settings = Settings::new()
            .content_type("text/x")
            .metadata("author", "me");
        let upload = transfers.upload(bytes.clone(), (BUCKET, key.as_str()));
        upload.settings(settings).run().await.unwrap();
        let from = Object::new(BUCKET, &key);
        let copied = transfers.copy(&from, (OTHER, "copy")).run().await.unwrap();
        let state = cos.state();
        let copy = state.object(OTHER, "copy");
        assert!(copy.bytes == bytes, "{size}");
        assert_eq!(copy.headers["content-type"], "text/x");
        assert_eq!(copy.headers["x-cos-meta-author"], "me");
        let parts = if size < 2 * MIB {
            0
        } else {
            size.div_ceil(MIB)
        };
        assert_eq!(copied.parts as usize, parts);
        assert!(copied.is_verified);
        assert_eq!(copied.progress.bytes, size as u64);
        assert!(state.uploads.is_empty());
    }
}

#[tokio::test]
async fn settings_take_the_place_of_the_sources() {
    let cos = Cos::start().await;
    let transfers = builder(&cos).copy_in_parts_from(2 * MIB as u64).build();
    for size in [1, 3 * MIB] {
        let old = Settings::new()
            .content_type("text/x")
            .metadata("author", "me");
        let upload = transfers.upload(content(size, 1), (BUCKET, "a"));
        upload.settings(old).run().await.unwrap();
        let new = Settings::new().metadata("author", "you");
        transfers
            .copy((BUCKET, "a"), (BUCKET, "b"))
            .settings(new)
            .run()
            .await
            .unwrap();
        let headers = cos.state().object(BUCKET, "b").headers.clone();
        assert_eq!(headers.get("content-type"), None);
        assert_eq!(headers["x-cos-meta-author"], "you");
        // A storage class says nothing of the content.
        let class = Settings::new().storage_class(StorageClass::Archive);
        transfers
            .copy((BUCKET, "a"), (BUCKET, "c"))
            .settings(class)
            .run()
            .await
            .unwrap();
        assert_eq!(
            cos.state().object(BUCKET, "c").headers["content-type"],
            "text/x"
        );
        assert_eq!(cos.state().asked("PUT /c"), if size == 1 { 1 } else { 3 });
        cos.state().log.clear();
    }
}

/// The source's region is in its name, the target's decides where the request goes.
#[tokio::test]
async fn a_source_of_another_region_is_named_in_full() {
    let cos = Cos::start().await;
    cos.state().put(OTHER, "a", "abc");
    let from = Object::new(OTHER, "a").region("ap-beijing");
    transfers(&cos)
        .copy(from, (BUCKET, "b"))
        .run()
        .await
        .unwrap();
    assert_eq!(
        cos.state().sources,
        ["otherbucket-1250000000.cos.ap-beijing.myqcloud.com/a"]
    );
}

#[tokio::test]
async fn a_copy_that_fails_leaves_nothing() {
    let cos = Cos::start().await;
    cos.state().put(BUCKET, "a", content(5 * MIB, 1));
    let transfers = builder(&cos).copy_in_parts_from(2 * MIB as u64).build();
    cos.fail(Fault::once(
        "PUT /b?partNumber=3",
        What::Refuse(403, "AccessDenied"),
    ));
    let error = transfers
        .copy((BUCKET, "a"), (BUCKET, "b"))
        .run()
        .await
        .unwrap_err();
    let text = error.to_string();
    let start = "copy of cos://examplebucket-1250000000/a to cos://examplebucket-1250000000/b: ";
    assert!(text.starts_with(start), "{text}");
    assert!(cos.state().uploads.is_empty());
    // The source changes under way.
    cos.fail(Fault::once(
        "PUT /b?partNumber=3",
        What::Refuse(412, "PreconditionFailed"),
    ));
    let error = transfers
        .copy((BUCKET, "a"), (BUCKET, "b"))
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    let error = transfers
        .copy((BUCKET, "none"), (BUCKET, "b"))
        .run()
        .await
        .unwrap_err();
    assert!(error.is_not_found());
    // What the service has no header for is refused by name.
    let key = Settings::new().encryption(Encryption::Customer(CustomerKey::new(&[1; 32])));
    let copy = transfers.copy((BUCKET, "a"), (BUCKET, "b")).settings(key);
    assert_eq!(copy.run().await.unwrap_err().kind(), ErrorKind::Refused);
    // What passes is bridged.
    cos.fail(Fault {
        asked: "PUT /b?partNumber=2",
        after: 0,
        times: 5,
        what: What::Refuse(503, "SlowDown"),
    });
    transfers
        .copy((BUCKET, "a"), (BUCKET, "b"))
        .run()
        .await
        .unwrap();
    assert!(cos.state().object(BUCKET, "b").bytes == content(5 * MIB, 1));
}
