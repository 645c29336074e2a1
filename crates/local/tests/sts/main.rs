//! Temporary keys, policies, the metadata of a virtual machine and web identities, as clients meet
//! them.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets the unexpected ends there, in its helpers as well"
)]

mod accounts;
mod assume;
mod compressed;
mod ended;
mod federation;
mod fixture;
mod hostile;
mod identity;
mod metadata;
mod modes;
mod permissions;
mod proven;
mod providers;
mod web_identity;
