//! The tags of a bucket.

use std::collections::BTreeSet;

use tcloud_core::server::Fault;
use tcloud_cos::operation::delete_bucket_tagging::DeleteBucketTaggingRequest;
use tcloud_cos::operation::get_bucket_tagging::{
    self, GetBucketTaggingRequest, GetBucketTaggingResponse,
};
use tcloud_cos::operation::put_bucket_tagging::PutBucketTaggingRequest;

use super::kept::{self, Absent, Deletable, Setting};
use crate::cos::tags;
use crate::state::State;

/// How many tags a bucket has.
const TAGS: usize = 50;

/// The tags.
pub(in crate::cos) struct Tagging;

impl Setting for Tagging {
    type Put = PutBucketTaggingRequest;
    type Get = GetBucketTaggingRequest;

    const KIND: &'static str = "tagging";
    const ABSENT: Absent = Absent::Refused("NoSuchTagSet");

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        request
            .tag_set
            .as_ref()
            .map_or(Ok(()), |tag_set| tags::check(tag_set, TAGS))
    }

    fn removes(request: &Self::Put) -> bool {
        request
            .tag_set
            .as_ref()
            .is_none_or(|tag_set| tag_set.tags.is_empty())
    }
}

impl Deletable for Tagging {
    type Delete = DeleteBucketTaggingRequest;
}

/// The document of the tags that the header of a new bucket has, and its kind.
pub(in crate::cos) fn of_header(header: &str) -> Result<(&'static str, String), Fault> {
    let tag_set = tags::read(header)?;
    tags::check(&tag_set, TAGS)?;
    let request = PutBucketTaggingRequest::new("", tag_set);
    Ok((Tagging::KIND, kept::document::<Tagging>(&request)?))
}

/// The buckets that have the tag `key` with the value `value`.
pub(in crate::cos) async fn buckets_with(
    state: &State,
    key: &str,
    value: &str,
) -> Result<BTreeSet<String>, Fault> {
    let mut names = BTreeSet::new();
    for kept in state.store.settings_of_kind(Tagging::KIND).await? {
        let mut tagging = GetBucketTaggingResponse::new();
        let format = get_bucket_tagging::OPERATION.response_body;
        kept::read(format, &kept.document, &mut tagging)?;
        let mut tags = tagging.tag_set.iter().flat_map(|tag_set| &tag_set.tags);
        if tags.any(|tag| tag.key.as_deref() == Some(key) && tag.value.as_deref() == Some(value)) {
            names.insert(kept.bucket);
        }
    }
    Ok(names)
}
