//! Content of objects: written once under a fresh name, never changed.
//!
//! There is one interface, [`Blobs`], and content lies in one of three places behind it:
//!
//! | place | file | what it adds |
//! | --- | --- | --- |
//! | a folder | `folder` | private modes, files that are still being received |
//! | memory | `memory` | a limit |
//! | an S3 bucket | `bucket` | where it is, and the keys to it, from the environment |
//!
//! Reading and writing is done by `object_store` in all of them.

#[cfg(feature = "s3")]
mod bucket;
mod content;
mod folder;
mod found;
mod memory;
mod writer;

pub(super) use content::Blobs;
pub(super) use folder::{ContentFolder, sync_folder};
pub(super) use found::Found;
pub(super) use writer::Writer;

#[cfg(test)]
pub(super) mod tests;
