//! How bytes are moved.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use tcloud_cos::Client;
use tcloud_transfer::Transfers;

use super::show::ShowArgs;
use super::size;

/// How bytes are moved, and what is shown of it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Transfer")]
pub(super) struct TransferArgs {
    #[command(flatten)]
    pub(super) show: ShowArgs,
    /// Requests at a time, in place of a number that is found by trying
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1024))]
    concurrency: Option<u16>,
    /// Bytes a second that are moved at most, such as 10M
    #[arg(long, alias = "bwlimit", value_name = "SIZE", value_parser = size::parse)]
    bandwidth: Option<u64>,
    /// Size of the parts of large objects, in place of one that follows the object's
    #[arg(long, value_name = "SIZE", value_parser = size::parse)]
    part_size: Option<u64>,
    /// Folder for what an interrupted upload needs to go on [default: tcloud/uploads in the folder
    /// for the state of programs]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    checkpoints: Option<PathBuf>,
}

impl TransferArgs {
    /// Transfers by `client`.
    pub(super) fn transfers(&self, client: &Client) -> Transfers {
        let mut builder = Transfers::builder(client);
        if let Some(requests) = self.concurrency {
            builder = builder.concurrency(usize::from(requests));
        }
        if let Some(bandwidth) = self.bandwidth {
            builder = builder.bandwidth(bandwidth);
        }
        if let Some(size) = self.part_size {
            builder = builder.part_size(size).parts_from(size);
        }
        if let Some(folder) = self.checkpoints.clone().or_else(usual_checkpoints) {
            builder = builder.checkpoints(folder);
        }
        builder.build()
    }
}

/// Where checkpoints are unless a flag says so; nowhere for a user without a home.
fn usual_checkpoints() -> Option<PathBuf> {
    let folder = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from)
    };
    let state = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else {
        folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local").join("state")))
    };
    Some(state?.join("tcloud").join("uploads"))
}
