//! Buckets, what is in them, and what is set for them.

pub(super) mod life;
pub(super) mod location;
pub(super) mod setting;
pub(super) mod versioning;
