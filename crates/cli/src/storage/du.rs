//! `tcloud du`: how much is stored.

use std::collections::BTreeMap;

use clap::Args;
use comfy_table::Cell;
use serde::Serialize;

use super::filters::FilterArgs;
use super::listing::{self, Selection};
use super::places;
use super::report;
use super::session::Session;
use super::size;
use crate::args::ConnectionArgs;
use crate::console;
use crate::error::{Error, Outcome};
use crate::location::Remote;
use crate::table::{cell, number, table};

/// What it does.
pub(super) const ABOUT: &str = "Show how much is stored, by storage class";

/// The arguments of `tcloud du`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = "Exit code: 0 done; 1 it failed; 4 nothing of this name is there.")]
pub(super) struct Arguments {
    /// A bucket, a prefix or an object, such as cos://album-1250000000/2024
    #[arg(value_name = "PLACE", value_parser = places::remote())]
    place: Remote,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    filters: FilterArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
}

#[derive(Debug, Default, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    objects: u64,
    bytes: u64,
}

impl Usage {
    fn add(&mut self, bytes: u64) {
        self.objects = self.objects.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn row(&self, name: &str) -> Vec<Cell> {
        let count = |count: u64| number(i64::try_from(count).ok());
        let words = Cell::new(size::words(self.bytes));
        vec![
            cell(name),
            count(self.objects),
            count(self.bytes),
            words.set_alignment(comfy_table::CellAlignment::Right),
        ]
    }
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Usages {
    #[serde(flatten)]
    total: Usage,
    storage_classes: BTreeMap<String, Usage>,
}

/// Adds up what is stored.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    let session = Session::open(&args.connection)?;
    let selection = Selection::of(&args.place, &args.filters)?;
    let mut usages = Usages::default();
    let listing = listing::objects(&session.client, &selection, |_, object| {
        let bytes = object.size.and_then(|bytes| u64::try_from(bytes).ok());
        let bytes = bytes.unwrap_or_default();
        let class = object.storage_class.as_ref().map(ToString::to_string);
        let class = class.unwrap_or_else(|| "STANDARD".to_owned());
        usages.total.add(bytes);
        usages.storage_classes.entry(class).or_default().add(bytes);
        Ok(())
    });
    session.interruption.or(listing).await?;
    if usages.total.objects == 0 && !args.place.key.is_empty() {
        return Err(Error::Missing(format!(
            "there is nothing in {}; check the name",
            args.place
        )));
    }
    if args.json {
        report::json(&usages)?;
    } else {
        let mut rows = table(["Storage class", "Objects", "Bytes", "Size"]);
        for (class, usage) in &usages.storage_classes {
            rows.add_row(usage.row(class));
        }
        rows.add_row(usages.total.row("in all"));
        console::print(&rows.to_string())?;
    }
    Ok(Outcome::Done)
}
