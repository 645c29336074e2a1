//! The signature of the API 3.0 services, `TC3-HMAC-SHA256`.
//!
//! Every call goes to the path `/`, so that only method, query, the listed headers and the hash
//! of the payload are covered. See [`Signer`] to make a signature and [`Authorization`] to check
//! one.

pub(super) mod canonical;
mod signer;
mod verify;

#[cfg(test)]
mod tests;

pub use canonical::Request;
pub use signer::{Signer, skip};
pub use verify::Authorization;
