//! Content that is encrypted with a key of the client's, by AES-256 in counter mode.
//!
//! A piece of such content begins with the sixteen bytes at which its counter starts, chosen by
//! chance; what follows is as long as the content is. So a range is read without the rest. A piece
//! without content is empty. The key comes with each request and is never kept; whether it is the
//! right one is the caller's to know.

use std::fmt;

use bytes::{Bytes, BytesMut};
use futures_util::stream::{BoxStream, StreamExt, TryStreamExt};
use md5::{Digest, Md5};
use tcloud_core::body;
use uuid::Uuid;

use self::cipher::Cipher;
use super::crc64::Crc64;
use super::error::Result;

pub(crate) use self::cipher::CustomerKey;

/// How many bytes stand before the content of a piece.
pub(super) const START: u64 = 16;

/// Where the counter of a piece starts.
type Start = [u8; 16];

impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CustomerKey(…)")
    }
}

/// What encrypts a piece of content as it comes.
pub(super) struct Sealer {
    cipher: Cipher,
    /// What is still to be written before the content.
    start: Option<Start>,
    md5: Md5,
    crc64: body::Crc64,
}

/// What is known of a piece as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sealed {
    pub(super) md5: [u8; 16],
    pub(super) crc64: Crc64,
}

impl Sealer {
    pub(super) fn new(key: &CustomerKey) -> Self {
        // Of all random bytes, these are at hand.
        let start = Uuid::new_v4().into_bytes();
        Self {
            cipher: key.cipher(&start, 0),
            start: Some(start),
            md5: Md5::new(),
            crc64: body::Crc64::new(),
        }
    }

    /// What is kept of the next `chunk`.
    pub(super) fn seal(&mut self, chunk: &[u8]) -> Bytes {
        if chunk.is_empty() {
            return Bytes::new();
        }
        let mut content = BytesMut::from(chunk);
        self.cipher.apply(&mut content);
        let sealed = match self.start.take() {
            None => content,
            Some(start) => {
                let mut all = BytesMut::from(&start[..]);
                all.extend_from_slice(&content);
                all
            }
        };
        self.md5.update(&sealed);
        self.crc64.update(&sealed);
        sealed.freeze()
    }

    pub(super) fn finish(self) -> Sealed {
        Sealed {
            md5: self.md5.finalize().into(),
            crc64: Crc64(self.crc64.value()),
        }
    }
}

/// The content of a sealed piece from the byte `from` on, of which `sealed` is what is kept of it; the
/// piece begins with `start`.
pub(super) fn unseal(
    sealed: BoxStream<'static, Result<Bytes>>,
    key: &CustomerKey,
    start: &[u8],
    from: u64,
) -> BoxStream<'static, Result<Bytes>> {
    // A piece that is cut off before its content has none.
    let Ok(start) = Start::try_from(start) else {
        return futures_util::stream::empty().boxed();
    };
    let mut cipher = key.cipher(&start, from);
    sealed
        .map_ok(move |chunk| {
            let mut content = BytesMut::from(&chunk[..]);
            cipher.apply(&mut content);
            content.freeze()
        })
        .boxed()
}

#[cfg(feature = "encryption")]
mod cipher {
    use aes::Aes256;
    use ctr::Ctr128BE;
    use ctr::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};

    use super::Start;

    /// A key that a client has sent.
    #[derive(Clone, PartialEq, Eq)]
    pub(crate) struct CustomerKey([u8; 32]);

    /// The stream of a key from a counter on.
    pub(super) struct Cipher(Ctr128BE<Aes256>);

    impl CustomerKey {
        /// The key of these bytes, if content can be encrypted here.
        #[expect(
            clippy::unnecessary_wraps,
            reason = "a build that knows no cipher has none"
        )]
        pub(crate) fn new(bytes: [u8; 32]) -> Option<Self> {
            Some(Self(bytes))
        }

        /// The stream whose counter starts at `start`, from its byte `from` on.
        pub(super) fn cipher(&self, start: &Start, from: u64) -> Cipher {
            let mut stream = Ctr128BE::<Aes256>::new(&self.0.into(), &(*start).into());
            stream.seek(from);
            Cipher(stream)
        }
    }

    impl Cipher {
        /// Encrypts or decrypts the next bytes.
        pub(super) fn apply(&mut self, bytes: &mut [u8]) {
            self.0.apply_keystream(bytes);
        }
    }
}

#[cfg(not(feature = "encryption"))]
mod cipher {
    use super::Start;

    /// A key that a client has sent: there is none in a build that knows no cipher.
    #[derive(Clone, PartialEq, Eq)]
    pub(crate) enum CustomerKey {}

    /// The stream of a key.
    #[allow(dead_code, reason = "there is no key that could make one")]
    pub(super) struct Cipher;

    impl CustomerKey {
        /// No key: content cannot be encrypted here.
        pub(crate) fn new(_: [u8; 32]) -> Option<Self> {
            None
        }

        pub(super) fn cipher(&self, _: &Start, _: u64) -> Cipher {
            match *self {}
        }
    }

    impl Cipher {
        #[allow(clippy::unused_self, reason = "as the real one has it")]
        pub(super) fn apply(&mut self, _: &mut [u8]) {}
    }
}

#[cfg(test)]
#[cfg(feature = "encryption")]
mod tests {
    use bytes::{Bytes, BytesMut};
    use futures_util::stream::{self, StreamExt, TryStreamExt};
    use md5::{Digest, Md5};

    use super::{CustomerKey, START, Sealer, unseal};
    use crate::store::crc64::Crc64;

    fn key() -> CustomerKey {
        CustomerKey::new([7; 32]).unwrap()
    }

    fn sealed(chunks: &[&[u8]]) -> (Bytes, super::Sealed) {
        let mut sealer = Sealer::new(&key());
        let mut all = BytesMut::new();
        for chunk in chunks {
            all.extend_from_slice(&sealer.seal(chunk));
        }
        (all.freeze(), sealer.finish())
    }

    /// NIST SP 800-38A, F.5.5.
    #[test]
    fn it_is_the_cipher_of_the_standard() {
        let bytes = |hex: &str| -> Vec<u8> {
            let digits = hex.as_bytes().chunks(2);
            let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
            digits.map(|pair| byte(pair).unwrap()).collect()
        };
        let key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
        let key = CustomerKey::new(bytes(key).try_into().unwrap()).unwrap();
        let start = bytes("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
        let start = start.try_into().unwrap();
        let mut block = bytes("6bc1bee22e409f96e93d7e117393172a");
        key.cipher(&start, 0).apply(&mut block);
        assert_eq!(block, bytes("601ec313775789a5b7a7f504bbf3d228"));
        let mut second = bytes("ae2d8a571e03ac9c9eb76fac45af8e51");
        key.cipher(&start, 16).apply(&mut second);
        assert_eq!(second, bytes("f443e3ca4d62b59aca84e990cacaf5c5"));
    }

    #[tokio::test]
    async fn any_range_is_read_whatever_the_chunks_were() {
        let content: Vec<u8> = (0..=255).cycle().take(1000).collect();
        let (first, rest) = content.split_at(333);
        let (kept, known) = sealed(&[b"", first, rest]);
        assert_eq!(kept.len(), content.len() + usize::try_from(START).unwrap());
        assert_eq!(known.md5, <[u8; 16]>::from(Md5::digest(&kept)));
        assert_eq!(known.crc64, Crc64(tcloud_core::body::crc64(&kept)));
        let (start, body) = kept.split_at(16);
        assert_ne!(body, content);
        for (from, to) in [(0, 1000), (0, 1), (15, 17), (16, 500), (999, 1000)] {
            let chunks: Vec<_> = body[from..to]
                .chunks(7)
                .map(Bytes::copy_from_slice)
                .collect();
            let chunks = stream::iter(chunks.into_iter().map(Ok)).boxed();
            let read = unseal(chunks, &key(), start, from as u64);
            let read: Vec<_> = read.try_collect().await.unwrap();
            assert_eq!(read.concat(), &content[from..to], "{from}..{to}");
        }
    }

    #[test]
    fn the_same_content_is_never_kept_twice_alike_and_none_is_empty() {
        assert_ne!(sealed(&[b"content"]).0, sealed(&[b"content"]).0);
        assert_eq!(sealed(&[]).0.len(), 0);
        assert_eq!(format!("{:?}", key()), "CustomerKey(…)");
    }
}
