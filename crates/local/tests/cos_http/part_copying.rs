//! Parts of uploads that are copied from objects.

use tcloud_core::body::crc64;
use tcloud_core::credentials::Credentials;
use tcloud_cos::Client;
use tcloud_cos::types::{CompletedPart, VersioningStatus};
use tcloud_local::{Account, Settings, User};

use crate::fixture::{BUCKET, Fixture, NOW, REGION, code, text};

const OTHER: &str = "other-1250000000";
const MIB: usize = 1024 * 1024;

fn source(key: &str) -> String {
    format!("{BUCKET}.cos.{REGION}.myqcloud.com/{key}")
}

/// A cloud with the object `from` of a little more than 2 MiB, and an upload to another bucket.
async fn ready() -> (Fixture, Client, String, String) {
    let (fixture, client) = Fixture::with_bucket().await;
    client.put_bucket(OTHER).send().await.unwrap();
    let content = format!("{}{}123456789", "a".repeat(MIB), "b".repeat(MIB));
    let put = client.put_object(BUCKET, "from", content.clone());
    put.send().await.unwrap();
    let id = begin(&client).await;
    (fixture, client, content, id)
}

async fn begin(client: &Client) -> String {
    let begun = client.initiate_multipart_upload(OTHER, "to").send().await;
    begun.unwrap().upload_id.clone().unwrap()
}

#[tokio::test]
async fn parts_of_an_object_become_another_in_another_bucket() {
    let (_fixture, client, content, id) = ready().await;
    let mut parts = Vec::new();
    for (number, first, last) in [
        (1, 1, MIB),
        (2, MIB + 1, 2 * MIB),
        (5, 2 * MIB + 1, 2 * MIB + 8),
    ] {
        let copied = client
            .upload_part_copy(OTHER, "to", number, &id, source("from"))
            .copy_source_range(format!("bytes={first}-{last}"));
        let copied = copied.send().await.unwrap();
        let expected = crc64(&content.as_bytes()[first..=last]).to_string();
        assert_eq!(copied.crc64.as_ref(), Some(&expected));
        assert_eq!(copied.copy_source_version_id, None);
        let modified = copied.last_modified.as_ref().unwrap();
        assert_eq!(modified.as_str(), "2023-11-14T22:13:20Z");
        parts.push(CompletedPart::new(number, copied.etag.clone().unwrap()));
    }
    // The MD5 digest of 23456789, as of a part that was sent.
    assert_eq!(
        parts[2].etag.as_deref(),
        Some("\"4428c6c474502e61151877825bb41961\"")
    );
    // The source is not needed any more.
    client.delete_object(BUCKET, "from").send().await.unwrap();
    let listed = client.list_parts(OTHER, "to", &id).send().await.unwrap();
    let sizes: Vec<_> = listed.parts.iter().map(|part| part.size).collect();
    assert_eq!(sizes, [Some(1 << 20), Some(1 << 20), Some(8)]);
    let whole = client.complete_multipart_upload(OTHER, "to", &id, parts);
    let whole = whole.send().await.unwrap();
    let expected = &content[1..content.len()];
    assert_eq!(
        whole.crc64.clone().unwrap(),
        crc64(expected.as_bytes()).to_string()
    );
    let read = client.get_object(OTHER, "to").send().await.unwrap();
    let read = read.into_body().collect(4 * MIB).await.unwrap();
    assert!(read == expected.as_bytes());
}

#[tokio::test]
async fn a_whole_object_and_an_empty_one_are_parts_as_well() {
    let (_fixture, client, content, id) = ready().await;
    client.put_object(BUCKET, "empty", "").send().await.unwrap();
    let copy = |number, key| client.upload_part_copy(OTHER, "to", number, &id, source(key));
    // An empty header asks for nothing.
    let whole = copy(1, "from").copy_source_range("");
    let whole = whole.send().await.unwrap();
    let empty = copy(2, "empty").send().await.unwrap();
    let parts = [(1, &whole.etag), (2, &empty.etag)];
    let parts = parts.map(|(number, etag)| CompletedPart::new(number, etag.clone().unwrap()));
    let completed = client.complete_multipart_upload(OTHER, "to", &id, parts);
    completed.send().await.unwrap();
    let read = client.get_object(OTHER, "to").send().await.unwrap();
    assert_eq!(read.content_length, i64::try_from(content.len()).ok());
}

#[tokio::test]
async fn what_cannot_be_a_part_is_refused() {
    let (_fixture, client, content, id) = ready().await;
    let copy = || client.upload_part_copy(OTHER, "to", 1, &id, source("from"));
    for (range, refusal) in [
        ("bytes=0-", "InvalidArgument"),
        ("bytes=-5", "InvalidArgument"),
        ("bytes=5-4", "InvalidArgument"),
        ("0-5", "InvalidArgument"),
        ("bytes=0-1,4-5", "InvalidArgument"),
        ("bytes=0-99999999999999999999", "InvalidRange"),
        (&*format!("bytes=0-{}", content.len()), "InvalidRange"),
    ] {
        let copied = copy().copy_source_range(range).send().await;
        assert_eq!(code(copied), refusal, "{range}");
    }
    for (from, refusal) in [
        (source("none"), "NoSuchCopySource"),
        (source(""), "InvalidCopySource"),
        (source("from?versionId=x"), "InvalidArgument"),
        (source("from?uploadId=x"), "InvalidCopySource"),
        ("example.com/from".to_owned(), "InvalidCopySource"),
        (source("from").replace("album", "missing"), "NoSuchBucket"),
    ] {
        let copied = client.upload_part_copy(OTHER, "to", 1, &id, &from);
        assert_eq!(code(copied.send().await), refusal, "{from}");
    }
    let to = |bucket: &str, key: &str, number, id: &str| {
        client.upload_part_copy(bucket, key, number, id, source("from"))
    };
    for (copied, refusal) in [
        (to("none-1250000000", "to", 1, &id), "NoSuchBucket"),
        (to(OTHER, "other", 1, &id), "NoSuchUpload"),
        (to(OTHER, "to", 1, "none"), "NoSuchUpload"),
        (to(OTHER, "to", 0, &id), "InvalidArgument"),
        (to(OTHER, "to", 10_001, &id), "InvalidArgument"),
    ] {
        assert_eq!(code(copied.send().await), refusal);
    }
    let listed = client.list_parts(OTHER, "to", &id).send().await.unwrap();
    assert_eq!(listed.parts, []);
}

#[tokio::test]
async fn conditions_are_those_of_the_source() {
    let (_fixture, client, _, id) = ready().await;
    let etag = client.head_object(BUCKET, "from").send().await.unwrap();
    let etag = etag.etag.clone().unwrap();
    let before = "Tue, 14 Nov 2023 22:13:19 GMT";
    let copy = || client.upload_part_copy(OTHER, "to", 1, &id, source("from"));
    for refused in [
        copy().copy_source_if_match("\"other\""),
        copy().copy_source_if_none_match(&etag),
        copy().copy_source_if_unmodified_since(before),
        copy().copy_source_if_modified_since("Tue, 14 Nov 2023 22:13:20 GMT"),
    ] {
        assert_eq!(code(refused.send().await), "PreconditionFailed");
    }
    for held in [
        copy().copy_source_if_match(&etag),
        copy().copy_source_if_none_match("\"other\""),
        copy().copy_source_if_modified_since(before),
        copy()
            .copy_source_if_match(&etag)
            .copy_source_if_unmodified_since(before),
    ] {
        held.send().await.unwrap();
    }
}

#[tokio::test]
async fn a_version_of_the_source_can_be_meant() {
    let (_fixture, client, _, id) = ready().await;
    let versioned = client.put_bucket_versioning(BUCKET, VersioningStatus::Enabled);
    versioned.send().await.unwrap();
    let older = client
        .put_object(BUCKET, "k", "older")
        .send()
        .await
        .unwrap();
    let older = older.version_id.clone().unwrap();
    client
        .put_object(BUCKET, "k", "newer")
        .send()
        .await
        .unwrap();
    let of = format!("{}?versionId={older}", source("k"));
    let copied = client.upload_part_copy(OTHER, "to", 1, &id, of);
    let copied = copied.send().await.unwrap();
    assert_eq!(copied.copy_source_version_id.as_ref(), Some(&older));
    let part = CompletedPart::new(1, copied.etag.clone().unwrap());
    let whole = client.complete_multipart_upload(OTHER, "to", &id, [part]);
    whole.send().await.unwrap();
    let read = client.get_object(OTHER, "to").send().await.unwrap();
    assert_eq!(text(read.into_body()).await, "older");

    let deleted = client.delete_object(BUCKET, "k").send().await.unwrap();
    let marker = deleted.version_id.clone().unwrap();
    let id = begin(&client).await;
    for (from, refusal) in [
        (source("k"), "NoSuchCopySource"),
        (
            format!("{}?versionId={marker}", source("k")),
            "MethodNotAllowed",
        ),
    ] {
        let copied = client.upload_part_copy(OTHER, "to", 1, &id, from);
        assert_eq!(code(copied.send().await), refusal);
    }
}

#[tokio::test]
async fn an_archived_source_is_restored_first() {
    let (_fixture, client, _, id) = ready().await;
    let put = client.put_object(BUCKET, "cold", "ice");
    put.storage_class("ARCHIVE").send().await.unwrap();
    let copied = client.upload_part_copy(OTHER, "to", 1, &id, source("cold"));
    assert_eq!(code(copied.send().await), "InvalidObjectState");
}

#[tokio::test]
async fn who_may_not_read_the_source_copies_nothing_of_it() {
    let policy = format!(
        r#"{{"version": "2.0", "statement": {{"effect": "allow", "action": "cos:*",
        "resource": "qcs::cos::uid/1250000000:{OTHER}/*"}}}}"#
    );
    let key = Credentials::new("AKIDwriter", "secret");
    let user = User::new("100000000002", "writer")
        .key(key.clone())
        .policy(policy.parse().unwrap());
    let account = Account::default().user(user);
    let fixture = Fixture::with(Settings::default().account(account)).await;
    let root = fixture.client();
    root.put_bucket(BUCKET).send().await.unwrap();
    root.put_bucket(OTHER).send().await.unwrap();
    root.put_object(BUCKET, "from", "secret")
        .send()
        .await
        .unwrap();
    let writer = fixture.client_of(key, NOW);
    let id = begin(&writer).await;
    let copy = || writer.upload_part_copy(OTHER, "to", 1, &id, source("from"));
    assert_eq!(code(copy().send().await), "AccessDenied");
    let open = root.put_object_acl(BUCKET, "from").acl("public-read");
    open.send().await.unwrap();
    copy().send().await.unwrap();
}
