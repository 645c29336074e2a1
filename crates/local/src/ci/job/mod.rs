//! The jobs of Cloud Infinite. What all kinds share is here: how a job is submitted, described,
//! listed, cancelled and called back. A kind has a file of its own and a line in [`all`].

mod envelope;
mod failure;
mod file_compress;
mod file_hash_code;
mod file_uncompress;
pub(super) mod image_inspect;
mod kind;
pub(super) mod lookup;
#[cfg(feature = "pictures")]
mod pic_process;
mod request;
mod submit;

use std::sync::Arc;

use tcloud_core::server::Handlers;

pub(super) use self::failure::Failure;
use self::file_compress::FileCompress;
use self::file_hash_code::FileHashCode;
use self::file_uncompress::FileUncompress;
use self::image_inspect::ImageInspect;
use self::kind::{Ci, CiKind};
use self::submit::submit;
use crate::jobs::kind;
use crate::service::MakeKind;
use crate::state::State;

/// All kinds of jobs, a line each.
pub(super) fn all() -> Jobs {
    let jobs = Jobs::default()
        .with::<FileCompress>()
        .with::<FileHashCode>()
        .with::<FileUncompress>()
        .with::<ImageInspect>();
    #[cfg(feature = "pictures")]
    let jobs = {
        let mut jobs = jobs.with::<pic_process::PicProcess>();
        jobs.handlers = jobs.handlers.on(pic_process::submit_older);
        jobs
    };
    jobs
}

/// What the kinds of jobs add to the service.
#[derive(Default)]
pub(super) struct Jobs {
    /// What submits them.
    pub(super) handlers: Handlers<State>,
    /// What does their work.
    pub(super) kinds: Vec<MakeKind>,
}

impl Jobs {
    fn with<K: CiKind>(mut self) -> Self {
        self.handlers = self.handlers.on(submit::<K>);
        self.kinds
            .push(|state| kind(Ci::<K>::new(Arc::clone(state))));
        self
    }
}
