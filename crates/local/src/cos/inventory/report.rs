//! What a report is: when it is due, what it is about, its lines and its manifest. Nothing is looked
//! up here.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tcloud_core::sign::encode;
use tcloud_core::time::utc_date;
use tcloud_cos::types::{
    InventoryFilter, InventoryFrequency, InventoryRule, InventorySchedule, InventoryVersions, Tag,
};

use crate::cos::bucket::setting::rules::bucket_of;
use crate::cos::midnight::{self, DAY};
use crate::cos::object::listing::with_millis;
use crate::store::{Object, REPLICATION_STATUS};

/// How many days there are at most between two reports of every month: some have no 31st.
const LONGEST: i64 = 62;
/// What a line says beside what it always does, where all versions are reported.
const OF_VERSIONS: [&str; 3] = ["VersionId", "IsLatest", "IsDeleteMarker"];
/// What precedes the name of a client's own header.
const OWN: &str = "x-cos-meta-";
/// Asks for all of the client's own headers.
const ALL_OWN: &str = "x-cos-meta-*";

/// How much was looked at, and how much of it was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Totals {
    pub(super) listed: u64,
    pub(super) listed_size: u64,
    pub(super) reported: u64,
    pub(super) reported_size: u64,
}

/// A file of a report, as its manifest names it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct File {
    pub(super) key: String,
    pub(super) size: u64,
    #[serde(rename = "md5Checksum")]
    pub(super) md5: String,
}

/// A report.
#[derive(Debug)]
pub(super) struct Report<'a> {
    rule: &'a InventoryRule,
    bucket: &'a str,
    app_id: &'a str,
    destination: &'a str,
    due: i64,
}

/// The last time until `now` at which a report was due: a midnight in Beijing, of every day, of
/// Mondays, or of a day of the month.
pub(super) fn due(schedule: Option<&InventorySchedule>, now: i64) -> Option<i64> {
    let schedule = schedule?;
    let today = midnight::last(now);
    let day = midnight::local(today).div_euclid(DAY);
    match schedule.frequency.as_ref()? {
        InventoryFrequency::Daily => Some(today),
        // The first day was a Thursday.
        InventoryFrequency::Weekly => Some(today.saturating_sub((day + 3).rem_euclid(7) * DAY)),
        InventoryFrequency::Monthly => {
            let wanted = schedule.monthly_date.unwrap_or(1);
            (0..LONGEST)
                .map(|back| today.saturating_sub(back * DAY))
                .find(|time| day_of_month(*time) == Some(wanted))
        }
        _ => None,
    }
}

/// The date in Beijing at the time `time`: `2023-11-14`.
fn date(time: i64) -> String {
    utc_date(midnight::local(time).div_euclid(1000))
}

fn day_of_month(time: i64) -> Option<i64> {
    date(time).rsplit('-').next()?.parse().ok()
}

impl<'a> Report<'a> {
    /// The report by `rule` about `bucket`, which was due at `due`.
    pub(super) fn new(
        rule: &'a InventoryRule,
        bucket: &'a str,
        app_id: &'a str,
        due: i64,
    ) -> Option<Self> {
        let destination = rule.destination.as_ref()?.bucket_destination.as_ref()?;
        let (destination, _) = bucket_of(destination.bucket.as_deref()?).ok()?;
        Some(Self {
            rule,
            bucket,
            app_id,
            destination,
            due,
        })
    }

    /// The bucket that it is written to.
    pub(super) const fn destination(&self) -> &str {
        self.destination
    }

    /// The folder of all reports by the rule.
    fn folder(&self) -> String {
        let destination = self.rule.destination.as_ref();
        let destination = destination.and_then(|it| it.bucket_destination.as_ref());
        let prefix = destination.and_then(|it| it.prefix.as_deref());
        let prefix = prefix.unwrap_or_default().trim_end_matches('/');
        let id = self.rule.id.as_deref().unwrap_or_default();
        let bucket = without_app_id(self.bucket, self.app_id);
        let folder = format!("{prefix}/{}/{bucket}/{id}", self.app_id);
        folder.trim_start_matches('/').to_owned()
    }

    /// The folder of this report.
    pub(super) fn dated(&self) -> String {
        format!("{}/{}", self.folder(), self.day())
    }

    fn day(&self) -> String {
        date(self.due).replace('-', "")
    }

    /// The key of the file of this number.
    pub(super) fn data(&self, number: usize) -> String {
        format!("{}/data/{}_{number}.csv.gz", self.folder(), self.day())
    }

    fn filter(&self) -> Option<&InventoryFilter> {
        self.rule.filter.as_ref()
    }

    /// What all keys begin with that it is about.
    pub(super) fn prefix(&self) -> &str {
        let and = self.filter().and_then(|filter| filter.and.as_ref());
        let prefix = self.filter().and_then(|filter| filter.prefix.as_deref());
        prefix
            .or_else(|| and?.prefix.as_deref())
            .unwrap_or_default()
    }

    fn all_versions(&self) -> bool {
        self.rule.included_object_versions == Some(InventoryVersions::All)
    }

    fn fields(&self) -> impl Iterator<Item = &str> {
        let fields = self.rule.optional_fields.iter();
        fields.flat_map(|it| &it.fields).map(String::as_str)
    }

    /// Whether it is about `object`, whose key has the prefix.
    fn matches(&self, object: &Object) -> bool {
        let Some(filter) = self.filter() else {
            return true;
        };
        let tags = &object.attributes.tags;
        let has = |tag: &Tag| {
            let key = tag.key.as_deref().unwrap_or_default();
            tags.get(key).map(String::as_str) == Some(tag.value.as_deref().unwrap_or_default())
        };
        let and = filter.and.as_ref();
        let classes = and.and_then(|and| and.storage_class.as_deref());
        let class = object.storage_class().unwrap_or("STANDARD");
        let seconds = object.last_modified.div_euclid(1000);
        let period = filter.period.as_ref();
        and.iter().flat_map(|and| &and.tags).all(has)
            && classes.is_none_or(|all| all.split(',').any(|one| one.trim() == class))
            && period.is_none_or(|it| {
                it.start_time.is_none_or(|start| start <= seconds)
                    && it.end_time.is_none_or(|end| seconds <= end)
            })
    }

    /// The names of what a line has.
    fn schema(&self) -> String {
        let of_versions = OF_VERSIONS.iter().filter(|_| self.all_versions());
        let mut names = vec!["Appid", "Bucket", "Key"];
        names.extend(of_versions);
        names.extend(self.fields());
        names.join(", ")
    }

    /// The line of `object`, if the report is about it; it is counted either way.
    pub(super) fn line(
        &self,
        object: &Object,
        is_latest: bool,
        totals: &mut Totals,
    ) -> Option<String> {
        if !self.all_versions() && (!is_latest || object.is_marker) {
            return None;
        }
        totals.listed += 1;
        totals.listed_size += object.size;
        if !self.matches(object) {
            return None;
        }
        totals.reported += 1;
        totals.reported_size += object.size;
        let mut values = vec![
            self.app_id.to_owned(),
            without_app_id(self.bucket, self.app_id).to_owned(),
            encode::component(&object.key),
        ];
        if self.all_versions() {
            let id = object.version_id().map(|id| id.to_string());
            values.push(id.unwrap_or_default());
            values.push(word(is_latest).to_owned());
            values.push(word(object.is_marker).to_owned());
        }
        values.extend(self.fields().map(|field| value(object, field)));
        let quoted = values
            .iter()
            .map(|it| format!("\"{}\"", it.replace('"', "\"\"")));
        let mut line = quoted.collect::<Vec<_>>().join(",");
        line.push('\n');
        Some(line)
    }

    /// The document that says what the report is made of.
    pub(super) fn manifest(&self, files: &[File], totals: &Totals) -> String {
        let manifest = json!({
            "sourceAppid": self.app_id,
            "sourceBucket": without_app_id(self.bucket, self.app_id),
            "destinationAppid": self.app_id,
            "destinationBucket": without_app_id(self.destination, self.app_id),
            "fileFormat": "CSV",
            "listObjectCount": totals.listed,
            "listStorageSize": totals.listed_size,
            "filterObjectCount": totals.reported,
            "filterStorageSize": totals.reported_size,
            "fileSchema": self.schema(),
            "creationTimestamp": self.due.div_euclid(1000).to_string(),
            "files": files,
        });
        format!("{manifest:#}\n")
    }
}

/// The name of a bucket without the number of its account.
fn without_app_id<'a>(bucket: &'a str, app_id: &str) -> &'a str {
    let name = bucket.strip_suffix(app_id);
    name.and_then(|name| name.strip_suffix('-'))
        .unwrap_or(bucket)
}

const fn word(is: bool) -> &'static str {
    if is { "True" } else { "False" }
}

/// What `object` says to the field `field`. A delete marker has only a time.
fn value(object: &Object, field: &str) -> String {
    let attributes = &object.attributes;
    if object.is_marker && field != "LastModifiedDate" {
        return String::new();
    }
    match field {
        "Size" => object.size.to_string(),
        "LastModifiedDate" => with_millis(object.last_modified),
        "StorageClass" => object.storage_class().unwrap_or("STANDARD").to_owned(),
        "ETag" => object.etag.clone(),
        "IsMultipartUploaded" => word(object.etag.contains('-')).to_owned(),
        "Tag" => pairs(attributes.tags.iter()),
        "Crc64" => object.crc64.to_string(),
        ALL_OWN => pairs(attributes.metadata.iter()),
        _ => {
            let kept = match field.strip_prefix(OWN) {
                Some(own) => attributes.metadata.get(own),
                // Whether it was copied to another bucket.
                None => attributes.headers.get(REPLICATION_STATUS),
            };
            kept.cloned().unwrap_or_default()
        }
    }
}

/// Names and values, written like a query string.
fn pairs<'a>(all: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let pair = |(name, value): (&String, &String)| {
        format!("{}={}", encode::component(name), encode::component(value))
    };
    all.map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests;
