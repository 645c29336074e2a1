//! Which S3 bucket content is kept in.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A client gives up after half a minute without an answer, so it hears of a failure before that.
const PATIENCE: Duration = Duration::from_secs(10);

/// An S3 bucket, or the part of one below a prefix, that the content of objects is kept in.
///
/// Address, region and keys come from the environment, by the names that AWS's own tools have:
/// `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
/// `AWS_SESSION_TOKEN`. [`ContentBucket::option`] takes precedence over them. The bucket is part of
/// the path (`http://host/bucket/key`) unless `AWS_VIRTUAL_HOSTED_STYLE_REQUEST` is `true`.
#[derive(Clone, PartialEq, Eq)]
pub struct ContentBucket {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) options: BTreeMap<String, String>,
    pub(crate) patience: Duration,
}

impl ContentBucket {
    /// For how long a request that fails is tried again, 10 seconds unless set. Then the client is
    /// answered that the service is not available. Choose less than clients wait for their answers.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Sets what the environment variable `name` would, such as `AWS_ENDPOINT_URL`.
    pub fn option(mut self, name: &str, value: impl Into<String>) -> Self {
        self.options.insert(name.to_ascii_lowercase(), value.into());
        self
    }
}

impl FromStr for ContentBucket {
    type Err = String;

    /// Reads `s3://bucket` or `s3://bucket/prefix`.
    fn from_str(text: &str) -> Result<Self, String> {
        let Some(rest) = text.strip_prefix("s3://") else {
            return Err("write it as s3://bucket or s3://bucket/prefix".to_owned());
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        // Not shown: it may be a secret.
        if bucket.contains('@') {
            return Err(
                "keys do not belong into the address; set AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY"
                    .to_owned(),
            );
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if bucket.is_empty() || !bucket.chars().all(is_name) {
            return Err(format!("`{bucket}` is no name of a bucket"));
        }
        let prefix = prefix.trim_end_matches('/');
        let is_segment = |segment: &str| !matches!(segment, "" | "." | "..");
        let is_key = |c: char| is_name(c) || c == '/';
        let is_prefix = prefix.chars().all(is_key) && prefix.split('/').all(is_segment);
        if !prefix.is_empty() && !is_prefix {
            return Err(format!(
                "`{prefix}` is no prefix; use letters, digits, dots, - and _ between slashes"
            ));
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            options: BTreeMap::new(),
            patience: PATIENCE,
        })
    }
}

impl fmt::Display for ContentBucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        match self.prefix.as_str() {
            "" => Ok(()),
            prefix => write!(f, "/{prefix}"),
        }
    }
}

impl fmt::Debug for ContentBucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the options, which may be secrets.
        f.debug_tuple("ContentBucket")
            .field(&self.to_string())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::ContentBucket;

    #[test]
    fn an_address_is_a_bucket_and_perhaps_a_prefix() {
        for (text, shown) in [
            ("s3://content", "s3://content"),
            ("s3://content/", "s3://content"),
            ("s3://content/team/ci/", "s3://content/team/ci"),
        ] {
            let bucket: ContentBucket = text.parse().unwrap();
            assert_eq!(bucket.to_string(), shown);
        }
        for text in [
            "",
            "content",
            "http://content",
            "s3://",
            "s3:///prefix",
            "s3://content//prefix",
            "s3://content/a/../b",
            "s3://content?region=x",
            "s3://content/a b",
        ] {
            assert!(text.parse::<ContentBucket>().is_err(), "{text}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        let error = "s3://id:hidden@content".parse::<ContentBucket>();
        assert!(!error.unwrap_err().contains("hidden"));
        let bucket: ContentBucket = "s3://content".parse().unwrap();
        let bucket = bucket.option("AWS_SECRET_ACCESS_KEY", "hidden");
        assert!(!format!("{bucket:?} {bucket}").contains("hidden"));
    }
}
