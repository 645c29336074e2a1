//! `rm`, `mv`, `rb`, `restore`, and what there was before: `ls --all-versions`; parts of objects, and
//! profiles.

use super::cloud::{BUCKET, Cloud};
use crate::support::finish;

fn at(key: &str) -> String {
    format!("{BUCKET}/{key}")
}

/// A bucket that keeps versions.
fn versioned() -> Cloud {
    let cloud = Cloud::start();
    let name = BUCKET.strip_prefix("cos://").unwrap();
    cloud.done(&[
        "cos",
        "put-bucket-versioning",
        "--bucket",
        name,
        "--status",
        "Enabled",
    ]);
    cloud
}

#[test]
fn what_is_named_is_removed_and_nothing_else() {
    let cloud = Cloud::start();
    for key in ["a", "dir/1.jpg", "dir/2.tmp", "dir/deep/3.tmp", "direct"] {
        cloud.put(key, key);
    }
    let shown = cloud.done(&["rm", &at("dir/*.tmp"), "--dry-run"]);
    assert!(shown.contains("dir/2.tmp"), "{shown}");
    assert_eq!(cloud.keys().len(), 5);
    cloud.done(&["rm", &at("dir/*.tmp")]);
    assert_eq!(cloud.keys(), ["a", "dir/1.jpg", "dir/deep/3.tmp", "direct"]);
    cloud.done(&["rm", "-r", &at("dir/"), "--exclude", "*.jpg"]);
    assert_eq!(cloud.keys(), ["a", "dir/1.jpg", "direct"]);
    // One that is not there counts as removed, a folder has to be meant.
    cloud.done(&["rm", &at("a"), &at("none")]);
    cloud.fails(2, &["rm", &at("dir/")]);
    assert_eq!(cloud.keys(), ["dir/1.jpg", "direct"]);
}

#[test]
fn what_is_moved_is_gone_from_where_it_was() {
    let cloud = Cloud::start();
    cloud.put("a.txt", "hello");
    cloud.done(&["mv", &at("a.txt"), &at("old/")]);
    assert_eq!(cloud.keys(), ["old/a.txt"]);
    cloud.done(&["mv", &at("old/a.txt"), "down.txt"]);
    assert_eq!(cloud.read("down.txt"), "hello");
    assert!(cloud.run(&["ls", BUCKET]).out.is_empty());
    cloud.done(&["mv", "down.txt", &at("up.txt")]);
    assert!(!cloud.path("down.txt").exists());
    assert_eq!(cloud.done(&["cat", &at("up.txt")]), "hello");
    cloud.fails(4, &["mv", &at("none"), &at("other")]);
}

#[test]
fn versions_are_listed_and_removed() {
    let cloud = versioned();
    cloud.put("a", "first");
    cloud.put("a", "second");
    cloud.done(&["rm", &at("a")]);
    let versions = || {
        let list = cloud.run(&["ls", "--all-versions", BUCKET, "--json"]);
        serde_json::from_str::<serde_json::Value>(&list.out).unwrap_or_default()
    };
    let all = versions();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all.iter().all(|version| version["key"] == "a"), "{all:?}");
    let lines = cloud.done(&["ls", "--all-versions", BUCKET]);
    assert_eq!(lines.lines().count(), 3, "{lines}");
    cloud.done(&["rm", "--all-versions", &at("a")]);
    assert_eq!(versions().as_array().map_or(0, Vec::len), 0);
}

#[test]
fn a_bucket_is_removed_with_all_that_is_in_it() {
    let cloud = versioned();
    cloud.put("a", "first");
    cloud.put("a", "second");
    let refused = cloud.fails(1, &["rb", BUCKET]);
    assert!(refused.contains("BucketNotEmpty"), "{refused}");
    cloud.done(&["rb", "--force", BUCKET, "--dry-run"]);
    assert_eq!(cloud.done(&["cat", &at("a")]), "second");
    cloud.done(&["rb", "--force", BUCKET]);
    cloud.fails(4, &["ls", BUCKET]);
}

/// The cloud's clock is put ahead by the time that the service takes.
#[test]
fn an_archived_object_is_restored_by_the_clock() {
    let cloud = Cloud::start();
    cloud.write("cold", "ice");
    cloud.done(&["cp", "cold", BUCKET, "--storage-class", "ARCHIVE"]);
    let restore = ["restore", &at("cold"), "--tier", "expedited"];
    assert!(cloud.done(&restore).contains("asked for"));
    assert!(cloud.done(&restore).contains("under way already"));
    cloud.fails(1, &["cat", &at("cold")]);
    let clock = cloud.done(&["local", "clock", "5m"]);
    assert!(clock.ends_with(", 300 s ahead\n"), "{clock}");
    assert!(cloud.done(&["local", "clock"]).ends_with(", 300 s ahead\n"));
    assert_eq!(cloud.done(&["cat", &at("cold")]), "ice");
    assert!(cloud.done(&restore).contains("restored already"));
    // The one object that is meant is not there: said once.
    let missing = cloud.fails(4, &["restore", &at("none")]);
    assert_eq!(missing.matches("NoSuchKey").count(), 1, "{missing}");
    cloud.fails(2, &["local", "clock", "soon"]);
    let nobody = ["local", "clock", "--endpoint", "http://127.0.0.1:1"];
    let nobody = cloud.fails(1, &nobody);
    assert!(
        nobody.contains("is a local cloud running there?"),
        "{nobody}"
    );
}

#[test]
fn a_part_of_an_object_is_written() {
    let cloud = Cloud::start();
    cloud.put("a", "0123456789");
    for (range, part) in [("2-4", "234"), ("7-", "789"), ("-2", "89"), ("8-99", "89")] {
        assert_eq!(cloud.done(&["cat", &at("a"), "--range", range]), part);
    }
    cloud.fails(1, &["cat", &at("a"), "--range", "10-"]);
    cloud.fails(2, &["cat", &at("a"), "--range", "4-2"]);
    cloud.fails(4, &["cat", &at("none"), "--range", "0-1"]);
}

#[test]
fn a_profile_is_used_where_it_is_named() {
    let cloud = Cloud::start();
    cloud.put("a", "x");
    let (id, secret) = (
        tcloud_local::DEFAULT_SECRET_ID,
        tcloud_local::DEFAULT_SECRET_KEY,
    );
    let profiles = format!(
        "[right]\nsecret_id = {id}\nsecret_key = {secret}\nregion = ap-guangzhou\n\
         [wrong]\nsecret_id = {id}\nsecret_key = another\nregion = ap-guangzhou\n"
    );
    cloud.write("profiles", &profiles);
    let run = |name| {
        let mut command = cloud.command(&["cat", &at("a"), "--profile", name]);
        command.env("TENCENTCLOUD_CREDENTIALS_FILE", cloud.path("profiles"));
        finish(&mut command)
    };
    let right = run("right");
    assert_eq!((right.code, right.out.as_str()), (0, "x"), "{}", right.err);
    // The keys of the environment, which are right, do not help.
    let wrong = run("wrong");
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("SignatureDoesNotMatch"), "{}", wrong.err);
    assert!(run("none").err.contains("none"));
}
