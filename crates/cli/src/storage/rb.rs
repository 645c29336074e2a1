//! `tcloud rb`: removes buckets.

use clap::Args;
use tcloud_transfer::Transfers;

use super::carry::carry_out;
use super::filters::FilterArgs;
use super::listing::{self, Selection, failed};
use super::places;
use super::session::Session;
use super::show::ShowArgs;
use super::transfer::TransferArgs;
use crate::args::ConnectionArgs;
use crate::console;
use crate::error::{Error, Outcome};
use crate::location::Remote;

/// What it does.
pub(super) const ABOUT: &str = "Remove buckets";

const HELP: &str = "\
A bucket that holds anything is refused by the service; --force deletes its objects, their versions
and unfinished uploads first.

Exit code: 0 done; 1 it failed; 4 the bucket is not there.";

/// The arguments of `tcloud rb`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = HELP)]
pub(super) struct Arguments {
    /// Buckets with their APPID, such as cos://album-1250000000
    #[arg(required = true, value_name = "BUCKET", value_parser = places::remote())]
    buckets: Vec<Remote>,
    /// Delete all that is in them first
    #[arg(short, long)]
    force: bool,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// Removes the buckets.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    for bucket in &args.buckets {
        bucket.require_bucket()?;
    }
    let session = Session::open(&args.connection)?;
    let transfers = session.transfers(&TransferArgs::default());
    for bucket in &args.buckets {
        if args.force && empty(&session, &transfers, &args.show, bucket).await? != Outcome::Done {
            console::note(&format!("{bucket} is not removed, since it is not empty"));
            return Ok(Outcome::Incomplete);
        }
        let line = format!("remove cos://{}", bucket.bucket);
        if args.show.dry_run {
            console::print(&format!("(dry run) {line}"))?;
            continue;
        }
        let call = session.client.delete_bucket(&bucket.bucket);
        let removed = async { call.send().await.map_err(failed) };
        session.interruption.or(removed).await?;
        if !args.show.quiet && !args.show.json {
            console::print(&line)?;
        }
    }
    Ok(Outcome::Done)
}

/// Deletes all that is in a bucket.
async fn empty(
    session: &Session,
    transfers: &Transfers,
    show: &ShowArgs,
    bucket: &Remote,
) -> Result<Outcome, Error> {
    let selection = Selection::of(bucket, &FilterArgs::default())?;
    let mut found = Vec::new();
    let listing = listing::versions(&session.client, &selection, |version| {
        found.extend(version.object(&bucket.bucket));
        Ok(())
    });
    session.interruption.or(listing).await?;
    if !found.is_empty() {
        let outcome = carry_out(transfers.delete_objects(found), session, show).await?;
        if outcome != Outcome::Done {
            return Ok(outcome);
        }
    }
    if show.dry_run {
        return Ok(Outcome::Done);
    }
    let unfinished = transfers
        .unfinished(bucket.prefix("", None))
        .control(&session.control);
    let removed = unfinished.remove().await;
    session.interruption.check()?;
    let removed = removed?;
    for (upload, error) in &removed.failed {
        console::note(&format!("upload of {}: {error}", upload.object));
    }
    Ok(if removed.failed.is_empty() {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}
