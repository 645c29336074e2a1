//! What Object Storage can do and this cloud cannot: refused by name, never ignored.

use http::request::Parts;
use tcloud_core::server::Fault;

use super::fault::not_implemented;
use crate::access::Target;

/// Sub-resources that no operation here has.
const SUBRESOURCES: &[&str] = &[
    "accelerate",
    "append",
    "cors",
    "delete",
    "domain",
    "domaincertificate",
    "encryption",
    "intelligenttiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "notification",
    "object-lock",
    "origin",
    "partNumber",
    "policy",
    "referer",
    "replication",
    "restore",
    "retention",
    "select",
    "symlink",
    "tagging",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// Beginnings of the parameters by which a download is processed on its way.
const PROCESSING: &[&str] = &[
    "ci-process",
    "exif",
    "imageAve",
    "imageInfo",
    "imageInspect",
    "imageMogr2",
    "imageStyle",
    "imageView2",
    "watermark",
];

/// Headers that ask for more than storing.
const HEADERS: &[(&str, &str)] = &[
    (
        "pic-operations",
        "Processing a picture while it is stored (Pic-Operations)",
    ),
    ("x-cos-copy-source", "Copying an object (x-cos-copy-source)"),
    (
        "x-cos-grant-full-control",
        "Granting to accounts (x-cos-grant-full-control)",
    ),
    (
        "x-cos-grant-read",
        "Granting to accounts (x-cos-grant-read)",
    ),
    (
        "x-cos-grant-read-acp",
        "Granting to accounts (x-cos-grant-read-acp)",
    ),
    (
        "x-cos-grant-write",
        "Granting to accounts (x-cos-grant-write)",
    ),
    (
        "x-cos-grant-write-acp",
        "Granting to accounts (x-cos-grant-write-acp)",
    ),
    ("x-cos-server-side-encryption", "Encryption at rest"),
    (
        "x-cos-server-side-encryption-customer-algorithm",
        "Encryption with a key of the client",
    ),
    ("x-cos-tagging", "Tagging (x-cos-tagging)"),
];

/// Refuses what would otherwise be taken for a plain request.
///
/// # Errors
///
/// `NotImplemented`, naming what is not there.
pub(crate) fn require_supported(
    parts: &Parts,
    target: &Target,
    query: &[(String, String)],
) -> Result<(), Fault> {
    for (name, _) in query {
        let name = name.as_str();
        let is_bucket_acl = name == "acl" && target.path == "/";
        if is_bucket_acl || SUBRESOURCES.contains(&name) {
            return Err(not_implemented(&format!("The sub-resource `{name}`")));
        }
        // The whole instruction is the name: `imageMogr2/thumbnail/200x`.
        let word = name.split(['/', '|']).next().unwrap_or_default();
        if target.path != "/" && PROCESSING.contains(&word) {
            let what = format!("Processing a picture while it is read (`{word}`)");
            return Err(not_implemented(&what));
        }
    }
    match HEADERS
        .iter()
        .find(|(name, _)| parts.headers.contains_key(*name))
    {
        Some((_, what)) => Err(not_implemented(what)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use http::Request;
    use tcloud_core::operation::Protocol;
    use tcloud_core::sign::encode;

    use super::require_supported;
    use crate::access::Target;

    fn refused(uri: &str, header: Option<&str>) -> Option<String> {
        let mut request = Request::builder().uri(uri);
        if let Some(name) = header {
            request = request.header(name, "x");
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let query = encode::decode_query(parts.uri.query().unwrap_or_default()).unwrap();
        let target = Target {
            protocol: Protocol::Cos,
            service: None,
            bucket: None,
            region: None,
            path: parts.uri.path().to_owned(),
        };
        let fault = require_supported(&parts, &target, &query).err()?;
        assert_eq!(fault.code, "NotImplemented");
        Some(fault.message)
    }

    #[test]
    fn refusals_name_what_is_not_there() {
        for (uri, header, word) in [
            ("/k?uploads", None, "uploads"),
            ("/?acl", None, "acl"),
            ("/?policy", None, "policy"),
            ("/k?imageMogr2/thumbnail/50x", None, "imageMogr2"),
            ("/k?ci-process=ImageInspect", None, "ci-process"),
            ("/k", Some("x-cos-copy-source"), "x-cos-copy-source"),
            ("/k", Some("pic-operations"), "Pic-Operations"),
        ] {
            let message = refused(uri, header).unwrap();
            assert!(message.contains(word), "{uri}: {message}");
        }
    }

    #[test]
    fn plain_requests_pass() {
        for uri in [
            "/k",
            "/k?acl",
            "/?prefix=a&delimiter=/",
            "/k?response-content-type=a",
            "/k?x=uploads",
        ] {
            assert_eq!(refused(uri, None), None, "{uri}");
        }
    }
}
