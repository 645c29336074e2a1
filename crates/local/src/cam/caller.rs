//! Who signed a request.

use serde::{Deserialize, Serialize};

use super::policy::Policy;

/// Who signed a request.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// Nobody.
    Anonymous,
    /// The root account. Whoever is not checked is taken for it.
    Root,
    /// The user of this number.
    User(String),
    /// Whoever was given a temporary key.
    Session(Session),
    /// Somebody of another account, to whom nothing here belongs.
    Foreign(Foreign),
}

/// Somebody of another account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// The number of the account.
    pub(crate) account: String,
    /// The number of the user, unless it is the root account.
    pub(crate) user: Option<String>,
}

/// What there is to know of a temporary key. Its token carries it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// What kind of session it is.
    #[serde(flatten)]
    pub(crate) kind: Kind,
    /// The number of the account or user that asked for it.
    #[serde(rename = "u")]
    pub(crate) issuer: String,
    /// When it ends, in Unix seconds.
    #[serde(rename = "e")]
    pub(crate) ends: i64,
    /// What bounds it besides the policies of its kind.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<Policy>,
}

/// The kinds of sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// Of the role with this number, under this name.
    #[serde(rename = "r")]
    Role {
        #[serde(rename = "i")]
        id: String,
        #[serde(rename = "n")]
        name: String,
    },
    /// Of somebody whom the issuer gives a part of its own rights, under this name.
    #[serde(rename = "f")]
    Federated {
        #[serde(rename = "n")]
        name: String,
    },
    /// Of the issuer, who proved a second factor.
    #[serde(rename = "m")]
    Proven,
}
