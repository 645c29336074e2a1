//! Who makes a call: the credentials it is signed with, the region that comes along with them, and
//! others in their place where a service takes them for expired.

use std::sync::Arc;

use super::options::CallOptions;
use crate::client::Client;
use crate::config::Config;
use crate::credentials::{Credentials, CredentialsError};
use crate::error::{Error, ErrorKind};
use crate::operation::Operation;

type Found = Result<Option<Arc<Credentials>>, Error>;

/// The identity of one call.
pub(super) struct Identity<'a> {
    config: &'a Config,
    unsigned: bool,
    region: Option<String>,
    /// What was found when the region was looked for.
    found: Option<Found>,
    renewed: bool,
}

impl<'a> Identity<'a> {
    /// The identity by which `client` calls `operation`.
    pub(super) async fn of(
        client: &'a Client,
        operation: &Operation,
        options: &CallOptions,
    ) -> Self {
        Self::new(client, operation.unsigned, options).await
    }

    /// The identity by which `client` signs a form, whose request is not signed itself.
    pub(super) async fn of_form(client: &'a Client, options: &CallOptions) -> Self {
        Self::new(client, false, options).await
    }

    /// Credentials are asked for their region only where neither the call nor the configuration has
    /// one.
    async fn new(client: &'a Client, unsigned: bool, options: &CallOptions) -> Self {
        let config = client.config();
        let region = options.region.as_deref().or(config.region());
        let mut identity = Self {
            config,
            unsigned: unsigned || config.anonymous,
            region: region.map(str::to_owned),
            found: None,
            renewed: false,
        };
        if identity.region.is_none() {
            let found = identity.credentials().await;
            if let Ok(Some(credentials)) = &found {
                identity.region = credentials.region().map(str::to_owned);
            }
            // That there are none is reported when they are needed.
            identity.found = Some(found);
        }
        identity
    }

    /// The region that is called.
    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The credentials to sign an attempt with; none if the operation is not signed.
    pub(super) async fn credentials(&mut self) -> Found {
        if self.unsigned {
            return Ok(None);
        }
        if let Some(found) = self.found.take() {
            return found;
        }
        self.config.credentials().await.map(Some).map_err(refused)
    }

    /// Gets others in place of `used` if `error` takes them for expired, once a call. Whether or not
    /// this call can be sent again, the next one gains.
    pub(super) async fn renew(&mut self, used: Option<&Credentials>, error: &Error) -> Renewal {
        let Some(used) = used.filter(|used| !self.renewed && is_expired(error, used)) else {
            return Renewal::NotNeeded;
        };
        self.renewed = true;
        match self.config.renew_credentials(used).await {
            Ok(new) if new.is_same_key(used) => Renewal::NotNeeded,
            Ok(_) => Renewal::Done,
            Err(error) => Renewal::Failed(error),
        }
    }
}

/// What became of credentials that a service has refused.
pub(super) enum Renewal {
    /// They are not to blame, or there are no others.
    NotNeeded,
    /// There are others.
    Done,
    /// Others could not be had.
    Failed(CredentialsError),
}

fn refused(error: CredentialsError) -> Error {
    Error::new(ErrorKind::Credentials, error.to_string()).caused_by(error)
}

/// Whether `error` says that the key or token `used` has come to its end. A temporary key that is
/// unknown has been known before.
fn is_expired(error: &Error, used: &Credentials) -> bool {
    match error.code() {
        Some("ExpiredToken" | "InvalidToken" | "TokenExpired" | "AuthFailure.TokenFailure") => true,
        Some(
            "InvalidAccessKeyId"
            | "SecretidNotExist"
            | "AuthFailure.SecretIdNotFound"
            | "AuthFailure.InvalidSecretId",
        ) => used.token().is_some(),
        Some("AccessDenied") if used.token().is_some() => {
            let message = error.message().to_ascii_lowercase();
            message.contains("token")
                && ["expired", "invalid"].iter().any(|it| message.contains(it))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_a_key_for_expired() {
        let permanent = Credentials::new("i", "k");
        let temporary = permanent.clone().with_token("t");
        let error =
            |code: &str, message: &str| Error::new(ErrorKind::Service, message).with_code(code);
        for code in ["ExpiredToken", "InvalidToken", "AuthFailure.TokenFailure"] {
            assert!(is_expired(&error(code, ""), &temporary), "{code}");
        }
        for code in [
            "InvalidAccessKeyId",
            "SecretidNotExist",
            "AuthFailure.SecretIdNotFound",
        ] {
            assert!(is_expired(&error(code, ""), &temporary), "{code}");
            assert!(!is_expired(&error(code, ""), &permanent), "{code}");
        }
        let denied = |message| is_expired(&error("AccessDenied", message), &temporary);
        assert!(denied("The token has expired."));
        assert!(!denied("Request has expired"), "that is the clock's fault");
        assert!(!denied("Access denied."));
        assert!(!is_expired(
            &error("SignatureDoesNotMatch", "token expired"),
            &temporary
        ));
        assert!(!is_expired(
            &Error::new(ErrorKind::Timeout, "token expired"),
            &temporary
        ));
    }
}
