//! Refusals, with the codes of the service.

use http::StatusCode;
use tcloud_core::server::Fault;

/// A request for something this cloud does not have. `what` begins the sentence.
pub(super) fn not_implemented(what: &str) -> Fault {
    let message = format!("{what} is not implemented in the local cloud; leave it out.");
    Fault::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
}

/// A request with a wrong argument.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
}
