//! One suite for all places that content can lie in, and what is special about a bucket.

#[cfg(feature = "s3")]
mod bucket;
mod contract;
mod place;
#[cfg(feature = "s3")]
pub(in crate::store) mod s3;
