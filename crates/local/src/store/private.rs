//! Files and folders that only their owner may use: 0600 and 0700 where there are such modes.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes the folder `path`, unless it exists, and those above it.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Opens the file `path` to write to it, making it if needed. Its content stays.
pub(super) fn open_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Takes away what others may do with the file or folder `path`, and returns whether there was
/// something. What does not exist, or is a symbolic link, is left alone.
#[cfg(unix)]
pub(super) fn tighten(path: &Path) -> io::Result<bool> {
    match path.symlink_metadata() {
        Ok(metadata) => tighten_as(path, &metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// [`tighten`] for which `metadata` was read already.
#[cfg(unix)]
pub(super) fn tighten_as(path: &Path, metadata: &std::fs::Metadata) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;

    let owners = match metadata.file_type() {
        kind if kind.is_dir() => 0o700,
        kind if kind.is_file() => 0o600,
        _ => return Ok(false),
    };
    let mut permissions = metadata.permissions();
    if permissions.mode() & 0o777 & !owners == 0 {
        return Ok(false);
    }
    permissions.set_mode(owners);
    std::fs::set_permissions(path, permissions)?;
    Ok(true)
}

/// There is nothing to take away.
#[cfg(not(unix))]
pub(super) fn tighten(_: &Path) -> io::Result<bool> {
    Ok(false)
}

/// There is nothing to take away.
#[cfg(not(unix))]
pub(super) fn tighten_as(_: &Path, _: &std::fs::Metadata) -> io::Result<bool> {
    Ok(false)
}
