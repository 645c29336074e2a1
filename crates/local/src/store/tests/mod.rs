//! What every store must do: on disk, in memory and in PostgreSQL alike.

mod aging;
mod appending;
mod archive;
mod backup;
mod bucket_settings;
mod buckets;
mod callbacks;
mod check;
mod claims;
#[cfg(feature = "postgres")]
mod cluster;
mod durability;
mod emptying;
mod figures;
mod fixture;
mod folder;
mod group_commit;
mod jobs;
mod kept_settings;
mod listing;
mod locking;
mod memory;
mod migrations;
mod model;
#[cfg(feature = "postgres")]
mod moving;
mod multipart;
mod objects;
#[cfg(feature = "s3")]
mod parts_in_bucket;
mod passes;
mod pruning;
mod replications;
#[cfg(feature = "encryption")]
mod sealing;
#[cfg(feature = "postgres")]
mod shared;
mod snapshot;
mod support;
mod tags;
mod versions;
