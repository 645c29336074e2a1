//! Objects in parts, and uploads that were never ended.

use std::fs;

use super::cloud::{BUCKET, Cloud};

const MIB: usize = 1024 * 1024;

/// Bytes that repeat nowhere near a part's length.
fn content(length: usize) -> Vec<u8> {
    (0_u32..)
        .flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes())
        .take(length)
        .collect()
}

#[test]
fn a_large_file_moves_in_parts() {
    let cloud = Cloud::start();
    let content = content(5 * MIB / 2);
    fs::write(cloud.path("large.bin"), &content).unwrap();
    let place = format!("{BUCKET}/large.bin");
    let report = cloud.json(&["cp", "large.bin", BUCKET, "--part-size", "1M", "--json"]);
    assert_eq!(report["bytes"], content.len());
    let facts = cloud.json(&["stat", &place, "--json"]);
    assert!(facts["etag"].as_str().unwrap().ends_with("-3\""), "{facts}");
    cloud.done(&["cp", &place, "copy.bin", "--part-size", "1M"]);
    assert!(fs::read(cloud.path("copy.bin")).unwrap() == content);
    // As a stream, whose length nobody knows.
    let stream = format!("{BUCKET}/stream.bin");
    let mut command = cloud.command(&["cp", "-", &stream, "--part-size", "1M"]);
    command.write_stdin(content.clone()).assert().success();
    let down = cloud.command(&["cat", &stream]).output().unwrap();
    assert!(down.stdout == content);
    // Nothing is left behind.
    assert_eq!(cloud.done(&["ls", "--uploads", BUCKET]), "");
}

#[test]
fn unfinished_uploads_are_listed_and_removed() {
    let cloud = Cloud::start();
    for key in ["a/one", "b/two"] {
        let begin = [
            "cos",
            "initiate-multipart-upload",
            "--bucket",
            "demo-1250000000",
        ];
        cloud.done(&[&begin[..], &["--key", key]].concat());
    }
    let list = cloud.json(&["ls", "--uploads", BUCKET, "--json"]);
    assert_eq!(list[0]["key"], "a/one");
    assert!(!list[0]["uploadId"].as_str().unwrap().is_empty());
    let below = format!("{BUCKET}/b/");
    assert_eq!(cloud.done(&["ls", "--uploads", &below]).lines().count(), 1);
    let dry = cloud.done(&["rm", "--uploads", &below, "--dry-run"]);
    assert!(
        dry.contains(&format!(
            "(dry run) remove the upload of {BUCKET}/b/two from "
        )),
        "{dry}"
    );
    // They are young.
    assert_eq!(
        cloud.done(&["rm", "--uploads", BUCKET, "--older-than", "1h"]),
        ""
    );
    let removed = cloud.done(&["rm", "--uploads", BUCKET]);
    assert_eq!(removed.lines().count(), 2, "{removed}");
    assert_eq!(cloud.done(&["ls", "--uploads", BUCKET]), "");
    cloud.fails(2, &["rm", BUCKET, "--older-than", "1h"]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_upload_goes_on() {
    use std::process::{Command, Stdio};

    let cloud = Cloud::start();
    let content = content(8 * MIB);
    fs::write(cloud.path("large.bin"), &content).unwrap();
    let arguments = [
        "cp",
        "large.bin",
        BUCKET,
        "--part-size=1M",
        "--concurrency=1",
        "--json",
    ];
    let configured = cloud.command(&[]);
    let mut slow = Command::new(configured.get_program());
    slow.current_dir(cloud.path(""))
        .args(arguments)
        .arg("--bandwidth=4M");
    for (name, value) in configured.get_envs() {
        match value {
            Some(value) => slow.env(name, value),
            None => slow.env_remove(name),
        };
    }
    let slow = slow
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A line for what is uploaded, and one for each part that is done.
    let checkpoints = cloud.path(".state/tcloud/uploads");
    let parts = || {
        let entries = fs::read_dir(&checkpoints).into_iter().flatten().flatten();
        let lines = |path| fs::read_to_string(path).map_or(0, |text| text.lines().count());
        entries.map(|entry| lines(entry.path())).max().unwrap_or(0)
    };
    while parts() < 3 {
        std::thread::yield_now();
    }
    crate::served::send("INT", slow.id());
    let ended = slow.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert_eq!(cloud.done(&["ls", "--uploads", BUCKET]).lines().count(), 1);

    let report = cloud.json(&arguments);
    let resumed = report["resumed"].as_u64().unwrap();
    assert!(resumed >= 2 * 1024 * 1024, "{report}");
    cloud.done(&["cp", &format!("{BUCKET}/large.bin"), "copy.bin"]);
    assert!(fs::read(cloud.path("copy.bin")).unwrap() == content);
    assert_eq!(cloud.done(&["ls", "--uploads", BUCKET]), "");
}
