//! Transfers over a real socket, against a model of the service.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a test that cannot continue has failed, and its numbers are small"
)]

mod copies;
mod downloads;
mod fixture;
mod folders;
mod kills;
mod memory;
mod service;
mod syncs;
mod unfinished;
mod uploads;
