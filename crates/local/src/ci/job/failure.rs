//! Why a job failed.

use http::StatusCode;
use tcloud_core::server::Fault;

use crate::jobs::UNAVAILABLE;
use crate::store::StoreError;

/// Why a job failed, as a code and a sentence.
#[derive(Debug)]
pub(in crate::ci) struct Failure {
    pub(super) code: String,
    pub(super) message: String,
}

impl Failure {
    pub(in crate::ci) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
        }
    }

    pub(in crate::ci) fn internal(message: impl Into<String>) -> Self {
        Self::new("InternalError", message)
    }

    /// The failure as the answer to a call.
    pub(in crate::ci) fn into_fault(self) -> Fault {
        let status = match self.code.as_str() {
            "InternalError" => StatusCode::INTERNAL_SERVER_ERROR,
            UNAVAILABLE => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        };
        Fault::new(status, &self.code, self.message)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::new(&fault.code, fault.message)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::NoSuchBucket(_) | StoreError::NoSuchObject(_) => "ResourceNotFound",
            _ if error.is_outage() => UNAVAILABLE,
            _ => "InternalError",
        };
        Self::new(code, error.to_string())
    }
}
