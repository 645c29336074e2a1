//! Listing the versions of the objects of a bucket.

use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::time::Timestamp;
use tcloud_cos::operation::get_bucket_object_versions::{
    GetBucketObjectVersionsRequest, GetBucketObjectVersionsResponse,
};
use tcloud_cos::types::{CommonPrefix, DeleteMarker, ObjectVersion, Owner, StorageClass};

use super::attributes;
use super::listing::{self, with_millis};
use crate::cos::fault::invalid;
use crate::cos::tiers::Tiers;
use crate::cos::{names, page};
use crate::state::State;
use crate::store::{ListQuery, Object, VersionQuery};

/// Lists a page of versions and delete markers.
pub(in crate::cos) async fn list(
    state: &State,
    _: Context,
    request: GetBucketObjectVersionsRequest,
) -> Result<Answer<GetBucketObjectVersionsResponse>, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let most = request.max_keys.unwrap_or(page::PAGE);
    let version_marker = names::version(request.version_id_marker.as_deref())?;
    let marker = request.key_marker.unwrap_or_default();
    if version_marker.is_some() && marker.is_empty() {
        return Err(invalid("version-id-marker needs a key-marker"));
    }
    let query = VersionQuery {
        keys: ListQuery {
            prefix: request.prefix.unwrap_or_default(),
            delimiter: request.delimiter.unwrap_or_default(),
            marker,
            max_keys: page::length("max-keys", most)?,
        },
        version_marker,
    };
    let listing = state.store.list_versions(&bucket, &query).await?;
    let objects = listing.versions.iter().map(|(object, _)| object);
    let tiers = Tiers::of(state, &bucket, objects).await?;
    let ListQuery {
        prefix,
        delimiter,
        marker,
        ..
    } = query.keys;
    let shown = [&prefix, &delimiter, &marker]
        .into_iter()
        .chain(&listing.common_prefixes)
        .chain(listing.versions.iter().map(|(object, _)| &object.key));
    let encoding = listing::encoding(request.encoding_type, shown);

    let owner = page::owner(state);
    let mut answer = GetBucketObjectVersionsResponse::new()
        .name(bucket)
        .prefix(prefix)
        .key_marker(marker)
        .version_id_marker(request.version_id_marker.unwrap_or_default())
        .max_keys(most)
        .is_truncated(listing.next.is_some());
    if let Some((key, version)) = listing.next {
        answer.next_key_marker = Some(key);
        answer.next_version_id_marker = version.map(|id| id.to_string());
    }
    if !delimiter.is_empty() {
        answer.delimiter = Some(delimiter);
    }
    answer.encoding_type = encoding;
    let prefixes = listing.common_prefixes.into_iter();
    answer.common_prefixes = prefixes
        .map(|prefix| CommonPrefix::new().prefix(prefix))
        .collect();
    for (object, is_latest) in &listing.versions {
        if object.is_marker {
            let marker = delete_marker(object, *is_latest, &owner);
            answer.delete_markers.push(marker);
        } else {
            answer
                .versions
                .push(version(object, *is_latest, &owner, tiers));
        }
    }
    Ok(answer.into())
}

fn version(object: &Object, is_latest: bool, owner: &Owner, tiers: Tiers) -> ObjectVersion {
    let class = attributes::storage_class(object);
    let mut version = ObjectVersion::new()
        .key(object.key.clone())
        .version_id(version_id(object))
        .is_latest(is_latest)
        .last_modified(Timestamp::from_text(with_millis(object.last_modified)))
        .etag(attributes::quoted(&object.etag))
        .storage_class(class.unwrap_or(StorageClass::Standard))
        .owner(owner.clone());
    version.size = i64::try_from(object.size).ok();
    version.storage_tier = tiers.tier(object);
    version
}

fn delete_marker(object: &Object, is_latest: bool, owner: &Owner) -> DeleteMarker {
    DeleteMarker::new()
        .key(object.key.clone())
        .version_id(version_id(object))
        .is_latest(is_latest)
        .last_modified(Timestamp::from_text(with_millis(object.last_modified)))
        .owner(owner.clone())
}

/// Empty in a bucket that never kept versions.
fn version_id(object: &Object) -> String {
    let id = object.version_id();
    id.map(|id| id.to_string()).unwrap_or_default()
}
