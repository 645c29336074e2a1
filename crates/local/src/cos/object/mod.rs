//! Objects: stored, read, listed, deleted.

pub(super) mod appending;
pub(super) mod attributes;
mod conditions;
pub(super) mod deleting;
pub(super) mod listing;
mod range;
pub(super) mod reading;
pub(super) mod storing;

pub(crate) use attributes::media_type;
