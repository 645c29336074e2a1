//! The signature of Cloud Object Storage and Cloud Infinite, `q-sign-algorithm=sha1`.
//!
//! Three texts lead to it: the canonical text of the request (`HttpString`), the text to sign,
//! made of the validity and the hash of the former, and the key, made of the secret key and the
//! validity. See [`Signer`] to make one and [`Authorization`] to check one. A form that a browser
//! sends is signed by its policy instead: [`FormSignature`].

mod canonical;
mod form;
mod kept;
mod signer;
pub(super) mod token;
mod verify;

#[cfg(test)]
mod tests;

pub use canonical::{Request, Window};
pub use form::FormSignature;
pub(crate) use kept::KeptKey;
pub use signer::{Presigned, Signer};
pub use token::TokenName;
pub use verify::{Authorization, security_token};
