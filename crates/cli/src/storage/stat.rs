//! `tcloud stat`: what is known of an object or a bucket.

use clap::Args;
use comfy_table::Cell;
use serde_json::{Map, Value};
use tcloud_cos::operation::head_object::HeadObjectResponse;

use super::listing::failed_at;
use super::places;
use super::report;
use super::session::Session;
use crate::args::ConnectionArgs;
use crate::console;
use crate::error::{Error, Outcome};
use crate::location::Remote;
use crate::table::{cell, table};

/// What it does.
pub(super) const ABOUT: &str = "Show what is known of an object or a bucket";

/// The arguments of `tcloud stat`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = "Exit code: 0 it is there; 1 it failed; 4 it is not there.")]
pub(super) struct Arguments {
    /// An object, such as cos://album-1250000000/2024/sea.jpg, or a bucket
    #[arg(value_name = "PLACE", value_parser = places::remote())]
    place: Remote,
    /// The version, in a bucket that keeps versions
    #[arg(long, value_name = "ID")]
    version_id: Option<String>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// Shows what is known.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    let session = Session::open(&args.connection)?;
    let facts = session.interruption.or(facts(&session, &args)).await?;
    if args.json {
        report::json(&Value::Object(facts))?;
    } else {
        let mut rows = table(["Name", "Value"]);
        for (name, value) in facts {
            match value {
                Value::Object(inner) => {
                    for (inner, value) in inner {
                        rows.add_row([cell(&format!("{name}.{inner}")), text(&value)]);
                    }
                }
                value => {
                    rows.add_row([cell(&name), text(&value)]);
                }
            }
        }
        console::print(&rows.to_string())?;
    }
    Ok(Outcome::Done)
}

fn text(value: &Value) -> Cell {
    cell(&match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    })
}

async fn facts(session: &Session, args: &Arguments) -> Result<Map<String, Value>, Error> {
    let place = &args.place;
    let mut facts = Map::new();
    if place.key.is_empty() {
        let bucket = session.client.head_bucket(&place.bucket).send().await;
        let bucket = bucket.map_err(failed_at(place))?;
        facts.insert("bucket".to_owned(), place.bucket.clone().into());
        add(&mut facts, "region", bucket.bucket_region.clone());
        add(&mut facts, "zones", bucket.bucket_az_type.clone());
        add(&mut facts, "architecture", bucket.bucket_arch.clone());
        return Ok(facts);
    }
    let key = place.plain_key();
    let call = session.client.head_object(&place.bucket, &key);
    let reply = call.version_id(args.version_id.as_deref()).send().await;
    let reply = reply.map_err(failed_at(place))?;
    facts.insert("bucket".to_owned(), place.bucket.clone().into());
    facts.insert("key".to_owned(), key.into());
    object(&mut facts, reply.into_output());
    Ok(facts)
}

fn object(facts: &mut Map<String, Value>, known: HeadObjectResponse) {
    if let Some(size) = known.content_length {
        facts.insert("size".to_owned(), size.into());
    }
    add(facts, "contentType", known.content_type);
    add(facts, "lastModified", known.last_modified);
    add(facts, "etag", known.etag);
    add(facts, "crc64", known.crc64);
    add(facts, "versionId", known.version_id);
    let class = known.storage_class.map(|class| class.to_string());
    // The service leaves out the usual one.
    add(
        facts,
        "storageClass",
        class.or_else(|| Some("STANDARD".to_owned())),
    );
    add(
        facts,
        "storageTier",
        known.storage_tier.map(|tier| tier.to_string()),
    );
    if let Some(tags) = known.tagging_count {
        facts.insert("tags".to_owned(), tags.into());
    }
    add(facts, "restore", known.restore);
    add(facts, "cacheControl", known.cache_control);
    add(facts, "contentDisposition", known.content_disposition);
    add(facts, "contentEncoding", known.content_encoding);
    add(facts, "contentLanguage", known.content_language);
    add(facts, "expires", known.expires);
    add(
        facts,
        "type",
        known.object_type.map(|kind| kind.to_string()),
    );
    let encryption = known.server_side_encryption.map(|it| it.to_string());
    add(facts, "encryption", encryption);
    if !known.metadata.is_empty() {
        let pairs = known.metadata.into_iter();
        let pairs = pairs.map(|(name, value)| (name, value.into()));
        facts.insert("metadata".to_owned(), Value::Object(pairs.collect()));
    }
}

fn add(facts: &mut Map<String, Value>, name: &str, value: Option<String>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        facts.insert(name.to_owned(), value.into());
    }
}
