//! Objects: found by key and version.

use tcloud_core::server::Fault;

use crate::fault::DELETE_MARKER;
use crate::state::State;
use crate::store::{Found, Object, ObjectName, StoreError, VersionId, Wanted};

/// The object or the version of it that is asked for. What is hidden behind a delete marker is
/// missing, and the refusal names the marker.
pub(super) async fn find(
    state: &State,
    name: &ObjectName,
    version: Option<VersionId>,
) -> Result<Object, Fault> {
    let found = find_wanted(state, name, version, Wanted::Description).await?;
    Ok(found.object)
}

/// [`find`], with what is `wanted` of the object.
pub(super) async fn find_wanted(
    state: &State,
    name: &ObjectName,
    version: Option<VersionId>,
    wanted: Wanted,
) -> Result<Found, Fault> {
    match state.store.find_version(name, version, wanted).await {
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
