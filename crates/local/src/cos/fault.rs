//! What the store's errors are to a client.

use http::StatusCode;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;

use crate::store::StoreError;

/// The element of an error that tells how long the object is.
pub(crate) const OBJECT_SIZE: &str = "ActualObjectSize";

/// The refusal that `error` means to a client of Object Storage.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes a value")]
pub(crate) fn fault(error: StoreError) -> Fault {
    let (status, code) = match &error {
        StoreError::BucketExists(_) => (StatusCode::CONFLICT, "BucketAlreadyOwnedByYou"),
        StoreError::BucketNotEmpty(_) => (StatusCode::CONFLICT, "BucketNotEmpty"),
        StoreError::NoSuchBucket(_) => (StatusCode::NOT_FOUND, "NoSuchBucket"),
        StoreError::NoSuchObject(_) => (StatusCode::NOT_FOUND, "NoSuchKey"),
        StoreError::ObjectExists(_) => (StatusCode::CONFLICT, "FileAlreadyExists"),
        StoreError::MemoryFull { .. } => (StatusCode::INSUFFICIENT_STORAGE, "InsufficientStorage"),
        StoreError::InvalidRange { size } => {
            let fault = Fault::new(
                StatusCode::RANGE_NOT_SATISFIABLE,
                "InvalidRange",
                error.to_string(),
            );
            return fault.detail(OBJECT_SIZE, size.to_string());
        }
        _ => {
            tracing::error!(%error, "the store failed");
            return Fault::internal(Protocol::Cos, error.to_string());
        }
    };
    Fault::new(status, code, error.to_string())
}

/// A request for something this cloud does not have. `what` begins the sentence.
pub(super) fn not_implemented(what: &str) -> Fault {
    let message = format!("{what} is not implemented in the local cloud; leave it out.");
    Fault::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
}

/// A request with a wrong argument.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "InvalidArgument", message)
}
