//! What a command shows of its work.

use clap::Args;

/// What a command shows of its work.
#[derive(Debug, Clone, Default, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(super) struct ShowArgs {
    /// Print what would be done, and do nothing
    #[arg(short = 'n', long, alias = "dryrun")]
    pub(super) dry_run: bool,
    /// Print one JSON document at the end, in place of lines
    #[arg(long)]
    pub(super) json: bool,
    /// Print nothing but errors
    #[arg(short, long, alias = "only-show-errors")]
    pub(super) quiet: bool,
    /// Show no bars
    #[arg(long)]
    pub(super) no_progress: bool,
}
