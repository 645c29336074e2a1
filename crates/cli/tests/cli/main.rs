//! The built command, run as a user runs it.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod jobs;
mod operations;
mod serve;
mod support;
