//! Temporary keys without a table of them.
//!
//! A token carries its session, sealed with a secret of the store, and the key is derived from its
//! id with the same secret. So a temporary key costs no row, is known to every process that shares
//! the store, survives a restart, and ends by its own time; nothing has to be forgotten. What a
//! role or user may do is looked up when the key is used, so a change counts at once, and a store
//! that is deleted takes its keys with it. The token is readable, as everything in it is known to
//! whoever asked for it; only its key is not.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;
use tcloud_core::credentials::Credentials;
use uuid::Uuid;

use super::caller::Session;

/// The longest token that the service documents, in bytes.
const LONGEST_TOKEN: usize = 4096;

/// The secret that seals sessions.
#[derive(Clone)]
pub(super) struct Seal([u8; 32]);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seal").finish_non_exhaustive()
    }
}

/// What a token says.
#[derive(Serialize, Deserialize)]
struct Content<T> {
    /// The id of its key.
    #[serde(rename = "k")]
    id: String,
    #[serde(rename = "s")]
    session: T,
}

/// A token that would be too long: its policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Seal {
    /// Seals with `secret`.
    pub(super) const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// A new key for `session`, with its token.
    pub(super) fn issue(&self, session: &Session) -> Result<Credentials, TooLong> {
        let id = format!("AKID{}", Uuid::new_v4().simple());
        let content = Content {
            id: id.clone(),
            session,
        };
        let content = serde_json::to_vec(&content).map_err(|_| TooLong)?;
        let mac = self.mac("token", &content).finalize().into_bytes();
        let [content, mac] = [&content[..], &mac[..]].map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let token = format!("{content}.{mac}");
        if token.len() > LONGEST_TOKEN {
            return Err(TooLong);
        }
        let secret = self.derived("key", id.as_bytes());
        Ok(Credentials::new(id, secret).with_token(token))
    }

    /// The key `id` that `token` was issued with, and its session, which may have ended.
    pub(super) fn open(&self, id: &str, token: &str) -> Option<(Credentials, Session)> {
        let (content, mac) = token
            .split_once('.')
            .filter(|_| token.len() <= LONGEST_TOKEN)?;
        let content = URL_SAFE_NO_PAD.decode(content).ok()?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        self.mac("token", &content).verify_slice(&mac).ok()?;
        let content: Content<Session> = serde_json::from_slice(&content).ok()?;
        let key = Credentials::new(id, self.derived("key", id.as_bytes())).with_token(token);
        (content.id == id).then_some((key, content.session))
    }

    /// A secret for `purpose`, of which `name` is one.
    pub(super) fn derived(&self, purpose: &str, name: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, name).finalize().into_bytes())
    }

    /// What is sealed for one purpose says nothing of another.
    fn mac(&self, purpose: &str, message: &[u8]) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any key length will do");
        mac.chain_update(purpose)
            .chain_update([0])
            .chain_update(message)
    }
}

#[cfg(test)]
mod tests {
    use super::super::caller::{Kind, Session};
    use super::super::policy::Policy;
    use super::{LONGEST_TOKEN, Seal, TooLong};

    fn session() -> Session {
        Session {
            kind: Kind::Role {
                id: "4611686018427387904".into(),
                name: "build".into(),
            },
            issuer: "100000000001".into(),
            ends: 1_700_000_000,
            policy: Some(Policy::administrator()),
        }
    }

    #[test]
    fn what_was_sealed_is_opened_again() {
        let seal = Seal::new([7; 32]);
        let key = seal.issue(&session()).unwrap();
        let (again, opened) = seal.open(key.secret_id(), key.token().unwrap()).unwrap();
        assert_eq!(again, key);
        assert_eq!(opened.kind, session().kind);
        assert_eq!(
            (opened.issuer.as_str(), opened.ends),
            ("100000000001", 1_700_000_000)
        );
        assert_eq!(opened.policy.unwrap().as_str(), {
            let everything: Policy = Policy::administrator().as_str().parse().unwrap();
            everything.as_str().to_owned()
        });
    }

    #[test]
    fn no_two_keys_are_equal() {
        let seal = Seal::new([7; 32]);
        let (a, b) = (
            seal.issue(&session()).unwrap(),
            seal.issue(&session()).unwrap(),
        );
        assert_ne!(a.secret_id(), b.secret_id());
        assert_ne!(a.secret_key(), b.secret_key());
        assert!(seal.open(a.secret_id(), b.token().unwrap()).is_none());
    }

    #[test]
    fn a_token_that_was_changed_in_any_place_is_none() {
        let seal = Seal::new([7; 32]);
        let key = seal.issue(&session()).unwrap();
        let token = key.token().unwrap();
        for at in 0..token.len() {
            let mut changed = token.to_owned().into_bytes();
            changed[at] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            assert!(seal.open(key.secret_id(), &changed).is_none(), "{at}");
        }
        for cut in [
            "",
            ".",
            &token[..token.len() - 4],
            token.split_once('.').unwrap().0,
        ] {
            assert!(seal.open(key.secret_id(), cut).is_none(), "{cut}");
        }
        assert!(Seal::new([8; 32]).open(key.secret_id(), token).is_none());
    }

    #[test]
    fn a_token_has_a_bound() {
        let long = format!(
            r#"{{"version":"2.0","statement":{{"effect":"allow","action":"cos:*",
                "resource":"qcs::cos:::{}"}}}}"#,
            "a".repeat(LONGEST_TOKEN)
        );
        let policy = Some(long.parse().unwrap());
        let session = Session {
            policy,
            ..session()
        };
        assert_eq!(Seal::new([7; 32]).issue(&session), Err(TooLong));
    }
}
