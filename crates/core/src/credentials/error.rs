//! Why there are no credentials.

use std::fmt;

/// Why there are no credentials. It never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialsError {
    message: String,
    absent: bool,
}

impl CredentialsError {
    /// An error with a message that says what is wrong and what to do. It must not contain a
    /// secret.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            absent: false,
        }
    }

    /// There is nothing at the place that was looked at, which the message names: the next place
    /// may have credentials.
    pub fn absent(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            absent: true,
        }
    }

    /// Whether there is simply nothing where credentials were looked for, rather than something
    /// that is incomplete, unreadable or refused.
    pub fn is_absent(&self) -> bool {
        self.absent
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CredentialsError {}
