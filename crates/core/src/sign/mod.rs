//! Request signatures: made by a client, checked by a server, explained when they differ.
//!
//! - [`qsign`]: `q-sign-algorithm=sha1` of Cloud Object Storage and Cloud Infinite.
//! - [`tc3`]: `TC3-HMAC-SHA256` of the API 3.0 services.
//! - [`explain`]: the first line in which two parties' canonical texts differ.
//! - [`encode`]: percent-encoding for signatures and for the wire.
//!
//! Nothing here reads a clock or the network: the time is always an argument.

pub mod encode;
pub mod explain;
pub mod qsign;
pub mod tc3;

mod digest;
mod error;
mod foreign;
mod headers;
mod items;
mod rejection;
mod signature;

pub use error::SignError;
pub use rejection::{Policy, Rejection};
pub use signature::Signature;
