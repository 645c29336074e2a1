//! Each provider against files, programs, a transport in memory and servers on sockets, good and
//! hostile ones.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

mod chain;
mod fixture;
mod metadata;
#[cfg(unix)]
mod process;
mod profiles;
mod roles;
mod sockets;
