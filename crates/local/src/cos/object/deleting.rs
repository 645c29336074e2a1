//! Objects: deleted, alone and many at once.

use http::StatusCode;
use tcloud_core::call::Request;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::delete_multiple_objects::{
    DeleteMultipleObjectsRequest, DeleteMultipleObjectsResponse,
};
use tcloud_cos::operation::delete_object::{DeleteObjectRequest, DeleteObjectResponse};
use tcloud_cos::types::{DeleteError, DeletedObject, ObjectIdentifier};

use crate::cos::{names, permission};
use crate::state::State;
use crate::store::{Deleted, ObjectName, StoreError, VersionId};

/// How many objects one request deletes at most.
const LIMIT: usize = 1000;

/// Deletes an object or a version of it. A missing one is no error.
pub(in crate::cos) async fn delete(
    state: &State,
    _: Context,
    request: DeleteObjectRequest,
) -> Result<Answer<DeleteObjectResponse>, Fault> {
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    let deleted = state.store.delete_version(&name, version).await?;
    let mut answer = DeleteObjectResponse::new();
    answer.version_id = version.or(deleted.marker).map(|id| id.to_string());
    answer.delete_marker = deleted.marker.map(|_| true);
    Ok(Answer::new(answer).status(StatusCode::NO_CONTENT))
}

/// Deletes up to 1000 objects or versions. What cannot be deleted does not keep the others.
pub(in crate::cos) async fn delete_many(
    state: &State,
    context: Context,
    request: DeleteMultipleObjectsRequest,
) -> Result<Answer<DeleteMultipleObjectsResponse>, Fault> {
    let is_quiet = request.quiet == Some(true);
    let asked = request.objects;
    if asked.is_empty() || asked.len() > LIMIT {
        let message = format!("name 1 to {LIMIT} objects, not {}", asked.len());
        return Err(Fault::new(StatusCode::BAD_REQUEST, "MalformedXML", message));
    }
    let bucket = names::bucket(request.bucket)?;
    // Told before any of them, if there is no such bucket.
    state.store.bucket(&bucket).await?;
    let mut answer = DeleteMultipleObjectsResponse::new();
    let mut permitted = Vec::new();
    for object in asked {
        match permit(state, &context, &bucket, &object).await {
            Ok(wanted) => permitted.push(wanted),
            Err(fault) => answer.errors.push(refusal(object, fault)),
        }
    }
    let deleted = state.store.delete_versions(&permitted).await?;
    for ((name, version), deleted) in permitted.into_iter().zip(deleted) {
        if let Some(until) = deleted.locked_until {
            let mut locked = ObjectIdentifier::new(name.key.clone());
            locked.version_id = version.map(|id| id.to_string());
            let fault = StoreError::ObjectLocked { name, until }.into();
            answer.errors.push(refusal(locked, fault));
        } else if !is_quiet {
            answer.deleted.push(told((name, version), deleted));
        }
    }
    Ok(answer.into())
}

/// What `object` names, if the caller may delete it.
async fn permit(
    state: &State,
    context: &Context,
    bucket: &str,
    object: &ObjectIdentifier,
) -> Result<(ObjectName, Option<VersionId>), Fault> {
    let version = names::version(object.version_id.as_deref())?;
    let name = names::object(Some(bucket.to_owned()), object.key.clone())?;
    let operation = DeleteObjectRequest::operation();
    permission::require(state, context, operation, &name, version).await?;
    Ok((name, version))
}

fn refusal(object: ObjectIdentifier, fault: Fault) -> DeleteError {
    let mut error = DeleteError::new().code(fault.code).message(fault.message);
    error.key = object.key;
    error.version_id = object.version_id;
    error
}

fn told(wanted: (ObjectName, Option<VersionId>), deleted: Deleted) -> DeletedObject {
    let (name, version) = wanted;
    let mut told = DeletedObject::new().key(name.key);
    told.version_id = version.map(|id| id.to_string());
    told.delete_marker = deleted.marker.map(|_| true);
    told.delete_marker_version_id = deleted.marker.map(|id| id.to_string());
    told
}
