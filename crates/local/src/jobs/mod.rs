//! Jobs: the kinds there are, the workers that run them, and the callbacks that report their end.

pub(crate) mod callbacks;
mod kind;
mod pool;
mod thread;

pub(crate) use kind::{Finish, JobKind, Kind, UNAVAILABLE, failed, kind};
pub(crate) use pool::run;
pub(crate) use thread::on_thread;
