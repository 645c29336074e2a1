//! Refusals, with the codes of the service.

use http::StatusCode;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;

use crate::store::StoreError;

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

/// What the store refuses, or a failure of the store.
#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` hands the error over"
)]
pub(super) fn of_store(error: StoreError) -> Fault {
    let message = error.to_string();
    match error {
        StoreError::NoSuchBucket(_) => Fault::new(StatusCode::NOT_FOUND, "NoSuchBucket", message),
        StoreError::NoSuchQueue(_) => Fault::new(StatusCode::BAD_REQUEST, "QueueNotFound", message),
        StoreError::NoSuchJob(_) => {
            Fault::new(StatusCode::BAD_REQUEST, "ResourceNotFound", message)
        }
        StoreError::NotCancellable { .. } | StoreError::InvalidPageToken => invalid(message),
        _ => {
            tracing::error!(error = message, "the state of the local cloud failed");
            Fault::internal(Protocol::Ci, message)
        }
    }
}
