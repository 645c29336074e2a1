//! `ProcessImage` and `DescribeImageTaskDetail` from submission to the stored picture.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there, in its helpers as well"
)]

mod actions;
mod addresses;
mod fixture;
mod pictures;
mod refusals;
mod results;
