//! Signatures of other methods, recognised so that a refusal can say what was sent.

use super::rejection::Rejection;
use super::tc3::canonical::ALGORITHM;

const S3_V2: &str = "S3's signature version 2";
const S3_V4: &str = "S3's signature version 4";

/// What is to be said of an `Authorization` header that is not of Object Storage, if its method is
/// known.
pub(super) fn in_header(text: &str) -> Option<Rejection> {
    let (scheme, _) = text.trim_start().split_once(' ')?;
    match scheme {
        "AWS" => Some(Rejection::Unsupported { method: S3_V2 }),
        // There is one over a shared secret and one over a key pair.
        _ if scheme.starts_with("AWS4-") => Some(Rejection::Unsupported { method: S3_V4 }),
        ALGORITHM => Some(Rejection::invalid(format!(
            "{scheme} is for API 3.0; Object Storage and Cloud Infinite take q-sign-algorithm=sha1"
        ))),
        _ => None,
    }
}

/// The same of a query that carries a signature of another method.
pub(super) fn in_query<'a>(names: impl Iterator<Item = &'a str>) -> Option<Rejection> {
    let mut found = names.filter_map(|name| {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if is("X-Amz-Algorithm") || is("X-Amz-Signature") {
            Some(Rejection::Unsupported { method: S3_V4 })
        } else if is("AWSAccessKeyId") {
            Some(Rejection::Unsupported { method: S3_V2 })
        } else if name == "sign" {
            Some(Rejection::invalid(
                "the parameter `sign` is a signature of the former JSON API, which no longer \
                 counts; make a presigned URL, which has q-sign-algorithm=sha1",
            ))
        } else {
            None
        }
    });
    found.next()
}
