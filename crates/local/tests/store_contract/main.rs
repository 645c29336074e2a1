//! What every store must do, on disk and in memory alike.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there, in its helpers as well"
)]

mod buckets;
mod callbacks;
mod claims;
mod durability;
mod fixture;
mod folder;
mod jobs;
mod listing;
mod memory;
mod objects;
mod pruning;
