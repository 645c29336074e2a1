//! Buckets, objects, queues, jobs and callbacks, kept so that nothing accepted is lost.
//!
//! Rows live in one database, content in immutable blobs beside it. A blob is written and synced
//! first and becomes visible by the row that names it, so a crash leaves either the old object or
//! the new one, and at worst a blob nobody names, which [`Store::collect_garbage`] removes.
//!
//! All times are Unix milliseconds, except for leases, which do not change when the clock is set.

mod accesses;
mod acl;
mod aging;
mod appending;
mod backup;
mod batch_job;
mod batch_jobs;
mod batch_runs;
#[cfg(feature = "postgres")]
mod beating;
mod bindings;
mod blobs;
mod bucket;
mod bucket_settings;
mod buckets;
mod callback;
mod callbacks;
mod check;
mod claim;
mod claims;
mod connection;
mod contents;
mod copying;
mod counts;
mod crc64;
mod database;
mod dialect;
mod due;
mod emptying;
mod error;
mod folder;
mod garbage;
mod handle;
mod id;
mod identity;
mod job;
mod jobs;
mod listing;
mod locking;
#[cfg(feature = "postgres")]
mod moving;
mod multipart;
mod object;
mod objects;
mod open;
mod parking;
mod passes;
#[cfg(feature = "postgres")]
mod postgres;
mod private;
mod processes;
mod pruning;
mod queues;
mod replicating;
mod replications;
mod restoration;
mod retention;
mod rows;
mod sealing;
mod secret;
mod shown;
mod signals;
mod snapshot;
mod sql;
mod sqlite;
mod uploads;
mod value;
mod version;
mod versions;
mod words;

pub(crate) use acl::{Acl, Grant, Grantee, Right};
pub(crate) use aging::{Aged, Aging};
pub use backup::BackedUp;
pub(crate) use backup::{back_up, require_state, restore};
pub(crate) use batch_job::{
    BatchJob, BatchStatus, BatchSubmission, BatchTask, Listed, NewBatchJob, Tasked,
};
pub(crate) use batch_jobs::BatchFilter;
pub(crate) use batch_runs::Output;
pub(crate) use bindings::{BucketFilter, ProcessBucket, Processing};
pub(crate) use bucket::Bucket;
pub(crate) use bucket_settings::{BucketSetting, SettingName};
pub(crate) use callback::{Callback, Delivery, NewCallback, UnderWay};
pub use check::{Checked, Finding};
pub(crate) use claim::ClaimedJob;
pub(crate) use claims::Effect;
pub(crate) use counts::Counts;
pub use emptying::Emptied;
pub(crate) use error::{Result, StoreError};
pub(crate) use handle::Store;
pub(crate) use id::new_id;
pub(crate) use job::{
    Job, JobClass, JobFilter, JobOrder, JobState, NewJob, Outcome, Service, Submission,
};
pub(crate) use listing::ListQuery;
#[cfg(feature = "postgres")]
pub(crate) use moving::move_rows;
pub(crate) use multipart::{ListedPart, MultipartUpload, UploadQuery};
pub(crate) use object::{
    ByteRange, Found, LINK_TARGET, Object, ObjectAttributes, ObjectName, Overwrite, STORAGE_CLASS,
    Wanted,
};
pub(crate) use objects::{Deleted, ObjectReader};
pub(crate) use open::SharedContent;
pub(crate) use passes::{Begun, Pass};
pub(crate) use queues::{Queue, QueueState, QueueUpdate};
pub(crate) use replicating::{ReplicaTarget, Replicated};
pub(crate) use replications::REPLICATION_STATUS;
pub(crate) use restoration::{Restored, Restoring, Tier};
pub(crate) use sealing::CustomerKey;
pub(crate) use uploads::{StagedBlob, Upload};
pub(crate) use version::{VersionId, Versioning};
pub(crate) use versions::VersionQuery;

#[cfg(test)]
pub(crate) use callback::CallbackState;
#[cfg(test)]
pub(crate) use replicating::Replication;

#[cfg(all(test, feature = "s3"))]
pub(crate) use blobs::tests::s3::Server;

#[cfg(test)]
mod tests;
