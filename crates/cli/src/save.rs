//! Content that is written to a file: the file exists only when it is complete.

use std::path::Path;

use tcloud_core::body::Body;
use tempfile::NamedTempFile;
use tokio::fs::File;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::error::Error;

/// Writes `body` to `path` and returns its length. An existing file stays as it is until all of
/// `body` has arrived, and for good unless `overwrite`. `flag` is the argument that names another
/// place.
pub(crate) async fn save(
    body: Body,
    path: &Path,
    overwrite: bool,
    flag: &str,
) -> Result<u64, Error> {
    let failed = |error: std::io::Error| unwritable(path, &error, flag);
    // A link keeps leading to its file, and what is no file (a device, a pipe) takes what comes.
    let path = match tokio::fs::canonicalize(path).await {
        Ok(real) if overwrite => real,
        _ => path.to_owned(),
    };
    if overwrite && is_special(&path).await {
        let file = tokio::fs::OpenOptions::new().write(true).open(&path).await;
        return copy(body, file.map_err(failed)?, failed).await;
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let partial = partial_file(folder).map_err(failed)?;
    let mut file = File::from_std(partial.reopen().map_err(failed)?);
    let length = copy(body, &mut file, failed).await?;
    file.sync_all().await.map_err(failed)?;
    if overwrite {
        partial
            .persist(&path)
            .map_err(|error| failed(error.error))?;
    } else {
        partial
            .persist_noclobber(&path)
            .map_err(|error| match error.error.kind() {
                std::io::ErrorKind::AlreadyExists => exists(&path),
                _ => failed(error.error),
            })?;
    }
    Ok(length)
}

/// That the result has no place, for there is a file.
pub(crate) fn exists(path: &Path) -> Error {
    Error::Failed(format!(
        "{} exists; name another folder by --output, or overwrite it by --force",
        path.display()
    ))
}

/// Why a result cannot be written.
pub(crate) fn unwritable(path: &Path, error: &std::io::Error, flag: &str) -> Error {
    Error::Failed(format!(
        "cannot write {}: {error}; name a place you may write to by {flag}",
        path.display()
    ))
}

/// Writes `body` to `to` and returns its length.
pub(crate) async fn copy(
    mut body: Body,
    mut to: impl AsyncWrite + Unpin,
    failed: impl Fn(std::io::Error) -> Error,
) -> Result<u64, Error> {
    let mut length = 0_u64;
    while let Some(chunk) = body.chunk().await {
        let chunk = chunk.map_err(|error| match error.downcast() {
            Ok(error) => tcloud_core::error::Error::into(error),
            Err(error) => Error::Failed(format!("the answer broke off: {error}; try again")),
        })?;
        to.write_all(&chunk).await.map_err(&failed)?;
        length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
    }
    to.flush().await.map_err(&failed)?;
    Ok(length)
}

/// Whether `path` exists and is neither a file nor a folder.
async fn is_special(path: &Path) -> bool {
    tokio::fs::metadata(path)
        .await
        .is_ok_and(|it| !it.is_file() && !it.is_dir())
}

/// A file in `folder` with the rights of an ordinary one.
fn partial_file(folder: &Path) -> std::io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tcloud_core::body::Body;

    use super::save;

    fn broken() -> Body {
        let chunks = [
            Ok("whole".into()),
            Err(std::io::Error::other("the line is dead")),
        ];
        Body::from_stream(futures_util::stream::iter(chunks), None)
    }

    #[tokio::test]
    async fn a_download_that_breaks_off_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, "before").unwrap();

        let error = save(broken(), &path, true, "--to").await.unwrap_err();
        assert!(
            error.to_string().contains("the answer broke off"),
            "{error}"
        );
        assert_eq!(fs::read(&path).unwrap(), b"before");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        assert_eq!(
            save(Body::from("after"), &path, true, "--to")
                .await
                .unwrap(),
            5
        );
        assert_eq!(fs::read(&path).unwrap(), b"after");
        let error = save(Body::from("x"), &path, false, "--output")
            .await
            .unwrap_err();
        assert!(error.to_string().contains("--force"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"after");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_link_and_a_device_are_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "before").unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        save(Body::from("after"), &link, true, "--to")
            .await
            .unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&real).unwrap(), b"after");

        let null = std::path::Path::new("/dev/null");
        assert_eq!(
            save(Body::from("abc"), null, true, "--to").await.unwrap(),
            3
        );
        assert!(!fs::metadata(null).unwrap().is_file());
    }
}
