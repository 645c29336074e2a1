//! The tables from the other side: routes, requests decoded, answers and refusals written.
#![cfg(feature = "server")]
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod answers;
mod fixture;
mod handlers;
mod refusals;
mod routing;
