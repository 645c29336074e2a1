//! Symbolic links: an object that leads to another one of the same bucket.

use http::StatusCode;
use tcloud_core::operation::Operation;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::sign::encode;
use tcloud_cos::operation::get_symlink::{GetSymlinkRequest, GetSymlinkResponse};
use tcloud_cos::operation::put_object::PutObjectRequest;
use tcloud_cos::operation::put_symlink::{PutSymlinkRequest, PutSymlinkResponse};

use super::attributes::{attributes, quoted};
use super::finding::{find, find_wanted};
use crate::cos::fault::invalid;
use crate::cos::{names, permission};
use crate::state::State;
use crate::store::{Found, LINK_TARGET, ObjectName, Overwrite, VersionId, Wanted};

/// Makes a link. What it leads to need not be there.
pub(in crate::cos) async fn put(
    state: &State,
    _: Context,
    request: PutSymlinkRequest,
) -> Result<Answer<PutSymlinkResponse>, Fault> {
    let sent = request.symlink_target.as_deref().unwrap_or_default();
    let target = encode::decode_path(sent).filter(|target| !target.is_empty());
    let target = target.ok_or_else(|| invalid("x-cos-symlink-target is no URL-encoded key"))?;
    let name = names::object(request.bucket, request.key)?;
    let target = names::object(Some(name.bucket.clone()), Some(target))?.key;
    if target == name.key {
        return Err(invalid(
            "x-cos-symlink-target is the link itself; name another key",
        ));
    }
    // Nobody reads it, but the `ETag` is to change with it.
    let mut upload = state.store.upload();
    upload.write(target.clone().into()).await?;
    let blob = upload.finish().await?;
    let mut attributes = attributes(&PutObjectRequest::default(), None)?;
    attributes.headers.insert(LINK_TARGET.to_owned(), target);
    let stored = state
        .store
        .put_object(&name, blob, &attributes, Overwrite::Allow);
    let link = stored.await?;
    let mut answer = PutSymlinkResponse::new().etag(quoted(&link.etag));
    answer.version_id = link.version_id().map(|id| id.to_string());
    Ok(answer.into())
}

/// Says where a link leads.
pub(in crate::cos) async fn get(
    state: &State,
    _: Context,
    request: GetSymlinkRequest,
) -> Result<GetSymlinkResponse, Fault> {
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    let object = find(state, &name, version).await?;
    let target = object.link_target().ok_or_else(|| {
        let message = format!("{name} is no symbolic link");
        Fault::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
    })?;
    let mut answer = GetSymlinkResponse::new()
        .symlink_target(encode::path(target))
        .etag(quoted(&object.etag));
    answer.version_id = object.version_id().map(|id| id.to_string());
    Ok(answer)
}

/// The object that a request for `name` reads by `operation`: where a link leads, that of the target,
/// which the caller must be permitted to read as well. With it comes what is `wanted`.
pub(in crate::cos) async fn follow(
    state: &State,
    context: &Context,
    operation: &'static Operation,
    name: ObjectName,
    version: Option<VersionId>,
    wanted: Wanted,
) -> Result<(ObjectName, Option<VersionId>, Found), Fault> {
    let found = find_wanted(state, &name, version, wanted).await?;
    let Some(target) = found.object.link_target() else {
        return Ok((name, version, found));
    };
    let target = ObjectName::new(&name.bucket, target);
    permission::require(state, context, operation, &target, None).await?;
    let found = find_wanted(state, &target, None, wanted).await;
    let found = found.map_err(|mut fault| {
        fault.message = format!("{name} is a symbolic link to {target}: {}", fault.message);
        fault
    })?;
    if found.object.link_target().is_some() {
        return Err(invalid(format!(
            "{name} is a symbolic link to {target}, which is one, too; only one is followed"
        )));
    }
    Ok((target, None, found))
}
