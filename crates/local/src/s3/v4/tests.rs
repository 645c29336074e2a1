//! The examples of S3's documents: requests, a presigned URL, chunks, a form.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tcloud_core::sign::encode;

use super::{Chain, Request, Signature, sha256_hex};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// 2013-05-24T00:00:00Z.
const NOW: i64 = 1_369_353_600;
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A request of the documents, to `examplebucket`.
struct Example {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
}

impl Example {
    fn new(line: &str, headers: &[(&str, &str)]) -> Self {
        let (method, uri) = line.split_once(' ').unwrap();
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let mut all = HeaderMap::new();
        let host = [("host", "examplebucket.s3.amazonaws.com")];
        for (name, value) in host.iter().chain(headers) {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            all.insert(name, HeaderValue::from_str(value).unwrap());
        }
        Self {
            method: method.parse().unwrap(),
            path: encode::decode_path(path).unwrap(),
            query: encode::decode_query(query).unwrap(),
            headers: all,
        }
    }

    /// Signed by a header, as the documents write it.
    fn signed(line: &str, headers: &[(&str, &str)], names: &str, signature: &str) -> Self {
        let mut example = Self::new(line, headers);
        let text = format!(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
             SignedHeaders={names},Signature={signature}"
        );
        let text = HeaderValue::from_str(&text).unwrap();
        example.headers.insert("authorization", text);
        if !example.headers.contains_key("x-amz-date") {
            let date = HeaderValue::from_static("20130524T000000Z");
            example.headers.insert("x-amz-date", date);
        }
        example
    }

    fn request(&self) -> Request<'_> {
        Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
        }
    }

    fn verify_at(&self, secret: Option<&str>, now: i64) -> Result<Chain, String> {
        let request = self.request();
        let signature = Signature::read(&request).map_err(|fault| fault.code)?;
        let signature = signature.expect("a signature");
        let chain = signature.verify(&request, secret, now);
        chain.map_err(|fault| fault.code)
    }

    fn verify(&self) -> Result<Chain, String> {
        self.verify_at(Some(SECRET), NOW)
    }

    fn code(&self) -> String {
        self.verify().map(drop).unwrap_err()
    }
}

const GET_SIGNATURE: &str = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";

fn get(headers: &[(&str, &str)]) -> Example {
    let own = [("range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY)];
    let names = "host;range;x-amz-content-sha256;x-amz-date";
    let all: Vec<_> = own.iter().chain(headers).copied().collect();
    Example::signed("GET /test.txt", &all, names, GET_SIGNATURE)
}

#[test]
fn requests_of_the_documents() {
    let sent = sha256_hex(b"Welcome to Amazon S3.");
    let put = [
        ("date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", sent.as_str()),
    ];
    let empty = [("x-amz-content-sha256", EMPTY)];
    let few = "host;x-amz-content-sha256;x-amz-date";
    for example in [
        get(&[]),
        Example::signed(
            "PUT /test%24file.text",
            &put,
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        Example::signed(
            "GET /?lifecycle",
            &empty,
            few,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        Example::signed(
            "GET /?max-keys=2&prefix=J",
            &empty,
            few,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
        // The order of the parameters is not signed.
        Example::signed(
            "GET /?prefix=J&max-keys=2",
            &empty,
            few,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ] {
        example.verify().unwrap();
    }
}

const PRESIGNED: &str = "GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
    &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
    &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

#[test]
fn the_presigned_url_of_the_documents() {
    let example = Example::new(PRESIGNED, &[]);
    let read = Signature::read(&example.request()).unwrap().unwrap();
    assert_eq!(read.access_key_id(), "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(
        (read.region(), read.payload()),
        ("us-east-1", "UNSIGNED-PAYLOAD")
    );
    for (now, code) in [
        (NOW, None),
        (NOW + 86_400, None),
        (NOW + 86_401, Some("AccessDenied")),
        (NOW - 15 * 60, None),
        (NOW - 15 * 60 - 1, Some("AccessDenied")),
    ] {
        let verified = example.verify_at(Some(SECRET), now).map(drop);
        assert_eq!(verified.err().as_deref(), code, "{now}");
    }
}

#[test]
fn urls_that_cannot_be_used() {
    let with = |from: &str, to: &str| Example::new(&PRESIGNED.replace(from, to), &[]).code();
    let malformed = "AuthorizationQueryParametersError";
    assert_eq!(with("/test.txt", "/other.txt"), "SignatureDoesNotMatch");
    assert_eq!(with("GET", "HEAD"), "SignatureDoesNotMatch");
    assert_eq!(
        with("X-Amz-Expires=86400", "X-Amz-Expires=3600"),
        "SignatureDoesNotMatch"
    );
    for (from, to) in [
        ("X-Amz-Expires=86400", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=0"),
        ("X-Amz-Expires=86400", "a=b"),
        ("X-Amz-Date=20130524T000000Z", "X-Amz-Date=2013-05-24"),
        ("X-Amz-Date=20130524T000000Z", "X-Amz-Date=20130525T000000Z"),
        ("X-Amz-SignedHeaders=host", "x=y"),
        ("%2Fs3%2F", "%2Fec2%2F"),
        ("%2Faws4_request", ""),
        ("AWS4-HMAC-SHA256", "AES"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=86400&X-Amz-Expires=9"),
    ] {
        assert_eq!(with(from, to), malformed, "{to}");
    }
    assert_eq!(
        with("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        "NotImplemented"
    );
}

#[test]
fn what_was_changed_is_refused() {
    get(&[("user-agent", "anything")]).verify().unwrap();
    let mut changed = get(&[]);
    changed
        .headers
        .insert("range", HeaderValue::from_static("bytes=0-10"));
    assert_eq!(changed.code(), "SignatureDoesNotMatch");
    // What S3 is asked for has to be signed.
    assert_eq!(get(&[("x-amz-acl", "private")]).code(), "AccessDenied");
    let spaced = get(&[("range", "  bytes=0-9 ")]);
    spaced.verify().unwrap();

    let get = get(&[]);
    let code = |secret, now| get.verify_at(secret, now).map(drop).unwrap_err();
    assert_eq!(code(Some("wrong"), NOW), "SignatureDoesNotMatch");
    assert_eq!(code(None, NOW), "InvalidAccessKeyId");
    assert_eq!(code(Some(SECRET), NOW + 901), "RequestTimeTooSkewed");
    assert_eq!(code(Some(SECRET), NOW - 901), "RequestTimeTooSkewed");
    get.verify_at(Some(SECRET), NOW + 900).unwrap();
}

#[test]
fn headers_that_cannot_be_used() {
    let names = "host;x-amz-content-sha256;x-amz-date";
    let empty = [("x-amz-content-sha256", EMPTY)];
    let example = |text: &'static str| {
        let mut example = Example::signed("GET /test.txt", &empty, names, "0");
        let text = HeaderValue::from_static(text);
        example.headers.insert("authorization", text);
        example
    };
    for text in [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a/20130524/r/s3/aws4_request,SignedHeaders=host",
        "AWS4-HMAC-SHA256 Credential=a/20130524/r/s3,SignedHeaders=host,Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/20130524/r/s4/aws4_request,SignedHeaders=host,Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/20130525/r/s3/aws4_request,SignedHeaders=host,Signature=0",
    ] {
        assert_eq!(
            example(text).code(),
            "AuthorizationHeaderMalformed",
            "{text}"
        );
    }
    let other = "AWS4-ECDSA-P256-SHA256 Credential=a/20130524/s3/aws4_request";
    assert_eq!(example(other).code(), "NotImplemented");

    let mut bare = Example::signed("GET /test.txt", &[], names, "0");
    assert_eq!(bare.code(), "InvalidRequest");
    bare.headers.remove("x-amz-date");
    assert_eq!(bare.code(), "AccessDenied");

    let mut twice = Example::new(PRESIGNED, &[]);
    let text = HeaderValue::from_static("AWS4-HMAC-SHA256 a");
    twice.headers.insert("authorization", text);
    assert_eq!(twice.code(), "InvalidArgument");
    assert!(
        Signature::read(&Example::new("GET /k", &[]).request())
            .unwrap()
            .is_none()
    );
}

#[test]
fn chunks_of_the_documents() {
    let headers = [
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("content-length", "66824"),
    ];
    let names = "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;\
        x-amz-decoded-content-length;x-amz-storage-class";
    let put = Example::signed(
        "PUT /examplebucket/chunkObject.txt",
        &headers,
        names,
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    );
    let mut put = put;
    put.headers
        .insert("host", HeaderValue::from_static("s3.amazonaws.com"));
    let mut chain = put.verify().unwrap();
    for (count, signature) in [
        (
            65_536,
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        ),
        (
            1024,
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        ),
        (
            0,
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ),
    ] {
        let hash = sha256_hex(&vec![b'a'; count]);
        chain.chunk(&hash, signature).unwrap();
    }
    let mut again = put.verify().unwrap();
    let wrong = again.chunk(&sha256_hex(b"b"), "00").unwrap_err();
    assert_eq!(wrong.code, "SignatureDoesNotMatch");
}

#[test]
fn the_trailer_of_the_documents() {
    let headers = [
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        (
            "x-amz-content-sha256",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        ),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
        ("x-amz-trailer", "x-amz-checksum-crc32c"),
    ];
    let names = "content-encoding;host;x-amz-content-sha256;x-amz-date;\
        x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer";
    let mut put = Example::signed(
        "PUT /examplebucket/chunkObject.txt",
        &headers,
        names,
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
    );
    put.headers
        .insert("host", HeaderValue::from_static("s3.amazonaws.com"));
    let mut chain = put.verify().unwrap();
    for (count, signature) in [
        (
            65_536,
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
        ),
        (
            1024,
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
        ),
        (
            0,
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
        ),
    ] {
        let hash = sha256_hex(&vec![b'a'; count]);
        chain.chunk(&hash, signature).unwrap();
    }
    let signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
    let trailer = "x-amz-checksum-crc32c:sOO8/Q==\n";
    chain.trailer(trailer, signature).unwrap();
}
