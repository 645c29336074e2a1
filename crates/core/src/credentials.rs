//! Who makes a call: access keys, and where they come from.

use std::fmt;
use std::future::ready;
use std::sync::Arc;

use crate::future::BoxFuture;

/// An access key: its id, its secret and, if it is temporary, its session token.
///
/// `Debug` shows a part of the id and nothing of the rest.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    secret_id: String,
    secret_key: String,
    token: Option<String>,
}

impl Credentials {
    /// A permanent access key.
    pub fn new(secret_id: impl Into<String>, secret_key: impl Into<String>) -> Self {
        Self {
            secret_id: secret_id.into(),
            secret_key: secret_key.into(),
            token: None,
        }
    }

    /// The same key with the session token a temporary key comes with.
    pub fn with_token(self, token: impl Into<String>) -> Self {
        Self {
            token: Some(token.into()),
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
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("secret_id", &shortened(&self.secret_id))
            .field("has_token", &self.token.is_some())
            .finish_non_exhaustive()
    }
}

/// Both ends of an id that is long enough to keep its middle to itself.
fn shortened(id: &str) -> String {
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

/// Why there are no credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialsError {
    message: String,
}

impl CredentialsError {
    /// An error with a message that says what was looked for and what to do. It must not contain
    /// a secret.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CredentialsError {}

/// A source of credentials, asked before every request that is signed.
///
/// A source that has to ask someone else should keep the answer until shortly before it expires.
pub trait CredentialsProvider: Send + Sync + fmt::Debug {
    /// The credentials to use now.
    fn credentials(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>>;
}

/// Always the same credentials.
#[derive(Clone, Debug)]
pub struct StaticProvider {
    credentials: Credentials,
}

impl StaticProvider {
    /// Gives out `credentials`.
    pub const fn new(credentials: Credentials) -> Self {
        Self { credentials }
    }
}

impl From<Credentials> for StaticProvider {
    fn from(credentials: Credentials) -> Self {
        Self::new(credentials)
    }
}

impl CredentialsProvider for StaticProvider {
    fn credentials(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(ready(Ok(self.credentials.clone())))
    }
}

/// Names of the variables that together hold one access key.
struct Variables {
    secret_id: &'static str,
    secret_key: &'static str,
    /// The first that is set counts.
    tokens: &'static [&'static str],
}

/// The names users set, then those a cloud function finds. A token belongs to the key it was
/// issued with, so the two groups are never mixed.
const VARIABLES: [Variables; 2] = [
    Variables {
        secret_id: "TENCENTCLOUD_SECRET_ID",
        secret_key: "TENCENTCLOUD_SECRET_KEY",
        tokens: &[
            "TENCENTCLOUD_TOKEN",
            "TENCENTCLOUD_SESSION_TOKEN",
            "TENCENTCLOUD_SECURITY_TOKEN",
        ],
    },
    Variables {
        secret_id: "TENCENTCLOUD_SECRETID",
        secret_key: "TENCENTCLOUD_SECRETKEY",
        tokens: &["TENCENTCLOUD_SESSIONTOKEN"],
    },
];

type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Credentials from environment variables, read anew each time.
///
/// `TENCENTCLOUD_SECRET_ID` and `TENCENTCLOUD_SECRET_KEY`, with the token of a temporary key in
/// `TENCENTCLOUD_TOKEN`, `TENCENTCLOUD_SESSION_TOKEN` or `TENCENTCLOUD_SECURITY_TOKEN`; else, as a
/// cloud function has them, `TENCENTCLOUD_SECRETID`, `TENCENTCLOUD_SECRETKEY` and
/// `TENCENTCLOUD_SESSIONTOKEN`. Space around a value is dropped, and an empty variable counts as
/// unset.
#[derive(Clone)]
pub struct EnvironmentProvider {
    lookup: Lookup,
}

impl EnvironmentProvider {
    /// Reads the environment of this process.
    pub fn new() -> Self {
        Self::with_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables by `lookup`, which maps a name to a value.
    pub fn with_lookup(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self {
            lookup: Arc::new(lookup),
        }
    }

    fn read(&self) -> Result<Credentials, CredentialsError> {
        let mut half = None;
        for Variables {
            secret_id,
            secret_key,
            tokens,
        } in VARIABLES
        {
            match (self.variable(secret_id), self.variable(secret_key)) {
                (Some(id), Some(key)) => {
                    let token = tokens.iter().find_map(|name| self.variable(name));
                    return Ok(Credentials {
                        secret_id: id,
                        secret_key: key,
                        token,
                    });
                }
                (Some(_), None) => half = half.or(Some((secret_id, secret_key))),
                (None, Some(_)) => half = half.or(Some((secret_key, secret_id))),
                (None, None) => {}
            }
        }
        Err(CredentialsError::new(match half {
            Some((set, unset)) => format!(
                "no credentials in the environment: {set} is set but {unset} is not; set {unset} too"
            ),
            None => "no credentials in the environment: set TENCENTCLOUD_SECRET_ID and \
                     TENCENTCLOUD_SECRET_KEY, and TENCENTCLOUD_TOKEN for a temporary key (also \
                     looked for TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY)"
                .to_owned(),
        }))
    }

    fn variable(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?.trim().to_owned();
        (!value.is_empty()).then_some(value)
    }
}

impl Default for EnvironmentProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for EnvironmentProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvironmentProvider")
            .finish_non_exhaustive()
    }
}

impl CredentialsProvider for EnvironmentProvider {
    fn credentials(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(ready(self.read()))
    }
}

/// The first of several sources that has credentials.
#[derive(Debug)]
pub struct ChainProvider {
    providers: Vec<Box<dyn CredentialsProvider>>,
}

impl ChainProvider {
    /// Asks `providers` in order.
    pub const fn new(providers: Vec<Box<dyn CredentialsProvider>>) -> Self {
        Self { providers }
    }
}

impl CredentialsProvider for ChainProvider {
    fn credentials(&self) -> BoxFuture<'_, Result<Credentials, CredentialsError>> {
        Box::pin(async {
            let mut reasons = Vec::new();
            for provider in &self.providers {
                match provider.credentials().await {
                    Ok(credentials) => return Ok(credentials),
                    Err(error) => reasons.push(error.message),
                }
            }
            let reasons = if reasons.is_empty() {
                "the chain is empty".to_owned()
            } else {
                reasons.join("; ")
            };
            Err(CredentialsError::new(format!(
                "no source has credentials: {reasons}"
            )))
        })
    }
}

#[cfg(test)]
mod tests;
