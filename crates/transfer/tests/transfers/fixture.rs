//! What the tests share.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tcloud_transfer::{Transfers, TransfersBuilder};

use crate::service::Cos;

pub(crate) const BUCKET: &str = "examplebucket-1250000000";
pub(crate) const MIB: usize = 1024 * 1024;

/// Bytes that repeat nowhere near, from a seed.
pub(crate) fn content(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Transfers in parts of 1 MiB from 2 MiB on, whose rounds follow each other at once.
pub(crate) fn builder(cos: &Cos) -> TransfersBuilder {
    Transfers::builder(&cos.client())
        .part_size(MIB as u64)
        .parts_from(2 * MIB as u64)
        .rounds(4, Duration::from_millis(1))
}

pub(crate) fn transfers(cos: &Cos) -> Transfers {
    builder(cos).build()
}

/// A file with this content.
pub(crate) fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The names of the files in a folder, hidden ones included.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
