//! Objects: copied and renamed.

use http::StatusCode;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::sign::encode;
use tcloud_core::time::{Timestamp, format_iso_utc};
use tcloud_cos::operation::put_object_copy::{PutObjectCopyRequest, PutObjectCopyResponse};
use tcloud_cos::operation::rename_object::{RenameObjectRequest, RenameObjectResponse};
use tcloud_cos::types::MetadataDirective;

use super::attributes::{copied_attributes, quoted};
use super::conditions::Conditions;
use super::source;
use crate::cos::encryption::{self, Key};
use crate::cos::fault::invalid;
use crate::cos::names;
use crate::state::State;
use crate::store::{
    CustomerKey, Object, ObjectAttributes, ObjectName, Overwrite, StoreError, VersionId,
};

/// The largest object one request can copy, in bytes.
const SIZE_LIMIT: u64 = 5 * 1024 * 1024 * 1024;
/// How often a copy is begun again because its source was just replaced.
const RETRIES: u32 = 3;

/// Copies an object.
pub(in crate::cos) async fn copy(
    state: &State,
    context: Context,
    request: PutObjectCopyRequest,
) -> Result<Answer<PutObjectCopyResponse>, Fault> {
    let to = names::object(request.bucket.clone(), request.key.clone())?;
    let header = request.copy_source.as_deref().unwrap_or_default();
    let from = source::parse(state, header)?;
    let key = encryption::sent_source_key!(request).read()?;
    // Told before the source is looked at.
    state.store.bucket(&to.bucket).await?;
    source::permit(state, &context, &from).await?;
    let mut retries = RETRIES;
    let (read, copy) = loop {
        let read = from.find(state).await?;
        match copy_as_it_is(state, &request, (&read, key.as_ref()), &to).await? {
            Ok(copy) => break (read, copy),
            // It was replaced or deleted since it was read.
            Err(StoreError::ObjectChanged(_)) if retries > 0 => retries -= 1,
            Err(error) => return Err(error.into()),
        }
    };
    let mut answer = PutObjectCopyResponse::new()
        .etag(quoted(&copy.etag))
        .crc64(copy.crc64.to_string())
        .last_modified(Timestamp::from_text(format_iso_utc(
            copy.last_modified.div_euclid(1000),
        )));
    answer.copy_source_version_id = read.version_id().map(|id| id.to_string());
    answer.version_id = copy.version_id().map(|id| id.to_string());
    answer.version_id_element.clone_from(&answer.version_id);
    encryption::show!(answer, &copy.attributes);
    Ok(answer.into())
}

/// Copies `source`, which is encrypted with `key` if there is one, if the request's conditions hold for
/// it.
async fn copy_as_it_is(
    state: &State,
    request: &PutObjectCopyRequest,
    (source, key): (&Object, Option<&Key>),
    to: &ObjectName,
) -> Result<Result<Object, StoreError>, Fault> {
    let (attributes, own) = prepare(state, request, (source, key), to).await?;
    if own.is_some() || source.is_sealed() {
        let keys = (key.map(|key| &key.key), own.as_ref());
        return Ok(copy_anew(state, source, keys, to, &attributes).await);
    }
    let copied = state
        .store
        .copy_object(source, to, attributes, Overwrite::Allow);
    Ok(copied.await)
}

/// What a copy of `source` has besides its content, and the key with which that is to be encrypted here;
/// if `source`, which is encrypted with `key` if there is one, may be copied as the request says.
pub(in crate::cos) async fn prepare(
    state: &State,
    request: &PutObjectCopyRequest,
    (source, key): (&Object, Option<&Key>),
    to: &ObjectName,
) -> Result<(ObjectAttributes, Option<CustomerKey>), Fault> {
    let conditions = Conditions {
        if_match: request.copy_source_if_match.clone(),
        if_none_match: request.copy_source_if_none_match.clone(),
        if_modified_since: request.copy_source_if_modified_since.clone(),
        if_unmodified_since: request.copy_source_if_unmodified_since.clone(),
    };
    source::require(&conditions, source)?;
    source.require_readable(state.store.now())?;
    encryption::require(&source.attributes, key)?;
    if source.size > SIZE_LIMIT {
        let message = format!(
            "one request copies at most {SIZE_LIMIT} bytes, and the source has {}; copy it in parts",
            source.size
        );
        return Err(Fault::new(
            StatusCode::BAD_REQUEST,
            "EntityTooLarge",
            message,
        ));
    }
    let replaced = request.metadata_directive == Some(MetadataDirective::Replaced);
    let is_changed = replaced
        || request.storage_class.is_some()
        || request.server_side_encryption.is_some()
        || request.sse_customer_key.is_some();
    if source.name() == *to && !is_changed {
        let message = "a copy of an object onto itself changes its metadata, its storage class or \
                       its encryption; send x-cos-metadata-directive: Replaced or \
                       x-cos-storage-class";
        return Err(Fault::new(
            StatusCode::BAD_REQUEST,
            "InvalidRequest",
            message,
        ));
    }
    let mut attributes = copied_attributes(state, request, source, replaced)?;
    let word = request.server_side_encryption.as_ref();
    let sent = encryption::sent_key!(request);
    let bucket = state.store.bucket(&to.bucket).await?;
    let own = encryption::encrypt(state, &bucket, word, sent, &mut attributes).await?;
    Ok((attributes, own))
}

/// Copies the content of `source` from one key to the other, since it is kept in another form.
async fn copy_anew(
    state: &State,
    source: &Object,
    (key, own): (Option<&CustomerKey>, Option<&CustomerKey>),
    to: &ObjectName,
    attributes: &ObjectAttributes,
) -> Result<Object, StoreError> {
    let (store, name) = (&state.store, source.name());
    let version = source.version_id().or(Some(VersionId::Null));
    let reader = match store.get_sealed(&name, version, None, key).await {
        Ok(reader) if reader.object == *source => reader,
        Ok(_)
        | Err(
            StoreError::NoSuchVersion(..) | StoreError::DeleteMarker(..) | StoreError::Sealed(_),
        ) => return Err(StoreError::ObjectChanged(name)),
        Err(error) => return Err(error),
    };
    let blob = match store.stage(reader, own).await {
        // It was replaced while it was read, and its content is gone.
        Err(StoreError::NoContent(_)) => return Err(StoreError::ObjectChanged(name)),
        blob => blob?,
    };
    store
        .put_object(to, blob, attributes, Overwrite::Allow)
        .await
}

/// Gives an object another key. The service does that in buckets with the metadata accelerator
/// alone; here every bucket has it.
pub(in crate::cos) async fn rename(
    state: &State,
    context: Context,
    request: RenameObjectRequest,
) -> Result<Answer<RenameObjectResponse>, Fault> {
    let overwrite = match request.forbid_overwrite {
        Some(true) => Overwrite::Forbid,
        _ => Overwrite::Allow,
    };
    let to = names::object(request.bucket.clone(), request.key)?;
    let header = request.rename_source.unwrap_or_default();
    let key = encode::decode_path(&header)
        .and_then(|path| path.strip_prefix('/').map(str::to_owned))
        .filter(|key| !key.is_empty())
        .ok_or_else(|| {
            invalid(
                "x-cos-rename-source must be a slash and a URL-encoded key, as in /folder/a.txt",
            )
        })?;
    let from = names::object(request.bucket, Some(key))?;
    if from.key.ends_with('/') || to.key.ends_with('/') {
        return Err(crate::cos::fault::not_implemented("Renaming a folder"));
    }
    source::permit_moving(state, &context, &from).await?;
    state.store.rename_object(&from, &to, overwrite).await?;
    Ok(RenameObjectResponse::new().into())
}
