//! An answer of Object Storage as that of S3.

use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use tcloud_core::body::Body;
use tcloud_core::server::{Fault, Outgoing};

use super::answered;
use super::operation::Operation;
use super::payload::Read;
use super::request::Asked;
use super::words;

/// The beginning of the headers of Object Storage.
const COS: &str = "x-cos-";
/// Headers that S3 has, too, behind their beginnings. `meta-` begins others.
const SHARED: [&str; 14] = [
    "bucket-region",
    "copy-source-version-id",
    "delete-marker",
    "expiration",
    "replication-status",
    "request-id",
    "restore",
    "server-side-encryption",
    "server-side-encryption-context",
    "server-side-encryption-customer-algorithm",
    "server-side-encryption-customer-key-md5",
    "storage-class",
    "tagging-count",
    "version-id",
];

/// The answer to `operation`, of which the headers still have their names.
///
/// # Errors
///
/// The document of Object Storage cannot be read, which is a mistake of this cloud.
pub(crate) fn body(
    operation: &Operation,
    asked: &Asked,
    read: &Read,
    mut outgoing: Outgoing,
    bucket: Option<&str>,
) -> Result<Outgoing, Fault> {
    let document = match outgoing.body.as_bytes() {
        Some(bytes) if !operation.has_content() && !bytes.is_empty() => {
            answered::document(operation, asked, bytes)?
        }
        _ => None,
    };
    let headers = &mut outgoing.headers;
    if let Some(document) = document {
        headers.remove(CONTENT_LENGTH);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        outgoing.body = Body::from(document);
    }
    if let Some((name, value)) = read.checksum()
        && operation.has_content()
    {
        set(headers, name, value);
    }
    if let (Some(algorithm), "CreateMultipartUpload") = (&asked.checksum, operation.name) {
        let name = HeaderName::from_static("x-amz-checksum-algorithm");
        headers.insert(name, algorithm.clone());
    }
    if let ("CreateBucket", Some(bucket)) = (operation.name, bucket) {
        set(headers, "location", &format!("/{bucket}"));
    }
    Ok(outgoing)
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// Gives `headers` the names that S3 has for them. What S3 has no name for is left out: there are clients
/// that send all that they were answered.
pub(crate) fn headers(headers: &mut HeaderMap) {
    let own: Vec<_> = headers
        .keys()
        .filter(|name| name.as_str().starts_with(COS))
        .cloned()
        .collect();
    for name in own {
        let rest = name.as_str().strip_prefix(COS).unwrap_or_default();
        let other = match rest {
            "trace-id" => Some("x-amz-id-2".to_owned()),
            "server-side-encryption-cos-kms-key-id" => {
                Some("x-amz-server-side-encryption-aws-kms-key-id".to_owned())
            }
            _ if SHARED.contains(&rest) || rest.starts_with("meta-") => {
                Some(format!("x-amz-{rest}"))
            }
            _ => None,
        };
        let values: Vec<_> = headers.get_all(&name).iter().cloned().collect();
        let is = |word: &str| rest == word;
        headers.remove(&name);
        let Some(other) = other.and_then(|other| HeaderName::from_bytes(other.as_bytes()).ok())
        else {
            continue;
        };
        for value in values {
            let value = match value.to_str() {
                // S3 leaves out what is usual.
                Ok("STANDARD") if is("storage-class") => continue,
                Ok(class) if is("storage-class") => {
                    HeaderValue::from_str(words::class_answered(class)).unwrap_or(value)
                }
                Ok("cos/kms") if is("server-side-encryption") => {
                    HeaderValue::from_static("aws:kms")
                }
                _ => value,
            };
            headers.append(other.clone(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::headers;

    #[test]
    fn headers_get_the_names_of_s3() {
        let mut all = HeaderMap::new();
        for (name, value) in [
            ("etag", "e"),
            ("x-cos-request-id", "1"),
            ("x-cos-trace-id", "2"),
            ("x-cos-meta-a", "b"),
            ("x-cos-storage-class", "ARCHIVE"),
            ("x-cos-object-type", "normal"),
            ("x-cos-hash-crc64ecma", "3"),
            ("x-cos-version-id", "v"),
        ] {
            let name = HeaderName::from_static(name);
            all.insert(name, HeaderValue::from_static(value));
        }
        headers(&mut all);
        let mut lines: Vec<_> = all
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort();
        assert_eq!(
            lines,
            [
                "etag: e",
                "x-amz-id-2: 2",
                "x-amz-meta-a: b",
                "x-amz-request-id: 1",
                "x-amz-storage-class: GLACIER",
                "x-amz-version-id: v",
            ]
        );
        let mut usual = HeaderMap::new();
        let name = HeaderName::from_static("x-cos-storage-class");
        usual.insert(name, HeaderValue::from_static("STANDARD"));
        headers(&mut usual);
        assert!(usual.is_empty());
    }
}
