//! What a profile says.

use std::fmt;

use tcloud_core::credentials::{Credentials, CredentialsError};

/// What a profile says, whichever file says it.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) secret_id: Option<String>,
    pub(super) secret_key: Option<String>,
    pub(super) token: Option<String>,
    /// When the key ends, in Unix seconds.
    pub(super) expires_at: Option<i64>,
    pub(super) region: Option<String>,
    /// The keys are those of the machine's role.
    pub(super) of_machine: bool,
    /// A program prints the keys.
    pub(super) process: Option<String>,
    pub(super) role: Option<Role>,
}

/// A role that a profile takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Role {
    pub(super) arn: String,
    /// The profile whose keys ask for the role, if not this one's.
    pub(super) caller: Option<String>,
    pub(super) session_name: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) seconds: Option<u64>,
}

impl Settings {
    /// Whether there is anything to sign with.
    pub(super) fn has_credentials(&self) -> bool {
        self.secret_id.is_some()
            || self.secret_key.is_some()
            || self.of_machine
            || self.process.is_some()
            || self.role.is_some()
    }

    /// The key that is in the profile itself; `place` names it. `names` are what the id and the
    /// key are called there.
    pub(super) fn key(
        &self,
        place: &str,
        names: [&str; 2],
    ) -> Result<Option<Credentials>, CredentialsError> {
        let half = |set: &str, unset: &str| {
            Err(CredentialsError::new(format!(
                "{place} has {set} but no {unset}; add it"
            )))
        };
        let [id_name, key_name] = names;
        match (&self.secret_id, &self.secret_key) {
            (None, None) => Ok(None),
            (Some(_), None) => half(id_name, key_name),
            (None, Some(_)) => half(key_name, id_name),
            (Some(id), Some(key)) => {
                let mut credentials = Credentials::new(id, key).with_source(place);
                if let Some(token) = &self.token {
                    credentials = credentials.with_token(token);
                }
                if let Some(end) = self.expires_at {
                    credentials = credentials.with_expiry(end);
                }
                Ok(Some(credentials))
            }
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("has_key", &self.secret_key.is_some())
            .field("has_token", &self.token.is_some())
            .field("region", &self.region)
            .field("of_machine", &self.of_machine)
            .field("has_process", &self.process.is_some())
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}
