//! Uploads in parts.

use futures_util::TryStreamExt;
use tcloud_core::body::crc64;
use tcloud_cos::Client;
use tcloud_cos::types::{CompletedPart, StorageClass};

use crate::fixture::{BUCKET, Fixture, bucket_host, code, request, text};

const KEY: &str = "album/ ünï 中+%2F.bin";

/// A part that others may follow.
fn large(letter: char) -> String {
    letter.to_string().repeat(1024 * 1024)
}

async fn begin(client: &Client, key: &str) -> String {
    let begun = client.initiate_multipart_upload(BUCKET, key).send().await;
    begun.unwrap().upload_id.clone().unwrap()
}

async fn upload(client: &Client, key: &str, id: &str, number: i64, content: &str) -> CompletedPart {
    let sent = client.upload_part(BUCKET, key, number, id, content.to_owned());
    CompletedPart::new(number, sent.send().await.unwrap().etag.clone().unwrap())
}

#[tokio::test]
async fn parts_in_any_order_become_an_object() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let begun = client
        .initiate_multipart_upload(BUCKET, KEY)
        .content_type("text/plain")
        .cache_control("no-cache")
        .storage_class(StorageClass::StandardIa)
        .metadata([("colour", "blue")])
        .send()
        .await
        .unwrap();
    assert_eq!(begun.bucket.as_deref(), Some(BUCKET));
    assert_eq!(begun.key.as_deref(), Some(KEY));
    let id = begun.upload_id.clone().unwrap();

    let last = client
        .upload_part(BUCKET, KEY, 7, &id, "123456789")
        .content_md5("JfnnlDI7RTiF9RgfG2JNCw==")
        .send()
        .await
        .unwrap();
    assert_eq!(
        last.etag.as_deref(),
        Some("\"25f9e794323b453885f5181f1b624d0b\"")
    );
    assert_eq!(last.crc64.as_deref(), Some("11051210869376104954"));
    upload(&client, KEY, &id, 2, &large('x')).await;
    let second = upload(&client, KEY, &id, 2, &large('b')).await;
    let first = upload(&client, KEY, &id, 1, &large('a')).await;
    assert_eq!(
        code(client.get_object(BUCKET, KEY).send().await),
        "NoSuchKey"
    );

    let parts = client.list_parts(BUCKET, KEY, &id).max_parts(2);
    let page = parts.send().await.unwrap();
    assert_eq!(page.key.as_deref(), Some(KEY));
    assert_eq!(page.storage_class, Some(StorageClass::StandardIa));
    assert_eq!(page.is_truncated, Some(true));
    assert_eq!(page.next_part_number_marker, Some(2));
    let initiator = page.initiator.clone().unwrap();
    assert_eq!(initiator.display_name.as_deref(), Some("100000000001"));
    let parts = client.list_parts(BUCKET, KEY, &id).max_parts(2).items();
    let parts: Vec<_> = parts.try_collect().await.unwrap();
    let parts: Vec<_> = parts
        .iter()
        .map(|part| (part.part_number, part.size))
        .collect();
    assert_eq!(
        parts,
        [(1, 1_048_576), (2, 1_048_576), (7, 9)].map(|(n, size)| (Some(n), Some(size)))
    );

    let last = CompletedPart::new(7, last.etag.clone().unwrap());
    let completed = client
        .complete_multipart_upload(BUCKET, KEY, &id, [first, second, last])
        .send()
        .await
        .unwrap();
    let whole = format!("{}{}123456789", large('a'), large('b'));
    assert_eq!(
        completed.crc64.clone().unwrap(),
        crc64(whole.as_bytes()).to_string()
    );
    assert_eq!(completed.key.as_deref(), Some(KEY));
    let location = completed.location.clone().unwrap();
    assert!(
        location.starts_with(&format!("http://{}/album/", bucket_host())),
        "{location}"
    );
    let etag = completed.etag.clone().unwrap();
    assert!(etag.ends_with("-3\""), "{etag}");

    let read = client.get_object(BUCKET, KEY).send().await.unwrap();
    assert_eq!(read.etag.as_ref(), Some(&etag));
    assert_eq!(read.content_type.as_deref(), Some("text/plain"));
    assert_eq!(read.cache_control.as_deref(), Some("no-cache"));
    assert_eq!(read.storage_class, Some(StorageClass::StandardIa));
    assert_eq!(read.metadata["colour"], "blue");
    assert_eq!(read.content_length, i64::try_from(whole.len()).ok());
    let bytes = read.into_body().collect(1 << 22).await.unwrap();
    assert!(bytes == whole.as_bytes());
    let across = client
        .get_object(BUCKET, KEY)
        .range("bytes=2097150-2097154");
    let across = across.send().await.unwrap();
    assert_eq!(text(across.into_body()).await, "bb123");
}

#[tokio::test]
async fn what_cannot_be_put_together_is_refused() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let id = begin(&client, "key").await;
    let small = upload(&client, "key", &id, 1, "small").await;
    let last = upload(&client, "key", &id, 2, "last").await;
    let complete = async |parts: &[&CompletedPart]| {
        let parts = parts.iter().map(|&part| part.clone());
        let completed = client.complete_multipart_upload(BUCKET, "key", &id, parts);
        code(completed.send().await)
    };
    let missing = CompletedPart::new(3, "\"25f9e794323b453885f5181f1b624d0b\"");
    let other = CompletedPart::new(1, "\"25f9e794323b453885f5181f1b624d0b\"");
    let beyond = CompletedPart::new(10_001, "\"25f9e794323b453885f5181f1b624d0b\"");
    assert_eq!(complete(&[&small, &last]).await, "EntityTooSmall");
    assert_eq!(complete(&[&last, &small]).await, "InvalidPartOrder");
    assert_eq!(complete(&[&last, &last]).await, "InvalidPartOrder");
    assert_eq!(complete(&[&small, &missing]).await, "InvalidPart");
    assert_eq!(complete(&[&other]).await, "InvalidPart");
    assert_eq!(complete(&[&beyond]).await, "InvalidArgument");
    // None of them has ended the upload. Quotes around the tag may be missing.
    let bare = CompletedPart::new(2, last.etag.clone().unwrap().trim_matches('"'));
    let completed = client.complete_multipart_upload(BUCKET, "key", &id, [bare]);
    completed.send().await.unwrap();
    let read = client.get_object(BUCKET, "key").send().await.unwrap();
    assert_eq!(text(read.into_body()).await, "last");
}

#[tokio::test]
async fn an_upload_that_is_not_there_is_named() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let id = begin(&client, "key").await;
    let part = upload(&client, "key", &id, 1, "content").await;
    for (key, id) in [("other", id.as_str()), ("key", "1700000000abc")] {
        let sent = client.upload_part(BUCKET, key, 1, id, "x").send().await;
        assert_eq!(code(sent), "NoSuchUpload");
        let listed = client.list_parts(BUCKET, key, id).send().await;
        assert_eq!(code(listed), "NoSuchUpload");
        let parts = [part.clone()];
        let completed = client.complete_multipart_upload(BUCKET, key, id, parts);
        assert_eq!(code(completed.send().await), "NoSuchUpload");
        let aborted = client.abort_multipart_upload(BUCKET, key, id).send().await;
        let error = aborted.unwrap_err();
        assert_eq!(error.code(), Some("NoSuchUpload"));
        assert_eq!(error.status().unwrap(), 404);
    }
    let aborted = client
        .abort_multipart_upload(BUCKET, "key", &id)
        .send()
        .await;
    assert_eq!(aborted.unwrap().status(), 204);
    let again = client
        .abort_multipart_upload(BUCKET, "key", &id)
        .send()
        .await;
    assert_eq!(code(again), "NoSuchUpload");

    let elsewhere = "missing-1250000000";
    let begun = client
        .initiate_multipart_upload(elsewhere, "key")
        .send()
        .await;
    assert_eq!(code(begun), "NoSuchBucket");
    let sent = client
        .upload_part(elsewhere, "key", 1, &id, "x")
        .send()
        .await;
    assert_eq!(code(sent), "NoSuchBucket");
    let listed = client.list_multipart_uploads(elsewhere).send().await;
    assert_eq!(code(listed), "NoSuchBucket");
}

#[tokio::test]
async fn wrong_parts_leave_nothing() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let id = begin(&client, "key").await;
    for number in [0, -1, 10_001] {
        let sent = client
            .upload_part(BUCKET, "key", number, &id, "x")
            .send()
            .await;
        assert_eq!(code(sent), "InvalidArgument", "{number}");
    }
    let wrong = client
        .upload_part(BUCKET, "key", 1, &id, "other")
        .content_md5("JfnnlDI7RTiF9RgfG2JNCw==");
    assert_eq!(code(wrong.send().await), "BadDigest");
    let parts = client.list_parts(BUCKET, "key", &id).send().await.unwrap();
    assert!(parts.parts.is_empty());
    for most in [0, 1001] {
        let listed = client.list_parts(BUCKET, "key", &id).max_parts(most);
        assert_eq!(code(listed.send().await), "InvalidArgument", "{most}");
        let listed = client.list_multipart_uploads(BUCKET).max_uploads(most);
        assert_eq!(code(listed.send().await), "InvalidArgument", "{most}");
    }
    let begun = client
        .initiate_multipart_upload(BUCKET, "key")
        .metadata([("long", "x".repeat(3000))]);
    assert_eq!(code(begun.send().await), "InvalidArgument");
    let begun = client.initiate_multipart_upload(BUCKET, "k".repeat(851));
    assert_eq!(code(begun.send().await), "KeyTooLong");
}

#[tokio::test]
async fn uploads_are_listed() {
    let (fixture, client) = Fixture::with_bucket().await;
    for key in ["a/1", "a/2", "b", "b", "c d\u{1}"] {
        begin(&client, key).await;
        fixture.clock.advance(1000);
    }
    let all = client.list_multipart_uploads(BUCKET).max_uploads(2).items();
    let all: Vec<_> = all.try_collect().await.unwrap();
    let keys: Vec<_> = all
        .iter()
        .map(|upload| upload.key.as_deref().unwrap())
        .collect();
    assert_eq!(keys, ["a/1", "a/2", "b", "b", "c d\u{1}"]);
    assert_ne!(all[2].initiated, all[3].initiated);
    assert_eq!(all[0].storage_class, Some(StorageClass::Standard));

    let page = client
        .list_multipart_uploads(BUCKET)
        .delimiter("/")
        .prefix("a");
    let page = page.send().await.unwrap();
    assert!(page.uploads.is_empty());
    assert_eq!(page.common_prefixes[0].prefix.as_deref(), Some("a/"));
    assert_eq!(page.is_truncated, Some(false));
    let behind = client
        .list_multipart_uploads(BUCKET)
        .key_marker("b")
        .upload_id_marker(all[2].upload_id.clone());
    let behind = behind.send().await.unwrap();
    assert_eq!(behind.uploads.len(), 2);
    assert_eq!(behind.uploads[0].upload_id, all[3].upload_id);

    let refused = client.delete_bucket(BUCKET).send().await;
    let error = refused.unwrap_err();
    assert_eq!(error.code(), Some("BucketNotEmpty"));
    assert!(error.to_string().contains("uploads"), "{error}");
    for upload in all {
        let (key, id) = (upload.key.unwrap(), upload.upload_id.unwrap());
        let aborted = client.abort_multipart_upload(BUCKET, key, id);
        aborted.send().await.unwrap();
    }
    client.delete_bucket(BUCKET).send().await.unwrap();
}

#[tokio::test]
async fn raw_requests_are_taken_for_what_they_are() {
    let settings = tcloud_local::Settings::default().auth(tcloud_local::AuthMode::Off);
    let fixture = Fixture::with(settings).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    let send = async |line: &str, body: &str| {
        let mut asked = request(line, &bucket_host());
        *asked.body_mut() = tcloud_core::body::Body::from(body.to_owned());
        fixture.send(asked).await
    };
    let begun = send("POST /key?uploads", "").await;
    assert_eq!(begun.status, 200, "{}", begun.text);
    let id = begun.element("UploadId").to_owned();
    assert_eq!(id.len(), 74);
    let path = format!("/key?uploadId={id}");
    assert_eq!(
        send(&format!("PUT {path}&partNumber=1"), "one")
            .await
            .status,
        200
    );
    for (line, body, expected) in [
        (format!("PUT {path}&partNumber=one"), "x", "InvalidArgument"),
        (
            format!("POST {path}"),
            "<CompleteMultipartUpload>",
            "MalformedXML",
        ),
        (
            format!("POST {path}"),
            "<CompleteMultipartUpload/>",
            "InvalidArgument",
        ),
        (format!("POST {path}"), "", "InvalidArgument"),
        (
            format!("GET {path}&part-number-marker=x"),
            "",
            "InvalidArgument",
        ),
        (
            format!("GET {path}&encoding-type=base64"),
            "",
            "InvalidArgument",
        ),
    ] {
        let answer = send(&line, body).await;
        assert_eq!(answer.status, 400, "{line}: {}", answer.text);
        assert_eq!(answer.element("Code"), expected, "{line}: {}", answer.text);
    }
    // A part is no object, and the upload is still there.
    assert_eq!(send("GET /key", "").await.element("Code"), "NoSuchKey");
    let listed = send(&format!("GET {path}"), "").await;
    assert_eq!(listed.element("PartNumber"), "1");
    assert_eq!(listed.element("Size"), "3");
}
