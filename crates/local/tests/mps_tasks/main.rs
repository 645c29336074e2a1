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
#[cfg(all(feature = "avif", feature = "jxl"))]
#[allow(
    unreachable_pub,
    reason = "shared with the tests of the workspace, which would be much to build for it"
)]
#[path = "../../../../tests/src/programs.rs"]
mod programs;
mod refusals;
mod results;
