//! The calls that transfers are made of. What the tables call things is used here only.

mod client;
mod content;
mod copies;
mod facts;
mod many;
mod uploads;
mod with;

pub(crate) use self::client::Service;
pub(crate) use self::facts::{Entry, Listed, NotDeleted, Source, Stored};
pub use self::facts::{ObjectInfo, Unfinished};
