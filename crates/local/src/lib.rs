//! The local cloud: COS, CI and MPS on one port, really doing the work.

pub mod store;
