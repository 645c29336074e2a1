//! An access key as a value.

use std::fmt;

use crate::sign::qsign::KeptKey;

/// An access key: its id, its secret and, if it is temporary, its session token and its end.
///
/// `Debug` shows a part of the id and nothing of the secret and the token.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    secret_id: String,
    secret_key: String,
    token: Option<String>,
    expires_at: Option<i64>,
    region: Option<String>,
    source: Option<String>,
    kept_key: KeptKey,
}

impl Credentials {
    /// A permanent access key.
    pub fn new(secret_id: impl Into<String>, secret_key: impl Into<String>) -> Self {
        Self {
            secret_id: secret_id.into(),
            secret_key: secret_key.into(),
            token: None,
            expires_at: None,
            region: None,
            source: None,
            kept_key: KeptKey::default(),
        }
    }

    /// The same key with the session token a temporary key comes with.
    pub fn with_token(self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
            ..self
        }
    }

    /// The same key with its end, a Unix time in seconds.
    pub fn with_expiry(self, unix_seconds: i64) -> Self {
        Self {
            expires_at: Some(unix_seconds),
            ..self
        }
    }

    /// The same key with the region of the place it comes from. Calls of a configuration without a
    /// region use it.
    pub fn with_region(self, region: impl Into<String>) -> Self {
        Self {
            region: Some(region.into()),
            ..self
        }
    }

    /// The same key with the name of the place it comes from, for people to read.
    pub fn with_source(self, source: impl Into<String>) -> Self {
        Self {
            source: Some(source.into()),
            ..self
        }
    }

    /// `SecretId`: names the key, sent with every request.
    pub fn secret_id(&self) -> &str {
        &self.secret_id
    }

    /// `SecretKey`: signs requests, never sent.
    pub fn secret_key(&self) -> &str {
        &self.secret_key
    }

    /// Session token of a temporary key.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// When a temporary key ends, as a Unix time in seconds; `None` if it does not end, or if
    /// nobody knows.
    pub fn expires_at(&self) -> Option<i64> {
        self.expires_at
    }

    /// The region of the place the key comes from, such as that of its profile.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The place the key comes from, such as a file and a profile in it.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The id as it may be shown: its first and its last four characters, if it is long enough to
    /// keep its middle to itself.
    pub fn shortened_id(&self) -> String {
        let id = &self.secret_id;
        let tail = id
            .len()
            .checked_sub(4)
            .filter(|tail| *tail >= 6)
            .and_then(|tail| id.get(tail..));
        match (id.get(..4), tail) {
            (Some(head), Some(tail)) => format!("{head}…{tail}"),
            _ => "…".to_owned(),
        }
    }

    /// What its signatures begin with.
    pub(crate) fn kept_key(&self) -> &KeptKey {
        &self.kept_key
    }

    /// Whether `other` is the same key, wherever it comes from.
    pub(crate) fn is_same_key(&self, other: &Self) -> bool {
        self.secret_id == other.secret_id
            && self.secret_key == other.secret_key
            && self.token == other.token
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("secret_id", &self.shortened_id())
            .field("has_token", &self.token.is_some())
            .field("expires_at", &self.expires_at)
            .field("region", &self.region)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Credentials;

    #[test]
    fn debug_shows_no_secret() {
        let credentials = Credentials::new("AKIDabcdefghMPLE", "verysecret")
            .with_token("atoken")
            .with_expiry(1_780_000_000);
        let text = format!("{credentials:?}");
        assert!(text.contains("AKID…MPLE"), "{text}");
        assert!(text.contains("1780000000"), "{text}");
        for secret in ["verysecret", "atoken", "abcdefgh"] {
            assert!(!text.contains(secret), "{text}");
        }
        for short in ["", "AKID", "AKIDMPLE1", "中中中中"] {
            assert!(!format!("{:?}", Credentials::new(short, "k")).contains("AKID"));
        }
    }

    #[test]
    fn a_key_is_the_same_wherever_it_comes_from() {
        let key = Credentials::new("id", "key").with_token("t");
        let moved = key.clone().with_expiry(1).with_region("r").with_source("s");
        assert!(key.is_same_key(&moved));
        for other in [
            Credentials::new("id", "key"),
            Credentials::new("id", "key").with_token("u"),
            Credentials::new("id", "other").with_token("t"),
            Credentials::new("other", "key").with_token("t"),
        ] {
            assert!(!key.is_same_key(&other));
        }
    }
}
