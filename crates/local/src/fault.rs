//! What the store's errors are to a client.

use http::StatusCode;
use tcloud_core::server::Fault;

use crate::store::StoreError;

/// The element of an error that gives the length of the object.
pub(crate) const OBJECT_SIZE: &str = "ActualObjectSize";
/// The element of an error that names the delete marker by which the object is hidden, or which it
/// is.
pub(crate) const DELETE_MARKER: &str = "DeleteMarkerVersionId";
/// The element of an error that gives the storage class of the object.
pub(crate) const STORAGE_CLASS: &str = "StorageClass";

/// The only place that says so, for all services: a code that one service has is not among the
/// errors another one meets.
impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        let (status, code) = match error {
            StoreError::BucketExists(_) => (StatusCode::CONFLICT, "BucketAlreadyOwnedByYou"),
            StoreError::BucketNotEmpty(_) | StoreError::BucketHasUploads(_) => {
                (StatusCode::CONFLICT, "BucketNotEmpty")
            }
            StoreError::NoSuchBucket(_) => (StatusCode::NOT_FOUND, "NoSuchBucket"),
            StoreError::NoSuchObject(_) => (StatusCode::NOT_FOUND, "NoSuchKey"),
            StoreError::NoSuchVersion(..) => (StatusCode::NOT_FOUND, "NoSuchVersion"),
            StoreError::DeleteMarker(_, id) => {
                return Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message)
                    .detail(DELETE_MARKER, id.to_string());
            }
            StoreError::Archived { class, .. } => {
                return Self::new(StatusCode::FORBIDDEN, "InvalidObjectState", message)
                    .detail(STORAGE_CLASS, class);
            }
            StoreError::ObjectLocked { .. } => (StatusCode::CONFLICT, "ObjectLocked"),
            StoreError::LockNotLonger(_) => (StatusCode::CONFLICT, "InvalidLockedTime"),
            StoreError::SymbolicLink(_) => (StatusCode::BAD_REQUEST, "InvalidRequest"),
            StoreError::Sealed(_) => (StatusCode::BAD_REQUEST, "SSEContentNotSupported"),
            StoreError::NotArchived(_) => {
                (StatusCode::METHOD_NOT_ALLOWED, "RestoreNonArchiveObject")
            }
            StoreError::RestoreUnderWay(_) => (StatusCode::CONFLICT, "RestoreAlreadyInProgress"),
            StoreError::NoSuchTier(_) => (StatusCode::BAD_REQUEST, "InvalidArgument"),
            StoreError::ObjectExists(_) => (StatusCode::CONFLICT, "FileAlreadyExists"),
            StoreError::NoSuchUpload { .. } => (StatusCode::NOT_FOUND, "NoSuchUpload"),
            StoreError::NoPart => (StatusCode::BAD_REQUEST, "MalformedXML"),
            StoreError::InvalidPart { .. } => (StatusCode::BAD_REQUEST, "InvalidPart"),
            StoreError::InvalidPartOrder { .. } => (StatusCode::BAD_REQUEST, "InvalidPartOrder"),
            StoreError::PartTooSmall { .. } => (StatusCode::BAD_REQUEST, "EntityTooSmall"),
            StoreError::NotAppendable(_) => (StatusCode::CONFLICT, "ObjectNotAppendable"),
            StoreError::AppendPosition { .. } => (StatusCode::CONFLICT, "AppendPositionErr"),
            StoreError::TooLongToAppend { .. } => (StatusCode::BAD_REQUEST, "EntityTooLarge"),
            StoreError::MemoryFull { .. } => {
                (StatusCode::INSUFFICIENT_STORAGE, "InsufficientStorage")
            }
            StoreError::InvalidRange { size } => {
                return Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message)
                    .detail(OBJECT_SIZE, size.to_string());
            }
            StoreError::NoSuchQueue(_) => (StatusCode::BAD_REQUEST, "QueueNotFound"),
            StoreError::NoSuchJob(_) => (StatusCode::BAD_REQUEST, "ResourceNotFound"),
            StoreError::NotCancellable { .. } | StoreError::InvalidPageToken => {
                (StatusCode::BAD_REQUEST, "InvalidArgument")
            }
            #[cfg(feature = "postgres")]
            StoreError::NulCharacter => (StatusCode::BAD_REQUEST, "InvalidArgument"),
            StoreError::Unavailable { .. } | StoreError::ShutDown => {
                tracing::error!(error = message, "the store is not available");
                (StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable")
            }
            error => {
                tracing::error!(%error, "the store failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "InternalError")
            }
        };
        Self::new(status, code, message)
    }
}
