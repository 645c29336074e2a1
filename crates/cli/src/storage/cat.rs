//! `tcloud cat`: objects on the standard output.

use clap::Args;

use super::places;
use super::session::Session;
use super::streams;
use super::transfer::TransferArgs;
use crate::args::ConnectionArgs;
use crate::error::{Error, Outcome};
use crate::location::Remote;

/// What it does.
pub(super) const ABOUT: &str = "Write objects to the standard output, one after the other";

/// The arguments of `tcloud cat`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = "Exit code: 0 done; 1 it failed; 4 the object is not there.")]
pub(super) struct Arguments {
    /// Objects, such as cos://album-1250000000/list.txt
    #[arg(required = true, value_name = "OBJECT", value_parser = places::remote())]
    objects: Vec<Remote>,
    /// The version, in a bucket that keeps versions
    #[arg(long, value_name = "ID")]
    version_id: Option<String>,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// Writes the objects.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    let session = Session::open(&args.connection)?;
    let transfers = session.transfers(&TransferArgs::default());
    for from in &args.objects {
        streams::require_one(from)?;
    }
    for from in &args.objects {
        let mut object = from.object(None);
        object.version.clone_from(&args.version_id);
        streams::print(&session, transfers.download(object)).await?;
    }
    Ok(Outcome::Done)
}
