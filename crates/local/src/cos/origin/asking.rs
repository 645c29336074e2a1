//! What of a request is passed on to an origin.

use std::fmt;

use http::HeaderMap;
use tcloud_core::server::is_common_parameter;

use super::rules;

/// What of a request is passed on to an origin.
#[derive(Clone)]
pub(crate) struct Asking {
    /// The query, without the signature.
    query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    is_secure: bool,
}

/// Queries and headers may hold secrets.
impl fmt::Debug for Asking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asking").finish_non_exhaustive()
    }
}

impl Asking {
    /// A request with this query and these headers.
    pub(crate) fn new(query: &[(String, String)], headers: &HeaderMap, is_secure: bool) -> Self {
        let query = query.iter();
        let query = query.filter(|(name, _)| !is_common_parameter(name));
        Self {
            query: query.cloned().collect(),
            headers: headers.clone(),
            is_secure,
        }
    }

    /// The same for the rules, about the object `key`.
    pub(super) fn about<'a>(&'a self, key: &'a str) -> rules::Request<'a> {
        rules::Request {
            key,
            query: &self.query,
            is_secure: self.is_secure,
        }
    }

    /// Whether a rule for an origin has made it.
    pub(super) fn is_from_a_rule(&self) -> bool {
        let mut marks = self.headers.get_all(rules::LOOP).iter();
        marks.any(|mark| mark.to_str().is_ok_and(|mark| mark.contains(rules::NAME)))
    }
}
