//! What can go wrong in the store.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::migrate::{MigrateError, Migrator};
use tcloud_core::time::format_iso_utc;

use super::job::JobState;
use super::object::ObjectName;
use super::version::VersionId;

/// The result of a store operation.
pub(crate) type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why a store operation failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum StoreError {
    /// Another process holds the data folder.
    #[error(
        "the data folder {} is used by another process; stop it or choose another folder",
        path.display()
    )]
    InUse {
        /// The data folder.
        path: PathBuf,
    },
    /// A file of the data folder could not be used.
    #[error(
        "cannot {operation} {}: {source}; check that the folder exists, is writable and has space",
        path.display()
    )]
    Io {
        /// What was tried, as a verb.
        operation: &'static str,
        /// The file or folder it was tried on.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The folder for content is something else, such as a symbolic link.
    #[error(
        "{} is no folder of its own: content is not written or deleted through links; to keep it \
         elsewhere, link or mount the whole data folder, or choose another one",
        path.display()
    )]
    NotAFolder {
        /// Where the folder should be.
        path: PathBuf,
    },
    /// The database is missing, empty or without tables, but something shows that it had some.
    #[error(
        "the database {} is missing or empty, but {} exists, so something is lost; restore the \
         database with the file -wal beside it, or choose another data folder; nothing was deleted",
        database.display(), evidence.display()
    )]
    LostDatabase {
        /// The database.
        database: PathBuf,
        /// What exists all the same.
        evidence: PathBuf,
    },
    /// The log is missing of a database that was not closed.
    #[error(
        "{} is missing, and with it what was stored last: the folder was in use when it was last \
         written or copied; restore that file, or accept the loss (or that another program has \
         closed the database since) by deleting {}; nothing was deleted",
        wal.display(), in_use.display()
    )]
    LostLog {
        /// The log.
        wal: PathBuf,
        /// The file that shows that it must be there.
        in_use: PathBuf,
    },
    /// The database and the folder for content are not of the same store.
    #[error(
        "{} is the content of {}, but the database beside it is of {}; restore those that belong \
         together, or choose another data folder; nothing was deleted",
        blobs.display(), named(content_id.as_deref()), named(database_id.as_deref())
    )]
    Mismatch {
        /// The folder for content.
        blobs: PathBuf,
        /// The id in it.
        content_id: Option<String>,
        /// The id in the database.
        database_id: Option<String>,
    },
    /// Content does not fit into memory.
    #[error(
        "content kept in memory is limited to {limit} bytes in all; delete objects, raise the \
         limit, or keep the state in a folder"
    )]
    MemoryFull {
        /// The limit in bytes.
        limit: u64,
    },
    /// The object is encrypted with a key of the client's, without which nobody can read it.
    #[error(
        "{0} is encrypted with a key of whoever stored it, and this request has none: only GetObject, \
         PutObjectCopy and UploadPartCopy read it, with that key"
    )]
    Sealed(ObjectName),
    /// The object, or the version of it, is locked.
    #[error(
        "{name} is locked until {} and can be neither replaced nor deleted before, by nobody",
        format_iso_utc(until.div_euclid(1000))
    )]
    ObjectLocked {
        /// The object.
        name: ObjectName,
        /// Until when, in milliseconds.
        until: i64,
    },
    /// A lock is to end sooner than it does, or before it begins.
    #[error("a lock of {0} can be prolonged and not shortened, and it must end in the future")]
    LockNotLonger(ObjectName),
    /// The object is a symbolic link, which has no content of its own.
    #[error("{0} is a symbolic link: only GetObject, HeadObject and SelectObjectContent follow it")]
    SymbolicLink(ObjectName),
    /// The database refused a statement.
    #[error("the database failed: {0}; check the free space and health of its disk")]
    Database(#[source] sqlx::Error),
    /// What was written was not made durable, and is undone.
    #[error(
        "what was written could not be made durable and was undone: {0}; check the free space and \
         health of the disk, then try again"
    )]
    NotDurable(#[from] Arc<sqlx::Error>),
    /// An older version of this program has written the state.
    #[error(
        "the state was written by an older version of this program: its schema is {found}, and \
         this version knows {known}; start the local cloud on it once, then try again"
    )]
    OlderSchema {
        /// The schema of the state.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// There is no state where one should be.
    #[error("there is no state: {} is missing or is no state's; choose another folder", path.display())]
    NoState {
        /// What is missing.
        path: PathBuf,
    },
    /// What is to be loaded is no snapshot.
    #[error(
        "this is no snapshot: {why}; save one by `tcloud local snapshot save` or          `tcloud local backup FILE.tar`"
    )]
    NoSnapshot {
        /// What is wrong with it.
        why: String,
    },
    /// State in memory is nobody else's.
    #[error("a state in memory ends with its process; name the folder of the state")]
    NothingKept,
    /// There is something where a state or a backup is to be written.
    #[error("{} exists already, and nothing is overwritten; choose another place", path.display())]
    NotEmpty {
        /// What is there.
        path: PathBuf,
    },
    /// A newer version of this program has changed the schema.
    #[error(
        "the state was written by a newer version of this program: its schema is {found}, and this \
         version knows {known}; use the newer version, or restore a backup from before; nothing \
         was changed"
    )]
    NewerSchema {
        /// The schema of the state.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// The database cannot be brought up to date.
    #[error("cannot bring the tables of the database up to date: {0}; restore a backup")]
    Migration(#[source] MigrateError),
    /// An object's content could not be read or written.
    #[error("the content store failed: {0}; check its free space, health and permissions")]
    Blob(#[from] object_store::Error),
    /// There is no content under a name.
    #[error("the content of an object is missing: {0}; `tcloud local check` reports what else is")]
    NoContent(#[source] object_store::Error),
    /// The bucket for content cannot be used as it is set up.
    #[cfg(feature = "s3")]
    #[error("{url} cannot be used: {source}; see the variables AWS_… of the environment")]
    Bucket {
        /// The address.
        url: String,
        /// What is wrong.
        source: object_store::Error,
    },
    /// The bucket for content refuses the keys it is asked with.
    #[cfg(feature = "s3")]
    #[error(
        "{url} refuses access: {source}; check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what \
         they may do"
    )]
    Refused {
        /// The address.
        url: String,
        /// What was answered.
        source: object_store::Error,
    },
    /// State in memory cannot have content that outlives it.
    #[error(
        "{url} would keep content that no state knows any more; keep the state in a folder or a \
         database, or leave out the bucket"
    )]
    BucketWithoutState {
        /// The address.
        url: String,
    },
    /// This program was built without S3.
    #[cfg(not(feature = "s3"))]
    #[error(
        "{url} needs the feature `s3`, which this build leaves out; build it with --features s3"
    )]
    NoBuckets {
        /// The address.
        url: String,
    },
    /// The place where content is kept does not exist.
    #[error("{place} does not exist: {source}; create the bucket first")]
    NoPlace {
        /// Where it should be.
        place: String,
        /// What was answered.
        source: object_store::Error,
    },
    /// Content is kept where it cannot be reached now. It may be in a minute.
    #[error("{place} cannot be reached or cannot do its work now: {source}; try again")]
    Unavailable {
        /// Where it is.
        place: String,
        /// What went wrong.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The address of the database cannot be read. It is not shown, since it may hold a password.
    #[cfg(feature = "postgres")]
    #[error("the address of the database cannot be read; write postgres://user@host/database")]
    DatabaseUrl,
    /// The database is too old.
    #[cfg(feature = "postgres")]
    #[error("the database is PostgreSQL {version}; use version 15 or newer")]
    OldDatabase {
        /// Its version, as it gives it: 140010 is 14.10.
        version: String,
    },
    /// The rows of the state were moved to a database.
    #[error(
        "the rows of this state were moved to a database, and {} is what is left of them; name the \
         database, or rename that file to tcloud.db to go back to how it was then; nothing was changed",
        moved.display()
    )]
    Moved {
        /// The database that was in the folder.
        moved: PathBuf,
    },
    /// A state in a database is copied by the tools of that database.
    #[error(
        "a state in a database is not backed up or restored by this command; copy the content, run \
         pg_dump on the database and copy the content again (pg_restore and a copy back restore it), \
         with the commands under \"Backup\" of docs/src/shared.md"
    )]
    CopiedByOthers,
    /// A state in a database is not in a folder that it could be moved from.
    #[error(
        "only a state in a folder is moved; name that by --data alone. From one database to another \
         use pg_dump and pg_restore, with the commands under \"Backup\" of docs/src/shared.md"
    )]
    InDatabaseAlready,
    /// The database that a state is to be moved to has one.
    #[cfg(feature = "postgres")]
    #[error("the database has a state already; move to another database, or to another schema")]
    DatabaseInUse,
    /// A text that PostgreSQL cannot keep.
    #[cfg(feature = "postgres")]
    #[error("a text with a NUL character cannot be kept in PostgreSQL; use another key or value")]
    NulCharacter,
    /// This program was built without PostgreSQL.
    #[cfg(not(feature = "postgres"))]
    #[error(
        "{url} needs the feature `postgres`, which this build leaves out; build it with \
         --features postgres"
    )]
    NoDatabases {
        /// The address.
        url: String,
    },
    /// Several processes would have no common place for content.
    #[error(
        "content needs a place that every process on the database reaches: name a bucket, or a \
         folder that all of them see"
    )]
    NoPlaceForContent,
    /// The clock is to be put ahead by more than makes sense.
    #[error("the clock advances by ten years at most in one go; give less")]
    ClockTooFar,
    /// The process is ending.
    #[error("the local cloud is ending; ask again when it runs")]
    ShutDown,

    /// The bucket to create exists.
    #[error("bucket {0} already exists; choose another name or use the one there")]
    BucketExists(String),
    /// The bucket does not exist.
    #[error("bucket {0} does not exist; create it first")]
    NoSuchBucket(String),
    /// The bucket to delete holds objects.
    #[error("bucket {0} is not empty; delete its objects first")]
    BucketNotEmpty(String),
    /// The bucket to delete holds parts of uploads that have not ended.
    #[error("bucket {0} has uploads that have not ended; complete or abort them first")]
    BucketHasUploads(String),
    /// The object does not exist.
    #[error("object {0} does not exist; check the bucket and key")]
    NoSuchObject(ObjectName),
    /// The object has no such version.
    #[error("object {0} has no version {1}; list its versions to find one")]
    NoSuchVersion(ObjectName, VersionId),
    /// The version is a delete marker, which can only be deleted.
    #[error("version {1} of object {0} is a delete marker, which has no content; name another one")]
    DeleteMarker(ObjectName, VersionId),
    /// The object is archived and has not been restored.
    #[error("object {name} is archived ({class}) and not restored; restore it first")]
    Archived {
        /// The object.
        name: ObjectName,
        /// Its storage class.
        class: String,
    },
    /// The object to restore is not archived.
    #[error("object {0} is not archived; read it as it is")]
    NotArchived(ObjectName),
    /// The object is being restored.
    #[error("object {0} is being restored; wait for it")]
    RestoreUnderWay(ObjectName),
    /// The object cannot be restored so fast.
    #[error("object {0} is in DEEP_ARCHIVE, which has no tier Expedited; choose Standard or Bulk")]
    NoSuchTier(ObjectName),
    /// The object exists and overwriting was forbidden.
    #[error("object {0} already exists and overwriting is forbidden; choose another key")]
    ObjectExists(ObjectName),
    /// The object is no longer the one the caller looked at.
    #[error("object {0} has changed since it was read; read it again")]
    ObjectChanged(ObjectName),
    /// The range begins past the end of the object.
    #[error("the range lies outside the object's {size} bytes; ask for bytes before its end")]
    InvalidRange {
        /// The size of the object in bytes.
        size: u64,
    },

    /// There is no upload in parts with this id, of this object.
    #[error("upload {id} of {name} does not exist; it has ended, or its id or key is another")]
    NoSuchUpload {
        /// The object that was named.
        name: ObjectName,
        /// The id that was named.
        id: String,
    },
    /// An object is to be made of no part.
    #[error("no part is listed; list all parts of the object")]
    NoPart,
    /// A part that is to be put together was not uploaded, or is another by now.
    #[error(
        "part {number} was not uploaded with the ETag {etag}; list the parts, and upload what is \
         missing"
    )]
    InvalidPart {
        /// Its number.
        number: u32,
        /// The `ETag` that was named, without quotes.
        etag: String,
    },
    /// The parts are not listed in the order of their numbers.
    #[error("part {number} is listed behind one with a number that is not smaller; sort the list")]
    InvalidPartOrder {
        /// The first that is not in its place.
        number: u32,
    },
    /// A part is too small to be followed by another one.
    #[error(
        "part {number} has {size} bytes, and all but the last need {least} at least; upload \
         larger parts"
    )]
    PartTooSmall {
        /// Its number.
        number: u32,
        /// How many bytes it has.
        size: u64,
        /// How many it needs.
        least: u64,
    },
    /// Data cannot be added to the object, since it was stored as a whole.
    #[error("object {0} was not made by appending, so nothing can be appended; store it again")]
    NotAppendable(ObjectName),
    /// Data was to be added elsewhere than at the end.
    #[error("object {name} ends at position {end}, not at {position}; append there")]
    AppendPosition {
        /// The object.
        name: ObjectName,
        /// Where it ends.
        end: u64,
        /// Where the data was to begin.
        position: u64,
    },
    /// The object would become too long.
    #[error("object {name} would have {size} bytes; {limit} are the most that can be appended to")]
    TooLongToAppend {
        /// The object.
        name: ObjectName,
        /// How many bytes it would have.
        size: u64,
        /// How many it may have.
        limit: u64,
    },

    /// The queue does not exist.
    #[error("queue {0} does not exist; list the queues to find its id")]
    NoSuchQueue(String),
    /// A job with this id exists.
    #[error("job {0} already exists; submit with a fresh id")]
    JobExists(String),
    /// The job does not exist.
    #[error("job {0} does not exist; it may have been submitted elsewhere")]
    NoSuchJob(String),
    /// The job has begun or ended and cannot be cancelled.
    #[error("job {id} cannot be cancelled in state {state}; only a waiting job can")]
    NotCancellable {
        /// The job.
        id: String,
        /// Its state.
        state: JobState,
    },
    /// The claim was lost: its lease ran out or the job was given to another worker.
    #[error("the claim on job {id} (attempt {attempt}) is stale; drop its work and claim again")]
    StaleClaim {
        /// The job.
        id: String,
        /// The attempt that was lost.
        attempt: u32,
    },
    /// The content's process was taken for dead.
    #[error("the content was received for too long and has been discarded; send it again")]
    StaleUpload,
    /// The page token was not issued by this store.
    #[error("the page token is not valid; start again from the first page")]
    InvalidPageToken,
    /// The delivery was taken over by a later attempt.
    #[error("attempt {attempt} of callback {id} is stale; a later attempt has begun")]
    StaleDelivery {
        /// The callback.
        id: i64,
        /// The attempt that was lost.
        attempt: u32,
    },
}

pub(super) fn io_error(
    operation: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> StoreError {
    move |source| StoreError::Io {
        operation,
        path: path.to_owned(),
        source,
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if is_outage(&error) {
            return Self::Unavailable {
                place: "the database".to_owned(),
                source: error.into(),
            };
        }
        match error {
            sqlx::Error::PoolClosed => Self::ShutDown,
            error => Self::Database(error),
        }
    }
}

/// Whether the database may do the same in a moment: it cannot be reached, is starting or ending,
/// has no place for another connection, or has broken off a transaction for another one's sake.
fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            let of_class = |class| code.len() == 5 && code.starts_with(class);
            ["08", "53", "57P", "40"].into_iter().any(of_class) || code == "25P03"
        }),
        _ => false,
    }
}

impl StoreError {
    /// Whether the store cannot be reached now, and may be in a minute.
    pub(crate) fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether others held what the statement needed for longer than it may wait.
    pub(super) fn is_lock_timeout(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        error.code().is_some_and(|code| code == "55P03")
    }

    /// Why the tables were not brought up to date.
    pub(super) fn of_migration(error: MigrateError, migrator: &Migrator) -> Self {
        match error {
            MigrateError::VersionMissing(found) => Self::NewerSchema {
                found,
                known: migrator.iter().map(|it| it.version).max().unwrap_or(0),
            },
            error => Self::Migration(error),
        }
    }
}

fn named(store: Option<&str>) -> String {
    store.map_or_else(|| "no known store".to_owned(), |id| format!("store {id:?}"))
}
