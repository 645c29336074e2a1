//! The formats: each one function over a [`Node`](crate::node::Node) and its table.
//!
//! Decoding forgives the server and reports it. A number sent as text, one element where a list is
//! documented, a word or a node the table does not know, an empty element for a container or a
//! missing required node never fail a call: what deviated comes back as [`Drift`], and what the
//! table has no place for is kept in the structure's [`Unknown`](crate::node::Unknown) nodes.
//! Only a document that is not well-formed, or that exceeds the bounds below, is an error.

mod bind;
mod check;
mod context;
mod debug;
mod document;
mod drift;
#[cfg(test)]
mod fixture;
pub mod json;
mod lookup;
mod same;
mod scalar;
pub mod xml;

pub use bind::{Bound, bind, fill_headers, fill_labels, fill_query, set};
pub use check::{Violation, has_body, missing, out_of_bounds, violations};
pub use debug::{SECRET, debug, redact};
pub use document::Document;
pub use drift::{Drift, DriftKind};
pub(crate) use lookup::{count_of, text_at, text_of};
#[cfg(test)]
pub(crate) use same::fill;
pub use same::{copy, equal};

use std::fmt;

/// Containers may stand in each other this deep.
pub const MAX_DEPTH: usize = 64;

/// A document may hold this many nodes.
pub const MAX_NODES: usize = 1_000_000;

/// What is read of a document may take this many times its size in memory, and
/// [`SPARE_MEMORY`] besides. A structure of two hundred fields is two bytes in JSON (`{}`), so that
/// a document of a megabyte could ask for gigabytes.
pub const MOST_MEMORY: usize = 16;

/// Bytes that any document may take, so that a small one with wide structures is read.
pub const SPARE_MEMORY: usize = 4 * 1024 * 1024;

/// A document that could not be read, or a value that the format cannot carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecError {
    path: String,
    reason: String,
}

impl CodecError {
    pub(crate) fn new(path: String, reason: impl Into<String>) -> Self {
        Self {
            path,
            reason: reason.into(),
        }
    }

    /// The node at which it happened: `Response.JobsDetail[0].Input`; empty for the document.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            f.write_str(&self.reason)
        } else {
            write!(f, "at {}: {}", self.path, self.reason)
        }
    }
}

impl std::error::Error for CodecError {}
