//! The checksums by which S3 lets content be checked.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use crc_fast::CrcAlgorithm;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// The beginning of the headers that have one.
pub(super) const HEADER: &str = "x-amz-checksum-";

/// A checksum that S3 knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Crc32,
    Crc32C,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    /// By its name in any case, which is also the end of its header's.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "crc32" => Self::Crc32,
            "crc32c" => Self::Crc32C,
            "crc64nvme" => Self::Crc64Nvme,
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            _ => return None,
        })
    }

    /// By its header, in lower case.
    pub(super) fn of_header(header: &str) -> Option<Self> {
        Self::named(header.strip_prefix(HEADER)?)
    }

    /// Its header.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32C => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// How many bytes it has.
    fn length(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32C => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The checksum that `text` is, in Base64.
    pub(super) fn read(self, text: &str) -> Option<Vec<u8>> {
        let bytes = BASE64_STANDARD.decode(text.trim()).ok();
        bytes.filter(|bytes| bytes.len() == self.length())
    }
}

/// The checksum of bytes that come one after the other.
pub(super) enum Checksum {
    Crc(Algorithm, crc_fast::Digest),
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    pub(super) fn new(algorithm: Algorithm) -> Self {
        let crc = |kind| Self::Crc(algorithm, crc_fast::Digest::new(kind));
        match algorithm {
            Algorithm::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc),
            Algorithm::Crc32C => crc(CrcAlgorithm::Crc32Iscsi),
            Algorithm::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme),
            Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(_, digest) => digest.update(bytes),
            Self::Sha1(digest) => digest.update(bytes),
            Self::Sha256(digest) => digest.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc(algorithm, digest) => {
                let bytes = digest.finalize().to_be_bytes();
                let start = bytes.len().saturating_sub(algorithm.length());
                bytes.into_iter().skip(start).collect()
            }
            Self::Sha1(digest) => digest.finalize().to_vec(),
            Self::Sha256(digest) => digest.finalize().to_vec(),
        }
    }
}

/// Bytes as headers write them.
pub(super) fn written(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, Checksum, written};

    #[test]
    fn published_values() {
        // Those of the CRCs are the check values of the catalogue of CRCs, of `123456789`.
        for (name, value) in [
            ("CRC32", "cbf43926"),
            ("CRC32C", "e3069283"),
            ("CRC64NVME", "ae8b14860a799888"),
            ("SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (
                "sha256",
                "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
            ),
        ] {
            let algorithm = Algorithm::named(name).unwrap();
            let mut checksum = Checksum::new(algorithm);
            checksum.update(b"1234");
            checksum.update(b"56789");
            let bytes = checksum.finish();
            assert_eq!(super::super::mac::hex(&bytes), value, "{name}");
            assert_eq!(algorithm.read(&written(&bytes)), Some(bytes));
            assert_eq!(Algorithm::of_header(algorithm.header()), Some(algorithm));
            assert_eq!(algorithm.read("AAA="), None);
        }
        assert_eq!(Algorithm::named("md5"), None);
    }
}
