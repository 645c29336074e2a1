//! Many files and objects: folders, syncs and deletions.

mod compare;
mod event;
mod filter_of;
mod folder;
mod found;
mod item;
mod local;
mod plan;
mod remote;
mod report;
mod run;
mod setup;
mod sync;
mod unique;

pub use self::compare::Compare;
pub use self::event::Event;
pub use self::folder::Folder;
pub use self::item::{Action, Failure, Item, Reason, Skipped};
pub use self::local::Links;
pub use self::plan::Plan;
pub use self::report::{Counts, Report};
pub use self::sync::{Place, Sync};
