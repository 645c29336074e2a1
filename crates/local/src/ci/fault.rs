//! Refusals, with the codes of the service.

use http::StatusCode;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;

/// A value the service does not take.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::invalid(Protocol::Ci, message, false)
}

/// Something the service can do and the local cloud cannot.
pub(super) fn not_built(message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
}

/// A bucket that needs to be made ready first.
pub(super) fn not_ready(code: &str, message: String) -> Fault {
    Fault::new(StatusCode::FORBIDDEN, code, message)
}
