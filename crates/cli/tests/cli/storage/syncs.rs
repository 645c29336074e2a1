//! `sync`.

use super::cloud::{BUCKET, Cloud};

fn at(key: &str) -> String {
    format!("{BUCKET}/{key}")
}

#[test]
fn only_what_differs_moves() {
    let cloud = Cloud::start();
    for file in ["site/a", "site/b/c"] {
        cloud.write(file, "abc");
    }
    let up = ["sync", "site", &at("web")];
    let first = cloud.run(&up);
    assert_eq!(first.out.lines().count(), 2, "{}", first.out);
    assert!(first.err.contains("2 uploaded; 6 B in"), "{}", first.err);
    let again = cloud.run(&up);
    assert_eq!((again.out.as_str(), again.code), ("", 0));
    assert!(again.err.contains("2 unchanged"), "{}", again.err);
    cloud.write("site/a", "abcd");
    let dry = cloud.run(&["sync", "site", &at("web"), "--dry-run"]);
    assert_eq!(
        dry.out,
        format!("(dry run) upload site/a to {BUCKET}/web/a (other size)\n")
    );
    let report = cloud.json(&["sync", "site", &at("web"), "--json"]);
    assert_eq!(
        (&report["unchanged"], &report["bytes"]),
        (&1.into(), &4.into())
    );
    assert_eq!(report["items"][0]["reason"], "other size");

    // Down, and again: the file has got the time of its object.
    cloud.done(&["sync", &at("web/"), "down"]);
    assert_eq!(cloud.read("down/a"), "abcd");
    assert_eq!(cloud.done(&["sync", &at("web/"), "down"]), "");
    // The same size, another content.
    cloud.write("down/a", "xxxx");
    assert_eq!(cloud.done(&["sync", &at("web/"), "down"]), "");
    assert_eq!(
        cloud.done(&["sync", &at("web/"), "down", "--size-only"]),
        ""
    );
    cloud.done(&["sync", &at("web/"), "down", "--checksum"]);
    assert_eq!(cloud.read("down/a"), "abcd");
    // Only what is not there.
    cloud.write("down/a", "mine");
    cloud.write("down/a", "mine, longer");
    assert_eq!(
        cloud.done(&["sync", &at("web/"), "down", "--ignore-existing"]),
        ""
    );
    assert_eq!(cloud.read("down/a"), "mine, longer");
}

#[test]
fn an_empty_source_empties_nothing_unless_asked() {
    let cloud = Cloud::start();
    cloud.write("target/a", "abc");
    cloud.write("target/kept.txt", "abc");
    let down = [
        "sync",
        &at("none/"),
        "target",
        "--delete",
        "--exclude",
        "*.txt",
    ];
    let error = cloud.fails(1, &down);
    assert!(
        error.contains("the source is empty, and 1 would be deleted"),
        "{error}"
    );
    assert!(error.contains("--allow-empty-source"), "{error}");
    assert_eq!(cloud.files("target"), ["a", "kept.txt"]);
    cloud.done(&[&down[..], &["--allow-empty-source"]].concat());
    assert_eq!(cloud.files("target"), ["kept.txt"]);
}

#[test]
fn what_cannot_be_synced_says_why() {
    let cloud = Cloud::start();
    cloud.write("a", "abc");
    for (code, why, arguments) in [
        (2, "both on this machine", vec!["sync", "a", "b"]),
        (2, "a is a file", vec!["sync", "a", BUCKET]),
        (4, "cannot read none", vec!["sync", "none", BUCKET]),
        (
            2,
            "has wildcards",
            vec!["sync", "cos://demo-1250000000/*", "b"],
        ),
        (2, "is no folder", vec!["sync", "-", BUCKET]),
        (
            2,
            "cannot be used with",
            vec!["sync", ".", BUCKET, "--size-only", "--checksum"],
        ),
        (
            2,
            "--delete",
            vec!["sync", ".", BUCKET, "--allow-empty-source"],
        ),
    ] {
        let error = cloud.fails(code, &arguments);
        assert!(error.contains(why), "{arguments:?}: {error}");
    }
}
