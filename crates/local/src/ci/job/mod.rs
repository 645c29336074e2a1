//! The jobs of Cloud Infinite. What all kinds share is here: how a job is submitted, described,
//! listed, cancelled and called back. A kind has a file of its own and a line in [`kinds`].

mod envelope;
mod failure;
mod file_compress;
mod file_hash_code;
mod file_uncompress;
mod image_inspect;
mod kind;
pub(super) mod lookup;
mod request;
mod submit;

use std::sync::Arc;

use self::kind::Ci;
use crate::jobs::{Kind, kind};
use crate::state::State;

pub(super) use self::failure::Failure;
pub(super) use self::file_compress::FileCompress;
pub(super) use self::file_hash_code::FileHashCode;
pub(super) use self::file_uncompress::FileUncompress;
pub(super) use self::image_inspect::ImageInspect;
pub(super) use self::submit::submit;

/// All kinds of jobs.
pub(crate) fn kinds(state: &Arc<State>) -> Vec<Arc<dyn Kind>> {
    vec![
        kind(Ci(FileCompress(Arc::clone(state)))),
        kind(Ci(FileHashCode(Arc::clone(state)))),
        kind(Ci(FileUncompress(Arc::clone(state)))),
        kind(Ci(ImageInspect(Arc::clone(state)))),
    ]
}
