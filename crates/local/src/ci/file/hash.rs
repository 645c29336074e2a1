//! The digest of a file.

use std::fmt::Write;

use futures_util::TryStreamExt;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use tcloud_ci::operation::get_file_hash::{GetFileHashRequest, GetFileHashResponse, Input};
use tcloud_ci::types::{FileHashCodeResult, FileHashType};
use tcloud_core::server::{Context, Fault};

use crate::ci::binding::{bucket, queue};
use crate::ci::job::Failure;
use crate::ci::time::time;
use crate::state::State;
use crate::store::{Object, ObjectName, Processing, Store};

/// The largest object whose digest is answered at once, in bytes.
const SYNC_LIMIT: u64 = 128 * 1024 * 1024;

/// How a digest is taken.
#[derive(Debug, Clone, Copy)]
pub(in crate::ci) enum Algorithm {
    Md5,
    Sha1,
    Sha256,
}

impl Algorithm {
    /// The `x-cos-meta-` header that keeps the digest.
    pub(in crate::ci) const fn header(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }
}

/// Takes the digest of the object `name`, of at most `limit` bytes.
pub(in crate::ci) async fn take(
    store: &Store,
    name: &ObjectName,
    algorithm: Algorithm,
    limit: u64,
) -> Result<(Object, String), Failure> {
    let reader = super::open(store, name, limit).await?;
    let object = reader.object.clone();
    let content = reader.content;
    let digest = match algorithm {
        Algorithm::Md5 => of::<Md5>(content).await?,
        Algorithm::Sha1 => of::<Sha1>(content).await?,
        Algorithm::Sha256 => of::<Sha256>(content).await?,
    };
    Ok((object, digest))
}

async fn of<D: Digest>(
    mut content: futures_util::stream::BoxStream<'static, crate::store::Result<bytes::Bytes>>,
) -> Result<String, Failure> {
    let mut digest = D::new();
    while let Some(chunk) = content.try_next().await? {
        digest.update(&chunk);
    }
    let mut text = String::new();
    for byte in digest.finalize() {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// How a digest is reported.
pub(in crate::ci) fn result(
    algorithm: Algorithm,
    digest: String,
    object: &Object,
) -> FileHashCodeResult {
    let result = FileHashCodeResult::new()
        .file_size(i64::try_from(object.size).unwrap_or(i64::MAX))
        .last_modified(time(Some(object.last_modified)).as_str())
        .etag(format!("\"{}\"", object.etag));
    match algorithm {
        Algorithm::Md5 => result.md5(digest),
        Algorithm::Sha1 => result.sha1(digest),
        Algorithm::Sha256 => result.sha256(digest),
    }
}

/// Answers with the digest of an object.
pub(in crate::ci) async fn get(
    state: &State,
    _: Context,
    request: GetFileHashRequest,
) -> Result<GetFileHashResponse, Fault> {
    let bucket = bucket(state, request.bucket).await?;
    queue(state, &bucket.name, Processing::File).await?;
    let algorithm = match request.type_ {
        Some(FileHashType::Sha1) => Algorithm::Sha1,
        Some(FileHashType::Sha256) => Algorithm::Sha256,
        _ => Algorithm::Md5,
    };
    let store = &state.store;
    let name = ObjectName::new(bucket.name, request.key.unwrap_or_default());
    let (object, digest) = take(store, &name, algorithm, SYNC_LIMIT)
        .await
        .map_err(Failure::into_fault)?;
    if request.add_to_header == Some(true) {
        store
            .set_object_metadata(&name, algorithm.header(), &digest, &object.etag)
            .await
            .map_err(|error| Failure::from(error).into_fault())?;
    }
    let input = Input::new()
        .region(bucket.region)
        .bucket(name.bucket)
        .object(name.key);
    Ok(GetFileHashResponse::new()
        .file_hash_code_result(result(algorithm, digest, &object))
        .input(input))
}
