//! Small files that people and machines put keys into.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Larger files are no files of keys.
const LIMIT: u64 = 1024 * 1024;

/// The text of the file at `path`, without a byte order mark; `None` if there is no file.
///
/// # Errors
/// The file cannot be read, and why; never a word of it.
pub(crate) fn read(path: &Path) -> Result<Option<String>, String> {
    let name = path.display();
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(format!("{name} cannot be read: {error}")),
    };
    let mut bytes = Vec::new();
    file.take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("{name} cannot be read: {error}"))?;
    if bytes.len() as u64 > LIMIT {
        return Err(format!(
            "{name} has more than {LIMIT} bytes and cannot be a file of keys"
        ));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(format!("{name} is not text in UTF-8; save it as UTF-8")),
    }
}
