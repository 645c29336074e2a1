//! Jobs: the kinds there are, the workers that run them, what is said of them by hand, and the callbacks
//! that report their end.

pub(crate) mod callbacks;
mod control;
mod handle;
mod kind;
mod pool;
mod thread;

pub use control::{Forced, JobEnd, JobMatch};
pub use handle::{JobError, JobStatus, Jobs};
pub(crate) use kind::{Finish, JobKind, Kind, UNAVAILABLE, failed, kind};
pub(crate) use pool::run;
pub(crate) use thread::on_thread;
