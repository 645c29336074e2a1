//! A state is backed up while it is served, checked, repaired and restored.

use std::fs;
use std::path::Path;

use crate::served::Served;
use crate::support::{BUCKET, Finished, finish, get_object, tcloud};

fn local(arguments: &[&str]) -> Finished {
    finish(tcloud().arg("local").args(arguments))
}

fn put(cloud: &Served, folder: &Path, key: &str) {
    let file = folder.join("content");
    // More than is kept in the database.
    fs::write(&file, key.repeat(100_000)).unwrap();
    let put = [
        "cos",
        "put-object",
        "--bucket",
        BUCKET,
        "--key",
        key,
        "--body",
    ];
    let put = cloud.run(&[&put[..], &[file.to_str().unwrap()]].concat());
    assert_eq!(put.code, 0, "{}", put.err);
}

#[test]
fn a_served_state_is_backed_up_and_a_damaged_one_is_checked_and_restored() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).to_str().unwrap().to_owned();
    let (data, backup, restored) = (at("data"), at("backup.tar"), at("restored"));
    let cloud = Served::start(&["--data", &data, "--bucket", BUCKET]);
    put(&cloud, place.path(), "cat");
    put(&cloud, place.path(), "dog");
    let done = local(&["backup", &backup, "--data", &data]);
    assert_eq!(done.code, 0, "{}", done.err);
    assert!(done.out.starts_with("2 objects are in "), "{}", done.out);
    let used = local(&["check", "--data", &data]);
    assert_eq!(used.code, 1);
    assert!(used.err.contains("used by another process"), "{}", used.err);
    drop(cloud);

    let clean = local(&["check", "--data", &data]);
    assert_eq!(clean.code, 0, "{}{}", clean.out, clean.err);
    assert_eq!(clean.out, "2 objects of 600000 bytes checked: 0 findings\n");
    for blob in fs::read_dir(place.path().join("data/blobs")).unwrap() {
        let blob = blob.unwrap();
        if blob.file_name() != "store-id" {
            fs::remove_file(blob.path()).unwrap();
        }
    }
    let damaged = local(&["check", "--data", &data]);
    assert_eq!(damaged.code, 3, "{}", damaged.err);
    let lines: Vec<_> = damaged.out.lines().collect();
    assert!(lines[0].starts_with("missing: album-1250000000/cat: there is no content "));
    assert!(
        lines[0].ends_with("; with --repair, the object is deleted"),
        "{}",
        lines[0]
    );
    assert_eq!(lines[2], "2 objects of 600000 bytes checked: 2 findings");
    let repaired = local(&["check", "--repair", "--data", &data]);
    assert_eq!(repaired.code, 0, "{}", repaired.out);
    assert!(
        repaired.out.ends_with("2 findings, 2 repaired\n"),
        "{}",
        repaired.out
    );
    let empty = local(&["check", "--data", &data]);
    assert_eq!(empty.out, "0 objects of 0 bytes checked: 0 findings\n");

    let onto = local(&["restore", &backup, "--data", &data]);
    assert_eq!(onto.code, 1);
    assert!(onto.err.contains("nothing is overwritten"), "{}", onto.err);
    let done = local(&["restore", &backup, "--data", &restored]);
    assert_eq!(
        (done.code, done.out.as_str()),
        (0, "2 objects are restored\n")
    );
    let cloud = Served::start(&["--data", &restored]);
    let to = at("read");
    assert_eq!(cloud.run(&get_object("dog", &to)).code, 0);
    assert_eq!(fs::read_to_string(to).unwrap(), "dog".repeat(100_000));
}

#[test]
fn what_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none");
    let none = none.to_str().unwrap();
    let check = local(&["check", "--data", none]);
    assert_eq!(check.code, 1);
    assert!(check.err.contains("there is no state"), "{}", check.err);
    assert!(!Path::new(none).exists());
    for blobs in ["content", "s3://id:secret@content", "s3://"] {
        let wrong = local(&["--blobs", blobs]);
        assert_eq!(wrong.code, 2, "{}", wrong.err);
    }
    let both = local(&["--ephemeral", "--blobs", "s3://content"]);
    assert_eq!(both.code, 2);
    // Nobody listens at this address.
    let mut away = tcloud();
    away.args([
        "local",
        "--port",
        "0",
        "--data",
        none,
        "--blobs",
        "s3://content",
    ]);
    away.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    away.env("AWS_ACCESS_KEY_ID", "id")
        .env("AWS_SECRET_ACCESS_KEY", "not-shown");
    let away = finish(&mut away);
    assert_eq!(away.code, 1);
    assert!(
        away.err.contains("s3://content cannot be reached"),
        "{}",
        away.err
    );
    assert!(!away.err.contains("not-shown"), "{}", away.err);
}

#[test]
fn a_state_in_a_database_is_backed_up_by_other_tools_which_are_named() {
    let place = tempfile::tempdir().unwrap();
    let to = place.path().join("backup.tar");
    let to = to.to_str().unwrap();
    for command in ["backup", "restore"] {
        // What the variable names is not passed over, either.
        let mut refused = tcloud();
        refused.args(["local", command, to]);
        refused.env(
            "TCLOUD_LOCAL_DATABASE",
            "postgres://tcloud@db.invalid/tcloud",
        );
        let refused = finish(&mut refused);
        assert_eq!(refused.code, 1, "{}", refused.out);
        for named in ["pg_dump", "pg_restore", "docs/src/shared.md"] {
            assert!(refused.err.contains(named), "{}", refused.err);
        }
    }
}

#[test]
fn a_running_cloud_is_saved_and_goes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (file, snapshot) = (folder.path().join("file"), folder.path().join("a.tar"));
    fs::write(&file, "content").unwrap();
    let (file, snapshot) = (file.to_str().unwrap(), snapshot.to_str().unwrap());
    let cloud = Served::start(&["--ephemeral", "--bucket", "album-1250000000"]);
    let key = ["--bucket", "album-1250000000", "--key", "a"];
    let put = cloud.run(&[&["cos", "put-object", "--body", file][..], &key].concat());
    assert_eq!(put.code, 0, "{}", put.err);
    let saved = cloud.run(&["local", "snapshot", "save", snapshot]);
    assert_eq!(saved.code, 0, "{}", saved.err);
    assert!(
        saved.out.contains("tcloud local snapshot restore"),
        "{}",
        saved.out
    );
    let again = cloud.run(&["local", "snapshot", "save", snapshot]);
    assert_eq!(again.code, 1);
    assert!(
        again.err.contains("nothing is overwritten"),
        "{}",
        again.err
    );
    let reset = cloud.run(&["local", "reset"]);
    assert_eq!(reset.code, 0, "{}", reset.err);
    let restored = cloud.run(&["local", "snapshot", "restore", snapshot]);
    assert_eq!(restored.out, "restored: 1 objects\n", "{}", restored.err);
    let get = cloud.run(&[&["cos", "get-object", "--to", "-"][..], &key].concat());
    assert_eq!(get.out, "content", "{}", get.err);
    let none = cloud.run(&["local", "snapshot", "restore", file]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("this is no snapshot"), "{}", none.err);
}
