//! What came of checking a signature.

use serde::Serialize;
use tcloud_core::server::Fault;

use super::mistake::Instead;

/// What came of checking a request's signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(
    tag = "result",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub(crate) enum Verdict {
    /// It is valid.
    Valid {
        /// Id of the key.
        secret_id: String,
        /// What the client should do better.
        #[serde(skip_serializing_if = "Option::is_none")]
        advice: Option<&'static str>,
    },
    /// There is none.
    Anonymous,
    /// There is one, which was not checked: checks are off, or, where they are lenient, nobody
    /// knows the key.
    Unchecked {
        /// Id of the key.
        secret_id: String,
    },
    /// It was refused.
    Refused {
        /// Why.
        reason: String,
        /// The canonical text of the request as the server has it, if that is where the client's
        /// may differ.
        #[serde(skip_serializing_if = "Option::is_none")]
        format_string: Option<String>,
        /// The text the server signed, likewise.
        #[serde(skip_serializing_if = "Option::is_none")]
        string_to_sign: Option<String>,
        /// What the client has signed instead, if that was found out.
        #[serde(skip_serializing_if = "Option::is_none")]
        signed: Option<Box<Instead>>,
    },
}

impl Verdict {
    /// Id of the key, which may be unknown, or nothing.
    pub(crate) fn secret_id(&self) -> &str {
        match self {
            Self::Valid { secret_id, .. } | Self::Unchecked { secret_id } => secret_id,
            Self::Anonymous | Self::Refused { .. } => "",
        }
    }

    /// Notes what the client of a refused request has signed instead.
    pub(super) fn note(&mut self, instead: Option<Instead>) {
        if let Self::Refused { signed, .. } = self {
            *signed = instead.map(Box::new);
        }
    }

    /// The texts in it, which the client may have made long.
    pub(crate) fn texts(&mut self) -> Vec<&mut String> {
        match self {
            Self::Valid { secret_id, .. } | Self::Unchecked { secret_id } => vec![secret_id],
            Self::Anonymous => Vec::new(),
            Self::Refused {
                reason,
                format_string,
                string_to_sign,
                signed,
            } => std::iter::once(reason)
                .chain(format_string)
                .chain(string_to_sign)
                .chain(signed.iter_mut().flat_map(|signed| {
                    let Instead { why, format_string } = &mut **signed;
                    [why, format_string]
                }))
                .collect(),
        }
    }
}

/// A refused signature: what to note, and what to answer.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) verdict: Verdict,
    pub(crate) fault: Fault,
}
