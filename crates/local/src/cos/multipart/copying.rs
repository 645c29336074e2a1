//! The parts of an upload: copied from objects that are stored already.

use http::StatusCode;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::time::{Timestamp, format_iso_utc};
use tcloud_cos::operation::upload_part_copy::{UploadPartCopyRequest, UploadPartCopyResponse};

use crate::cos::encryption::{self, Key};
use crate::cos::fault::{invalid, not_implemented};
use crate::cos::object::attributes::{given, quoted};
use crate::cos::object::conditions::Conditions;
use crate::cos::object::range;
use crate::cos::object::source::{self, Source};
use crate::cos::object::storing::SIZE_LIMIT;
use crate::fault::OBJECT_SIZE;
use crate::state::State;
use crate::store::{ByteRange, Object, StagedBlob, StoreError};

/// How often a copy is begun again because its source was just replaced.
const RETRIES: u32 = 3;

/// Makes a part of an object, or of a range of it.
pub(in crate::cos) async fn copy(
    state: &State,
    context: Context,
    request: UploadPartCopyRequest,
) -> Result<Answer<UploadPartCopyResponse>, Fault> {
    let number = super::number(request.part_number)?;
    // cos-python sends an empty header where no range is meant.
    let part = given(request.copy_source_range.as_deref());
    let part = part.as_deref().map(bytes).transpose()?;
    let from = source::parse(state, request.copy_source.as_deref().unwrap_or_default())?;
    let key = encryption::sent_source_key!(request).read()?;
    let conditions = Conditions {
        if_match: request.copy_source_if_match,
        if_none_match: request.copy_source_if_none_match,
        if_modified_since: request.copy_source_if_modified_since,
        if_unmodified_since: request.copy_source_if_unmodified_since,
    };
    let (name, id) = super::upload(request.bucket, request.key, request.upload_id)?;
    // Told before the source is looked at.
    state.store.bucket(&name.bucket).await?;
    let upload = state.store.multipart(&name, &id).await?;
    if encryption::customer(&upload.attributes).is_some() {
        // The table has no headers for the key.
        return Err(not_implemented(
            "UploadPartCopy to an upload that is encrypted with a key of your own",
        ));
    }
    source::permit(state, &context, &from).await?;

    let mut retries = RETRIES;
    let (object, blob) = loop {
        match read(state, (&from, key.as_ref()), &conditions, part).await? {
            Ok(read) => break read,
            // It was replaced while it was read, and its content is gone.
            Err(StoreError::NoContent(_)) if retries > 0 => retries -= 1,
            Err(error) => return Err(error.into()),
        }
    };
    let part = state.store.put_part(&name, &id, number, blob).await?;
    let mut answer = UploadPartCopyResponse::new()
        .etag(quoted(&part.etag))
        .crc64(part.crc64.to_string())
        .last_modified(Timestamp::from_text(format_iso_utc(
            part.last_modified.div_euclid(1000),
        )));
    answer.server_side_encryption = encryption::service(&upload.attributes);
    answer.copy_source_version_id = object.version_id().map(|id| id.to_string());
    Ok(answer.into())
}

/// The range that a header asks for, as in `bytes=0-1048575`. Here it is not ignored if it cannot be
/// read, as HTTP has it of downloads: the part would be another one.
fn bytes(header: &str) -> Result<(u64, u64), Fault> {
    match range::parse(header) {
        Some(ByteRange::Between(first, last)) => Ok((first, last)),
        _ => Err(invalid(format!(
            "x-cos-copy-source-range is bytes=<first>-<last>, not `{header}`"
        ))),
    }
}

/// Copies the content of the source, or the bytes `part` of it, if the conditions hold for it.
async fn read(
    state: &State,
    (from, key): (&Source, Option<&Key>),
    conditions: &Conditions,
    part: Option<(u64, u64)>,
) -> Result<Result<(Object, StagedBlob), StoreError>, Fault> {
    let found = from.find(state).await?;
    encryption::require(&found.attributes, key)?;
    source::require(conditions, &found)?;
    require_within(&found, part)?;
    let part = part.map(|(first, last)| ByteRange::Between(first, last));
    let reader = from.read(state, part, key.map(|key| &key.key)).await?;
    // It may have been replaced since it was compared.
    encryption::require(&reader.object.attributes, key)?;
    source::require(conditions, &reader.object)?;
    let object = reader.object.clone();
    match state.store.stage(reader, None).await {
        Ok(blob) => Ok(Ok((object, blob))),
        Err(error) => Ok(Err(error)),
    }
}

/// Refuses bytes that the source does not have, and more of them than a part may have.
fn require_within(source: &Object, part: Option<(u64, u64)>) -> Result<(), Fault> {
    let size = source.size;
    let wanted = match part {
        Some((first, last)) if last < size => last.saturating_sub(first).saturating_add(1),
        Some((first, last)) => {
            let message =
                format!("the source has {size} bytes, so there is no {first}-{last} of it");
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            return Err(
                Fault::new(status, "InvalidRange", message).detail(OBJECT_SIZE, size.to_string())
            );
        }
        None => size,
    };
    if wanted <= SIZE_LIMIT {
        return Ok(());
    }
    let message = format!(
        "a part has at most {SIZE_LIMIT} bytes, and this one had {wanted}; copy it in several, by \
         x-cos-copy-source-range"
    );
    let status = StatusCode::BAD_REQUEST;
    Err(Fault::new(status, "EntityTooLarge", message))
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn a_range_has_both_ends() {
        assert_eq!(bytes("bytes=0-9"), Ok((0, 9)));
        for header in [
            "",
            "0-9",
            "bytes=5-4",
            "bytes=5-",
            "bytes=-5",
            "bytes=0-1,3-4",
        ] {
            assert_eq!(
                bytes(header).unwrap_err().code,
                "InvalidArgument",
                "{header}"
            );
        }
    }
}
