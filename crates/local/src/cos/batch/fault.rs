//! What goes wrong with batch jobs.

use http::StatusCode;
use tcloud_core::server::Fault;

use crate::jobs::UNAVAILABLE;
use crate::store::StoreError;

/// A request that cannot be done.
pub(super) fn refused(message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
}

/// The fault of a request about a job that is not there.
pub(super) fn missing(error: StoreError) -> Fault {
    match error {
        StoreError::NoSuchJob(id) => {
            let message = format!("there is no job {id} in this region, or it was forgotten");
            Fault::new(StatusCode::NOT_FOUND, "NoSuchJob", message)
        }
        error => error.into(),
    }
}

/// What was met on the way: something for which the job fails, or a state that cannot be reached now.
pub(super) enum Met {
    Fault(Fault),
    Store(StoreError),
}

impl From<Fault> for Met {
    fn from(fault: Fault) -> Self {
        if fault.code == UNAVAILABLE {
            return Self::Store(StoreError::Unavailable {
                place: "the store".to_owned(),
                source: fault.message.into(),
            });
        }
        Self::Fault(fault)
    }
}

impl From<StoreError> for Met {
    fn from(error: StoreError) -> Self {
        match error {
            error @ (StoreError::StaleClaim { .. }
            | StoreError::ShutDown
            | StoreError::Unavailable { .. }) => Self::Store(error),
            error => Self::Fault(error.into()),
        }
    }
}
