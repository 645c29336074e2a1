//! Lists of uploads, and of the parts of one.

use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::time::Timestamp;
use tcloud_cos::operation::list_multipart_uploads::{
    ListMultipartUploadsRequest, ListMultipartUploadsResponse,
};
use tcloud_cos::operation::list_parts::{ListPartsRequest, ListPartsResponse};
use tcloud_cos::types::{CommonPrefix, Initiator, Part, StorageClass, Upload};

use crate::cos::fault::invalid;
use crate::cos::object::attributes::quoted;
use crate::cos::object::listing::{encoding, with_millis};
use crate::cos::{names, page};
use crate::state::State;
use crate::store::{ListQuery, MultipartUpload, STORAGE_CLASS, UploadQuery};

/// Lists a page of the uploads to a bucket.
pub(in crate::cos) async fn uploads(
    state: &State,
    _: Context,
    request: ListMultipartUploadsRequest,
) -> Result<Answer<ListMultipartUploadsResponse>, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let most = request.max_uploads.unwrap_or(page::PAGE);
    let keys = ListQuery {
        prefix: request.prefix.unwrap_or_default(),
        delimiter: request.delimiter.unwrap_or_default(),
        marker: request.key_marker.unwrap_or_default(),
        max_keys: page::length("max-uploads", most)?,
    };
    let query = UploadQuery {
        keys,
        id_marker: request.upload_id_marker.unwrap_or_default(),
    };
    let found = state.store.list_multiparts(&bucket, &query).await?;

    let UploadQuery { keys, id_marker } = query;
    let shown = [&keys.prefix, &keys.delimiter, &keys.marker]
        .into_iter()
        .chain(&found.common_prefixes)
        .chain(found.uploads.iter().map(|upload| &upload.key));
    let encoding = encoding(request.encoding_type, shown);
    let owner = page::owner(state);
    let mut answer = ListMultipartUploadsResponse::new()
        .bucket(bucket)
        .prefix(keys.prefix)
        .key_marker(keys.marker)
        .upload_id_marker(id_marker)
        .max_uploads(most)
        .is_truncated(found.next.is_some());
    if !keys.delimiter.is_empty() {
        answer.delimiter = Some(keys.delimiter);
    }
    if let Some((key, id)) = found.next {
        answer.next_key_marker = Some(key);
        answer.next_upload_id_marker = Some(id);
    }
    answer.encoding_type = encoding;
    answer.common_prefixes = found
        .common_prefixes
        .into_iter()
        .map(|prefix| CommonPrefix::new().prefix(prefix))
        .collect();
    answer.uploads = found
        .uploads
        .into_iter()
        .map(|upload| {
            Upload::new()
                .storage_class(class(&upload))
                .initiator(initiator(state, &upload.initiator))
                .owner(owner.clone())
                .initiated(Timestamp::from_text(with_millis(upload.initiated)))
                .key(upload.key)
                .upload_id(upload.id)
        })
        .collect();
    Ok(answer.into())
}

/// Lists a page of the parts of an upload.
pub(in crate::cos) async fn parts(
    state: &State,
    _: Context,
    request: ListPartsRequest,
) -> Result<Answer<ListPartsResponse>, Fault> {
    let (name, id) = super::upload(request.bucket, request.key, request.upload_id)?;
    let most = request.max_parts.unwrap_or(page::PAGE);
    let marker = request.part_number_marker.unwrap_or_default();
    let after = u32::try_from(marker)
        .map_err(|_| invalid("part-number-marker is the number of a part, or 0"))?;
    state.store.bucket(&name.bucket).await?;
    let (upload, parts, is_truncated) = state
        .store
        .list_parts(&name, &id, after, page::length("max-parts", most)?)
        .await?;

    let mut answer = ListPartsResponse::new()
        .bucket(name.bucket)
        .upload_id(id)
        .initiator(initiator(state, &upload.initiator))
        .owner(page::owner(state))
        .storage_class(class(&upload))
        .part_number_marker(marker)
        .max_parts(most)
        .is_truncated(is_truncated);
    answer.encoding_type = encoding(request.encoding_type, [&name.key].into_iter());
    answer.key = Some(name.key);
    if is_truncated {
        answer.next_part_number_marker = parts.last().map(|part| part.number.into());
    }
    answer.parts = parts
        .into_iter()
        .map(|part| {
            Part::new()
                .part_number(i64::from(part.number))
                .last_modified(Timestamp::from_text(with_millis(part.last_modified)))
                .etag(quoted(&part.etag))
                .size(i64::try_from(part.size).ok())
        })
        .collect();
    Ok(answer.into())
}

fn class(upload: &MultipartUpload) -> StorageClass {
    let class = upload.attributes.headers.get(STORAGE_CLASS);
    class.map_or(StorageClass::Standard, |class| {
        StorageClass::from(class.as_str())
    })
}

/// Whoever has the number `uin`; an empty one is anyone.
fn initiator(state: &State, uin: &str) -> Initiator {
    if uin.is_empty() {
        return Initiator::new()
            .id("qcs::cam::anyone:anyone")
            .display_name("anyone");
    }
    let directory = state.directory();
    let other = directory.other(uin).map(|other| &other.uin);
    let owner = other.unwrap_or(&directory.account().uin);
    Initiator::new()
        .id(format!("qcs::cam::uin/{owner}:uin/{uin}"))
        .display_name(uin)
}
