//! Uploads in parts: begun, given parts, completed, aborted, and listed.

pub(super) mod copying;
pub(super) mod life;
pub(super) mod lists;
pub(super) mod parts;

use tcloud_core::server::Fault;

use super::fault::invalid;
use super::names;
use crate::store::ObjectName;

/// The object and the upload that a request names.
fn upload(
    bucket: Option<String>,
    key: Option<String>,
    id: Option<String>,
) -> Result<(ObjectName, String), Fault> {
    Ok((names::object(bucket, key)?, id.unwrap_or_default()))
}

/// The number of a part.
fn number(number: Option<i64>) -> Result<u32, Fault> {
    number
        .and_then(|number| u32::try_from(number).ok())
        .filter(|number| (1..=10_000).contains(number))
        .ok_or_else(|| invalid("the number of a part is from 1 to 10000"))
}
