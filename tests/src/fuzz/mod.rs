//! Readers of outside bytes, each as a function that fails if its reader does: the entry points of
//! the fuzz crate beside this one (`tests/fuzz`), and of the runs on stable in `tests/fuzz.rs`.
//!
//! An entry point takes any bytes, asserts what must hold whatever they are, and returns whether
//! its reader accepted them. Inputs that made one fail go into its corpus.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a panic is how an entry point reports a failure"
)]

mod documents;
mod grammar;
mod pictures;
mod processing;
mod random;
mod run;
mod signatures;
mod spec_files;

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

pub use documents::{json, xml};
pub use grammar::grammar;
pub use pictures::{decoders, inspection};
pub use processing::{codes, networks, pipelines};
pub use random::Random;
pub use run::run;
pub use signatures::signatures;
pub use spec_files::spec_files;

use crate::Failure;

/// Something that reads outside bytes.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name, and that of its corpus and of its test.
    pub name: &'static str,
    /// Reads the bytes, asserts what must hold and returns whether they were accepted.
    pub entry: fn(&[u8]) -> bool,
    /// Inputs to start from, besides the corpus.
    pub seeds: fn() -> Result<Vec<Vec<u8>>, Failure>,
    /// Pieces that its reader may stumble over.
    pub pieces: &'static [&'static [u8]],
    /// Whether the first line of an input says how to read the rest. It is not mutated, but now
    /// and then taken from another input.
    pub addressed: bool,
    /// How many of a hundred changed inputs are accepted: hostile, but not hopeless, is what is
    /// asked for.
    pub accepted: RangeInclusive<u64>,
}

/// Every target.
pub static TARGETS: [Target; 10] = [
    documents::XML,
    documents::JSON,
    signatures::TARGET,
    spec_files::TARGET,
    pictures::DECODERS,
    pictures::INSPECTION,
    grammar::TARGET,
    processing::PIPELINES,
    processing::NETWORKS,
    processing::CODES,
];

impl Target {
    /// The target with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        TARGETS.iter().find(|target| target.name == name)
    }

    /// Where its corpus lies.
    pub fn corpus(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fuzz/corpus")
            .join(self.name)
    }

    /// All inputs to start from: the corpus by the names of its files, then the seeds.
    ///
    /// # Errors
    /// The corpus or the samples cannot be read.
    pub fn inputs(&self) -> Result<Vec<Vec<u8>>, Failure> {
        let mut paths = fs::read_dir(self.corpus())?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()?;
        paths.sort();
        let mut inputs = paths.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?;
        inputs.extend((self.seeds)()?);
        Ok(inputs)
    }
}
