//! Cloud Infinite as its client meets it: from the binding of a bucket to the end of a job.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there, in its helpers as well"
)]

mod actions;
mod buckets;
mod callbacks;
mod control;
mod fixture;
mod inspection;
mod listing;
#[cfg(feature = "pictures")]
mod pictures;
mod queue;
mod refusals;
mod routes;
