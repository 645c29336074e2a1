//! What the tables know and this cloud has not built: refused by name, never ignored. What the
//! tables do not know is refused for all services alike, as a request is decoded.

use http::HeaderMap;
use tcloud_core::server::Fault;

use super::fault::not_implemented;

/// Rows of the tables that ask for more than this cloud does, query parameters and headers in lower
/// case; `*` matches any rest.
const ROWS: &[(&str, &str)] = &[
    ("x-cos-server-side-encryption-cos-kms*", KMS),
    ("x-cos-server-side-encryption-context", KMS),
];

/// What some of them ask for.
const KMS: &str = "Encryption with keys of the Key Management Service, which is not here";

/// Refuses what would otherwise be mistaken for a plain request.
///
/// # Errors
///
/// `NotImplemented`, naming what is not there.
pub(crate) fn require_built(query: &[(String, String)], headers: &HeaderMap) -> Result<(), Fault> {
    let parameters = query.iter().map(|(name, _)| name.as_str());
    let mut names = parameters.chain(headers.keys().map(http::HeaderName::as_str));
    match names.find_map(|name| Some((name, unbuilt(name)?))) {
        Some((name, what)) => Err(not_implemented(&format!("{what} (`{name}`)"))),
        None => Ok(()),
    }
}

fn unbuilt(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let fits = |row: &str| match row.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == row,
    };
    ROWS.iter()
        .find(|(row, _)| fits(row))
        .map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::require_built;

    fn refused(parameter: &str, header: &'static str) -> Option<String> {
        let query = [(parameter.to_owned(), String::new())];
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_static(header);
        headers.insert(name, HeaderValue::from_static("x"));
        let fault = require_built(&query, &headers).err()?;
        assert_eq!(fault.code, "NotImplemented");
        Some(fault.message)
    }

    #[test]
    fn what_is_not_built_is_named() {
        for (parameter, header) in [
            ("acl", "x-cos-server-side-encryption-cos-kms-key-id"),
            ("acl", "x-cos-server-side-encryption-context"),
        ] {
            let message = refused(parameter, header).unwrap();
            assert!(
                message.contains(parameter) || message.contains(header),
                "{message}"
            );
        }
    }

    #[test]
    fn what_is_built_passes() {
        assert_eq!(refused("prefix", "x-cos-acl"), None);
        assert_eq!(refused("acl", "x-cos-grant-read"), None);
        assert_eq!(refused("acl", "x-cos-server-side-encryption"), None);
        assert_eq!(refused("acl", "x-cos-meta-x-cos-tagging"), None);
    }
}
