//! What is in an archive, without unpacking it.

use crate::fixture::{BUCKET, Fixture};

#[tokio::test]
async fn the_files_of_an_archive_are_listed() {
    let fixture = Fixture::ready().await;
    for name in ["good.zip", "good.tar"] {
        fixture.put_archive(name).await;
        let reply = fixture
            .ci
            .get_zip_preview(BUCKET, name)
            .send()
            .await
            .unwrap();
        assert!(reply.drift().is_empty(), "{:?}", reply.drift());
        let output = reply.into_output();
        assert_eq!(output.file_number, Some(3));
        assert_eq!(output.is_truncated, Some(false));
        let listed: Vec<_> = output
            .contents
            .iter()
            .map(|entry| {
                (
                    entry.key.as_deref().unwrap(),
                    entry.uncompressed_size.unwrap(),
                )
            })
            .collect();
        let expected = [("a.txt", 5), ("folder/b.txt", 4000), ("folder/猫.txt", 0)];
        assert_eq!(listed, expected, "{name}");
        let time = output.contents[0].last_modified.as_deref();
        assert_eq!(time, Some("2024-05-06T07:08:10+0000"), "{name}");
    }
}

#[tokio::test]
async fn what_is_no_archive_or_hostile_is_refused() {
    let fixture = Fixture::ready().await;
    for (name, code) in [
        ("a.txt", "InvalidContent"),
        ("parent.zip", "InvalidContent"),
        ("bomb.zip", "InvalidContent"),
        ("a.rar", "ResourceNotSupported"),
    ] {
        fixture.put_archive(name).await;
        let preview = fixture.ci.get_zip_preview(BUCKET, name);
        let error = preview.send().await.unwrap_err();
        assert_eq!(error.code(), Some(code), "{name}: {error}");
    }
    let preview = fixture.ci.get_zip_preview(BUCKET, "a.txt");
    let error = preview.uncompress_key("c2VjcmV0").send().await.unwrap_err();
    assert_eq!(error.code(), Some("NotImplemented"));
    assert!(!error.to_string().contains("c2VjcmV0"));
}
