//! `tcloud rm`: deletes objects, versions of them, and uploads that were never ended.

use std::time::Duration;

use clap::Args;
use tcloud_core::time::format_iso_utc;
use tcloud_transfer::{Plan, Transfers, Unfinished};

use super::carry::carry_out;
use super::filters::FilterArgs;
use super::listing::{self, Selection};
use super::places;
use super::session::Session;
use super::show::ShowArgs;
use super::transfer::TransferArgs;
use crate::args::ConnectionArgs;
use crate::error::{Error, Outcome};
use crate::location::Remote;
use crate::{console, duration};

/// What it does.
pub(super) const ABOUT: &str = "Delete objects, a thousand with a request";

const HELP: &str = "\
Examples:
  tcloud rm cos://album-1250000000/2024/sea.jpg
  tcloud rm 'cos://album-1250000000/2024/*.tmp' --dry-run
  tcloud rm -r cos://album-1250000000/2024/ --exclude '*.jpg'
  tcloud rm --uploads --older-than 7d cos://album-1250000000

It asks nothing: look at --dry-run first. An object that is not there counts as deleted.

Exit code: 0 done; 1 something failed, which is reported; 2 a wrong command line; 130 interrupted.";

/// The arguments of `tcloud rm`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = HELP)]
pub(super) struct Arguments {
    /// Objects, such as cos://album-1250000000/2024/sea.jpg; * and ? are wildcards, ** any number of
    /// parts
    #[arg(required = true, value_name = "OBJECT", value_parser = places::remote())]
    objects: Vec<Remote>,
    /// Delete all that is below the keys
    #[arg(short, long)]
    recursive: bool,
    /// Delete this version, in a bucket that keeps versions
    #[arg(long, value_name = "ID", conflicts_with_all = ["recursive", "all_versions"])]
    version_id: Option<String>,
    /// Delete all versions, and the markers of deletions
    #[arg(long)]
    all_versions: bool,
    /// Remove uploads in parts that were begun and never ended, in place of objects
    #[arg(long, conflicts_with_all = ["recursive", "all_versions", "version_id"])]
    uploads: bool,
    /// Of --uploads only those that began so long ago, such as 7d
    #[arg(long, value_name = "TIME", value_parser = duration::parse, requires = "uploads")]
    older_than: Option<Duration>,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// Deletes.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    let session = Session::open(&args.connection)?;
    let transfers = session.transfers(&TransferArgs::default());
    if args.uploads {
        return uploads(&session, &transfers, &args).await;
    }
    let planned = async {
        let mut plan = transfers.plan([]);
        for of in &args.objects {
            plan = plan.and(deletion(&session, &transfers, &args, of).await?);
        }
        Ok(plan)
    };
    let plan = session.interruption.or(planned).await?;
    carry_out(plan, &session, &args.show).await
}

async fn deletion(
    session: &Session,
    transfers: &Transfers,
    args: &Arguments,
    of: &Remote,
) -> Result<Plan, Error> {
    let pattern = of.pattern();
    if pattern.is_none() && of.is_folder() && !args.recursive {
        return Err(Error::Usage(format!("{of} is a folder; give --recursive")));
    }
    if args.all_versions {
        let selection = Selection::of(of, &args.filters)?;
        let below = args.recursive || pattern.is_some();
        let named = of.plain_key();
        let mut found = Vec::new();
        listing::versions(&session.client, &selection, |version| {
            let object = version.object(&of.bucket);
            found.extend(object.filter(|object| below || object.key == named));
            Ok(())
        })
        .await?;
        return Ok(transfers.delete_objects(found));
    }
    if let Some(pattern) = pattern {
        let filter = args.filters.filter(Some(&pattern.rest))?;
        let folder = transfers.delete(of.prefix(&pattern.folder, None));
        return Ok(folder.filter(filter).plan().await?);
    }
    let mut object = of.object(None);
    object.version.clone_from(&args.version_id);
    if !args.recursive {
        return Ok(transfers.delete_objects([object]));
    }
    let below = transfers.delete(of.folder(None));
    let below = below.filter(args.filters.filter(None)?).plan().await?;
    // The object of this very key, if the key is not written as a folder's.
    let is_there = !of.is_folder() && transfers.info(&object).await.is_ok();
    let itself = is_there.then_some(object);
    Ok(transfers.delete_objects(itself).and(below))
}

async fn uploads(
    session: &Session,
    transfers: &Transfers,
    args: &Arguments,
) -> Result<Outcome, Error> {
    let mut failed = false;
    for of in &args.objects {
        let mut unfinished = transfers
            .unfinished(of.prefix(&of.plain_key(), None))
            .control(&session.control);
        if let Some(age) = args.older_than {
            unfinished = unfinished.older_than(age);
        }
        if args.show.dry_run {
            for upload in unfinished.list().await? {
                line(&args.show, "(dry run) remove", &upload)?;
            }
            continue;
        }
        let removed = unfinished.remove().await;
        session.interruption.check()?;
        let removed = removed?;
        for upload in &removed.removed {
            line(&args.show, "remove", upload)?;
        }
        for (upload, error) in &removed.failed {
            console::note(&format!("upload of {}: {error}", upload.object));
            failed = true;
        }
    }
    Ok(if failed {
        Outcome::Incomplete
    } else {
        Outcome::Done
    })
}

fn line(show: &ShowArgs, verb: &str, upload: &Unfinished) -> Result<(), Error> {
    if show.quiet {
        return Ok(());
    }
    let begun = upload
        .begun
        .map_or_else(|| "some time".to_owned(), format_iso_utc);
    console::print(&console::printable(&format!(
        "{verb} the upload of {} from {begun} ({})",
        upload.object, upload.id
    )))
}
