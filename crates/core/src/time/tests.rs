use proptest::prelude::*;

use super::*;

/// Moments whose dates are known from other calendars.
const KNOWN: [(i64, &str); 11] = [
    (0, "1970-01-01T00:00:00Z"),
    (-1, "1969-12-31T23:59:59Z"),
    (951_782_400, "2000-02-29T00:00:00Z"),
    (951_868_800, "2000-03-01T00:00:00Z"),
    (1_700_000_000, "2023-11-14T22:13:20Z"),
    (1_709_164_800, "2024-02-29T00:00:00Z"),
    (2_147_483_648, "2038-01-19T03:14:08Z"),
    (4_107_542_400, "2100-03-01T00:00:00Z"),
    (-2_203_891_200, "1900-03-01T00:00:00Z"),
    (-62_135_596_800, "0001-01-01T00:00:00Z"),
    (253_402_300_799, "9999-12-31T23:59:59Z"),
];

fn seconds(text: &str) -> Option<i64> {
    Timestamp::from_text(text.to_owned()).unix_seconds()
}

#[test]
fn known_moments_both_ways() {
    for (unix, text) in KNOWN {
        assert_eq!(format_iso_utc(unix), text);
        assert_eq!(seconds(text), Some(unix), "{text}");
        assert_eq!(utc_date(unix), text[..10]);
    }
}

#[test]
fn every_notation_of_the_services_names_the_same_moment() {
    for text in [
        "2022-06-27T15:23:10+0800",
        "2022-06-27T15:23:10+08:00",
        "2022-06-27 15:23:10+0800",
        "2022-06-27T07:23:10Z",
        "2022-06-27T07:23:10.123456789Z",
        "2022-06-27T15:23:10.5+08:00",
        "2022-06-27T02:23:10-0500",
        " 2022-06-27T15:23:10+0800\n",
    ] {
        assert_eq!(seconds(text), Some(1_656_314_590), "{text}");
    }
}

#[test]
fn text_is_kept_and_unset_times_are_well_formed() {
    for (text, well_formed) in [
        ("", true),
        ("-", true),
        ("2022-08-09 14:54:17+0800", true),
        ("0.000000", false),
        ("--", false),
    ] {
        let time = Timestamp::from_text(text.to_owned());
        assert_eq!(time.as_str(), text);
        assert_eq!(time.to_string(), text);
        assert_eq!(time.is_well_formed(), well_formed, "{text}");
    }
    assert_eq!(seconds(""), None);
    assert_eq!(seconds("-"), None);
}

#[test]
fn impossible_times_are_refused() {
    for text in [
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2022-13-01T00:00:00Z",
        "2022-00-01T00:00:00Z",
        "2022-04-31T00:00:00Z",
        "2022-04-00T00:00:00Z",
        "2022-04-01T24:00:00Z",
        "2022-04-01T00:60:00Z",
        "2022-04-01T00:00:61Z",
        "2022-04-01T00:00:00",
        "2022-04-01T00:00:00.Z",
        "2022-04-01T00:00:00+24:00",
        "2022-04-01T00:00:00+08",
        "2022-04-01T00:00:00+08:00:00",
        "+022-04-01T00:00:00Z",
        "2022-4-01T00:00:00Z ",
        "２022-04-01T00:00:00Z",
    ] {
        assert_eq!(seconds(text), None, "{text}");
    }
}

#[test]
fn cloud_infinite_writes_china_standard_time() {
    assert_eq!(format_ci(1_656_314_590), "2022-06-27T15:23:10+0800");
    assert_eq!(format_ci(0), "1970-01-01T08:00:00+0800");
    assert_eq!(format_ci(-28_801), "1969-12-31T23:59:59+0800");
}

#[test]
fn http_dates_both_ways() {
    for (unix, text) in [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (1_700_000_000, "Tue, 14 Nov 2023 22:13:20 GMT"),
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
    ] {
        assert_eq!(format_http_date(unix), text);
        assert_eq!(parse_http_date(text), Some(unix));
    }
    for text in [
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Son, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 x GMT",
        "",
    ] {
        assert_eq!(parse_http_date(text), None, "{text}");
    }
}

#[test]
fn the_ends_of_the_range_do_not_overflow() {
    for unix in [i64::MIN, i64::MAX] {
        assert!(!format_ci(unix).is_empty());
        assert!(!format_http_date(unix).is_empty());
        assert!(!utc_date(unix).is_empty());
    }
}

proptest! {
    #[test]
    fn formatting_and_reading_are_inverse(unix in -62_135_596_800_i64..253_402_271_999) {
        prop_assert_eq!(seconds(&format_ci(unix)), Some(unix));
        prop_assert_eq!(seconds(&format_iso_utc(unix)), Some(unix));
        prop_assert_eq!(parse_http_date(&format_http_date(unix)), Some(unix));
    }

    #[test]
    fn any_text_is_read_without_panic(text in ".{0,40}") {
        let _ = seconds(&text);
        let _ = parse_http_date(&text);
    }
}
