//! What is moved.

/// The name of the large file and object.
pub(super) const LARGE: &str = "large";
/// Bytes of it.
pub(super) const LARGE_SIZE: u64 = 1 << 30;
/// How many small files there are.
pub(super) const FILES: u32 = 10_000;
/// Bytes of each.
pub(super) const SMALL_SIZE: u64 = 10 * 1024;
/// How many files the tree has that is unchanged.
pub(super) const TREE_FILES: u32 = 100_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    UploadLarge,
    DownloadLarge,
    UploadSmall,
    DownloadSmall,
    Sync,
}

impl Case {
    pub(super) const ALL: [Self; 5] = [
        Self::UploadLarge,
        Self::DownloadLarge,
        Self::UploadSmall,
        Self::DownloadSmall,
        Self::Sync,
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::UploadLarge => "upload-large",
            Self::DownloadLarge => "download-large",
            Self::UploadSmall => "upload-small",
            Self::DownloadSmall => "download-small",
            Self::Sync => "sync",
        }
    }

    /// Bytes that are moved.
    pub(super) const fn bytes(self) -> u64 {
        match self {
            Self::UploadLarge | Self::DownloadLarge => LARGE_SIZE,
            Self::UploadSmall | Self::DownloadSmall => FILES as u64 * SMALL_SIZE,
            Self::Sync => 0,
        }
    }
}
