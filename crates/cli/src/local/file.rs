//! Files that others wait for.

use std::io::{self, Write};
use std::path::Path;

/// Writes `text` to `path`, which its owner alone may read. Whoever reads it meanwhile finds the old
/// one or the new one, whole.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}
