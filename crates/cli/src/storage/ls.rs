//! `tcloud ls`: buckets, objects, versions, and uploads that were never ended.

use clap::Args;
use serde::Serialize;
use tcloud_core::time::{Timestamp, format_iso_utc};
use tcloud_cos::types::ObjectSummary;

use super::filters::FilterArgs;
use super::listing::{self, Selection, Version, failed};
use super::places;
use super::report;
use super::session::Session;
use super::size;
use super::transfer::TransferArgs;
use crate::args::ConnectionArgs;
use crate::console;
use crate::error::{Error, Outcome};
use crate::location::Remote;

/// What it does.
pub(super) const ABOUT: &str = "List buckets, or what is in one";

const HELP: &str = "\
Examples:
  tcloud ls
  tcloud ls cos://album-1250000000/2024/
  tcloud ls 'cos://album-1250000000/2024/*.jpg' --human-readable
  tcloud ls -r cos://album-1250000000 --summarize
  tcloud ls --uploads cos://album-1250000000

Without --recursive, keys up to the next / are one line (PRE). Times are in UTC.

Exit code: 0 done; 1 it failed; 2 a wrong command line; 4 nothing of this name is there.";

/// The arguments of `tcloud ls`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = HELP)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(super) struct Arguments {
    /// A bucket or a prefix, such as cos://album-1250000000/2024/; all buckets without it
    #[arg(value_name = "PLACE", value_parser = places::remote())]
    place: Option<Remote>,
    /// List all that is below
    #[arg(short, long)]
    recursive: bool,
    /// Sizes for people, such as 1.5 MiB
    #[arg(long)]
    human_readable: bool,
    /// Add how many there are, and their size together
    #[arg(long)]
    summarize: bool,
    /// Show so many objects at most
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// List all versions, and the markers of deletions
    #[arg(long, conflicts_with = "uploads")]
    all_versions: bool,
    /// List uploads in parts that were begun and never ended
    #[arg(long)]
    uploads: bool,
    /// Print JSON instead of lines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// A line: a bucket, an object, a version, an upload, or a prefix of several objects.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    bucket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_latest: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_delete_marker: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_id: Option<String>,
}

/// Lists.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    let session = Session::open(&args.connection)?;
    let mut list = List {
        args: &args,
        kept: Vec::new(),
        count: 0,
        bytes: 0,
        cut: 0,
    };
    session.interruption.or(list.fill(&session)).await?;
    list.end()
}

/// What is listed. Lines are printed as they come; for a JSON document they are kept.
struct List<'a> {
    args: &'a Arguments,
    kept: Vec<Entry>,
    count: u64,
    bytes: u64,
    /// How much of a key is not shown.
    cut: usize,
}

/// That no more is to be listed.
struct Enough;

impl List<'_> {
    async fn fill(&mut self, session: &Session) -> Result<(), Error> {
        let Some(place) = &self.args.place else {
            return self.buckets(session).await;
        };
        if self.args.uploads {
            self.uploads(session, place).await?;
        } else if self.args.all_versions {
            self.versions(session, place).await?;
        } else if self.args.recursive || place.pattern().is_some() {
            self.below(session, place).await?;
        } else {
            self.level(session, place).await?;
        }
        if self.count == 0 && !place.key.is_empty() {
            return Err(Error::Missing(format!(
                "there is nothing in {place}; check the name"
            )));
        }
        Ok(())
    }

    async fn buckets(&mut self, session: &Session) -> Result<(), Error> {
        let mut buckets = session.client.get_service().items();
        while let Some(bucket) = buckets.next().await {
            let bucket = bucket.map_err(failed)?;
            let entry = Entry {
                bucket: bucket.name,
                region: bucket.location,
                time: time(bucket.creation_date.as_ref()),
                ..Entry::default()
            };
            if self.add(entry)?.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// Keys up to the next slash.
    async fn level(&mut self, session: &Session, place: &Remote) -> Result<(), Error> {
        let prefix = place.plain_key();
        self.cut = prefix.rfind('/').map_or(0, |at| at.saturating_add(1));
        let filter = self.args.filters.filter(None)?;
        let call = session.client.get_bucket(&place.bucket).delimiter("/");
        let mut pages = call
            .prefix(Some(prefix).filter(|it| !it.is_empty()))
            .pages();
        while let Some(page) = pages.next().await {
            let page = page.map_err(failed)?.into_output();
            let prefixes = page.common_prefixes.into_iter().map(|it| Entry {
                prefix: it.prefix,
                ..Entry::default()
            });
            let objects = page.contents.into_iter().map(|it| entry(&it));
            let mut entries: Vec<Entry> = prefixes.chain(objects).collect();
            entries.sort_by(|a, b| a.name().cmp(b.name()));
            for entry in entries {
                let relative = entry.name().get(self.cut..).unwrap_or_default();
                if filter.takes(relative) && self.add(entry)?.is_some() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// All that is below, or that fits wildcards.
    async fn below(&mut self, session: &Session, place: &Remote) -> Result<(), Error> {
        let selection = Selection::of(place, &self.args.filters)?;
        let listed = listing::objects(&session.client, &selection, |_, object| {
            match self.add(entry(object))? {
                None => Ok(()),
                // The way out of a list.
                Some(Enough) => Err(Error::ReaderGone),
            }
        });
        let listed = listed.await;
        self.unless_enough(listed)
    }

    async fn versions(&mut self, session: &Session, place: &Remote) -> Result<(), Error> {
        let selection = Selection::of(place, &self.args.filters)?;
        let listed = listing::versions(&session.client, &selection, |version| {
            let entry = match version {
                Version::Kept(it) => Entry {
                    key: it.key,
                    size: unsigned(it.size),
                    time: time(it.last_modified.as_ref()),
                    storage_class: it.storage_class.map(|it| it.to_string()),
                    etag: it.etag,
                    version_id: it.version_id,
                    is_latest: it.is_latest,
                    is_delete_marker: Some(false),
                    ..Entry::default()
                },
                Version::Deleted(it) => Entry {
                    key: it.key,
                    time: time(it.last_modified.as_ref()),
                    version_id: it.version_id,
                    is_latest: it.is_latest,
                    is_delete_marker: Some(true),
                    ..Entry::default()
                },
            };
            match self.add(entry)? {
                None => Ok(()),
                Some(Enough) => Err(Error::ReaderGone),
            }
        });
        let listed = listed.await;
        self.unless_enough(listed)
    }

    async fn uploads(&mut self, session: &Session, place: &Remote) -> Result<(), Error> {
        let transfers = session.transfers(&TransferArgs::default());
        let of = place.prefix(&place.plain_key(), None);
        for upload in transfers.unfinished(of).list().await? {
            let entry = Entry {
                key: Some(upload.object.key),
                time: upload.begun.map(format_iso_utc),
                upload_id: Some(upload.id),
                ..Entry::default()
            };
            if self.add(entry)?.is_some() {
                break;
            }
        }
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.args.limit.is_some_and(|limit| self.count >= limit)
    }

    /// What came of a list that may have been left because it was long enough.
    fn unless_enough(&self, listed: Result<(), Error>) -> Result<(), Error> {
        match listed {
            Err(Error::ReaderGone) if self.is_full() => Ok(()),
            listed => listed,
        }
    }

    /// Takes an entry, unless there are enough.
    fn add(&mut self, entry: Entry) -> Result<Option<Enough>, Error> {
        if self.is_full() {
            console::note("there is more; without --limit all of it is listed");
            return Ok(Some(Enough));
        }
        self.count = self.count.saturating_add(1);
        self.bytes = self.bytes.saturating_add(entry.size.unwrap_or_default());
        if self.args.json {
            self.kept.push(entry);
        } else {
            console::print(&console::printable(&self.line(&entry)))?;
        }
        Ok(None)
    }

    fn line(&self, entry: &Entry) -> String {
        let time = entry.time.as_deref().unwrap_or_default();
        if let Some(bucket) = &entry.bucket {
            let region = entry.region.as_deref().unwrap_or_default();
            return format!("{time:<20}  {region:<16}  cos://{bucket}");
        }
        let bytes = match (entry.size, self.args.human_readable) {
            _ if entry.prefix.is_some() => "PRE".to_owned(),
            _ if entry.is_delete_marker == Some(true) => "deleted".to_owned(),
            (Some(bytes), true) => size::words(bytes),
            (Some(bytes), false) => bytes.to_string(),
            (None, _) => String::new(),
        };
        let class = entry.storage_class.as_deref().unwrap_or_default();
        let name = entry.name().get(self.cut..).unwrap_or_default();
        let mut line = if entry.upload_id.is_some() {
            format!("{time:<20}  {name}")
        } else {
            format!("{time:<20}  {bytes:>12}  {class:<12}  {name}")
        };
        if let Some(id) = &entry.upload_id {
            line.extend(["  ", id.as_str()]);
        }
        if let Some(version) = &entry.version_id {
            let latest = if entry.is_latest == Some(true) {
                " (latest)"
            } else {
                ""
            };
            line.extend(["  ", version.as_str(), latest]);
        }
        line
    }

    fn end(self) -> Result<Outcome, Error> {
        if self.args.json {
            report::json(&self.kept)?;
        } else if self.args.summarize {
            console::print(&format!(
                "{} in all, {} bytes ({})",
                self.count,
                self.bytes,
                size::words(self.bytes)
            ))?;
        }
        Ok(Outcome::Done)
    }
}

impl Entry {
    fn name(&self) -> &str {
        let name = self.key.as_deref().or(self.prefix.as_deref());
        name.unwrap_or_default()
    }
}

fn entry(object: &ObjectSummary) -> Entry {
    Entry {
        key: object.key.clone(),
        size: unsigned(object.size),
        time: time(object.last_modified.as_ref()),
        storage_class: object.storage_class.as_ref().map(ToString::to_string),
        etag: object.etag.clone(),
        ..Entry::default()
    }
}

fn unsigned(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}

/// A time to the second, as far as the service's text is one.
fn time(time: Option<&Timestamp>) -> Option<String> {
    let time = time?;
    let seconds = time.unix_seconds().map(format_iso_utc);
    Some(seconds.unwrap_or_else(|| time.as_str().to_owned()))
}
