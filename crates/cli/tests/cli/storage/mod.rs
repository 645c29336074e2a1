//! The commands of every day, against a local cloud over a socket.

mod cloud;
mod copies;
mod lists;
mod readme;
mod syncs;
