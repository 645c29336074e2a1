//! The file that says that a cloud answers, and where.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::file;
use crate::error::Error;

/// A file that is there for as long as the cloud answers.
#[derive(Debug)]
pub(super) struct ReadyFile(PathBuf);

impl ReadyFile {
    /// The file `path`. One that an earlier cloud left says nothing of this one, and is removed.
    pub(super) fn new(path: &Path) -> Result<Self, Error> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(path, &error)),
            _ => Ok(Self(path.to_owned())),
        }
    }

    /// Writes the address `url` to it, and the file of the certificate to trust, if there is one.
    pub(super) fn write(&self, url: &str, ca: Option<&Path>) -> Result<(), Error> {
        let ca = ca.map(|ca| format!("{}\n", ca.display()));
        let text = format!("{url}\n{}", ca.unwrap_or_default());
        file::replace(&self.0, &text).map_err(|error| unusable(&self.0, &error))
    }
}

impl Drop for ReadyFile {
    fn drop(&mut self) {
        // Whoever finds it learns at the address that nobody answers.
        let _ = fs::remove_file(&self.0);
    }
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    let name = path.display();
    Error::Failed(format!(
        "local: the file {name} cannot be written: {error}; choose another --ready-file"
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::ReadyFile;

    #[test]
    fn it_is_there_while_the_cloud_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ready");
        fs::write(&path, "http://127.0.0.1:1\n").unwrap();
        let file = ReadyFile::new(&path).unwrap();
        assert!(!path.exists());
        file.write("http://127.0.0.1:2", None).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "http://127.0.0.1:2\n");
        let ca = Path::new("data/tls/ca.pem");
        file.write("https://127.0.0.1:2", Some(ca)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "https://127.0.0.1:2\ndata/tls/ca.pem\n");
        drop(file);
        assert!(!path.exists());
        let nowhere = ReadyFile::new(&folder.path().join("none/ready")).unwrap();
        let error = nowhere.write("http://127.0.0.1:2", None).unwrap_err();
        assert!(error.to_string().contains("--ready-file"), "{error}");
    }
}
