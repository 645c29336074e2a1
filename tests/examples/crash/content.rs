//! What the objects hold: bytes that a seed makes, and makes again.

use bytes::Bytes;
use md5::{Digest, Md5};

/// The content of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) seed: u64,
    pub(crate) size: usize,
}

impl Content {
    pub(crate) fn bytes(self) -> Bytes {
        let mut bytes = vec![0; self.size];
        fastrand::Rng::with_seed(self.seed).fill(&mut bytes);
        bytes.into()
    }

    /// The `ETag` of an object with this content.
    pub(crate) fn etag(bytes: &[u8]) -> String {
        let digest: [u8; 16] = Md5::digest(bytes).into();
        format!("\"{:032x}\"", u128::from_be_bytes(digest))
    }
}
