//! The file of a seed.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;
use serde_saphyr::{Error, Location, SnippetMode, Spanned, UserMessageFormatter};
use tcloud_core::call::Request;
use tcloud_core::codec::{self, Document};
use tcloud_core::operation::Operation;
use tcloud_core::schema::{Kind, Place};
use tcloud_cos::operation::put_object::PutObjectRequest;

use super::call::{Call, Written};
use super::error::{FILE, SeedError};
use super::folder;
use super::parts::{Bucket, Object, Parts};
use crate::cam::Account;

/// The document.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct File {
    account: Option<Account>,
    // A key that says nothing is one that is not there.
    buckets: Option<BTreeMap<String, Option<Spanned<Entry>>>>,
    calls: Option<Vec<Written>>,
}

/// What it says of a bucket.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Entry {
    region: Option<String>,
    settings: Option<Vec<Written>>,
    objects: Option<BTreeMap<String, Spanned<BTreeMap<String, String>>>>,
}

/// Reads the seed in `folder`.
pub(super) fn read(folder: &Path) -> Result<Parts, SeedError> {
    let file = file(&folder.join(FILE))?;
    let mut entries = file.buckets.unwrap_or_default();
    let mut files = folder::buckets(folder)?;
    for name in entries.keys() {
        files.entry(name.clone()).or_default();
    }
    let mut buckets = Vec::new();
    for (name, files) in files {
        let entry = entries.remove(&name).flatten();
        let (line, entry) = match entry {
            Some(entry) => (entry.referenced.line(), entry.value),
            None => (0, Entry::default()),
        };
        buckets.push(bucket(name, line, entry, files)?);
    }
    let calls = file.calls.unwrap_or_default();
    let calls = calls.iter().map(Call::of_any);
    Ok(Parts {
        account: file.account,
        buckets,
        calls: calls.collect::<Result<_, _>>()?,
    })
}

fn bucket(
    name: String,
    line: u64,
    entry: Entry,
    files: folder::Files,
) -> Result<Bucket, SeedError> {
    let settings = entry.settings.unwrap_or_default();
    let settings = settings.iter().map(|it| Call::of_bucket(it, &name));
    let settings = settings.collect::<Result<_, _>>()?;
    let mut named = entry.objects.unwrap_or_default();
    let mut objects = Vec::new();
    for (key, path) in files {
        let headers = named.remove(&key);
        let request = request(&name, &key, headers.as_ref())?;
        objects.push(Object { path, request });
    }
    if let Some((key, headers)) = named.first_key_value() {
        let line = headers.referenced.line().max(line);
        let message = format!("there is no file {name}/{key}, so no object that it could be about");
        return Err(SeedError::in_line(line, message));
    }
    Ok(Bucket {
        name,
        region: entry.region,
        settings,
        objects,
    })
}

/// The request that stores an object with `headers`.
fn request(
    bucket: &str,
    key: &str,
    headers: Option<&Spanned<BTreeMap<String, String>>>,
) -> Result<Document, SeedError> {
    let operation = PutObjectRequest::operation();
    let mut request = Document::new(operation.request);
    codec::fill_labels(&mut request, [("bucket", bucket), ("key", key)]);
    let Some(headers) = headers else {
        return Ok(request);
    };
    let line = headers.referenced.line();
    let headers = &headers.value;
    if let Some(unknown) = headers.keys().find(|name| !is_header(operation, name)) {
        let message = format!("{key}: an object is stored with no header {unknown}");
        return Err(SeedError::in_line(line, message));
    }
    let pairs = headers.iter().map(|(name, value)| (&**name, &**value));
    let drift = codec::fill_headers(&mut request, pairs);
    match drift.first() {
        Some(departure) => Err(SeedError::in_line(line, format!("{key}: {departure}"))),
        None => Ok(request),
    }
}

/// Whether the table of `operation` has the header `name`, or a family of which it is one.
fn is_header(operation: &Operation, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let mut fields = operation.request.fields().iter();
    fields.any(|field| {
        let own = field.name.to_ascii_lowercase();
        field.place == Place::Header
            && (own == name || matches!(field.kind, Kind::Map) && name.starts_with(&own))
    })
}

/// What is in the file `path`; nothing if there is none.
fn file(path: &Path) -> Result<File, SeedError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(File::default()),
        Err(error) => return Err(SeedError::unreadable(path, error)),
    };
    let read: Result<Option<File>, Error> = serde_saphyr::from_str(&text);
    match read {
        Ok(file) => Ok(file.unwrap_or_default()),
        Err(error) => {
            let error = error.without_snippet();
            let line = error.location().as_ref().map_or(0, Location::line);
            Err(SeedError::in_line(line, plain(error)))
        }
    }
}

/// What is wrong, without what the file says there: it may be a secret.
fn plain(error: &Error) -> String {
    match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => {
            format!(
                "there is no key `{field}` here; there are {}",
                expected.join(", ")
            )
        }
        Error::SerdeMissingField { field, .. } => format!("the key `{field}` is missing"),
        Error::SerdeInvalidType { .. } => "a value is not what belongs there".to_owned(),
        other => {
            let formatter = UserMessageFormatter;
            let text = other.render_with_options(serde_saphyr::render_options! {
                formatter: &formatter,
                snippets: SnippetMode::Off,
            });
            let message = text.rsplit_once(" at line ").map(|(message, _)| message);
            message.unwrap_or(&text).to_owned()
        }
    }
}
