//! Bodies on their way: sent again, compared, observed, and what is computed from them.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod computed;
mod fixture;
mod integrity;
mod progress;
mod repetition;
mod socket;
