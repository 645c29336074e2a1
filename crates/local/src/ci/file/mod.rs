//! Files: digests and archives, for the jobs and for the synchronous calls.

pub(super) mod hash;
pub(super) mod preview;

use std::fs::File;
use std::io::{self, Seek};

use bytes::BytesMut;
use futures_util::TryStreamExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::job::Failure;
use crate::archive::{ArchiveError, Limits};
use crate::store::{Object, ObjectName, ObjectReader, StagedBlob, Store};

/// The limits of unpacking: no archive may expand to more than its size justifies.
pub(super) const LIMITS: Limits = Limits {
    entries: 65_535,
    total: GIGABYTES_50,
    ratio: 200,
    any_ratio: 64 * 1024 * 1024,
};
/// What a job reads at most, in bytes.
pub(super) const GIGABYTES_50: u64 = 50 * 1024 * 1024 * 1024;
/// How much of a file is read at a time, in bytes.
const CHUNK: usize = 256 * 1024;

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        let code = match error {
            ArchiveError::Unsupported(_) => "ResourceNotSupported",
            ArchiveError::Invalid(_) => "InvalidContent",
            ArchiveError::Io(_) | ArchiveError::Abandoned => "InternalError",
        };
        Self::new(code, error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::internal(format!(
            "a temporary file failed: {error}; check the space of the folder for temporary files"
        ))
    }
}

/// The object `name`, of at most `limit` bytes.
pub(super) async fn open(
    store: &Store,
    name: &ObjectName,
    limit: u64,
) -> Result<ObjectReader, Failure> {
    let reader = store.get_object(name, None).await?;
    let size = reader.object.size;
    if size > limit {
        return Err(Failure::new(
            "InvalidContent",
            format!("the object {name} has {size} bytes; at most {limit} are processed"),
        ));
    }
    Ok(reader)
}

/// The content of an object as a temporary file, at its beginning. It has no name and is gone with
/// the process.
pub(super) async fn to_file(reader: ObjectReader) -> Result<(Object, File), Failure> {
    let mut content = reader.content;
    let mut file = tokio::fs::File::from_std(tempfile::tempfile()?);
    while let Some(chunk) = content.try_next().await? {
        file.write_all(&chunk).await?;
    }
    file.flush().await?;
    let mut file = file.into_std().await;
    file.rewind()?;
    Ok((reader.object, file))
}

/// Stages the content of `file` for an object.
pub(super) async fn to_blob(store: &Store, mut file: File) -> Result<StagedBlob, Failure> {
    file.rewind()?;
    let mut file = tokio::fs::File::from_std(file);
    let mut upload = store.upload();
    loop {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        if file.read_buf(&mut chunk).await? == 0 {
            return Ok(upload.finish().await?);
        }
        upload.write(chunk.freeze()).await?;
    }
}
