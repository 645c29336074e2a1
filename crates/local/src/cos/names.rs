//! What buckets and objects may be called.

use http::StatusCode;
use tcloud_core::server::Fault;

use super::fault::invalid;
use crate::store::{ObjectName, VersionId};

/// The longest name of a bucket, account number included, in bytes.
const BUCKET_LIMIT: usize = 60;
/// The longest key, in bytes.
pub(crate) const KEY_LIMIT: usize = 850;

/// Whether a list can show `text` as it is: XML cannot carry every control character.
pub(crate) fn is_listable(text: &str) -> bool {
    let carries =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    text.chars().all(carries)
}

/// Whether `name` has the form `<name>-<account number>`: lower-case letters, digits and hyphens,
/// the latter not at the beginning.
pub(crate) fn is_bucket_name(name: &str) -> bool {
    let Some((own, account)) = name.rsplit_once('-') else {
        return false;
    };
    name.len() <= BUCKET_LIMIT
        && !own.is_empty()
        && !own.starts_with('-')
        && !own.ends_with('-')
        && own
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && account.len() >= 5
        && account.bytes().all(|byte| byte.is_ascii_digit())
}

/// The bucket of a request, which its host always gives.
pub(super) fn bucket(name: Option<String>) -> Result<String, Fault> {
    name.ok_or_else(|| {
        let message = "the request names no bucket; send it to the bucket's host";
        Fault::new(StatusCode::BAD_REQUEST, "InvalidBucketName", message)
    })
}

/// The object of a request.
///
/// # Errors
///
/// The key is too long.
pub(crate) fn object(name: Option<String>, key: Option<String>) -> Result<ObjectName, Fault> {
    let key = key.unwrap_or_default();
    if key.len() > KEY_LIMIT {
        let message = format!(
            "the key has {} bytes, at most {KEY_LIMIT} are allowed; choose a shorter one",
            key.len()
        );
        return Err(Fault::new(StatusCode::BAD_REQUEST, "KeyTooLong", message));
    }
    Ok(ObjectName::new(bucket(name)?, key))
}

/// The version of a request; an empty text names none.
///
/// # Errors
///
/// The text is no id.
pub(crate) fn version(id: Option<&str>) -> Result<Option<VersionId>, Fault> {
    let id = id.filter(|id| !id.is_empty());
    let read = |id: &str| {
        id.parse().map_err(|_| {
            invalid(format!(
                "`{id}` is the id of no version; take one from a list of versions, or `null`"
            ))
        })
    };
    id.map(read).transpose()
}

#[cfg(test)]
mod tests {
    use super::{is_bucket_name, is_listable, object};

    #[test]
    fn lists_carry_what_xml_carries() {
        assert!(is_listable("a\tb\u{e9}\u{1f600}"));
        for text in ["a\u{1}", "\u{0}", "\u{ffff}"] {
            assert!(!is_listable(text), "{text:?}");
        }
    }

    #[test]
    fn buckets_end_with_the_account() {
        for good in ["a-1250000000", "a-b-1250000000", "0-12500"] {
            assert!(is_bucket_name(good), "{good}");
        }
        let long = format!("{}-1250000000", "a".repeat(50));
        for bad in [
            "a",
            "a-b",
            "A-1250000000",
            "-1250000000",
            "-a-1250000000",
            "a--1250000000",
            "a_b-1250000000",
            "a.b-1250000000",
            "2024-05",
            &long,
        ] {
            assert!(!is_bucket_name(bad), "{bad}");
        }
    }

    #[test]
    fn keys_are_limited_in_bytes() {
        let name = |key: String| object(Some("a-1250000000".into()), Some(key));
        assert!(name("k".repeat(850)).is_ok());
        assert_eq!(name("中".repeat(284)).unwrap_err().code, "KeyTooLong");
    }
}
