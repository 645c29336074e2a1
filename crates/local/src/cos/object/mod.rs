//! Objects: stored, copied, read, listed, deleted; their versions and their restoration.

pub(super) mod appending;
pub(super) mod attributes;
pub(super) mod conditions;
pub(super) mod copying;
pub(super) mod deleting;
pub(super) mod finding;
pub(super) mod linking;
pub(super) mod listing;
pub(super) mod locking;
pub(super) mod posting;
pub(super) mod range;
pub(super) mod reading;
#[cfg(feature = "pictures")]
pub(crate) mod rendition;
pub(super) mod restoring;
pub(super) mod source;
pub(super) mod storing;
pub(super) mod tagging;
pub(super) mod versions;

pub(crate) use attributes::media_type;
