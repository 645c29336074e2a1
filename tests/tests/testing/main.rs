//! What `tcloud_core::testing` gives to the unit tests of programs.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

mod cassettes;
mod faults;
mod mock;
