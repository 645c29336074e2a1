use std::io;

use bytes::Bytes;
use futures_util::stream;
use tcloud_core::body::Body;
use tcloud_core::error::ErrorKind;

use crate::fixture::{BUCKET, Fixture, code, text};

/// Of `123456789`, from the catalogue of CRC-64/XZ and by md5sum.
const DIGITS: &str = "123456789";
const DIGITS_CRC64: &str = "11051210869376104954";
const DIGITS_ETAG: &str = "\"25f9e794323b453885f5181f1b624d0b\"";
const DIGITS_MD5: &str = "JfnnlDI7RTiF9RgfG2JNCw==";

#[tokio::test]
async fn an_object_comes_back_as_it_was_stored() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let key = "album/../ ünï 中+%2F.txt";
    let stored = client
        .put_object(BUCKET, key, DIGITS)
        .content_type("text/plain")
        .cache_control("no-cache")
        .content_md5(DIGITS_MD5)
        .metadata([("colour", "blue"), ("n", "1")])
        .send()
        .await
        .unwrap();
    assert_eq!(stored.etag.as_deref(), Some(DIGITS_ETAG));
    assert_eq!(stored.crc64.as_deref(), Some(DIGITS_CRC64));
    assert!(stored.request_id().is_some());
    assert!(stored.headers().contains_key("x-cos-request-id"));

    let read = client.get_object(BUCKET, key).send().await.unwrap();
    assert_eq!(read.etag.as_deref(), Some(DIGITS_ETAG));
    assert_eq!(read.crc64.as_deref(), Some(DIGITS_CRC64));
    assert_eq!(read.content_type.as_deref(), Some("text/plain"));
    assert_eq!(read.cache_control.as_deref(), Some("no-cache"));
    assert_eq!(read.content_length, Some(9));
    assert_eq!(
        read.last_modified.as_deref(),
        Some("Tue, 14 Nov 2023 22:13:20 GMT")
    );
    assert_eq!(read.metadata["colour"], "blue");
    assert_eq!(read.metadata["n"], "1");
    assert!(read.content_range.is_none());
    assert_eq!(text(read.into_body()).await, DIGITS);

    let head = client.head_object(BUCKET, key).send().await.unwrap();
    assert_eq!(head.content_length, Some(9));
    assert_eq!(head.metadata["colour"], "blue");

    let deleted = client.delete_object(BUCKET, key).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    let again = client.delete_object(BUCKET, key).send().await.unwrap();
    assert_eq!(again.status(), 204);
    assert_eq!(
        code(client.get_object(BUCKET, key).send().await),
        "NoSuchKey"
    );
    let head = client.head_object(BUCKET, key).send().await.unwrap_err();
    assert_eq!(head.status().unwrap(), 404);
}

#[tokio::test]
async fn content_is_streamed_and_must_be_whole() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let chunks = |count: usize| {
        stream::iter((0..count).map(|_| io::Result::Ok(Bytes::from(vec![7; 65_536]))))
    };
    let size = 64 * 65_536;
    let body = Body::from_stream(chunks(64), Some(size));
    client.put_object(BUCKET, "big", body).send().await.unwrap();
    let mut read = client
        .get_object(BUCKET, "big")
        .send()
        .await
        .unwrap()
        .into_body();
    let mut total = 0;
    while let Some(chunk) = read.chunk().await {
        total += chunk.unwrap().len() as u64;
    }
    assert_eq!(total, size);

    let short = Body::from_stream(chunks(1), Some(size));
    assert_eq!(
        code(client.put_object(BUCKET, "short", short).send().await),
        "IncompleteBody"
    );
    assert_eq!(
        code(client.get_object(BUCKET, "short").send().await),
        "NoSuchKey"
    );
    let unknown = Body::from_stream(chunks(1), None);
    let error = client
        .put_object(BUCKET, "k", unknown)
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 411);
    assert_eq!(error.code(), Some("MissingContentLength"));
    let empty = client.put_object(BUCKET, "empty", "").send().await.unwrap();
    assert_eq!(
        empty.etag.as_deref(),
        Some("\"d41d8cd98f00b204e9800998ecf8427e\"")
    );
    let read = client.get_object(BUCKET, "empty").send().await.unwrap();
    assert_eq!(read.content_length, Some(0));
}

#[tokio::test]
async fn wrong_uploads_leave_nothing() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = |body| client.put_object(BUCKET, "k", body);
    assert_eq!(
        code(put("other").content_md5(DIGITS_MD5).send().await),
        "BadDigest"
    );
    assert_eq!(
        code(put(DIGITS).content_md5("abc").send().await),
        "InvalidDigest"
    );
    assert_eq!(
        code(put(DIGITS).storage_class("COLD").send().await),
        "InvalidArgument"
    );
    for limit in [819_199, 838_860_801] {
        let put = put(DIGITS).traffic_limit(limit);
        assert_eq!(code(put.send().await), "InvalidArgument");
    }
    assert_eq!(
        code(put(DIGITS).metadata([("m", "v".repeat(2048))]).send().await),
        "InvalidArgument"
    );
    assert_eq!(
        code(client.get_object(BUCKET, "k").send().await),
        "NoSuchKey"
    );
    let long = "k".repeat(851);
    assert_eq!(
        code(client.put_object(BUCKET, long, "").send().await),
        "KeyTooLong"
    );
    assert_eq!(
        code(client.put_object("none-1250000000", "k", "").send().await),
        "NoSuchBucket"
    );

    put(DIGITS).forbid_overwrite(true).send().await.unwrap();
    let again = put("new").forbid_overwrite(true).send().await;
    assert_eq!(code(again), "FileAlreadyExists");
    let read = client.get_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(text(read.into_body()).await, DIGITS);
}

#[tokio::test]
async fn parts_are_read_by_range() {
    let (_fixture, client) = Fixture::with_bucket().await;
    client.put_object(BUCKET, "k", DIGITS).send().await.unwrap();
    for (range, content, told) in [
        ("bytes=0-2", "123", "bytes 0-2/9"),
        ("bytes=6-", "789", "bytes 6-8/9"),
        ("bytes=-2", "89", "bytes 7-8/9"),
        ("bytes=5-100", "6789", "bytes 5-8/9"),
    ] {
        let part = client
            .get_object(BUCKET, "k")
            .range(range)
            .send()
            .await
            .unwrap();
        assert_eq!(part.status(), 206, "{range}");
        assert_eq!(part.content_range.as_deref(), Some(told));
        assert_eq!(part.content_length, i64::try_from(content.len()).ok());
        assert_eq!(text(part.into_body()).await, content);
    }
    let ignored = client
        .get_object(BUCKET, "k")
        .range("bytes=2-1")
        .send()
        .await
        .unwrap();
    assert_eq!(ignored.status(), 200);
    let outside = client
        .get_object(BUCKET, "k")
        .range("bytes=9-")
        .send()
        .await
        .unwrap_err();
    assert_eq!(outside.status().unwrap(), 416);
    assert_eq!(outside.code(), Some("InvalidRange"));
}

#[tokio::test]
async fn an_unsatisfiable_range_tells_the_size() {
    let (fixture, client) = Fixture::with_bucket().await;
    client
        .put_object(BUCKET, "k", DIGITS)
        .acl("public-read")
        .send()
        .await
        .unwrap();
    let mut request = crate::fixture::request("GET /k", &crate::fixture::bucket_host());
    let range = http::HeaderValue::from_static("bytes=9-");
    request.headers_mut().insert("range", range);
    let answer = fixture.send(request).await;
    assert_eq!(answer.status, 416);
    assert_eq!(answer.header("content-range"), "bytes */9");
}

#[tokio::test]
async fn conditions_hold_or_not() {
    let (_fixture, client) = Fixture::with_bucket().await;
    client.put_object(BUCKET, "k", DIGITS).send().await.unwrap();
    let get = || client.get_object(BUCKET, "k");
    get().if_match(DIGITS_ETAG).send().await.unwrap();
    assert_eq!(
        code(get().if_match("\"x\"").send().await),
        "PreconditionFailed"
    );
    let same = get().if_none_match(DIGITS_ETAG).send().await.unwrap_err();
    assert_eq!(same.status().unwrap(), 304);
    assert_ne!(same.kind(), ErrorKind::Transport);
    let since = "Tue, 14 Nov 2023 22:13:20 GMT";
    let same = client
        .head_object(BUCKET, "k")
        .if_modified_since(since)
        .send()
        .await;
    assert_eq!(same.unwrap_err().status().unwrap(), 304);
    let before = "Tue, 14 Nov 2023 22:13:19 GMT";
    let newer = get().if_unmodified_since(before).send().await;
    assert_eq!(code(newer), "PreconditionFailed");
}

/// As the documents print it, and as the official Python SDK needs it.
#[tokio::test]
async fn an_answer_that_nothing_has_changed_says_that_it_is_empty() {
    let (fixture, client) = Fixture::with_bucket().await;
    client
        .put_object(BUCKET, "k", DIGITS)
        .acl("public-read")
        .send()
        .await
        .unwrap();
    let mut request = crate::fixture::request("GET /k", &crate::fixture::bucket_host());
    let etag = http::HeaderValue::from_static(DIGITS_ETAG);
    request.headers_mut().insert("if-none-match", etag);
    let answer = fixture.send(request).await;
    assert_eq!(answer.status, 304);
    assert_eq!(answer.header("content-length"), "0");
    assert_eq!(answer.header("etag"), DIGITS_ETAG);
}

#[tokio::test]
async fn an_answer_may_be_labelled_otherwise() {
    let (_fixture, client) = Fixture::with_bucket().await;
    client
        .put_object(BUCKET, "k", DIGITS)
        .content_type("text/plain")
        .send()
        .await
        .unwrap();
    let read = client
        .get_object(BUCKET, "k")
        .response_content_type("text/csv")
        .response_content_disposition("attachment")
        .response_content_language("de")
        .send()
        .await
        .unwrap();
    assert_eq!(read.content_type.as_deref(), Some("text/csv"));
    assert_eq!(read.content_disposition.as_deref(), Some("attachment"));
    assert_eq!(read.content_language.as_deref(), Some("de"));
}

#[tokio::test]
async fn the_headers_of_the_content_come_back() {
    let (_fixture, client) = Fixture::with_bucket().await;
    client
        .put_object(BUCKET, "k", DIGITS)
        .content_language("de")
        .content_encoding("identity")
        .expires("Tue, 14 Nov 2023 22:13:20 GMT")
        .send()
        .await
        .unwrap();
    let read = client.get_object(BUCKET, "k").send().await.unwrap();
    let head = client.head_object(BUCKET, "k").send().await.unwrap();
    for language in [&read.content_language, &head.content_language] {
        assert_eq!(language.as_deref(), Some("de"));
    }
    assert_eq!(read.content_encoding.as_deref(), Some("identity"));
    assert_eq!(
        read.expires.as_deref(),
        Some("Tue, 14 Nov 2023 22:13:20 GMT")
    );
}

#[tokio::test]
async fn content_that_nobody_describes_is_what_its_key_says() {
    let (_fixture, client) = Fixture::with_bucket().await;
    for (key, media) in [
        ("album/cat.png", "image/png"),
        ("page.HTML", "text/html"),
        ("k", "application/octet-stream"),
    ] {
        let put = || client.put_object(BUCKET, key, DIGITS);
        // An empty header, as the official SDK for Node sends it, is none.
        for put in [
            put(),
            put()
                .content_type("")
                .cache_control("")
                .content_disposition("")
                .content_encoding("")
                .content_language("")
                .expires(""),
        ] {
            put.send().await.unwrap();
            let head = client.head_object(BUCKET, key).send().await.unwrap();
            assert_eq!(head.content_type.as_deref(), Some(media), "{key}");
            for name in [
                "cache-control",
                "content-disposition",
                "content-encoding",
                "content-language",
                "expires",
            ] {
                assert!(!head.headers().contains_key(name), "{name}");
            }
        }
        let put = put().content_type("text/x-own");
        put.send().await.unwrap();
        let head = client.head_object(BUCKET, key).send().await.unwrap();
        assert_eq!(head.content_type.as_deref(), Some("text/x-own"));
    }
}

#[tokio::test]
async fn a_label_that_says_nothing_or_is_no_header_changes_nothing() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = client.put_object(BUCKET, "k", DIGITS);
    put.content_type("text/plain")
        .cache_control("no-cache")
        .send()
        .await
        .unwrap();
    let read = client
        .get_object(BUCKET, "k")
        .response_content_type("")
        .response_cache_control("")
        .response_content_disposition("")
        .send()
        .await
        .unwrap();
    assert_eq!(read.content_type.as_deref(), Some("text/plain"));
    assert_eq!(read.cache_control.as_deref(), Some("no-cache"));
    assert!(!read.headers().contains_key("content-disposition"));

    for text in ["text/plain\r\nx-other: 1", "a\u{1}b", "\u{7f}"] {
        let get = client.get_object(BUCKET, "k");
        let error = get.response_content_type(text).send().await.unwrap_err();
        assert_eq!(error.status().unwrap(), 400, "{text:?}");
        assert_eq!(error.code(), Some("InvalidArgument"));
        assert!(error.message().contains("response-content-type"), "{error}");
    }
}
