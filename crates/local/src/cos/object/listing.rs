//! Listing the objects of a bucket.

use tcloud_core::server::{Answer, Context, Fault};
use tcloud_core::time::{Timestamp, format_iso_utc};
use tcloud_cos::operation::get_bucket::{GetBucketRequest, GetBucketResponse};
use tcloud_cos::types::{CommonPrefix, EncodingType, ObjectSummary, Owner, StorageClass};

use super::attributes;
use crate::cos::tiers::Tiers;
use crate::cos::{names, page};
use crate::state::State;
use crate::store::{ListQuery, Object};

/// Lists a page of objects.
pub(in crate::cos) async fn list(
    state: &State,
    _: Context,
    request: GetBucketRequest,
) -> Result<Answer<GetBucketResponse>, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let most = request.max_keys.unwrap_or(page::PAGE);
    let query = ListQuery {
        prefix: request.prefix.unwrap_or_default(),
        delimiter: request.delimiter.unwrap_or_default(),
        marker: request.marker.unwrap_or_default(),
        max_keys: page::length("max-keys", most)?,
    };
    let listing = state.store.list_objects(&bucket, &query).await?;
    let tiers = Tiers::of(state, &bucket, listing.objects.iter()).await?;

    let shown = [&query.prefix, &query.delimiter, &query.marker]
        .into_iter()
        .chain(&listing.common_prefixes)
        .chain(listing.objects.iter().map(|object| &object.key));
    let encoding = encoding(request.encoding_type, shown);
    let owner = page::owner(state);
    let mut answer = GetBucketResponse::new()
        .name(bucket)
        .prefix(query.prefix)
        .marker(query.marker)
        .max_keys(most)
        .is_truncated(listing.next_marker.is_some())
        .contents(
            listing
                .objects
                .iter()
                .map(|object| summary(object, &owner, tiers)),
        )
        .common_prefixes(
            listing
                .common_prefixes
                .into_iter()
                .map(|prefix| CommonPrefix::new().prefix(prefix)),
        );
    answer.next_marker = listing.next_marker;
    if !query.delimiter.is_empty() {
        answer.delimiter = Some(query.delimiter);
    }
    answer.encoding_type = encoding;
    Ok(answer.into())
}

/// How the keys of an answer that shows all of `texts` are encoded.
pub(in crate::cos) fn encoding<'a>(
    asked: Option<EncodingType>,
    mut texts: impl Iterator<Item = &'a String>,
) -> Option<EncodingType> {
    // One key with a control character that XML cannot carry must not hide all others: the answer
    // says that its keys are encoded, though nobody asked for it.
    match asked {
        None if !texts.all(|text| names::is_listable(text)) => Some(EncodingType::Url),
        asked => asked,
    }
}

fn summary(object: &Object, owner: &Owner, tiers: Tiers) -> ObjectSummary {
    let mut summary = ObjectSummary::new()
        .key(object.key.clone())
        .last_modified(Timestamp::from_text(with_millis(object.last_modified)))
        .etag(attributes::quoted(&object.etag))
        .owner(owner.clone())
        .storage_class(attributes::storage_class(object).unwrap_or(StorageClass::Standard));
    summary.size = i64::try_from(object.size).ok();
    summary.storage_tier = tiers.tier(object);
    summary
}

/// A time as lists show it: `2022-01-01T00:00:00.000Z`. Objects change at whole seconds to their
/// clients, whose other view of the time, an HTTP date, has no fraction.
pub(in crate::cos) fn with_millis(millis: i64) -> String {
    let text = format_iso_utc(millis.div_euclid(1000));
    format!("{}.000Z", text.trim_end_matches('Z'))
}
