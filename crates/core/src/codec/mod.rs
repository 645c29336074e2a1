//! The formats: each one function over a [`Node`](crate::node::Node) and its table.
//!
//! Decoding forgives the server and reports it. A number sent as text, one element where a list is
//! documented, a word or a node the table does not know, an empty element for a container or a
//! missing required node never fail a call: what deviated comes back as [`Drift`], and what the
//! table has no place for is kept in the structure's [`Unknown`](crate::node::Unknown) nodes.
//! Only a document that is not well-formed, or that exceeds the bounds below, is an error.

mod bind;
mod bounds;
mod check;
mod context;
mod debug;
mod document;
mod drift;
mod error;
#[cfg(test)]
mod fixture;
pub(crate) mod gzip;
mod held;
pub mod json;
mod lookup;
pub(crate) mod message;
mod redacted;
mod request;
mod same;
mod scalar;
pub(crate) mod sse;
pub(crate) mod url_text;
mod walk;
pub mod xml;

pub(crate) use bind::unset;
pub use bind::{Bound, bind, fill_headers, fill_labels, fill_query, set};
pub use bounds::{MAX_DEPTH, MAX_NODES, MOST_MEMORY, SPARE_MEMORY};
pub use check::{Findings, Violation, check, first_violation, violations};
pub use debug::{SECRET, debug, redact};
pub use document::Document;
pub use drift::{Drift, DriftKind};
pub use error::CodecError;
pub(crate) use lookup::{count_of, text_at, text_of};
pub use redacted::redacted;
pub use request::request;
#[cfg(test)]
pub(crate) use same::fill;
pub use same::{copy, equal};
