//! `ls`, `du`, `stat`, `mb` and `rb`.

use super::cloud::{BUCKET, Cloud};

fn at(key: &str) -> String {
    format!("{BUCKET}/{key}")
}

/// Some objects in folders.
fn filled() -> Cloud {
    let cloud = Cloud::start();
    for key in [
        "a.txt",
        "photos/1.jpg",
        "photos/2.jpg",
        "photos/old/0.jpg",
        "photos.txt",
    ] {
        cloud.put(key, key);
    }
    cloud
}

/// The last word of each line.
fn names(lines: &str) -> Vec<&str> {
    lines
        .lines()
        .filter_map(|line| line.split_whitespace().last())
        .collect()
}

#[test]
fn objects_are_listed_level_by_level_or_all_at_once() {
    let cloud = filled();
    let ls = |arguments: &[&str]| cloud.done(&[&["ls"], arguments].concat());
    let top = ls(&[BUCKET]);
    assert_eq!(names(&top), ["a.txt", "photos.txt", "photos/"]);
    assert!(top.lines().last().unwrap().contains("PRE"), "{top}");
    assert_eq!(names(&ls(&[&at("photos/")])), ["1.jpg", "2.jpg", "old/"]);
    assert_eq!(names(&ls(&[&at("photos")])), ["photos.txt", "photos/"]);
    assert_eq!(names(&ls(&["-r", &at("photos")])).len(), 3);
    assert_eq!(
        names(&ls(&[&at("photos/*.jpg")])),
        ["photos/1.jpg", "photos/2.jpg"]
    );
    assert_eq!(names(&ls(&[&at("**/0.jpg")])), ["photos/old/0.jpg"]);
    let filtered = ls(&["-r", BUCKET, "--include", "*.jpg", "--exclude", "*/old/*"]);
    assert_eq!(names(&filtered), ["photos/1.jpg", "photos/2.jpg"]);
    let sum = ls(&["-r", BUCKET, "--summarize", "--human-readable"]);
    assert!(sum.contains("5 B  STANDARD      a.txt"), "{sum}");
    assert!(sum.ends_with("5 in all, 55 bytes (55 B)\n"), "{sum}");
    let entries = cloud.json(&["ls", &at("photos/"), "--json"]);
    assert_eq!(entries[0]["key"], "photos/1.jpg");
    assert_eq!(entries[0]["size"], 12);
    assert_eq!(entries[2]["prefix"], "photos/old/");
    let error = cloud.fails(4, &["ls", &at("none/")]);
    assert!(error.contains("there is nothing in"), "{error}");
}

#[test]
fn a_list_that_was_cut_says_so() {
    let cloud = filled();
    for arguments in [
        &["ls", "-r", BUCKET, "--limit", "2"][..],
        &["ls", BUCKET, "--limit=2"],
    ] {
        let cut = cloud.run(arguments);
        assert_eq!((cut.code, cut.out.lines().count()), (0, 2), "{}", cut.out);
        assert!(
            cut.err.contains("there is more; without --limit"),
            "{}",
            cut.err
        );
    }
    let whole = cloud.run(&["ls", "-r", BUCKET, "--limit", "5"]);
    assert_eq!(whole.out.lines().count(), 5);
    assert!(!whole.err.contains("there is more"), "{}", whole.err);
}

#[test]
fn usage_is_added_up() {
    let cloud = filled();
    let all = cloud.json(&["du", BUCKET, "--json"]);
    assert_eq!((&all["objects"], &all["bytes"]), (&5.into(), &55.into()));
    assert_eq!(all["storageClasses"]["STANDARD"]["objects"], 5);
    // A key means its object, and what is below it; not what begins like it.
    let folder = cloud.json(&["du", &at("photos"), "--json"]);
    assert_eq!(folder["objects"], 3);
    let file = cloud.json(&["du", &at("photos.txt"), "--json"]);
    assert_eq!((&file["objects"], &file["bytes"]), (&1.into(), &10.into()));
    let table = cloud.done(&["du", BUCKET]);
    assert!(
        table.contains("│ in all        ┆       5 ┆    55 ┆ 55 B │"),
        "{table}"
    );
    cloud.fails(4, &["du", &at("none")]);
}

#[test]
fn objects_and_buckets_are_described() {
    let cloud = filled();
    let table = cloud.done(&["stat", &at("a.txt")]);
    for row in ["size", "text/plain", "STANDARD", "crc64", "lastModified"] {
        assert!(table.contains(row), "{table}");
    }
    let bucket = cloud.json(&["stat", BUCKET, "--json"]);
    assert_eq!(bucket["region"], "ap-guangzhou");
    let error = cloud.fails(4, &["stat", &at("none")]);
    assert!(error.contains(&at("none")), "{error}");
    cloud.fails(4, &["stat", "cos://none-1250000000"]);
}

#[test]
fn buckets_come_and_go() {
    let cloud = Cloud::start();
    let made = cloud.done(&["mb", "cos://one-1250000000", "cos://two-1250000000"]);
    assert_eq!(
        made,
        "make cos://one-1250000000\nmake cos://two-1250000000\n"
    );
    let buckets = cloud.done(&["ls"]);
    assert_eq!(
        names(&buckets),
        [
            "cos://demo-1250000000",
            "cos://one-1250000000",
            "cos://two-1250000000"
        ]
    );
    let buckets = cloud.json(&["ls", "--json"]);
    assert_eq!(buckets[0]["bucket"], "demo-1250000000");
    assert_eq!(
        cloud.done(&["rb", "cos://two-1250000000"]),
        "remove cos://two-1250000000\n"
    );
    cloud.fails(4, &["rb", "cos://two-1250000000"]);
    cloud.put("a", "a");
    let error = cloud.fails(1, &["rb", BUCKET]);
    assert!(error.contains("BucketNotEmpty"), "{error}");
    cloud.fails(2, &["rb", &at("a")]);
    cloud.fails(2, &["mb", "three"]);
    cloud.fails(2, &["mb", "cos://three-1250000000", "--acl", "everyone"]);
}
