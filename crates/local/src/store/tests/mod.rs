//! What every store must do, on disk and in memory alike.

mod buckets;
mod callbacks;
mod claims;
mod durability;
mod fixture;
mod folder;
mod jobs;
mod listing;
mod memory;
mod objects;
mod pruning;
mod support;
