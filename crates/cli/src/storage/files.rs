//! What is done with files of this machine besides their content.

use clap::Args;
use tcloud_transfer::Links;

/// How files are read and written.
#[derive(Debug, Args)]
pub(super) struct FilesArgs {
    /// Follow symbolic links in place of leaving them out
    #[arg(long, alias = "copy-links")]
    follow_symlinks: bool,
    /// Keep the times of files, and give downloaded files the times that were kept
    #[arg(long, alias = "preserve")]
    pub(super) keep_times: bool,
}

impl FilesArgs {
    /// What is done with symbolic links.
    pub(super) fn links(&self) -> Links {
        if self.follow_symlinks {
            Links::Follow
        } else {
            Links::Skip
        }
    }
}
