//! `tcloud sync`: makes one side like the other.

use clap::{Args, ValueHint};
use tcloud_transfer::{Compare, ErrorKind, Place};

use super::carry::carry_out;
use super::copying::unreadable;
use super::files::FilesArgs;
use super::filters::FilterArgs;
use super::places;
use super::session::Session;
use super::settings::SettingsArgs;
use super::transfer::TransferArgs;
use crate::args::ConnectionArgs;
use crate::error::{Error, Outcome};
use crate::location::Location;

/// What it does.
pub(super) const ABOUT: &str = "Make a folder or prefix like another: transfer only what differs";

const HELP: &str = "\
Examples:
  tcloud sync site cos://web-1250000000/ --delete
  tcloud sync cos://album-1250000000/2024 photos --include '*.jpg'
  tcloud sync cos://web-1250000000/ cos://backup-1250000000/web --dry-run

What differs:
  by default        another size, or a source that changed later; a downloaded file gets the time of
                    its object, so what was transferred is unchanged
  --size-only       another size
  --checksum        another size or another CRC-64; each file of the same size is read
  --ignore-existing nothing: only what the target does not have is transferred

--delete deletes what the source does not have and no filter leaves out. It refuses a source that is
empty, and deletes nothing once anything else has failed. Markers of folders are left alone.
Keys, symbolic links and times: as `tcloud cp --help` says.

Exit code: 0 done; 1 something failed, which is reported; 2 a wrong command line; 4 what was named is
not there; 130 interrupted.";

/// The arguments of `tcloud sync`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = HELP)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(super) struct Arguments {
    /// A folder, or cos://BUCKET/PREFIX
    #[arg(value_name = "SOURCE", value_parser = places::any(), value_hint = ValueHint::DirPath)]
    source: Location,
    /// A folder, or cos://BUCKET/PREFIX
    #[arg(value_name = "TARGET", value_parser = places::any(), value_hint = ValueHint::DirPath)]
    target: Location,
    /// Delete what the source does not have
    #[arg(long)]
    delete: bool,
    /// Let an empty source empty the target
    #[arg(long, requires = "delete")]
    allow_empty_source: bool,
    /// Compare sizes alone
    #[arg(long, group = "comparison")]
    size_only: bool,
    /// Compare checksums
    #[arg(short, long, group = "comparison")]
    checksum: bool,
    /// Compare nothing: transfer only what the target does not have
    #[arg(long, group = "comparison")]
    ignore_existing: bool,
    #[command(flatten)]
    files: FilesArgs,
    /// Region of the source, if it is another one than that of the target
    #[arg(long, value_name = "REGION")]
    source_region: Option<String>,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    settings: SettingsArgs,
    #[command(flatten)]
    transfer: TransferArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// Makes the target like the source.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    let session = Session::open(&args.connection)?;
    let region = session.other_region(args.source_region.as_deref());
    if let (Location::Local(from), Location::Local(to)) = (&args.source, &args.target) {
        return Err(Error::Usage(format!(
            "{} and {} are both on this machine; write one as cos://BUCKET/PREFIX",
            from.display(),
            to.display()
        )));
    }
    if let Location::Local(path) = &args.source {
        let metadata = tokio::fs::metadata(path).await;
        let metadata = metadata.map_err(|error| unreadable(path, &error))?;
        if !metadata.is_dir() {
            return Err(Error::Usage(format!(
                "{} is a file; sync takes folders, use cp",
                path.display()
            )));
        }
    }
    let compare = match (args.size_only, args.checksum, args.ignore_existing) {
        (true, ..) => Compare::Size,
        (_, true, _) => Compare::Checksum,
        (.., true) => Compare::Name,
        _ => Compare::SizeAndTime,
    };
    let plan = session
        .transfers(&args.transfer)
        .sync(place(&args.source, region)?, place(&args.target, None)?)
        .compare(compare)
        .delete(args.delete)
        .allow_empty_source(args.allow_empty_source)
        .links(args.files.links())
        .filter(args.filters.filter(None)?)
        .settings(args.settings.settings())
        .keep_times(args.files.keep_times)
        .control(&session.control)
        .plan();
    let plan = plan.await;
    session.interruption.check()?;
    let plan = plan.map_err(|error| match error.kind() {
        // The library knows no flags.
        ErrorKind::Refused => Error::Failed(format!("{error} (--allow-empty-source)")),
        _ => error.into(),
    });
    carry_out(plan?, &session, &args.transfer.show).await
}

fn place(location: &Location, region: Option<&str>) -> Result<Place, Error> {
    match location {
        Location::Local(path) => Ok(path.clone().into()),
        Location::Remote(remote) if remote.pattern().is_some() => Err(Error::Usage(format!(
            "{remote} has wildcards; sync takes folders, and --include what is meant"
        ))),
        Location::Remote(remote) => Ok(remote.folder(region).into()),
        Location::Stream | Location::Url(_) => {
            Err(Error::Usage(format!("{location} is no folder")))
        }
    }
}
