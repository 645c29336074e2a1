//! What a seed is made of.

use std::path::PathBuf;

use tcloud_core::codec::Document;

use super::call::Call;
use crate::cam::Account;

/// All that a folder and its file have.
pub(super) struct Parts {
    pub(super) account: Option<Account>,
    pub(super) buckets: Vec<Bucket>,
    pub(super) calls: Vec<Call>,
}

/// A bucket and what is in it.
#[derive(Clone)]
pub(crate) struct Bucket {
    pub(crate) name: String,
    /// Its region, unless it is the default one.
    pub(crate) region: Option<String>,
    /// What is done before it has objects.
    pub(crate) settings: Vec<Call>,
    pub(crate) objects: Vec<Object>,
}

/// An object, whose content is in a file.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) path: PathBuf,
    /// The request that stores it.
    pub(crate) request: Document,
}
