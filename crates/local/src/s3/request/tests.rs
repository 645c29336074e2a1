//! Requests of S3 beside those that they become.

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tcloud_core::sign::encode;

use super::super::operation::{Scope, find};
use super::super::payload::Payload;
use super::{Translated, token, translate, with_hoisted};

/// Parameters and headers of Object Storage in lines, or the code of the refusal.
fn translated(line: &str, headers: &[(&str, &str)]) -> Result<String, String> {
    let (method, uri) = line.split_once(' ').unwrap();
    let method: Method = method.parse().unwrap();
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let scope = if path == "/" {
        Scope::Bucket
    } else {
        Scope::Object
    };
    let query = encode::decode_query(query).unwrap();
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        all.append(name, HeaderValue::from_str(value).unwrap());
    }
    let code = |fault: tcloud_core::server::Fault| fault.code;
    let all = with_hoisted(&query, &all).map_err(code)?;
    let operation = find(&method, scope, &query, &all).map_err(code)?;
    let payload = Payload::read(&all, None).map_err(code)?;
    let Translated {
        parameters: query,
        headers,
        ..
    } = translate(operation, &query, &all, &payload).map_err(code)?;
    let mut lines: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    let query = query.iter().map(|(name, value)| format!("{name}={value}"));
    Ok(query.chain(lines).collect::<Vec<_>>().join("\n"))
}

#[test]
fn headers_get_their_other_names() {
    for (line, header, translated_header) in [
        (
            "PUT /k",
            ("x-amz-acl", "public-read"),
            "x-cos-acl: public-read",
        ),
        ("PUT /k", ("x-amz-meta-a", "b"), "x-cos-meta-a: b"),
        (
            "PUT /k",
            ("x-amz-storage-class", "GLACIER"),
            "x-cos-storage-class: ARCHIVE",
        ),
        ("PUT /k", ("x-amz-tagging", "a=b"), "x-cos-tagging: a=b"),
        (
            "PUT /k",
            ("if-none-match", "*"),
            "x-cos-forbid-overwrite: true",
        ),
        (
            "PUT /k",
            ("content-encoding", "gzip,aws-chunked"),
            "content-encoding: gzip",
        ),
        ("PUT /k?X-Amz-Acl=private", ("a", "b"), "x-cos-acl: private"),
        ("PUT /k?x-amz-meta-c=d", ("a", "b"), "x-cos-meta-c: d"),
    ] {
        let lines = translated(line, &[("content-type", "text/plain"), header]).unwrap();
        assert!(lines.lines().any(|it| it == translated_header), "{lines}");
    }
    let copy = translated(
        "PUT /k",
        &[
            ("x-amz-copy-source", "b/k"),
            ("x-amz-metadata-directive", "REPLACE"),
            ("x-amz-copy-source-if-match", "e"),
        ],
    );
    let wanted = "x-cos-copy-source-if-match: e\nx-cos-copy-source: b/k\n\
        x-cos-metadata-directive: Replaced";
    assert_eq!(copy.unwrap(), wanted);
    let of_sdks = translated(
        "GET /k",
        &[
            ("amz-sdk-request", "attempt=1"),
            ("authorization", "AWS4"),
            ("expect", "100-continue"),
            ("x-amz-checksum-mode", "ENABLED"),
            ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
            ("x-amz-date", "20130524T000000Z"),
            ("x-amz-user-agent", "aws-sdk"),
        ],
    );
    assert_eq!(of_sdks.unwrap(), "amz-sdk-request: attempt=1");
    assert_eq!(
        translated("PUT /k", &[]).unwrap(),
        "content-type: binary/octet-stream"
    );
}

#[test]
fn what_is_not_here_is_refused_by_name() {
    for (line, header, code) in [
        (
            "PUT /k",
            ("x-amz-acl", "bucket-owner-full-control"),
            "NotImplemented",
        ),
        (
            "PUT /k",
            ("x-amz-request-payer", "requester"),
            "NotImplemented",
        ),
        (
            "PUT /k",
            ("x-amz-website-redirect-location", "/a"),
            "NotImplemented",
        ),
        (
            "PUT /k",
            ("x-amz-object-lock-mode", "GOVERNANCE"),
            "NotImplemented",
        ),
        (
            "PUT /k",
            ("x-amz-storage-class", "GLACIER_IR"),
            "NotImplemented",
        ),
        ("PUT /k", ("x-cos-acl", "private"), "NotImplemented"),
        ("PUT /k", ("pic-operations", "{}"), "NotImplemented"),
        ("PUT /k", ("if-match", "\"a\""), "NotImplemented"),
        ("PUT /k", ("if-none-match", "\"a\""), "NotImplemented"),
        ("GET /k", ("x-amz-tagging", "a=b"), "NotImplemented"),
        (
            "POST /k?uploadId=a",
            ("x-amz-checksum-crc32", "AAAAAA=="),
            "NotImplemented",
        ),
        (
            "POST /k?uploadId=a",
            ("x-amz-mp-object-size", "1"),
            "NotImplemented",
        ),
    ] {
        assert_eq!(
            translated(line, &[header]),
            Err(code.to_owned()),
            "{header:?}"
        );
    }
    let copy = [
        ("x-amz-copy-source", "b/k"),
        ("x-amz-metadata-directive", "MOVE"),
    ];
    assert_eq!(
        translated("PUT /k", &copy),
        Err("InvalidArgument".to_owned())
    );
}

#[test]
fn lists_of_the_second_version_are_lists() {
    let marker = token("a b/\u{e9}");
    for (query, parameters) in [
        ("list-type=2&prefix=a&delimiter=/", "prefix=a\ndelimiter=/"),
        ("list-type=2&start-after=b&fetch-owner=true", "marker=b"),
        (
            &format!("list-type=2&continuation-token={marker}&start-after=b"),
            "marker=a b/\u{e9}",
        ),
        ("list-type=2&max-keys=5000", "max-keys=1000"),
        ("max-keys=0", "max-keys=1"),
    ] {
        assert_eq!(
            translated(&format!("GET /?{query}"), &[]).unwrap(),
            parameters
        );
    }
    for query in [
        "max-keys=-1",
        "max-keys=x",
        "max-keys=2147483648",
        "list-type=2&continuation-token=*",
    ] {
        let refused = translated(&format!("GET /?{query}"), &[]);
        assert_eq!(refused, Err("InvalidArgument".to_owned()), "{query}");
    }
}
