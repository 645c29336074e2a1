//! How requests are sent: a small trait, a ready transport over `reqwest`, and one in memory.

mod connect;
mod memory;
#[cfg(feature = "reqwest")]
mod reqwest;
mod send;

pub use connect::ConnectClock;
pub use memory::{Memory, Recorded};
pub use send::{Transport, TransportError};

#[cfg(feature = "reqwest")]
pub use self::reqwest::Reqwest;
