//! Pictures on this machine: how large they are, and how results are written.

use std::path::Path;

use serde::Serialize;
use tcloud_core::body::Body;
use tcloud_imaging::{Limits, probe};
use tempfile::NamedTempFile;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use crate::error::Error;
use crate::files::unreadable;

/// Larger files are sent without a look at their header: the service refuses them.
const MEASURED: u64 = 32 * 1024 * 1024;

/// The size of a picture.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Picture {
    size: u64,
    width: Option<u32>,
    height: Option<u32>,
}

impl Picture {
    /// Measures the file at `path`. Width and height are absent where its header is not understood.
    pub(crate) async fn measure(path: &Path) -> Result<Self, Error> {
        let failed = |error| unreadable(path, &error);
        let size = tokio::fs::metadata(path).await.map_err(failed)?.len();
        let info = if size <= MEASURED {
            let bytes = tokio::fs::read(path).await.map_err(failed)?;
            probe(&bytes, &Limits::default()).ok()
        } else {
            None
        };
        Ok(Self {
            size,
            width: info.map(|info| info.width),
            height: info.map(|info| info.height),
        })
    }

    /// Width and height, as in `800x600`.
    pub(crate) fn pixels(&self) -> Option<String> {
        Some(format!("{}x{}", self.width?, self.height?))
    }

    /// The size of the file.
    pub(crate) fn bytes(&self) -> Option<i64> {
        i64::try_from(self.size).ok()
    }
}

/// Writes `body` to `path`, which is there only when it is complete.
pub(crate) async fn save(mut body: Body, path: &Path, overwrite: bool) -> Result<(), Error> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let failed = |error: std::io::Error| unwritable(path, &error);
    let partial = partial_file(folder).map_err(failed)?;
    let mut file = File::from_std(partial.reopen().map_err(failed)?);
    while let Some(chunk) = body.chunk().await {
        let chunk = chunk.map_err(|error| {
            Error::Failed(format!(
                "GetObject: the download broke off: {error}; try again"
            ))
        })?;
        file.write_all(&chunk).await.map_err(failed)?;
    }
    file.sync_all().await.map_err(failed)?;
    if overwrite {
        partial.persist(path).map_err(|error| failed(error.error))?;
    } else {
        partial
            .persist_noclobber(path)
            .map_err(|error| match error.error.kind() {
                std::io::ErrorKind::AlreadyExists => Error::Failed(format!(
                    "{} exists; name another folder by --output, or overwrite it by --force",
                    path.display()
                )),
                _ => failed(error.error),
            })?;
    }
    Ok(())
}

/// A file in `folder` with the rights of an ordinary one.
fn partial_file(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Why a result cannot be written.
pub(crate) fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::Failed(format!(
        "cannot write {}: {error}; name a folder you may write to by --output",
        path.display()
    ))
}
