//! The list of a batch job: which objects it names.
//!
//! A list is CSV whose columns the job names, or the manifest of an inventory, which names files of
//! CSV and their columns. Keys are URL-encoded in both.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Cursor, Read as _};

use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;
use http::StatusCode;
use md5::{Digest as _, Md5};
use serde::Deserialize;
use tcloud_core::call::Request;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;
use tcloud_core::sign::encode;
use tcloud_cos::operation::create_job::CreateJobRequest;
use tcloud_cos::operation::get_object::GetObjectRequest;
use tcloud_cos::types::{BatchManifestField, BatchManifestFormat};

use super::request;
use super::task::Work;
use crate::cos::{names, permission};
use crate::state::State;
use crate::store::{Listed, ObjectName, VersionId};

/// The longest list, or file of a list, as it is kept.
const LIMIT: u64 = 256 * 1024 * 1024;
/// How many bytes a file of a list has at most once it is unpacked.
const UNPACKED: u64 = 4 * 1024 * 1024 * 1024;
/// How many lines a file has at most, and how many objects a list.
pub(super) const MOST: u64 = 10_000_000;
/// The longest line.
const LINE: u64 = 64 * 1024;

/// A list that cannot be used.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "InvalidManifest", message)
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Bucket,
    Key,
    Version,
    /// Whether the line is about a delete marker, to which nothing can be done.
    Marker,
    Ignored,
}

/// The manifest of an inventory, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inventory {
    source_appid: String,
    destination_appid: String,
    destination_bucket: String,
    file_format: String,
    file_schema: String,
    files: Vec<File>,
}

/// A file of lines, as the manifest of an inventory names it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    key: String,
    md5_checksum: String,
}

/// A list whose files are read one after the other.
#[derive(Debug)]
pub(super) struct List {
    columns: Vec<Column>,
    /// What follows the names of its buckets.
    suffix: String,
    /// The only file, which was read already.
    content: Option<Bytes>,
    /// Those that are still to be read, and the bucket that they are in.
    files: VecDeque<File>,
    bucket: String,
}

impl List {
    /// The list that `asked` names, if it is still what it was then.
    pub(super) async fn open(
        state: &State,
        work: &Work<'_>,
        asked: &CreateJobRequest,
    ) -> Result<Self, Fault> {
        let manifest = asked.manifest.as_ref();
        let (name, _) = request::list_of(manifest)?;
        let location = manifest.and_then(|it| it.location.as_ref());
        let version = location.and_then(|it| it.object_version_id.as_deref());
        let version = names::version(version)?;
        let etag = location.and_then(|it| it.etag.as_deref());
        let etag = etag.unwrap_or_default().trim_matches('"');
        let content = read(state, work, &name, version, etag).await?;
        let spec = manifest.and_then(|it| it.spec.as_ref());
        let is_inventory = spec.and_then(|it| it.format.as_ref())
            == Some(&BatchManifestFormat::CosInventoryReportCsvV1);
        if is_inventory {
            return Self::of_inventory(&content);
        }
        let fields = spec.and_then(|it| it.fields.as_ref());
        let columns = fields
            .iter()
            .flat_map(|it| &it.fields)
            .map(|field| match field {
                BatchManifestField::Bucket => Column::Bucket,
                BatchManifestField::Key => Column::Key,
                BatchManifestField::VersionId => Column::Version,
                _ => Column::Ignored,
            });
        Ok(Self {
            columns: columns.collect(),
            suffix: String::new(),
            content: Some(content),
            files: VecDeque::new(),
            bucket: String::new(),
        })
    }

    fn of_inventory(manifest: &[u8]) -> Result<Self, Fault> {
        let inventory: Inventory = serde_json::from_slice(manifest)
            .map_err(|error| invalid(format!("it is no manifest of an inventory: {error}")))?;
        if inventory.file_format != "CSV" {
            let format = inventory.file_format;
            return Err(invalid(format!(
                "the inventory is {format}, and only CSV can be read"
            )));
        }
        let names = inventory.file_schema.split(',').map(str::trim);
        let columns: Vec<_> = names
            .map(|name| match name {
                "Bucket" => Column::Bucket,
                "Key" => Column::Key,
                "VersionId" => Column::Version,
                "IsDeleteMarker" => Column::Marker,
                _ => Column::Ignored,
            })
            .collect();
        for needed in [Column::Bucket, Column::Key] {
            if !columns.contains(&needed) {
                return Err(invalid(
                    "the fileSchema of the inventory lacks Bucket or Key",
                ));
            }
        }
        Ok(Self {
            columns,
            suffix: format!("-{}", inventory.source_appid),
            content: None,
            files: inventory.files.into(),
            bucket: format!(
                "{}-{}",
                inventory.destination_bucket, inventory.destination_appid
            ),
        })
    }

    /// The lines of the next file.
    pub(super) async fn next(
        &mut self,
        state: &State,
        work: &Work<'_>,
    ) -> Result<Option<Lines>, Fault> {
        let reader: Box<dyn BufRead + Send> = if let Some(content) = self.content.take() {
            Box::new(Cursor::new(content))
        } else {
            let Some(file) = self.files.pop_front() else {
                return Ok(None);
            };
            let name = ObjectName::new(&self.bucket, &file.key);
            let content = read(state, work, &name, None, &file.md5_checksum).await?;
            Box::new(BufReader::new(MultiGzDecoder::new(Cursor::new(content))))
        };
        Ok(Some(Lines {
            reader,
            columns: self.columns.clone(),
            suffix: self.suffix.clone(),
            number: 0,
            unpacked: 0,
        }))
    }
}

/// What `work` makes, which takes a thread for too long to be done among requests.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    let made = tokio::task::spawn_blocking(work).await;
    made.map_err(|error| Fault::internal(Protocol::Cos, error.to_string()))
}

/// The content of `name`, whose MD5 digest or `ETag` must be `etag`.
async fn read(
    state: &State,
    work: &Work<'_>,
    name: &ObjectName,
    version: Option<VersionId>,
    etag: &str,
) -> Result<Bytes, Fault> {
    let reading = GetObjectRequest::operation();
    permission::require(state, work.context(), reading, name, version).await?;
    let reader = state.store.get_sealed(name, version, None, None).await?;
    let size = reader.object.size;
    if size > LIMIT {
        return Err(invalid(format!(
            "{name} has {size} bytes, and at most {LIMIT} are read"
        )));
    }
    reader.object.require_readable(state.store.now())?;
    let is_tagged = reader.object.etag.eq_ignore_ascii_case(etag);
    let content = reader.bytes().await?;
    let digested = content.clone();
    let digest = aside(move || u128::from_be_bytes(Md5::digest(&digested).into())).await?;
    if is_tagged || format!("{digest:032x}").eq_ignore_ascii_case(etag) {
        return Ok(content);
    }
    let message = format!("{name} is not the one that was named: its ETag is not {etag}");
    let status = StatusCode::PRECONDITION_FAILED;
    Err(Fault::new(status, "PreconditionFailed", message))
}

/// Lines of a file.
pub(super) struct Lines {
    reader: Box<dyn BufRead + Send>,
    columns: Vec<Column>,
    suffix: String,
    /// How many lines were read.
    number: u64,
    /// How many bytes they have.
    unpacked: u64,
}

/// What the next lines of a file name.
pub(super) struct Taken {
    pub(super) listed: Vec<Listed>,
    /// What comes behind them, unless that was all.
    pub(super) rest: Option<Lines>,
}

impl Lines {
    /// Reads the next `count` lines, whether they name an object or not: a few packed bytes may be very
    /// many empty lines.
    pub(super) async fn take(self, count: usize) -> Result<Taken, Fault> {
        aside(move || self.take_now(count)).await?
    }

    fn take_now(mut self, count: usize) -> Result<Taken, Fault> {
        let mut listed = Vec::new();
        for _ in 0..count {
            let Some(line) = self.line()? else {
                return Ok(Taken { listed, rest: None });
            };
            if !line.is_empty() {
                listed.extend(self.listed(&line)?);
            }
        }
        let rest = Some(self);
        Ok(Taken { listed, rest })
    }

    fn line(&mut self) -> Result<Option<String>, Fault> {
        let mut line = Vec::new();
        let mut within = (&mut self.reader).take(LINE);
        let read = within.read_until(b'\n', &mut line);
        self.number += 1;
        let number = self.number;
        match read {
            Ok(0) => return Ok(None),
            Ok(_) if number > MOST => {
                return Err(invalid(format!(
                    "it has more than {MOST} lines; divide it among several jobs"
                )));
            }
            Ok(_) if line.len() as u64 == LINE => {
                return Err(invalid(format!("line {number} has {LINE} bytes or more")));
            }
            Ok(_) => {}
            Err(error) => return Err(invalid(format!("it cannot be unpacked: {error}"))),
        }
        self.unpacked = self.unpacked.saturating_add(line.len() as u64);
        if self.unpacked > UNPACKED {
            return Err(invalid(format!(
                "it has more than {UNPACKED} bytes once it is unpacked; divide it among several jobs"
            )));
        }
        let line =
            String::from_utf8(line).map_err(|_| invalid(format!("line {number} is not UTF-8")))?;
        let line = if number == 1 {
            // Programs for tables write it before their CSV.
            line.trim_start_matches('\u{feff}')
        } else {
            &line
        };
        Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// What a line names, unless it is about a delete marker.
    fn listed(&self, line: &str) -> Result<Option<Listed>, Fault> {
        let wrong = |why: &str| invalid(format!("line {}: {why}", self.number));
        let values = values(line).ok_or_else(|| wrong("a quote is not closed"))?;
        if values.len() != self.columns.len() {
            let (found, wanted) = (values.len(), self.columns.len());
            return Err(wrong(&format!(
                "it has {found} columns instead of {wanted}"
            )));
        }
        let value = |column: Column| {
            let mut pairs = self.columns.iter().zip(&values);
            pairs
                .find(|(it, _)| **it == column)
                .map(|(_, value)| value.as_str())
        };
        if value(Column::Marker).is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            return Ok(None);
        }
        let key = value(Column::Key).unwrap_or_default();
        let key = encode::decode_path(key).ok_or_else(|| wrong("the key is not UTF-8"))?;
        Ok(Some(Listed {
            bucket: format!(
                "{}{}",
                value(Column::Bucket).unwrap_or_default(),
                self.suffix
            ),
            key,
            version: value(Column::Version).unwrap_or_default().to_owned(),
        }))
    }
}

/// The values of a line, with or without quotes; `None` if a quote is not closed.
fn values(line: &str) -> Option<Vec<String>> {
    let mut values = vec![String::new()];
    let mut is_quoted = false;
    let mut signs = line.chars().peekable();
    while let Some(sign) = signs.next() {
        let value = values.last_mut()?;
        match sign {
            '"' if is_quoted && signs.peek() == Some(&'"') => {
                signs.next();
                value.push('"');
            }
            '"' if is_quoted || value.is_empty() => is_quoted = !is_quoted,
            ',' if !is_quoted => values.push(String::new()),
            _ => value.push(sign),
        }
    }
    (!is_quoted).then_some(values)
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Cursor, repeat};

    use super::{Column, Lines, List, MOST, UNPACKED, values};
    use crate::store::Listed;

    fn lines(content: &'static str, columns: &[Column]) -> Lines {
        Lines {
            reader: Box::new(Cursor::new(content)),
            columns: columns.to_vec(),
            suffix: String::new(),
            number: 0,
            unpacked: 0,
        }
    }

    #[test]
    fn values_may_have_quotes() {
        let of = |line| values(line).map(|it| it.join("|"));
        assert_eq!(of("a,b,").as_deref(), Some("a|b|"));
        assert_eq!(
            of("\"a,b\",\"say \"\"hi\"\"\"").as_deref(),
            Some("a,b|say \"hi\"")
        );
        assert_eq!(of("\"\",x").as_deref(), Some("|x"));
        assert_eq!(of("\"a,b"), None);
    }

    #[test]
    fn lines_name_objects() {
        let columns = [Column::Bucket, Column::Key, Column::Version, Column::Marker];
        let content = "\u{feff}b,a%20b%2Fc+d,1,False\r\n\nb,gone,2,True\nb,last,,False";
        let lines = lines(content, &columns);
        let listed = |key: &str, version: &str| Listed {
            bucket: "b".to_owned(),
            key: key.to_owned(),
            version: version.to_owned(),
        };
        let first = lines.take_now(1).unwrap();
        assert_eq!(first.listed, [listed("a b/c+d", "1")]);
        // Lines that name nothing are lines as well.
        let second = first.rest.unwrap().take_now(2).unwrap();
        assert!(second.listed.is_empty());
        let last = second.rest.unwrap().take_now(9).unwrap();
        assert_eq!(last.listed, [listed("last", "")]);
        assert!(last.rest.is_none());
    }

    #[test]
    fn a_list_may_be_too_long() {
        let endless = |number, unpacked| Lines {
            reader: Box::new(BufReader::new(repeat(b'\n'))),
            columns: vec![Column::Bucket, Column::Key],
            suffix: String::new(),
            number,
            unpacked,
        };
        let taken = endless(0, 0).take_now(500).unwrap();
        assert!(taken.listed.is_empty() && taken.rest.is_some());
        for too_long in [endless(MOST, 0), endless(0, UNPACKED)] {
            let fault = too_long.take_now(1).err().unwrap();
            assert_eq!(fault.code, "InvalidManifest");
        }
    }

    #[test]
    fn what_is_no_list_is_told_with_its_line() {
        let columns = [Column::Bucket, Column::Key];
        for (content, named) in [
            ("b,k\nb", "line 2"),
            ("b,k,v", "3 columns"),
            ("b,\"k", "quote"),
            ("b,%ff", "UTF-8"),
        ] {
            let fault = lines(content, &columns).take_now(9).err().unwrap();
            assert_eq!(fault.code, "InvalidManifest");
            assert!(fault.message.contains(named), "{fault}");
        }
        for bad in ["", "{}", "[]"] {
            assert!(List::of_inventory(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
