//! The bucket a command works on.

use crate::error::Error;

/// The variable that names the bucket wherever a command takes one.
pub(crate) const VARIABLE: &str = "TCLOUD_BUCKET";

/// Refuses a bucket's name without the APPID at its end: it would be another host, or none.
pub(crate) fn require_full_name(bucket: &str) -> Result<(), Error> {
    if is_full_name(bucket) {
        return Ok(());
    }
    Err(Error::Usage(no_account(bucket)))
}

/// Whether a bucket's name has the APPID at its end.
pub(crate) fn is_full_name(bucket: &str) -> bool {
    bucket.rsplit_once('-').is_some_and(|(name, account)| {
        !name.is_empty() && !account.is_empty() && account.bytes().all(|it| it.is_ascii_digit())
    })
}

/// What is wrong with a name without one.
pub(crate) fn no_account(bucket: &str) -> String {
    format!(
        "the bucket {bucket} has no APPID at its end; write its full name, such as \
         {bucket}-1250000000"
    )
}

#[cfg(test)]
mod tests {
    use super::require_full_name;

    #[test]
    fn a_bucket_has_its_account_at_the_end() {
        for name in ["examplebucket-1250000000", "a-b-1"] {
            assert!(require_full_name(name).is_ok(), "{name}");
        }
        for name in ["examplebucket", "example-bucket", "-1250000000", "a-", ""] {
            let error = require_full_name(name).unwrap_err().to_string();
            assert!(error.contains("has no APPID at its end"), "{error}");
        }
    }
}
