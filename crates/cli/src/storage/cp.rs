//! `tcloud cp`: copies files and objects.

use clap::Args;

use super::copying::{self, CopyArgs, RULES};
use crate::error::{Error, Outcome};

/// What it does.
pub(super) const ABOUT: &str = "Copy files and objects: up, down, or within the service";

const EXAMPLES: &str = "\
Examples:
  tcloud cp photo.jpg cos://album-1250000000/2024/
  tcloud cp -r site cos://web-1250000000/ --exclude '*.tmp' --cache-control max-age=3600
  tcloud cp 'cos://album-1250000000/2024/*.jpg' photos
  tcloud cp -r cos://album-1250000000/2024 cos://backup-1250000000/album --storage-class ARCHIVE
  pg_dump shop | tcloud cp - cos://backup-1250000000/shop.sql";

/// The arguments of `tcloud cp`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{RULES}"))]
pub(super) struct Arguments {
    #[command(flatten)]
    copy: CopyArgs,
}

/// Copies.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    copying::run(args.copy, false).await
}
