#![doc = include_str!("../README.md")]

mod again;
mod batch;
mod blocking;
mod checkpoint;
mod checksum;
mod content;
mod control;
mod copy;
mod download;
mod engine;
mod error;
mod filter;
mod limits;
mod multipart;
mod object;
mod parts;
mod paths;
mod progress;
mod service;
mod settings;
mod source;
mod times;
mod transfers;
mod unfinished;
mod upload;

pub use crate::batch::{
    Action, Compare, Counts, Event, Failure, Folder, Item, Links, Place, Plan, Reason, Report,
    Skipped, Sync,
};
pub use crate::control::Control;
pub use crate::copy::{Copied, Copy};
pub use crate::download::{Download, Downloaded, Stream};
pub use crate::error::{Error, ErrorKind};
pub use crate::filter::Filter;
pub use crate::object::{Object, Prefix};
pub use crate::paths::relative_path;
pub use crate::progress::Progress;
pub use crate::service::{ObjectInfo, Unfinished};
pub use crate::settings::{CustomerKey, Encryption, Settings};
pub use crate::source::Source;
pub use crate::transfers::{Transfers, TransfersBuilder};
pub use crate::unfinished::{Removed, UnfinishedUploads};
pub use crate::upload::{Resume, Upload, Uploaded};
