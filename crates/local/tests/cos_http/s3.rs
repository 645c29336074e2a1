//! S3's interface: requests signed as S3 signs them. The signatures of clients of others are tried by
//! `tests/clients/boto3`, `rclone` and `s3cmd`.

use bytes::Bytes;
use futures_util::stream;
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request};
use sha2::{Digest, Sha256};
use tcloud_core::body::Body;
use tcloud_core::credentials::Credentials;
use tcloud_core::sign::encode;
use tcloud_core::time::format_iso_utc;
use tcloud_cos::operation::put_object::PutObjectRequest;
use tcloud_local::{AuthMode, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, FaultRule, Settings};

use crate::fixture::{Answered, BUCKET, Fixture, NOW, REGION, bucket_host, code};

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// A client of S3.
#[derive(Clone)]
struct S3 {
    id: &'static str,
    secret: &'static str,
    token: Option<&'static str>,
    region: &'static str,
    now: i64,
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            id: DEFAULT_SECRET_ID,
            secret: DEFAULT_SECRET_KEY,
            token: None,
            region: REGION,
            now: NOW / 1000,
        }
    }
}

/// A request that is signed, and what its chunks go on from.
struct Signed {
    request: http::request::Builder,
    key: Vec<u8>,
    scope: String,
    signature: String,
    time: String,
}

impl S3 {
    /// Signs `<method> <path>?<query>`, with what the signature is to say of the body.
    fn sign(&self, line: &str, headers: &[(&str, &str)], payload: &str) -> Signed {
        let (method, uri) = line.split_once(' ').unwrap();
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let time = format_iso_utc(self.now).replace(['-', ':'], "");
        let mut all: Vec<(String, String)> = headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned()))
            .collect();
        if !all.iter().any(|(name, _)| name == "host") {
            all.push(("host".into(), bucket_host()));
        }
        all.push(("x-amz-date".into(), time.clone()));
        all.push(("x-amz-content-sha256".into(), payload.into()));
        if let Some(token) = self.token {
            all.push(("x-amz-security-token".into(), token.into()));
        }
        all.sort();
        let names: Vec<_> = all.iter().map(|(name, _)| name.as_str()).collect();
        let names = names.join(";");
        let mut pairs: Vec<_> = encode::decode_query(query)
            .unwrap()
            .iter()
            .map(|(name, value)| {
                format!("{}={}", encode::component(name), encode::component(value))
            })
            .collect();
        pairs.sort();
        let lines: Vec<_> = all
            .iter()
            .map(|(name, value)| format!("{name}:{value}\n"))
            .collect();
        let lines = lines.concat();
        let canonical = format!(
            "{method}\n{path}\n{}\n{lines}\n{names}\n{payload}",
            pairs.join("&")
        );
        let (scope, key) = self.key(&time);
        let text = format!(
            "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
            hash(canonical.as_bytes())
        );
        let signature = hex(&mac(&key, text.as_bytes()));
        let mut request = Request::builder().method(method).uri(uri).header(
            "authorization",
            format!(
                "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}",
                self.id
            ),
        );
        for (name, value) in all {
            request = request.header(name, value);
        }
        Signed {
            request,
            key,
            scope,
            signature,
            time,
        }
    }

    fn key(&self, time: &str) -> (String, Vec<u8>) {
        let day = &time[..8];
        let parts = [day, self.region, "s3", "aws4_request"];
        let first = format!("AWS4{}", self.secret).into_bytes();
        let key = parts
            .iter()
            .fold(first, |key, part| mac(&key, part.as_bytes()));
        (parts.join("/"), key)
    }

    async fn send(
        &self,
        fixture: &Fixture,
        line: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answered {
        let signed = self.sign(line, headers, &hash(body.as_bytes()));
        let request = signed.request.header("content-length", body.len());
        fixture
            .send(request.body(Body::from(body.to_owned())).unwrap())
            .await
    }
}

impl Signed {
    /// The signature of the next chunk, or of the trailer.
    fn chunk(&mut self, what: &str, rest: &str) -> String {
        let Self {
            time,
            scope,
            signature,
            ..
        } = self;
        let text = format!("AWS4-HMAC-SHA256-{what}\n{time}\n{scope}\n{signature}\n{rest}");
        *signature = hex(&mac(&self.key, text.as_bytes()));
        signature.clone()
    }

    /// `content` in chunks of `size` bytes with their signatures, and behind them a line.
    fn chunks(&mut self, content: &str, size: usize, trailer: Option<&str>) -> String {
        let mut body = String::new();
        let mut pieces: Vec<_> = content.as_bytes().chunks(size).collect();
        pieces.push(b"");
        for piece in pieces {
            let rest = format!("{}\n{}", hash(b""), hash(piece));
            let signature = self.chunk("PAYLOAD", &rest);
            let head = format!("{:x};chunk-signature={signature}\r\n", piece.len());
            body.push_str(&head);
            if !piece.is_empty() {
                body.push_str(std::str::from_utf8(piece).unwrap());
                body.push_str("\r\n");
            }
        }
        if let Some(line) = trailer {
            let signature = self.chunk("TRAILER", &hash(format!("{line}\n").as_bytes()));
            let end = format!("{line}\r\nx-amz-trailer-signature:{signature}\r\n");
            body.push_str(&end);
        }
        body + "\r\n"
    }

    /// Sends the request with `body`, a few bytes at a time.
    async fn send(self, fixture: &Fixture, body: &str) -> Answered {
        let request = self.request.header("content-length", body.len());
        let pieces: Vec<_> = body
            .as_bytes()
            .chunks(11)
            .map(|piece| std::io::Result::Ok(Bytes::copy_from_slice(piece)))
            .collect();
        let length = u64::try_from(body.len()).ok();
        let body = Body::from_stream(stream::iter(pieces), length);
        fixture.send(request.body(body).unwrap()).await
    }
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let digits: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

#[tokio::test]
async fn objects_by_host_and_by_path() {
    let (fixture, client) = Fixture::with_bucket().await;
    let s3 = S3::default();
    let headers = [("x-amz-meta-a", "b"), ("x-amz-storage-class", "GLACIER")];
    let put = s3
        .send(&fixture, "PUT /dir/a%20b", &headers, "content")
        .await;
    assert_eq!((put.status.as_u16(), put.text.as_str()), (200, ""));
    assert!(!put.header("x-amz-request-id").is_empty());
    assert_eq!(put.header("x-cos-request-id"), "");

    // The same object by both interfaces, and by both forms of an address.
    let seen = client.head_object(BUCKET, "dir/a b").send().await.unwrap();
    assert_eq!(seen.storage_class.as_ref().unwrap().as_str(), "ARCHIVE");
    let by_path = format!("HEAD /{BUCKET}/dir/a%20b");
    for (line, host) in [
        ("HEAD /dir/a%20b", bucket_host()),
        (&by_path, "127.0.0.1:9000".to_owned()),
        (&by_path, format!("cos.{REGION}.myqcloud.com")),
    ] {
        let read = s3.send(&fixture, line, &[("host", &host)], "").await;
        assert_eq!(read.status, 200, "{line} at {host}");
        assert_eq!(read.header("x-amz-meta-a"), "b");
        assert_eq!(read.header("x-amz-storage-class"), "GLACIER");
        assert_eq!(read.header("content-type"), "binary/octet-stream");
    }
    let refused = s3.send(&fixture, "GET /dir/a%20b", &[], "").await;
    assert_eq!(
        refused.element("Code"),
        "InvalidObjectState",
        "{}",
        refused.text
    );

    let log = fixture.page("/_local/requests?limit=1").await;
    let entry = &log["requests"][0];
    assert_eq!(entry["operation"], "cos.GetObject");
    assert_eq!(entry["signature"]["result"], "valid");
}

#[tokio::test]
async fn lists_and_documents_are_those_of_s3() {
    let (fixture, client) = Fixture::with_bucket().await;
    let s3 = S3::default();
    for key in ["a/1", "a/2", "b"] {
        client.put_object(BUCKET, key, "x").send().await.unwrap();
    }
    let line = "GET /?list-type=2&max-keys=1&prefix=a%2F";
    let first = s3.send(&fixture, line, &[], "").await;
    let start = "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
    assert!(first.text.contains(start), "{}", first.text);
    assert_eq!(
        (first.element("Key"), first.element("KeyCount")),
        ("a/1", "1")
    );
    assert!(!first.text.contains("<Owner>"));
    let token = first.element("NextContinuationToken");
    let line = format!("{line}&continuation-token={}", encode::component(token));
    let second = s3.send(&fixture, &line, &[], "").await;
    assert_eq!(second.element("Key"), "a/2");
    assert_eq!(second.element("IsTruncated"), "false");

    let missing = s3.send(&fixture, "GET /none", &[], "").await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.element("Code"), "NoSuchKey");
    assert_eq!(
        missing.element("HostId"),
        missing.header("x-amz-request-id")
    );
    let refused = s3.send(&fixture, "GET /?policy", &[], "").await;
    assert_eq!(refused.status, 501);
    assert!(
        refused.element("Message").contains("policy"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn chunks_are_checked() {
    let (fixture, client) = Fixture::with_bucket().await;
    let s3 = S3::default();
    let content = "0123456789".repeat(10);
    let length = content.len().to_string();
    let plain = [
        ("content-encoding", "gzip,aws-chunked"),
        ("x-amz-decoded-content-length", length.as_str()),
    ];
    let mut put = s3.sign("PUT /k", &plain, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    let body = put.chunks(&content, 40, None);
    let answer = put.send(&fixture, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let stored = client.get_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(stored.content_encoding.as_deref(), Some("gzip"));
    let stored = client
        .get_object(BUCKET, "k")
        .send()
        .await
        .unwrap()
        .into_body();
    assert_eq!(crate::fixture::text(stored).await, content);

    // Each of these is found, and nothing is stored.
    let right = |size| {
        let mut put = s3.sign("PUT /new", &plain, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        let body = put.chunks(&content, size, None);
        (put, body)
    };
    let changed = body_of(&right, |body| body.replacen('9', "8", 1));
    let swapped = body_of(&right, |body| {
        let at = body.match_indices("chunk-signature").nth(1).unwrap().0;
        format!("{}{}", &body[at - 3..], &body[..at - 3])
    });
    let cut = body_of(&right, |body| body[..150].to_owned());
    let short = body_of(&right, |body| {
        let at = body.match_indices("chunk-signature").nth(1).unwrap().0;
        body[..at - 3].to_owned()
    });
    for ((put, body), code) in [
        (changed, "SignatureDoesNotMatch"),
        (swapped, "SignatureDoesNotMatch"),
        (cut, "IncompleteBody"),
        (short, "IncompleteBody"),
    ] {
        let answer = put.send(&fixture, &body).await;
        assert_eq!(answer.element("Code"), code, "{}", answer.text);
    }
    let longer = [plain[0], ("x-amz-decoded-content-length", "101")];
    let mut put = s3.sign("PUT /new", &longer, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    let body = put.chunks(&content, 40, None);
    let answer = put.send(&fixture, &body).await;
    assert_eq!(answer.element("Code"), "IncompleteBody", "{}", answer.text);
    let none = client.head_object(BUCKET, "new").send().await;
    assert_eq!(none.unwrap_err().status().unwrap(), 404);
}

/// A request with a body that was changed.
fn body_of(
    right: &impl Fn(usize) -> (Signed, String),
    change: impl Fn(&str) -> String,
) -> (Signed, String) {
    let (put, body) = right(40);
    let body = change(&body);
    (put, body)
}

#[tokio::test]
async fn trailers_are_checked() {
    let (fixture, client) = Fixture::with_bucket().await;
    let s3 = S3::default();
    let headers = [
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "9"),
        ("x-amz-trailer", "x-amz-checksum-crc32c"),
    ];
    let signed = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    let (right, wrong) = (
        "x-amz-checksum-crc32c:4waSgw==",
        "x-amz-checksum-crc32c:AAAAAA==",
    );
    let mut put = s3.sign("PUT /signed", &headers, signed);
    let body = put.chunks("123456789", 5, Some(right));
    let answer = put.send(&fixture, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("x-amz-checksum-crc32c"), "4waSgw==");
    let stored = client.head_object(BUCKET, "signed").send().await.unwrap();
    assert_eq!(stored.content_encoding, None);

    let mut put = s3.sign("PUT /new", &headers, signed);
    let body = put.chunks("123456789", 5, Some(wrong));
    let answer = put.send(&fixture, &body).await;
    assert_eq!(answer.element("Code"), "BadDigest", "{}", answer.text);
    let mut put = s3.sign("PUT /new", &headers, signed);
    let body = put
        .chunks("123456789", 5, Some(wrong))
        .replace("AAAAAA==", "4waSgw==");
    let answer = put.send(&fixture, &body).await;
    assert_eq!(
        answer.element("Code"),
        "SignatureDoesNotMatch",
        "{}",
        answer.text
    );

    let unsigned = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    for (line, code) in [(right, ""), (wrong, "BadDigest")] {
        let put = s3.sign("PUT /unsigned", &headers, unsigned);
        let body = format!("9\r\n123456789\r\n0\r\n{line}\r\n\r\n");
        let answer = put.send(&fixture, &body).await;
        assert_eq!(answer.element("Code"), code, "{}", answer.text);
    }
    assert_eq!(
        code(client.get_object(BUCKET, "new").send().await),
        "NoSuchKey"
    );
}

#[tokio::test]
async fn a_body_is_what_was_signed() {
    let (fixture, client) = Fixture::with_bucket().await;
    let s3 = S3::default();
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    client.put_object(BUCKET, "k", "x").send().await.unwrap();
    for (line, body) in [
        ("PUT /k", "content"),
        ("PUT /k?tagging", tags),
        ("PUT /k", ""),
    ] {
        let signed = s3.sign(line, &[], &hash(b"other"));
        let request = signed.request.header("content-length", body.len());
        let answer = fixture.send(request.body(Body::from(body)).unwrap()).await;
        let code = answer.element("Code");
        assert_eq!(code, "XAmzContentSHA256Mismatch", "{line}: {}", answer.text);
        let signed = s3.sign(line, &[], UNSIGNED);
        let request = signed.request.header("content-length", body.len());
        let answer = fixture.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, 200, "{line}: {}", answer.text);
    }
    // A document that carries no operation out is read, and found out, too.
    let put = s3.sign("PUT /k?acl", &[("x-amz-acl", "private")], &hash(b"other"));
    let answer = put.send(&fixture, "").await;
    assert_eq!(answer.element("Code"), "XAmzContentSHA256Mismatch");
}

#[tokio::test]
async fn regions_that_can_be_signed_for() {
    let (fixture, _) = Fixture::with_bucket().await;
    let of = |region| S3 {
        region,
        ..S3::default()
    };
    for region in [REGION, "us-east-1"] {
        let answer = of(region).send(&fixture, "GET /", &[], "").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    let answer = of("ap-beijing").send(&fixture, "GET /", &[], "").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.element("Code"), "AuthorizationHeaderMalformed");
    assert_eq!(answer.element("Region"), REGION);

    // A bucket is made where the document says, or where it is signed for.
    let local = [("host", "127.0.0.1:9000")];
    let document = "<CreateBucketConfiguration><LocationConstraint>ap-seoul</LocationConstraint>\
        </CreateBucketConfiguration>";
    for (region, name, document, place) in [
        ("us-east-1", "one-1250000000", document, "ap-seoul"),
        ("ap-beijing", "two-1250000000", "", "ap-beijing"),
        ("us-east-1", "three-1250000000", "", "ap-guangzhou"),
    ] {
        let s3 = of(region);
        let made = s3
            .send(&fixture, &format!("PUT /{name}"), &local, document)
            .await;
        assert_eq!(made.status, 200, "{}", made.text);
        assert_eq!(made.header("location"), format!("/{name}"));
        let line = format!("GET /{name}?location");
        let found = of("us-east-1").send(&fixture, &line, &local, "").await;
        assert!(found.text.contains(place), "{}", found.text);
    }
    let host = [("host", "four-1250000000.cos.ap-beijing.myqcloud.com")];
    let refused = of("us-east-1")
        .send(&fixture, "PUT /", &host, document)
        .await;
    assert_eq!(
        refused.element("Code"),
        "IllegalLocationConstraintException"
    );
}

#[tokio::test]
async fn a_path_begins_with_a_bucket() {
    let fixture = Fixture::with(Settings::default().default_bucket(BUCKET)).await;
    let s3 = S3::default();
    let local = [("host", "127.0.0.1:9000")];
    for line in ["GET /key", "PUT /picbucket", "GET /jobs", "HEAD /Bucket/k"] {
        let answer = s3.send(&fixture, line, &local, "").await;
        assert_eq!(answer.status, 400, "{line}: {}", answer.text);
        if !line.starts_with("HEAD") {
            assert_eq!(answer.element("Code"), "InvalidBucketName", "{line}");
        }
    }
    let buckets = s3.send(&fixture, "GET /", &local, "").await;
    assert!(
        buckets.text.contains("<ListAllMyBucketsResult"),
        "{}",
        buckets.text
    );
    let host = format!("{BUCKET}.ci.{REGION}.myqcloud.com");
    let answer = s3.send(&fixture, "GET /", &[("host", &host)], "").await;
    assert_eq!(answer.element("Code"), "NotImplemented");
}

#[tokio::test]
async fn keys_and_their_tokens() {
    let key = Credentials::new("AKIDtemporary", "s");
    let settings = Settings::default()
        .keys([key.with_token("right")])
        .bucket(BUCKET);
    let fixture = Fixture::with(settings).await;
    let of = |token| S3 {
        id: "AKIDtemporary",
        secret: "s",
        token,
        region: "us-east-1",
        ..S3::default()
    };
    let host = [("host", "127.0.0.1")];
    let line = format!("GET /{BUCKET}");
    let answer = of(Some("right")).send(&fixture, &line, &host, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for wrong in [Some("wrong"), None] {
        let answer = of(wrong).send(&fixture, &line, &host, "").await;
        assert_eq!(answer.element("Code"), "InvalidToken", "{}", answer.text);
    }
    let wrong = S3 {
        secret: "wrong",
        ..of(Some("right"))
    };
    let answer = wrong.send(&fixture, &line, &host, "").await;
    assert_eq!(answer.element("Code"), "SignatureDoesNotMatch");
    assert!(
        answer.text.contains("<CanonicalRequest>"),
        "{}",
        answer.text
    );
    let log = fixture.page("/_local/requests").await.to_string();
    for shown in [&answer.text, &log] {
        assert!(!shown.contains("security-token:right"), "{shown}");
    }
    let late = S3 {
        now: NOW / 1000 - 901,
        ..of(Some("right"))
    };
    let answer = late.send(&fixture, &line, &host, "").await;
    assert_eq!(answer.element("Code"), "RequestTimeTooSkewed");
}

#[tokio::test]
async fn who_signs_nothing_and_who_is_not_asked() {
    let (fixture, client) = Fixture::with_bucket().await;
    let put = client.put_object(BUCKET, "k", "public");
    put.acl(tcloud_cos::types::ObjectAcl::PublicRead)
        .send()
        .await
        .unwrap();
    let unsigned = |method: Method, path: &str| {
        let request = Request::builder().method(method).uri(path.to_owned());
        let request = request
            .header("host", bucket_host())
            .header("amz-sdk-request", "attempt=1");
        request.body(Body::empty()).unwrap()
    };
    let read = fixture.send(unsigned(Method::GET, "/k")).await;
    assert_eq!((read.status.as_u16(), read.text.as_str()), (200, "public"));
    assert!(!read.header("x-amz-request-id").is_empty());
    let refused = fixture.send(unsigned(Method::DELETE, "/k")).await;
    assert_eq!(refused.element("Code"), "AccessDenied");
    assert!(!refused.element("HostId").is_empty());

    for (mode, status) in [
        (AuthMode::Off, 404),
        (AuthMode::Lenient, 404),
        (AuthMode::Strict, 403),
    ] {
        let fixture = Fixture::mode(mode).await;
        let stranger = S3 {
            id: "AKIDstranger",
            secret: "x",
            ..S3::default()
        };
        let answer = stranger.send(&fixture, "GET /k", &[], "").await;
        assert_eq!(answer.status, status, "{mode:?}: {}", answer.text);
        // What is not checked is framed all the same.
        if status == 404 {
            let client = fixture.client();
            client.put_bucket(BUCKET).send().await.unwrap();
            let headers = [("x-amz-decoded-content-length", "3")];
            let mut put = stranger.sign("PUT /k", &headers, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
            let body = put.chunks("abc", 2, None);
            assert_eq!(put.send(&fixture, &body).await.status, 200);
            let stored = client
                .get_object(BUCKET, "k")
                .send()
                .await
                .unwrap()
                .into_body();
            assert_eq!(crate::fixture::text(stored).await, "abc");
        }
    }
}

#[tokio::test]
async fn presigned_addresses_may_carry_headers() {
    let (fixture, client) = Fixture::with_bucket().await;
    let s3 = S3::default();
    let time = "20231114T221320Z";
    let (scope, key) = s3.key(time);
    let presigned = |method: &str, more: &str, expires: u32| {
        let credential = encode::component(format!("{}/{scope}", s3.id));
        let mut pairs = vec![
            "X-Amz-Algorithm=AWS4-HMAC-SHA256".to_owned(),
            format!("X-Amz-Credential={credential}"),
            format!("X-Amz-Date={time}"),
            format!("X-Amz-Expires={expires}"),
            "X-Amz-SignedHeaders=host".to_owned(),
        ];
        pairs.extend(
            more.split('&')
                .filter(|it| !it.is_empty())
                .map(str::to_owned),
        );
        pairs.sort();
        let query = pairs.join("&");
        let host = bucket_host();
        let canonical = format!("{method}\n/k\n{query}\nhost:{host}\n\nhost\n{UNSIGNED}");
        let text = format!(
            "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
            hash(canonical.as_bytes())
        );
        let signature = hex(&mac(&key, text.as_bytes()));
        let request = Request::builder()
            .method(method)
            .uri(format!("/k?{query}&X-Amz-Signature={signature}"))
            .header("host", host);
        request.header("content-length", if method == "PUT" { 9 } else { 0 })
    };
    let body = || Body::from("123456789");
    let put = presigned(
        "PUT",
        "x-amz-checksum-crc32=y%2FQ5Jg%3D%3D&x-amz-meta-a=b",
        60,
    );
    let answer = fixture.send(put.body(body()).unwrap()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let stored = client.head_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(stored.metadata.get("a").map(String::as_str), Some("b"));
    let put = presigned("PUT", "x-amz-checksum-crc32=AAAAAA%3D%3D", 60);
    let answer = fixture.send(put.body(body()).unwrap()).await;
    assert_eq!(answer.element("Code"), "BadDigest", "{}", answer.text);
    let refused = presigned("PUT", "x-amz-request-payer=requester", 60);
    let answer = fixture.send(refused.body(body()).unwrap()).await;
    assert_eq!(answer.element("Code"), "NotImplemented", "{}", answer.text);

    let get = presigned("GET", "response-content-type=text%2Fx", 60);
    let get = get.body(Body::empty()).unwrap();
    let answer = fixture.send(get).await;
    assert_eq!(answer.header("content-type"), "text/x");
    fixture
        .cloud
        .advance_clock(std::time::Duration::from_secs(61))
        .await
        .unwrap();
    let get = presigned("GET", "", 60).body(Body::empty()).unwrap();
    let answer = fixture.send(get).await;
    assert_eq!(
        (answer.status.as_u16(), answer.element("Code")),
        (403, "AccessDenied")
    );
    assert!(
        answer.element("Message").contains("expired"),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn requests_are_recorded_and_meet_faults() {
    let (fixture, _) = Fixture::with_bucket().await;
    let s3 = S3::default();
    let headers = [("x-amz-meta-a", "b"), ("x-amz-acl", "private")];
    s3.send(&fixture, "PUT /k", &headers, "x").await;
    let recorded = fixture.cloud.requests().of::<PutObjectRequest>();
    let put = recorded.last().unwrap();
    assert_eq!(put.key.as_deref(), Some("k"));
    assert_eq!(put.metadata.get("a").map(String::as_str), Some("b"));

    let rule = FaultRule::throttle();
    fixture.cloud.faults().add(rule).unwrap();
    let answer = s3.send(&fixture, "GET /k", &[], "").await;
    assert_eq!(
        (answer.status.as_u16(), answer.element("Code")),
        (503, "SlowDown")
    );
    assert!(!answer.element("HostId").is_empty());
}
