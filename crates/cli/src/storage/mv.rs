//! `tcloud mv`: moves files and objects.

use clap::Args;

use super::copying::{self, CopyArgs, RULES};
use crate::error::{Error, Outcome};

/// What it does.
pub(super) const ABOUT: &str = "Move files and objects: each source goes when its copy is there";

const EXAMPLES: &str = "\
Examples:
  tcloud mv report.pdf cos://docs-1250000000/2024/
  tcloud mv cos://docs-1250000000/draft.txt cos://docs-1250000000/final.txt
  tcloud mv -r cos://docs-1250000000/old/ archive

Folders on this machine stay, empty.";

/// The arguments of `tcloud mv`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{RULES}"))]
pub(super) struct Arguments {
    #[command(flatten)]
    copy: CopyArgs,
}

/// Moves.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    copying::run(args.copy, true).await
}
