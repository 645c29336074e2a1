//! Objects: deleted.

use http::StatusCode;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::delete_object::{DeleteObjectRequest, DeleteObjectResponse};

use crate::cos::names;
use crate::state::State;
use crate::store::StoreError;

/// Deletes an object. A missing one is no error.
pub(in crate::cos) async fn delete(
    state: &State,
    _: Context,
    request: DeleteObjectRequest,
) -> Result<Answer<DeleteObjectResponse>, Fault> {
    let name = names::object(request.bucket, request.key)?;
    match state.store.delete_object(&name).await {
        Ok(_) | Err(StoreError::NoSuchObject(_)) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Answer::new(DeleteObjectResponse::new()).status(StatusCode::NO_CONTENT))
}
