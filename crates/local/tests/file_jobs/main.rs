//! File jobs as a client meets them: digests, archives packed and unpacked, and what is refused.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there, in its helpers as well"
)]

mod compress;
mod fixture;
mod hash;
mod hostile;
mod preview;
mod queue;
mod refusals;
mod uncompress;
