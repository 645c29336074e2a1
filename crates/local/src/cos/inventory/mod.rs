//! Inventories act: reports about the objects of a bucket are written into another one.
//!
//! A report is some files of lines and, last of all, the manifest that names them, so a report that
//! has one is whole. A pass notes where it is after each file; what it writes has the same names
//! however often it is begun again.

mod report;

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use tcloud_cos::types::InventoryRule;

use self::report::{File, Report, Totals};
use super::bucket::setting::inventory;
use crate::state::State;
use crate::store::{
    ListQuery, ObjectAttributes, ObjectName, Overwrite, Pass, StagedBlob, StoreError, VersionQuery,
};

/// How many versions are looked at in one go.
const PAGE: u32 = 1000;
/// How many lines a file has.
const FILE: u64 = 100_000;

/// Where a pass goes on, and what it has done so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Place {
    key: String,
    version: Option<String>,
    files: Vec<File>,
    totals: Totals,
}

/// The last time until `now` at which the report `document` was due, if it is to be written.
pub(super) fn due(document: &str, now: i64) -> Option<i64> {
    let rule = read(document)?;
    if rule.is_enabled != Some(true) {
        return None;
    }
    report::due(rule.schedule.as_ref(), now)
}

fn read(document: &str) -> Option<InventoryRule> {
    match inventory::rule(document) {
        Ok(rule) => Some(rule),
        Err(error) => {
            // Nobody else has written it.
            tracing::error!(%error, "cannot read an inventory");
            None
        }
    }
}

/// Does what is left of `pass`, and counts a report that was written. Returns whether it came to its
/// end: not if another process has taken it over.
///
/// # Errors
///
/// The state cannot be read or written.
pub(super) async fn run(state: &State, pass: &Pass, written: &mut u64) -> Result<bool, StoreError> {
    let Some(set) = state.store.bucket_setting(&pass.setting).await? else {
        return Ok(true);
    };
    if set.set_at > pass.due {
        // What was asked for then was something else.
        return Ok(true);
    }
    let Some(rule) = read(&set.document) else {
        return Ok(true);
    };
    let app_id = state.directory().account().app_id.clone();
    let Some(report) = Report::new(&rule, &pass.setting.bucket, &app_id, pass.due) else {
        return Ok(true);
    };
    let work = Work {
        state,
        pass,
        report,
    };
    match work.write().await {
        Ok(is_whole) => {
            *written += u64::from(is_whole);
            Ok(is_whole)
        }
        Err(StoreError::NoSuchBucket(bucket)) => {
            tracing::warn!(bucket, "there is no such bucket any more for an inventory");
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

struct Work<'a> {
    state: &'a State,
    pass: &'a Pass,
    report: Report<'a>,
}

impl Work<'_> {
    async fn write(&self) -> Result<bool, StoreError> {
        // An older version has written no other words.
        let mut place: Place = serde_json::from_str(&self.pass.place).unwrap_or_default();
        let mut goes_on = true;
        while goes_on {
            goes_on = self.write_file(&mut place).await?;
            let noted = serde_json::to_string(&place).unwrap_or_default();
            if goes_on && !self.state.store.note_pass(self.pass, &noted).await? {
                return Ok(false);
            }
        }
        let manifest = self.report.manifest(&place.files, &place.totals);
        let manifest = self.state.store.upload_bytes(manifest.into()).await?;
        // Its `ETag` is its MD5.
        let checksum = self.state.store.upload_bytes(manifest.etag().into());
        let folder = self.report.dated();
        let key = format!("{folder}/manifest.checksum");
        self.store(&key, checksum.await?, "text/plain").await?;
        let key = format!("{folder}/manifest.json");
        self.store(&key, manifest, "application/json").await?;
        Ok(true)
    }

    /// Writes the next file. Returns whether there is more to write.
    async fn write_file(&self, place: &mut Place) -> Result<bool, StoreError> {
        let store = &self.state.store;
        let mut lines = 0;
        let mut file = store.upload();
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        let goes_on = loop {
            let query = VersionQuery {
                keys: ListQuery {
                    prefix: self.report.prefix().to_owned(),
                    marker: place.key.clone(),
                    max_keys: PAGE,
                    ..ListQuery::default()
                },
                version_marker: place.version.as_deref().and_then(|id| id.parse().ok()),
            };
            let page = store
                .list_versions(&self.pass.setting.bucket, &query)
                .await?;
            for (object, is_latest) in &page.versions {
                if let Some(line) = self.report.line(object, *is_latest, &mut place.totals) {
                    lines += 1;
                    // Nothing fails in memory.
                    let _ = packed.write_all(line.as_bytes());
                }
            }
            file.write(Bytes::from(std::mem::take(packed.get_mut())))
                .await?;
            let Some((key, version)) = page.next else {
                break false;
            };
            place.key = key;
            place.version = version.map(|id| id.to_string());
            if lines >= FILE {
                break true;
            }
        };
        if lines > 0 {
            let rest = packed.finish().unwrap_or_default();
            file.write(rest.into()).await?;
            let key = self.report.data(place.files.len());
            let blob = file.finish().await?;
            let (size, md5) = (blob.size, blob.etag());
            self.store(&key, blob, "application/gzip").await?;
            place.files.push(File { key, size, md5 });
        }
        Ok(goes_on)
    }

    async fn store(&self, key: &str, blob: StagedBlob, media_type: &str) -> Result<(), StoreError> {
        let name = ObjectName::new(self.report.destination(), key);
        let attributes = ObjectAttributes {
            content_type: media_type.to_owned(),
            ..ObjectAttributes::default()
        };
        let stored = self
            .state
            .store
            .put_object(&name, blob, &attributes, Overwrite::Allow);
        stored.await.map(drop)
    }
}
