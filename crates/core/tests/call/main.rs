//! A call from its request's fields to its outcome: over a transport in memory and a clock that
//! only moves when someone sleeps, or over sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod answers;
mod attempts;
mod clocks;
mod fixture;
mod forms;
mod hosts;
mod intercepted;
mod meanings;
mod observed;
mod presigned;
mod requests;
#[cfg(feature = "reqwest")]
mod sockets;
mod tokens;
#[cfg(feature = "tracing")]
mod traced;
mod verdicts;
