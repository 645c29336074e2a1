//! Reports, without a store.

use tcloud_cos::types::{
    InventoryBucket, InventoryDestination, InventoryFormat, InventoryFrequency, InventoryRule,
    InventorySchedule, InventoryVersions,
};

use super::{Report, date, due};
use crate::cos::midnight::{self, DAY};

/// 2023-11-15T06:13:20 in Beijing, a Wednesday.
const NOW: i64 = 1_700_000_000_000;

fn schedule(frequency: InventoryFrequency) -> InventorySchedule {
    let mut schedule = InventorySchedule::default();
    schedule.frequency = Some(frequency);
    schedule
}

fn date_due(schedule: &InventorySchedule, now: i64) -> String {
    let due = due(Some(schedule), now).unwrap();
    assert_eq!(midnight::last(due), due);
    assert!(due <= now);
    date(due)
}

#[test]
fn reports_are_due_at_midnights() {
    let daily = schedule(InventoryFrequency::Daily);
    assert_eq!(date_due(&daily, NOW), "2023-11-15");
    let weekly = schedule(InventoryFrequency::Weekly);
    for (days, expected) in [(0, "2023-11-13"), (4, "2023-11-13"), (5, "2023-11-20")] {
        assert_eq!(date_due(&weekly, NOW + days * DAY), expected);
    }
    let mut monthly = schedule(InventoryFrequency::Monthly);
    assert_eq!(date_due(&monthly, NOW), "2023-11-01");
    monthly.monthly_date = Some(31);
    // November has thirty days.
    assert_eq!(date_due(&monthly, NOW + 20 * DAY), "2023-10-31");
    monthly.monthly_date = Some(15);
    assert_eq!(date_due(&monthly, NOW), "2023-11-15");
    assert_eq!(due(None, NOW), None);
}

#[test]
fn names_follow_from_rule_and_day() {
    let mut bucket = InventoryBucket::default();
    bucket.bucket = Some("qcs::cos:ap-chongqing::reports-1250000000".to_owned());
    bucket.prefix = Some("all/".to_owned());
    bucket.format = Some(InventoryFormat::Csv);
    let mut destination = InventoryDestination::default();
    destination.bucket_destination = Some(bucket);
    let mut rule = InventoryRule::default();
    rule.id = Some("list1".to_owned());
    rule.destination = Some(destination);
    rule.included_object_versions = Some(InventoryVersions::All);
    let report = Report::new(&rule, "album-1250000000", "1250000000", NOW).unwrap();
    assert_eq!(report.destination(), "reports-1250000000");
    assert_eq!(report.dated(), "all/1250000000/album/list1/20231115");
    assert_eq!(
        report.data(3),
        "all/1250000000/album/list1/data/20231115_3.csv.gz"
    );
    assert_eq!(
        report.schema(),
        "Appid, Bucket, Key, VersionId, IsLatest, IsDeleteMarker"
    );
}
