//! `tcloud local` behind a real socket, used by other commands.

use std::fs;

use serde_json::Value;
use tcloud_inspect::demo;

use crate::served::Served;
use crate::support::{finish, tcloud};

#[test]
fn operations_and_jobs_reach_a_served_cloud() {
    let cloud = Served::start(&["--ephemeral", "--bucket", "pictures-1250000000"]);
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("hidden.png");
    fs::write(&picture, demo::png_with_mpeg_ts()).unwrap();
    let picture = picture.to_str().unwrap();
    let copy = folder.path().join("copy.png");
    let object = ["--bucket", "pictures-1250000000", "--key", "a b/ü.png"];

    let put = cloud.run(&[&["cos", "put-object", "--body", picture][..], &object].concat());
    assert_eq!(put.code, 0, "{}", put.err);
    assert!(put.out.contains("\"ETag\""), "{}", put.out);

    let to = ["cos", "get-object", "--to", copy.to_str().unwrap()];
    let get = cloud.run(&[&to[..], &object].concat());
    assert_eq!(get.code, 0, "{}", get.err);
    assert_eq!(fs::read(&copy).unwrap(), demo::png_with_mpeg_ts());

    let list = ["cos", "get-bucket", "--bucket", "pictures-1250000000"];
    let list = cloud.run(&[&list[..], &["--output", "table"]].concat());
    assert!(list.out.contains("a b/ü.png"), "{}{}", list.out, list.err);

    let none = [
        "cos",
        "get-object",
        "--bucket",
        "pictures-1250000000",
        "--key",
        "none",
    ];
    let none = cloud.run(&none);
    assert_eq!(none.code, 1);
    assert!(
        none.err.contains("tcloud: GetObject: NoSuchKey"),
        "{}",
        none.err
    );

    let inspect = [
        "inspect",
        picture,
        "--json",
        "--bucket",
        "pictures-1250000000",
    ];
    let inspected = cloud.run(&inspect);
    assert_eq!(inspected.code, 3, "{}", inspected.err);
    let report: Value = serde_json::from_str(&inspected.out).unwrap();
    assert_eq!(report["files"][0]["hiddenType"], "MPEG-TS");

    // What the job put there is gone again.
    let list = cloud.run(&["cos", "get-bucket", "--bucket", "pictures-1250000000"]);
    let list: Value = serde_json::from_str(&list.out).unwrap();
    assert_eq!(list["Contents"].as_array().map(Vec::len), Some(1), "{list}");

    let nowhere = cloud.run(&["inspect", picture]);
    assert_eq!(nowhere.code, 2);
    assert!(nowhere.err.contains("give --bucket"), "{}", nowhere.err);
}

#[test]
fn a_folder_keeps_what_was_stored() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("state");
    let data = ["--data", data.to_str().unwrap(), "--bucket", "b-1250000000"];
    let object = ["--bucket", "b-1250000000", "--key", "k"];
    let put = {
        let cloud = Served::start(&data);
        let file = folder.path().join("file");
        fs::write(&file, "kept").unwrap();
        let put = ["cos", "put-object", "--body", file.to_str().unwrap()];
        cloud.run(&[&put[..], &object].concat())
    };
    assert_eq!(put.code, 0, "{}", put.err);
    let cloud = Served::start(&data);
    let get = cloud.run(&[&["cos", "get-object"][..], &object].concat());
    assert_eq!((get.code, get.out.as_str()), (0, "kept"), "{}", get.err);
}

#[test]
fn the_list_names_what_is_implemented_and_counts_the_rest() {
    let list = finish(tcloud().args(["local", "--list"]));
    let mps = tcloud_mps::CATALOG.operations.len();
    let count = format!("mps: 2 of {mps} operations");
    for text in ["PutObject", "CreateImageInspectJob", "ProcessImage", &count] {
        assert!(list.out.contains(text), "{text} is not in {}", list.out);
    }
    assert!(!list.out.contains("ProcessMedia"), "{}", list.out);
}

#[test]
fn a_name_has_to_be_allowed() {
    let cloud = Served::start(&["--ephemeral", "--allow-host", "emulator"]);
    let status = |host: &str| {
        let host = format!("Host: {host}");
        let answer = cloud.exchange(&["GET /_local/health HTTP/1.1", &host]);
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(status("emulator:8273"), "200");
    assert_eq!(status("localhost"), "200");
    assert_eq!(status("rebound.example"), "403");

    let refused = finish(tcloud().args(["local", "--allow-host", "http://emulator"]));
    assert_eq!(refused.code, 2);
    assert!(
        refused.err.contains("write the name alone"),
        "{}",
        refused.err
    );
}
