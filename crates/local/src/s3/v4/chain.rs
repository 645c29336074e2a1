//! Signatures of chunks.

use std::fmt;

use tcloud_core::server::Fault;

use crate::s3::mac::{is_mac, mismatch, sha256_hex};

/// What a hash of nothing is.
const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What the signatures of chunks go on from: each is over the one before it.
pub(crate) struct Chain {
    pub(super) key: Vec<u8>,
    pub(super) time: String,
    pub(super) scope: String,
    /// The signature before.
    pub(super) previous: String,
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain").finish_non_exhaustive()
    }
}

impl Chain {
    /// Checks the signature of the next chunk, whose hash is given.
    pub(in crate::s3) fn chunk(&mut self, hash: &str, signature: &str) -> Result<(), Fault> {
        let rest = format!("{HASH_OF_NOTHING}\n{hash}");
        self.link("PAYLOAD", &rest, signature)
    }

    /// Checks the signature of what comes behind the chunks: lines of `name:value`.
    pub(in crate::s3) fn trailer(&mut self, lines: &str, signature: &str) -> Result<(), Fault> {
        self.link("TRAILER", &sha256_hex(lines.as_bytes()), signature)
    }

    fn link(&mut self, what: &str, rest: &str, signature: &str) -> Result<(), Fault> {
        let Self {
            key,
            time,
            scope,
            previous,
        } = self;
        let text = format!("AWS4-HMAC-SHA256-{what}\n{time}\n{scope}\n{previous}\n{rest}");
        if !is_mac(key, &text, signature) {
            return Err(
                mismatch("that of a chunk of the body is wrong").detail("StringToSign", text)
            );
        }
        signature.clone_into(previous);
        Ok(())
    }
}
