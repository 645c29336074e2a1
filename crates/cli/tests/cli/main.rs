//! The built command, run as a user runs it.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod account;
mod configure;
mod exec;
mod inputs;
mod jobs;
mod keys;
mod log;
mod operations;
#[cfg(unix)]
mod printed;
mod proxies;
mod queries;
mod serve;
mod served;
#[cfg(unix)]
mod signals;
mod stalls;
mod state;
mod storage;
mod support;
