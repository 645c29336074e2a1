//! What a cloud has from the start: buckets and objects from a folder, settings and accounts from a
//! file in it.

mod call;
mod error;
mod file;
mod folder;
mod parts;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::cam::Account;

pub(crate) use self::call::Call;
pub use self::error::SeedError;
use self::parts::Bucket;

/// A folder of what a cloud has from the start, and again after each
/// [`LocalCloud::reset`](crate::LocalCloud::reset).
///
/// Each folder in it is a bucket of that name, each file below that an object, whose key is its path.
/// Folders that begin with a full stop are not read. The file `seed.yaml` beside them says the rest;
/// it may be missing, and so may everything in it:
///
/// ```yaml
/// # As in the file of `tcloud local --account`, see `Account`.
/// account:
///   users:
///     - uin: "100000000002"
///       name: reader
///       keys: [{secretId: AKIDreader, secretKey: secret-of-reader}]
///       policies:
///         - version: "2.0"
///           statement: {effect: allow, action: "cos:Get*", resource: "*"}
/// buckets:
///   # A folder, or a bucket without objects.
///   album-1250000000:
///     region: ap-chongqing        # unless it is the default region
///     # Operations of Object Storage and Cloud Infinite on the bucket, before it has objects.
///     settings:
///       - PutBucketVersioning: {Status: Enabled}
///       - PutBucketCors: {CORSRule: [{AllowedOrigin: ["*"], AllowedMethod: [GET]}]}
///       - CreatePicBucket: {}
///     # Headers that an object is stored with, by its key.
///     objects:
///       cats/tom.png: {Cache-Control: max-age=60, x-cos-meta-author: Jerry, x-cos-acl: public-read}
/// # Operations of any service, at last: SERVICE.OPERATION, with all of the request.
/// calls:
///   - cos.PutObjectTagging:
///       {bucket: album-1250000000, key: cats/tom.png, TagSet: {Tag: [{Key: a, Value: b}]}}
/// ```
///
/// A request is written as `tcloud cos put-bucket-cors --skeleton` prints it. All of it is sent to the
/// cloud itself, by the root account, so what the cloud refuses of a client it refuses here.
///
/// ```
/// use tcloud_local::{LocalCloud, Seed, Settings};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # std::fs::create_dir_all(folder.path().join("album-1250000000/cats"))?;
/// # std::fs::write(folder.path().join("album-1250000000/cats/tom.png"), "…")?;
/// let seed = Seed::read(folder.path())?;
/// let cloud = LocalCloud::start(Settings::default().seed(seed)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Seed {
    folder: PathBuf,
    account: Option<Account>,
    pub(crate) buckets: Vec<Bucket>,
    pub(crate) calls: Vec<Call>,
}

impl Seed {
    /// Reads the folder and its file. The content of objects is read when it is stored.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, or the file is not what it should be. The message says where, and
    /// what to write instead.
    pub fn read(folder: impl AsRef<Path>) -> Result<Self, SeedError> {
        let folder = folder.as_ref();
        let parts = file::read(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            account: parts.account,
            buckets: parts.buckets,
            calls: parts.calls,
        })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The account, if its file has one.
    pub fn account(&self) -> Option<&Account> {
        self.account.as_ref()
    }
}

impl fmt::Debug for Seed {
    /// Without requests, which may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed")
            .field("folder", &self.folder)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
