//! Exif data of pictures on this machine.

use std::path::Path;

use crate::error::Error;
use crate::files::unreadable;
use crate::save::unwritable;

/// Puts the Exif data of the file `from` into the file `to`, which was made of it.
pub(super) async fn carry(from: &Path, to: &Path) -> Result<(), Error> {
    let read = |path| async move {
        let bytes = tokio::fs::read(path).await;
        bytes.map_err(|error| unreadable(path, &error))
    };
    let (source, result) = (read(from).await?, read(to).await?);
    let kept = tcloud_imaging::keep_metadata(&source, result).map_err(|error| {
        Error::Failed(format!(
            "the result is written, but without metadata: {error}; leave out --keep-metadata"
        ))
    })?;
    let written = tokio::fs::write(to, kept).await;
    written.map_err(|error| unwritable(to, &error, "--output"))
}
