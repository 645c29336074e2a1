//! Who is waited for, and for how long: the clocks of a call's attempts and of its answer's body.
//!
//! A clock may run only while the network or the service is waited for. So each attempt knows what
//! it waits for, from the events it sees: the transport's [`ConnectClock`], the transport asking
//! for the request's body, and the caller's stream having none at the moment.
//!
//! ```text
//!   what is waited for          clock     ends when
//!
//!   Connecting                  connect   the transport says that it has a connection
//!      │
//!      ▼
//!   Taking ◄──────────┐         stall     the transport asks for more of the body
//!      │  │           │
//!      │  └─► Writing ┘         none      the caller's stream has more of it
//!      │      (the caller)
//!      ▼
//!   Answering                   attempt   the head of the answer is there
//! ```
//!
//! - An attempt starts in `Taking` if its body is watched, else in `Answering`: without a body, or
//!   with one so small that the transport takes it as a whole, the last byte goes out as soon as
//!   there is a connection.
//! - The transport may begin to connect in either, and is back there afterwards, with a new clock.
//! - While the transport holds a chunk and does not ask for another one, the network is waited for:
//!   `Taking`. It asks, and the caller's stream has none: `Writing`. Such an upload may last as long
//!   as the caller wants; only `total` counts. The chunks are cut into slices, so that even a body
//!   in one piece is seen to move.
//! - The body has ended, or the transport has dropped it: `Answering`.
//! - Of a service that answers before it has read all, the head ends the attempt, in any state.
//!
//! An answer's body has one clock, which runs while the caller wants a chunk and the transport has
//! none. It stands while the caller does something else. It is polled by the caller, wherever that
//! is, and so it continues after the call has returned.
//!
//! `total` runs in all of this, and each wait looks after it by the same timer, so that nothing
//! sleeps but what is waited for; what waits for something else, such as credentials, does it
//! [`within`](Limits::within) the limits. Whatever clock runs out, what is waited for is dropped:
//! the transport closes the connection.
//!
//! [`ConnectClock`]: crate::transport::ConnectClock

mod inbound;
mod limits;
mod outbound;
mod timer;

pub(super) use inbound::{Answer, Inbound};
pub(super) use limits::Limits;
pub(super) use outbound::{Expired, Outbound};
