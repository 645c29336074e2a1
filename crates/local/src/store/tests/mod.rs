//! What every store must do, on disk and in memory alike.

mod buckets;
mod callbacks;
mod claims;
mod durability;
mod fixture;
mod folder;
mod group_commit;
mod jobs;
mod listing;
mod memory;
mod migrations;
mod objects;
mod pruning;
mod support;
