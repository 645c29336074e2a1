//! What is measured, and of whom.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

/// Bytes of a small object.
pub(crate) const SMALL: usize = 1024;
/// Bytes of a large object.
pub(crate) const LARGE: u64 = 1 << 30;
/// Bytes of a chunk of it.
const CHUNK: usize = 64 * 1024;

static ZEROS: [u8; CHUNK] = [0; CHUNK];

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    Get,
    /// Beside `reqwest` with timeouts of its own.
    GetTimed,
    Upload,
    Download,
    /// Without a checksum.
    UploadUnchecked,
    DownloadUnchecked,
    Call,
}

impl Case {
    pub(crate) const ALL: [Self; 7] = [
        Self::Get,
        Self::GetTimed,
        Self::Upload,
        Self::Download,
        Self::UploadUnchecked,
        Self::DownloadUnchecked,
        Self::Call,
    ];

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::GetTimed => "get-timed",
            Self::Upload => "upload",
            Self::Download => "download",
            Self::UploadUnchecked => "upload-unchecked",
            Self::DownloadUnchecked => "download-unchecked",
            Self::Call => "call",
        }
    }

    /// How often it is done in a run, so that the start of a process is of no account.
    pub(crate) const fn times(self) -> u32 {
        match self {
            Self::Get | Self::GetTimed => 20_000,
            Self::Upload | Self::Download | Self::UploadUnchecked | Self::DownloadUnchecked => 4,
            Self::Call => 100_000,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Client {
    Ours,
    Raw,
}

impl Client {
    pub(crate) fn named(name: &str) -> Option<Self> {
        [Self::Ours, Self::Raw]
            .into_iter()
            .find(|it| it.name() == name)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ours => "tcloud",
            Self::Raw => "reqwest",
        }
    }
}

/// The content of the large object: zeros, which cost nothing to make.
pub(crate) struct Zeros {
    pub(crate) left: u64,
}

impl Stream for Zeros {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let size = usize::try_from(self.left).map_or(CHUNK, |left| left.min(CHUNK));
        self.left = self.left.saturating_sub(u64::try_from(size).unwrap());
        let chunk = Bytes::from_static(&ZEROS).split_to(size);
        Poll::Ready((size > 0).then_some(Ok(chunk)))
    }
}
