//! `tcloud restore`: makes archived objects readable for some days.

use clap::{Args, ValueEnum};
use futures_util::StreamExt;
use tcloud_core::error::Error as CallError;
use tcloud_cos::{RestoreParameters, RestoreTier, StorageClass};

use super::filters::FilterArgs;
use super::listing::{self, Selection, failed};
use super::places;
use super::session::Session;
use super::show::ShowArgs;
use crate::args::ConnectionArgs;
use crate::console;
use crate::error::{Error, Outcome};
use crate::location::Remote;

/// Requests at a time.
const REQUESTS: usize = 8;

/// What it does.
pub(super) const ABOUT: &str = "Make archived objects readable for some days";

const HELP: &str = "\
Examples:
  tcloud restore cos://backup-1250000000/2019.tar --days 7 --tier expedited
  tcloud restore -r cos://backup-1250000000/2019/ --include '*.sql'

The service takes minutes to hours; `tcloud stat` shows how far it is. Of --recursive and of wildcards,
only objects of the classes ARCHIVE and DEEP_ARCHIVE are meant.

Exit code: 0 done; 1 something failed, which is reported; 4 the object is not there.";

/// The arguments of `tcloud restore`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = HELP)]
pub(super) struct Arguments {
    /// Objects, such as cos://backup-1250000000/2019.tar; * and ? are wildcards
    #[arg(required = true, value_name = "OBJECT", value_parser = places::remote())]
    objects: Vec<Remote>,
    /// Restore all that is below the keys
    #[arg(short, long)]
    recursive: bool,
    /// For how many days they can be read
    #[arg(long, value_name = "NUMBER", default_value_t = 3,
        value_parser = clap::value_parser!(i64).range(1..=365))]
    days: i64,
    /// How fast: expedited in minutes (not from DEEP_ARCHIVE), standard in hours, bulk in more hours
    #[arg(
        long,
        value_enum,
        default_value = "standard",
        ignore_case = true,
        hide_possible_values = true
    )]
    tier: Tier,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// How fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tier {
    Expedited,
    Standard,
    Bulk,
}

impl Tier {
    const fn word(self) -> RestoreTier {
        match self {
            Self::Expedited => RestoreTier::Expedited,
            Self::Standard => RestoreTier::Standard,
            Self::Bulk => RestoreTier::Bulk,
        }
    }
}

/// Asks for the objects to be restored.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    let session = Session::open(&args.connection)?;
    let meant = session.interruption.or(meant(&session, &args)).await?;
    if args.show.dry_run {
        for (bucket, key) in &meant {
            print(&format!("(dry run) restore cos://{bucket}/{key}"))?;
        }
        return Ok(Outcome::Done);
    }
    let (mut done, mut missing) = (Outcome::Done, None);
    let asked = futures_util::stream::iter(&meant).map(|(bucket, key)| {
        let session = &session;
        let tier = args.tier.word();
        async move {
            let parameters = RestoreParameters::new(tier);
            let call = session
                .client
                .post_object_restore(bucket, key, args.days, parameters);
            (bucket, key, call.send().await.map(|reply| reply.status()))
        }
    });
    let asked = asked.buffered(REQUESTS);
    let mut asked = std::pin::pin!(asked.take_until(Box::pin(session.interruption.wanted())));
    let mut records = Vec::new();
    while let Some((bucket, key, outcome)) = asked.next().await {
        let state = match outcome {
            // It could be read before.
            Ok(status) if status.as_u16() == 200 => "restored already, and for longer now",
            Ok(_) => "asked for",
            Err(error) if is_under_way(&error) => "under way already",
            // Of one object alone, it is the error of the command.
            Err(error) if meant.len() == 1 && error.is_not_found() => {
                missing = Some(error);
                continue;
            }
            Err(error) => {
                console::note(&format!("restore of cos://{bucket}/{key}: {error}"));
                done = Outcome::Incomplete;
                continue;
            }
        };
        if args.show.json {
            records.push(serde_json::json!({"bucket": bucket, "key": key, "state": state}));
        } else if !args.show.quiet {
            print(&format!("restore cos://{bucket}/{key}: {state}"))?;
        }
    }
    if args.show.json {
        super::report::json(&records)?;
    }
    session.interruption.check()?;
    match missing {
        Some(error) => Err(failed(error)),
        None => Ok(done),
    }
}

fn print(line: &str) -> Result<(), Error> {
    console::print(&console::printable(line))
}

fn is_under_way(error: &CallError) -> bool {
    error.code() == Some("RestoreAlreadyInProgress")
}

/// The objects that are meant, by bucket and key.
async fn meant(session: &Session, args: &Arguments) -> Result<Vec<(String, String)>, Error> {
    let mut meant = Vec::new();
    for of in &args.objects {
        if of.pattern().is_none() && !args.recursive {
            if of.is_folder() {
                return Err(Error::Usage(format!("{of} is a folder; give --recursive")));
            }
            meant.push((of.bucket.clone(), of.plain_key()));
            continue;
        }
        let selection = Selection::of(of, &args.filters)?;
        let archived = [StorageClass::Archive, StorageClass::DeepArchive];
        let before = meant.len();
        listing::objects(&session.client, &selection, |key, object| {
            let class = object.storage_class.as_ref();
            if class.is_some_and(|class| archived.contains(class)) {
                meant.push((of.bucket.clone(), key.to_owned()));
            }
            Ok(())
        })
        .await?;
        if meant.len() == before {
            return Err(Error::Missing(format!(
                "there is no archived object in {of}"
            )));
        }
    }
    Ok(meant)
}
