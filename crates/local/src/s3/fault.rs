//! Refusals with S3's codes, in S3's form.

use std::fmt::Write as _;

use http::{HeaderName, HeaderValue, StatusCode};
use quick_xml::escape::escape;
use tcloud_core::body::Body;
use tcloud_core::server::{Fault, Outgoing};

/// The element that names the region of a bucket.
pub(super) const REGION: &str = "Region";
/// What S3 says in place of a code of Object Storage.
const CODES: [(&str, StatusCode, &str); 5] = [
    (
        "FileAlreadyExists",
        StatusCode::PRECONDITION_FAILED,
        "PreconditionFailed",
    ),
    (
        "InvalidCopySource",
        StatusCode::BAD_REQUEST,
        "InvalidArgument",
    ),
    ("KeyTooLong", StatusCode::BAD_REQUEST, "KeyTooLongError"),
    ("NoSuchCopySource", StatusCode::NOT_FOUND, "NoSuchKey"),
    (
        "RestoreNonArchiveObject",
        StatusCode::FORBIDDEN,
        "InvalidObjectState",
    ),
];

/// What S3 says of `fault`.
pub(crate) fn translated(mut fault: Fault) -> Fault {
    let other = CODES.iter().find(|(code, ..)| *code == fault.code);
    if let Some((_, status, code)) = other {
        fault.status = *status;
        (*code).clone_into(&mut fault.code);
    }
    // Whoever speaks S3 knows the headers by their other names.
    fault.message = fault.message.replace("x-cos-", "x-amz-");
    fault
}

/// Gives the refusal of `fault` S3's form. `resource` is what was asked for.
pub(crate) fn refuse(outgoing: &mut Outgoing, fault: &Fault, request_id: &str, resource: &str) {
    outgoing.body = Body::from(document(fault, request_id, resource));
    let mut details = fault.details.iter();
    // Where there is no document, an SDK looks here for the region that it is to sign for.
    let region = details.find_map(|(name, text)| (*name == REGION).then_some(text));
    if let Some(region) = region.and_then(|region| HeaderValue::from_str(region).ok()) {
        let name = HeaderName::from_static("x-amz-bucket-region");
        outgoing.headers.insert(name, region);
    }
}

fn document(fault: &Fault, request_id: &str, resource: &str) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    let elements = [("Code", fault.code.as_str()), ("Message", &fault.message)];
    let details = fault
        .details
        .iter()
        .map(|(name, text)| (*name, text.as_str()));
    let end = [
        ("Resource", resource),
        ("RequestId", request_id),
        ("HostId", request_id),
    ];
    for (name, text) in elements.into_iter().chain(details).chain(end) {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() && c != '\n' { ' ' } else { c })
            .collect();
        // Writing to a String cannot fail.
        let _ = write!(out, "<{name}>{}</{name}>", escape(text.as_str()));
    }
    out.push_str("</Error>");
    out
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use tcloud_core::server::Fault;

    use super::{document, translated};

    #[test]
    fn codes_are_those_of_s3() {
        let of = |code: &str| {
            let fault = translated(Fault::new(StatusCode::CONFLICT, code, "x-cos-acl"));
            (fault.status.as_u16(), fault.code)
        };
        assert_eq!(of("FileAlreadyExists"), (412, "PreconditionFailed".into()));
        assert_eq!(of("NoSuchCopySource"), (404, "NoSuchKey".into()));
        assert_eq!(of("BucketNotEmpty"), (409, "BucketNotEmpty".into()));
    }

    #[test]
    fn refusals_are_documents() {
        let fault = Fault::new(StatusCode::NOT_FOUND, "NoSuchKey", "a < \u{1}b");
        let text = document(&fault.detail("Key", "k"), "id", "/k");
        assert!(
            text.ends_with(
                "<Error><Code>NoSuchKey</Code><Message>a &lt;  b</Message><Key>k</Key>\
                 <Resource>/k</Resource><RequestId>id</RequestId><HostId>id</HostId></Error>"
            ),
            "{text}"
        );
    }
}
