//! What generated files were made of. Those whose tables, program and own texts are as they were need
//! not be made again.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};
use tcloud_codegen::load::SourceFile;

use crate::files;

/// The stamps of the last time, and what they all depend on.
pub(crate) struct Stamps {
    folder: PathBuf,
    /// This build of the generator.
    program: String,
}

impl Stamps {
    pub(crate) fn read() -> Result<Self, Box<dyn Error>> {
        let folder = files::target().join("regenerated");
        fs::create_dir_all(&folder)?;
        let program = fs::metadata(std::env::current_exe()?)?;
        let built = program.modified()?.duration_since(UNIX_EPOCH)?;
        let program = format!("{} {}", built.as_nanos(), program.len());
        Ok(Self { folder, program })
    }

    /// The stamp of files that were made of `sources`.
    pub(crate) fn of(&self, sources: &[&SourceFile], files: &BTreeMap<String, String>) -> Vec<u8> {
        let mut digest = Sha256::new();
        let mut add = |text: &str| {
            digest.update(text.len().to_le_bytes());
            digest.update(text);
        };
        add(&self.program);
        for source in sources {
            add(&source.path);
            add(&source.text);
        }
        for (path, text) in files {
            add(path);
            add(text);
        }
        digest.finalize().to_vec()
    }

    /// Whether `stamp` is that of the last time. What cannot be read is not.
    pub(crate) fn is(&self, name: &str, stamp: &[u8]) -> bool {
        fs::read(self.folder.join(name)).is_ok_and(|last| last == stamp)
    }

    /// Keeps a stamp. Without it the files are only made once more.
    pub(crate) fn keep(&self, name: &str, stamp: &[u8]) {
        let _ = fs::write(self.folder.join(name), stamp);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_until_a_table_a_file_or_the_program_changes() {
        let folder = tempfile::tempdir().unwrap();
        let stamps = |program: &str| Stamps {
            folder: folder.path().to_owned(),
            program: program.to_owned(),
        };
        let source = |text: &str| SourceFile {
            path: "sts/service.yaml".to_owned(),
            text: text.to_owned(),
        };
        let files = |text: &str| BTreeMap::from([("mod.rs".to_owned(), text.to_owned())]);
        let (first, second) = (source("a"), source("b"));
        let now = stamps("1");
        let stamp = now.of(&[&first], &files("x"));
        assert!(!now.is("sts", &stamp));
        now.keep("sts", &stamp);
        assert!(now.is("sts", &now.of(&[&first], &files("x"))));
        assert!(!now.is("ims", &stamp));
        for other in [
            now.of(&[&second], &files("x")),
            now.of(&[&first, &second], &files("x")),
            now.of(&[&first], &files("y")),
            stamps("2").of(&[&first], &files("x")),
        ] {
            assert!(!now.is("sts", &other));
        }
    }
}
