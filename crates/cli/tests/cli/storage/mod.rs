//! The commands of every day, against a local cloud over a socket.

pub(crate) mod cloud;
mod copies;
mod large;
mod lists;
mod removals;
mod syncs;
