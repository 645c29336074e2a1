//! Encryption of objects: with keys of the service's, and with keys of the client's.

use tcloud_cos::Client;
use tcloud_cos::types::{
    CompletedPart, DefaultEncryption, DefaultEncryptionAlgorithm, EncryptionRule,
    MetadataDirective, ServerSideEncryption,
};
use tcloud_local::Settings;

use crate::fixture::{BUCKET, Fixture, REGION, bucket_host, code, request, text};
use crate::sockets::{Served, status};

/// A key of a client's, and its digest: those of the documents' samples.
const KEY: [&str; 2] = [
    "MDEyMzQ1Njc4OUFCQ0RFRjAxMjM0NTY3ODlBQkNERUY=",
    "U5L61r7jcwdNvT7frmUG8g==",
];
/// Another one.
const OTHER: [&str; 2] = [
    "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "hRasmdxgYDKV3nvbahU1MA==",
];

/// Sends a key with a call.
macro_rules! with {
    ($call:expr, $key:expr) => {
        $call
            .sse_customer_algorithm("AES256")
            .sse_customer_key($key[0])
            .sse_customer_key_md5($key[1])
    };
}

/// Sends the key of the source with a copy.
macro_rules! from {
    ($call:expr, $key:expr) => {
        $call
            .copy_source_sse_customer_algorithm("AES256")
            .copy_source_sse_customer_key($key[0])
            .copy_source_sse_customer_key_md5($key[1])
    };
}

fn source(key: &str) -> String {
    format!("{BUCKET}.cos.{REGION}.myqcloud.com/{key}")
}

async fn read(client: &Client, at: &str, key: [&str; 2]) -> String {
    let got = with!(client.get_object(BUCKET, at), key).send().await;
    let bytes = got.unwrap().into_body().collect(2 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_key_of_the_clients_is_needed_for_whatever_reads_the_object() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = with!(client.put_object(BUCKET, "k", "0123456789"), KEY);
    let put = put.send().await.unwrap();
    assert_eq!(put.sse_customer_algorithm.as_deref(), Some("AES256"));
    assert_eq!(put.sse_customer_key_md5.as_deref(), Some(KEY[1]));
    assert_eq!(put.server_side_encryption, None);
    let plain = client.put_object(BUCKET, "plain", "0123456789");
    let plain = plain.send().await.unwrap();
    // As the documents have it: the checksum is that of the content, the tag is not.
    assert_eq!(put.crc64, plain.crc64);
    assert_ne!(put.etag, plain.etag);

    assert_eq!(read(&client, "k", KEY).await, "0123456789");
    let part = with!(client.get_object(BUCKET, "k"), KEY).range("bytes=3-5");
    let part = part.send().await.unwrap();
    assert_eq!(part.content_range.as_deref(), Some("bytes 3-5/10"));
    assert_eq!(part.sse_customer_key_md5.as_deref(), Some(KEY[1]));
    assert_eq!(text(part.into_body()).await, "345");
    let head = with!(client.head_object(BUCKET, "k"), KEY).send().await;
    let head = head.unwrap();
    assert_eq!((head.content_length, &head.etag), (Some(10), &put.etag));
    assert_eq!(head.sse_customer_algorithm.as_deref(), Some("AES256"));

    let without = client.get_object(BUCKET, "k").send().await;
    assert_eq!(code(without), "SsecDecryptHeaderInvalid");
    let wrong = with!(client.get_object(BUCKET, "k"), OTHER).send().await;
    assert_eq!(code(wrong), "SsecDecryptHeaderInvalid");
    for head in [
        client.head_object(BUCKET, "k"),
        with!(client.head_object(BUCKET, "k"), OTHER),
    ] {
        let refused = head.send().await.unwrap_err();
        assert_eq!(refused.status().map(|it| it.as_u16()), Some(400));
    }
    let needless = with!(client.get_object(BUCKET, "plain"), KEY).send().await;
    assert_eq!(code(needless), "SSEHeaderNotAllowed");
    // What knows of no key is told so.
    let copy = client
        .put_object_copy(BUCKET, "copy", source("k"))
        .send()
        .await;
    assert_eq!(code(copy), "SsecDecryptHeaderInvalid");
}

#[tokio::test]
async fn bad_keys_are_refused_and_nothing_is_stored() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = || client.put_object(BUCKET, "k", "v");
    for (algorithm, key, md5) in [
        (Some("AES128"), Some(KEY[0]), Some(KEY[1])),
        (None, Some(KEY[0]), Some(KEY[1])),
        (Some("AES256"), None, Some(KEY[1])),
        (Some("AES256"), Some(KEY[0]), None),
        (Some("AES256"), Some(KEY[0]), Some(OTHER[1])),
        (Some("AES256"), Some("c2hvcnQ="), Some(KEY[1])),
        (Some("AES256"), Some("no base64"), Some(KEY[1])),
    ] {
        let put = put().sse_customer_algorithm(algorithm.map(str::to_owned));
        let put = put.sse_customer_key(key.map(str::to_owned));
        let put = put.sse_customer_key_md5(md5.map(str::to_owned));
        assert_eq!(
            code(put.send().await),
            "InvalidArgument",
            "{algorithm:?} {md5:?}"
        );
    }
    let both = with!(put(), KEY).server_side_encryption(ServerSideEncryption::Aes256);
    assert_eq!(code(both.send().await), "InvalidArgument");
    let kms = put().server_side_encryption(ServerSideEncryption::CosKms);
    let refused = kms.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("NotImplemented"));
    assert!(
        refused.to_string().contains("Key Management Service"),
        "{refused}"
    );
    let kms = put().kms_key_id("k1").send().await;
    assert_eq!(code(kms), "NotImplemented");
    assert!(client.head_object(BUCKET, "k").send().await.is_err());
}

#[tokio::test]
async fn a_copy_has_a_key_of_its_own_or_none() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = with!(client.put_object(BUCKET, "k", "content"), KEY);
    put.metadata([("a".to_owned(), "b".to_owned())])
        .send()
        .await
        .unwrap();
    let copy = |to: &str| from!(client.put_object_copy(BUCKET, to, source("k")), KEY);
    let done = with!(copy("other"), OTHER).send().await.unwrap();
    assert_eq!(done.sse_customer_key_md5.as_deref(), Some(OTHER[1]));
    assert_eq!(read(&client, "other", OTHER).await, "content");
    let refused = with!(client.get_object(BUCKET, "other"), KEY).send().await;
    assert_eq!(code(refused), "SsecDecryptHeaderInvalid");
    copy("plain").send().await.unwrap();
    let plain = client.get_object(BUCKET, "plain").send().await.unwrap();
    assert_eq!(plain.metadata.get("a").map(String::as_str), Some("b"));
    assert_eq!(plain.sse_customer_key_md5, None);
    assert_eq!(text(plain.into_body()).await, "content");
    let served = copy("served").server_side_encryption(ServerSideEncryption::Aes256);
    let served = served.send().await.unwrap();
    assert_eq!(
        served.server_side_encryption,
        Some(ServerSideEncryption::Aes256)
    );
    // What is there without a key gets one, also where it is.
    let sealed = client.put_object_copy(BUCKET, "plain", source("plain"));
    with!(sealed, KEY).send().await.unwrap();
    assert_eq!(read(&client, "plain", KEY).await, "content");
    let wrong = from!(client.put_object_copy(BUCKET, "x", source("k")), OTHER);
    assert_eq!(code(wrong.send().await), "SsecDecryptHeaderInvalid");
    let needless = from!(client.put_object_copy(BUCKET, "x", source("served")), KEY);
    assert_eq!(code(needless.send().await), "SSEHeaderNotAllowed");
    let itself = from!(client.put_object_copy(BUCKET, "k", source("k")), KEY);
    let itself = itself.metadata_directive(MetadataDirective::Replaced);
    with!(itself, OTHER).send().await.unwrap();
    assert_eq!(read(&client, "k", OTHER).await, "content");
}

#[tokio::test]
async fn an_upload_in_parts_has_one_key() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let initiate = with!(client.initiate_multipart_upload(BUCKET, "k"), KEY);
    let begun = initiate.send().await.unwrap();
    assert_eq!(begun.sse_customer_key_md5.as_deref(), Some(KEY[1]));
    let id = begun.upload_id.clone().unwrap();
    let part =
        |number, content: &str| client.upload_part(BUCKET, "k", number, &id, content.to_owned());
    let refused = part(1, "x").send().await;
    assert_eq!(code(refused), "SsecDecryptHeaderInvalid");
    let refused = with!(part(1, "x"), OTHER).send().await;
    assert_eq!(code(refused), "SsecDecryptHeaderInvalid");
    client.put_object(BUCKET, "from", "f").send().await.unwrap();
    let copied = client.upload_part_copy(BUCKET, "k", 3, &id, source("from"));
    assert_eq!(code(copied.send().await), "NotImplemented");
    let contents = ["a".repeat(1024 * 1024), "last".to_owned()];
    let mut parts = Vec::new();
    for (number, content) in (1..).zip(&contents) {
        let done = with!(part(number, content), KEY).send().await.unwrap();
        assert_eq!(done.sse_customer_key_md5.as_deref(), Some(KEY[1]));
        parts.push(CompletedPart::new(number, done.etag.clone().unwrap()));
    }
    let made = client.complete_multipart_upload(BUCKET, "k", &id, parts);
    let made = made.send().await.unwrap();
    assert_eq!(made.sse_customer_key_md5.as_deref(), Some(KEY[1]));
    assert_eq!(read(&client, "k", KEY).await, contents.concat());
    let part = with!(client.get_object(BUCKET, "k"), KEY).range("bytes=1048574-1048577");
    assert_eq!(text(part.send().await.unwrap().into_body()).await, "aala");
    // A part of what is encrypted becomes a part of what is not.
    let begun = client
        .initiate_multipart_upload(BUCKET, "open")
        .send()
        .await;
    let id = begun.unwrap().upload_id.clone().unwrap();
    let copy = || client.upload_part_copy(BUCKET, "open", 1, &id, source("k"));
    assert_eq!(code(copy().send().await), "SsecDecryptHeaderInvalid");
    let copied = from!(copy(), KEY).copy_source_range("bytes=1048576-1048579");
    let etag = copied.send().await.unwrap().etag.clone().unwrap();
    let parts = [CompletedPart::new(1, etag)];
    let made = client.complete_multipart_upload(BUCKET, "open", &id, parts);
    made.send().await.unwrap();
    let open = client.get_object(BUCKET, "open").send().await.unwrap();
    assert_eq!(text(open.into_body()).await, "last");
}

#[tokio::test]
async fn the_services_own_keys_are_remembered_and_a_bucket_may_want_them() {
    let (fixture, client) = Fixture::with_bucket().await;
    let aes = || Some(ServerSideEncryption::Aes256);
    let plain = client
        .put_object(BUCKET, "plain", "v")
        .send()
        .await
        .unwrap();
    assert_eq!(plain.server_side_encryption, None);
    let put = client
        .put_object(BUCKET, "k", "v")
        .server_side_encryption(aes());
    let put = put.send().await.unwrap();
    assert_eq!(put.server_side_encryption, aes());
    assert_eq!(put.etag, plain.etag);
    let rule = |algorithm| EncryptionRule::new(DefaultEncryption::new(algorithm));
    let aes_rule = rule(DefaultEncryptionAlgorithm::Aes256);
    let set = client.put_bucket_encryption(BUCKET, aes_rule);
    set.send().await.unwrap();
    client
        .put_object(BUCKET, "default", "v")
        .send()
        .await
        .unwrap();
    client
        .append_object(BUCKET, "log", 0, "v")
        .send()
        .await
        .unwrap();
    client
        .put_object_copy(BUCKET, "copy", source("plain"))
        .send()
        .await
        .unwrap();
    let begun = client
        .initiate_multipart_upload(BUCKET, "parts")
        .send()
        .await
        .unwrap();
    assert_eq!(begun.server_side_encryption, aes());
    let id = begun.upload_id.clone().unwrap();
    let part = client
        .upload_part(BUCKET, "parts", 1, &id, "v")
        .send()
        .await
        .unwrap();
    assert_eq!(part.server_side_encryption, aes());
    let parts = [CompletedPart::new(1, part.etag.clone().unwrap())];
    let made = client.complete_multipart_upload(BUCKET, "parts", &id, parts);
    assert_eq!(made.send().await.unwrap().server_side_encryption, aes());
    for key in ["k", "default", "log", "copy", "parts"] {
        let head = client.head_object(BUCKET, key).send().await.unwrap();
        assert_eq!(head.server_side_encryption, aes(), "{key}");
        let got = client.get_object(BUCKET, key).send().await.unwrap();
        assert_eq!(got.server_side_encryption, aes(), "{key}");
        assert_eq!(text(got.into_body()).await, "v");
    }
    let head = client.head_object(BUCKET, "plain").send().await.unwrap();
    assert_eq!(
        head.server_side_encryption, None,
        "what was there stays as it was"
    );
    // A key of the client's goes before.
    let own = with!(client.put_object(BUCKET, "own", "v"), KEY);
    assert_eq!(own.send().await.unwrap().server_side_encryption, None);
    let kms = client.put_bucket_encryption(BUCKET, rule(DefaultEncryptionAlgorithm::Kms));
    assert_eq!(code(kms.send().await), "NotImplemented");
    client
        .delete_bucket_encryption(BUCKET)
        .send()
        .await
        .unwrap();
    let put = client
        .put_object(BUCKET, "after", "v")
        .send()
        .await
        .unwrap();
    assert_eq!(put.server_side_encryption, None);
    let answer = fixture.anonymous("GET /?encryption").await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn keys_are_no_part_of_what_is_remembered_of_a_request() {
    let (fixture, client) = Fixture::with_bucket().await;
    with!(client.put_object(BUCKET, "k", "v"), KEY)
        .send()
        .await
        .unwrap();
    let refused = with!(client.get_object(BUCKET, "k"), OTHER).send().await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        !refused.contains(KEY[0]) && !refused.contains(OTHER[0]),
        "{refused}"
    );
    for page in ["/_local/requests", "/_local/recorded"] {
        let shown = fixture
            .send(request(&format!("GET {page}"), "localhost"))
            .await;
        assert!(!shown.text.contains(KEY[0]), "{page}: {}", shown.text);
    }
}

#[tokio::test]
async fn over_a_socket_an_object_is_encrypted_and_read() {
    let served = Served::new(Settings::default().auth(tcloud_local::AuthMode::Off)).await;
    let host = format!("Host: {}", bucket_host());
    let made = served
        .exchange(&["PUT / HTTP/1.1", &host, "Content-Length: 0"], "")
        .await;
    assert_eq!(status(&made), "200");
    let [algorithm, key, md5] = [
        "x-cos-server-side-encryption-customer-algorithm: AES256".to_owned(),
        format!("x-cos-server-side-encryption-customer-key: {}", KEY[0]),
        format!("x-cos-server-side-encryption-customer-key-MD5: {}", KEY[1]),
    ];
    let put = [
        "PUT /k HTTP/1.1",
        &host,
        &algorithm,
        &key,
        &md5,
        "Content-Length: 7",
    ];
    let stored = served.exchange(&put, "content").await;
    assert_eq!(status(&stored), "200", "{stored}");
    assert!(
        stored
            .to_lowercase()
            .contains("x-cos-server-side-encryption-customer-key-md5")
    );
    let get = ["GET /k HTTP/1.1", &host, &algorithm, &key, &md5];
    let got = served.exchange(&get, "").await;
    assert!(got.ends_with("\r\n\r\ncontent"), "{got}");
    let refused = served.exchange(&["GET /k HTTP/1.1", &host], "").await;
    assert_eq!(status(&refused), "400");
    assert!(!refused.contains("content</"), "{refused}");
}
