//! Keys in environment variables.

use std::fmt;
use std::future::ready;
use std::sync::Arc;

use super::error::CredentialsError;
use super::key::Credentials;
use super::provider::{CredentialsProvider, ProviderContext};
use crate::future::BoxFuture;

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Environment variables: those of this process, or any others.
///
/// Space around a value is dropped, and an empty variable counts as unset. `Debug` shows no value.
#[derive(Clone)]
pub struct Variables(Arc<Lookup>);

impl Variables {
    /// The variables of this process.
    pub fn of_process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// Variables that `lookup` knows, by name.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// The value of `name`, if it is set.
    pub fn get(&self, name: &str) -> Option<String> {
        let value = (self.0)(name)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }
}

impl Default for Variables {
    fn default() -> Self {
        Self::of_process()
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variables").finish_non_exhaustive()
    }
}

/// Names of the variables that together hold one access key.
struct Group {
    secret_id: &'static str,
    secret_key: &'static str,
    /// The first that is set counts.
    tokens: &'static [&'static str],
}

/// The names users set, then those a cloud function finds. A token belongs to the key it was
/// issued with, so the two groups are never mixed.
const GROUPS: [Group; 2] = [
    Group {
        secret_id: "TENCENTCLOUD_SECRET_ID",
        secret_key: "TENCENTCLOUD_SECRET_KEY",
        tokens: &[
            "TENCENTCLOUD_TOKEN",
            "TENCENTCLOUD_SESSION_TOKEN",
            "TENCENTCLOUD_SECURITY_TOKEN",
        ],
    },
    Group {
        secret_id: "TENCENTCLOUD_SECRETID",
        secret_key: "TENCENTCLOUD_SECRETKEY",
        tokens: &["TENCENTCLOUD_SESSIONTOKEN"],
    },
];

/// Credentials from environment variables.
///
/// `TENCENTCLOUD_SECRET_ID` and `TENCENTCLOUD_SECRET_KEY`, with the token of a temporary key in
/// `TENCENTCLOUD_TOKEN`, `TENCENTCLOUD_SESSION_TOKEN` or `TENCENTCLOUD_SECURITY_TOKEN`; else, as a
/// cloud function has them, `TENCENTCLOUD_SECRETID`, `TENCENTCLOUD_SECRETKEY` and
/// `TENCENTCLOUD_SESSIONTOKEN`. Half a key is an error that names the other half.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentProvider {
    variables: Variables,
}

impl EnvironmentProvider {
    /// Reads the environment of this process.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads `variables`.
    pub const fn of(variables: Variables) -> Self {
        Self { variables }
    }

    /// The credentials that the variables hold now.
    ///
    /// # Errors
    /// None is set, or half a key is.
    pub fn read(&self) -> Result<Credentials, CredentialsError> {
        for group in &GROUPS {
            let half = |set: &str, unset: &str| {
                Err(CredentialsError::new(format!(
                    "{set} is set but {unset} is not; set {unset} too"
                )))
            };
            let id = self.variables.get(group.secret_id);
            match (id, self.variables.get(group.secret_key)) {
                (Some(id), Some(key)) => {
                    let credentials = Credentials::new(id, key)
                        .with_source(format!("variable {}", group.secret_id));
                    let mut tokens = group.tokens.iter();
                    return Ok(match tokens.find_map(|name| self.variables.get(name)) {
                        Some(token) => credentials.with_token(token),
                        None => credentials,
                    });
                }
                (Some(_), None) => return half(group.secret_id, group.secret_key),
                (None, Some(_)) => return half(group.secret_key, group.secret_id),
                (None, None) => {}
            }
        }
        Err(CredentialsError::absent(
            "neither TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY are set nor \
             TENCENTCLOUD_SECRETID and TENCENTCLOUD_SECRETKEY",
        ))
    }
}

impl CredentialsProvider for EnvironmentProvider {
    fn credentials<'a>(
        &'a self,
        _: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(ready(self.read()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn read(variables: &[(&'static str, &'static str)]) -> Result<Credentials, CredentialsError> {
        let variables: HashMap<_, _> = variables.iter().copied().collect();
        let variables =
            Variables::new(move |name| variables.get(name).map(|value| (*value).to_owned()));
        EnvironmentProvider::of(variables).read()
    }

    fn from(variable: &str, credentials: Credentials) -> Credentials {
        credentials.with_source(format!("variable {variable}"))
    }

    #[test]
    fn each_token_variable_is_found() {
        for name in [
            "TENCENTCLOUD_TOKEN",
            "TENCENTCLOUD_SESSION_TOKEN",
            "TENCENTCLOUD_SECURITY_TOKEN",
        ] {
            let found = read(&[
                ("TENCENTCLOUD_SECRET_ID", "id\n"),
                ("TENCENTCLOUD_SECRET_KEY", " key"),
                (name, "t"),
            ]);
            let expected = Credentials::new("id", "key").with_token("t");
            assert_eq!(
                found,
                Ok(from("TENCENTCLOUD_SECRET_ID", expected)),
                "{name}"
            );
        }
    }

    #[test]
    fn groups_of_variables_are_not_mixed() {
        let function = [
            ("TENCENTCLOUD_SECRETID", "fid"),
            ("TENCENTCLOUD_SECRETKEY", "fkey"),
            ("TENCENTCLOUD_SESSIONTOKEN", "ftoken"),
        ];
        let expected = Credentials::new("fid", "fkey").with_token("ftoken");
        assert_eq!(read(&function), Ok(from("TENCENTCLOUD_SECRETID", expected)));
        let mut both = function.to_vec();
        both.extend([
            ("TENCENTCLOUD_SECRET_ID", "id"),
            ("TENCENTCLOUD_SECRET_KEY", "key"),
        ]);
        let expected = Credentials::new("id", "key");
        assert_eq!(read(&both), Ok(from("TENCENTCLOUD_SECRET_ID", expected)));
    }

    #[test]
    fn what_is_missing_is_named() {
        let nothing = read(&[("TENCENTCLOUD_TOKEN", "t")]).unwrap_err();
        assert!(nothing.is_absent());
        let nothing = nothing.to_string();
        assert!(nothing.contains("TENCENTCLOUD_SECRET_ID"), "{nothing}");
        let half = read(&[
            ("TENCENTCLOUD_SECRET_ID", "AKIDvisible"),
            ("TENCENTCLOUD_SECRET_KEY", " "),
        ]);
        let half = half.unwrap_err();
        assert!(
            !half.is_absent(),
            "half a key is a mistake, not an absent one"
        );
        let half = half.to_string();
        assert!(
            half.contains("TENCENTCLOUD_SECRET_ID is set but TENCENTCLOUD_SECRET_KEY is not"),
            "{half}"
        );
        assert!(!half.contains("visible"), "{half}");
    }

    #[test]
    fn debug_shows_no_value() {
        let provider = EnvironmentProvider::of(Variables::new(|_| Some("verysecret".to_owned())));
        assert!(!format!("{provider:?}").contains("verysecret"));
    }
}
