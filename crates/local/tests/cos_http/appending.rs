//! Objects that grow.

use tcloud_cos::types::ObjectType;

use crate::fixture::{BUCKET, Fixture, bucket_host, code, request, text};

/// The check value of CRC-64/XZ, of `123456789`.
const DIGITS_CRC64: &str = "11051210869376104954";

#[tokio::test]
async fn an_object_grows() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let first = client
        .append_object(BUCKET, "log", 0, "1234")
        .content_type("text/x-log")
        .metadata([("colour", "blue")])
        .send()
        .await
        .unwrap();
    assert_eq!(first.next_append_position, Some(4));
    // echo -n 1234 | md5sum
    assert_eq!(
        first.etag.as_deref(),
        Some("\"81dc9bdb52d04dc20036dbd8313ed055\"")
    );
    let second = client.append_object(BUCKET, "log", 4, "56789");
    let second = second.send().await.unwrap();
    assert_eq!(second.next_append_position, Some(9));
    assert_eq!(second.crc64.as_deref(), Some(DIGITS_CRC64));
    assert_ne!(second.etag, first.etag);

    let read = client.get_object(BUCKET, "log").send().await.unwrap();
    assert_eq!(read.object_type, Some(ObjectType::Appendable));
    assert_eq!(read.content_type.as_deref(), Some("text/x-log"));
    assert_eq!(read.metadata["colour"], "blue");
    assert_eq!(read.etag, second.etag);
    assert_eq!(read.crc64, second.crc64);
    assert_eq!(text(read.into_body()).await, "123456789");
    let part = client.get_object(BUCKET, "log").range("bytes=2-5");
    let part = part.send().await.unwrap();
    assert_eq!(part.content_range.as_deref(), Some("bytes 2-5/9"));
    assert_eq!(text(part.into_body()).await, "3456");
    let head = client.head_object(BUCKET, "log").send().await.unwrap();
    assert_eq!(head.object_type, Some(ObjectType::Appendable));
    client
        .put_object(BUCKET, "whole", "a")
        .send()
        .await
        .unwrap();
    let head = client.head_object(BUCKET, "whole").send().await.unwrap();
    assert_eq!(head.object_type, Some(ObjectType::Normal));
}

#[tokio::test]
async fn wrong_appends_change_nothing() {
    let (fixture, client) = Fixture::with_bucket().await;
    client
        .append_object(BUCKET, "log", 0, "1234")
        .send()
        .await
        .unwrap();
    client
        .put_object(BUCKET, "whole", "1234")
        .send()
        .await
        .unwrap();
    for (key, position, expected) in [
        ("log", 0, "AppendPositionErr"),
        ("log", 5, "AppendPositionErr"),
        ("new", 1, "AppendPositionErr"),
        ("whole", 4, "ObjectNotAppendable"),
        ("whole", 0, "ObjectNotAppendable"),
        ("log", -1, "InvalidArgument"),
    ] {
        let appended = client
            .append_object(BUCKET, key, position, "x")
            .send()
            .await;
        assert_eq!(code(appended), expected, "{key} {position}");
    }
    let refused = client.append_object(BUCKET, "log", 5, "x").send().await;
    assert_eq!(refused.unwrap_err().status().unwrap(), 409);
    let wrong = client
        .append_object(BUCKET, "log", 4, "other")
        .content_md5("JfnnlDI7RTiF9RgfG2JNCw==");
    assert_eq!(code(wrong.send().await), "BadDigest");
    let read = client.get_object(BUCKET, "log").send().await.unwrap();
    assert_eq!(text(read.into_body()).await, "1234");

    let anonymous = |line: &str| request(line, &bucket_host());
    // Without a position it is no request that is known.
    let none = fixture.send(anonymous("POST /log?append")).await;
    assert_ne!(none.status, 200);
    let word = fixture
        .send(anonymous("POST /log?append&position=end"))
        .await;
    assert_ne!(word.status, 200);
}
