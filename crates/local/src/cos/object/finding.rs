//! Objects: found by key and version.

use tcloud_core::server::Fault;

use crate::fault::DELETE_MARKER;
use crate::state::State;
use crate::store::{Object, ObjectName, StoreError, VersionId};

/// The object or the version of it that is asked for. What is hidden behind a delete marker is
/// missing, and the refusal names the marker.
pub(super) async fn find(
    state: &State,
    name: &ObjectName,
    version: Option<VersionId>,
) -> Result<Object, Fault> {
    match state.store.head_version(name, version).await {
        Err(StoreError::NoSuchObject(missing)) => {
            let marker = state.store.delete_marker(name).await?;
            let fault = Fault::from(StoreError::NoSuchObject(missing));
            Err(match marker {
                Some(id) => fault.detail(DELETE_MARKER, id.to_string()),
                None => fault,
            })
        }
        found => Ok(found?),
    }
}
