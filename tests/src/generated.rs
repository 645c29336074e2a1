//! Generated code that tests have compiled, and what it is made from.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use tcloud_codegen::generate;
use tcloud_codegen::import::tc3::{Metadata, import};
use tcloud_codegen::load::load;

/// Compares the files in `folder` of this package with what importer and generator make of
/// `metadata`. With `TCLOUD_WRITE` set the files are written instead.
///
/// # Panics
///
/// They differ, or the metadata makes no sound spec.
pub fn assert_in_step(metadata: &str, folder: &str) {
    let spec = import(&Metadata::parse(metadata).unwrap(), Vec::new()).unwrap();
    let spec = load(spec.files).unwrap_or_else(|found| panic!("{}", found[0].render()));
    let made = generate(&spec).unwrap();
    let made: BTreeMap<PathBuf, &str> = made
        .values()
        .flatten()
        .map(|file| (PathBuf::from(&file.path), file.text.as_str()))
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if env::var_os("TCLOUD_WRITE").is_some() {
        for (path, text) in &made {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        return;
    }
    for (path, text) in &made {
        let there = fs::read_to_string(folder.join(path)).unwrap_or_default();
        assert!(
            there == **text,
            "{} is not as it would be generated: run this test with TCLOUD_WRITE=1",
            path.display()
        );
    }
}
