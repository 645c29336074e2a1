//! Object Storage as its clients meet it: in process, and over a socket.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that meets the unexpected ends there, in its helpers as well"
)]

mod access_logs;
mod acl;
mod appending;
mod archive;
mod batch;
mod browsers;
mod bucket_policy;
mod buckets;
#[cfg(all(feature = "avif", feature = "jxl"))]
mod codecs;
mod console;
mod copying;
mod domains;
#[cfg(feature = "encryption")]
mod encryption;
#[cfg(feature = "networks")]
mod enhancing;
mod faults;
mod fetching;
mod fixture;
mod grants;
#[cfg(feature = "pictures")]
mod hidden;
mod hosts;
#[cfg(feature = "tls")]
mod https;
mod integrity;
mod inventories;
mod lifecycle;
mod limits;
mod links;
mod listing;
mod locks;
mod metrics;
mod multipart;
mod objects;
mod origin_trust;
mod origins;
mod part_copying;
#[cfg(all(feature = "avif", feature = "codes", feature = "text"))]
mod picture_grammar;
#[cfg(feature = "pictures")]
mod picture_rules;
#[cfg(all(feature = "codes", feature = "networks"))]
mod picture_samples;
#[cfg(feature = "pictures")]
mod picture_settings;
#[cfg(feature = "pictures")]
mod pictures;
mod posting;
#[cfg(feature = "pictures")]
mod presigned_pictures;
#[cfg(all(feature = "avif", feature = "jxl"))]
#[allow(
    unreachable_pub,
    reason = "shared with the tests of the workspace, which would be much to build for it"
)]
#[path = "../../../../tests/src/programs.rs"]
mod programs;
#[cfg(feature = "pictures")]
mod readme_picture;
mod recorded;
mod referer;
mod refusals;
#[cfg(feature = "pictures")]
mod rendition_cache;
#[cfg(feature = "pictures")]
mod renditions;
mod repetition;
mod replication;
mod resetting;
#[cfg(feature = "pictures")]
mod retouching;
mod s3;
mod seeding;
#[cfg(feature = "select")]
mod select;
mod settings;
mod sharing;
mod signatures;
mod snapshots;
mod sockets;
mod strictness;
mod tagging;
mod tiers;
mod unread;
mod versions;
#[cfg(feature = "pictures")]
mod watermarks;
mod website;
