//! The same tables from the other side: routing, decoding, answering.
//!
//! [`route`] finds the operation of a request, [`Incoming`] holds what the request carries, and
//! [`Handlers`] has the function that answers it: typed request in, typed answer or [`Fault`] out.

mod answer;
mod context;
mod fault;
mod handlers;
mod incoming;
mod known;
mod messages;
mod outgoing;
mod route;

pub use answer::Answer;
pub use context::Context;
pub use fault::Fault;
pub use handlers::{Handler, Handlers};
pub use incoming::Incoming;
pub use known::is_common_parameter;
pub use messages::{error_message, message};
pub use outgoing::Outgoing;
pub use route::{Head, Route, Unroutable, route};
