//! `tcloud local` behind a real socket, used by other commands.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::Value;
use tcloud_core::config::Config;
use tcloud_core::credentials::Credentials;
use tcloud_inspect::demo;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};

use crate::served::Served;
use crate::support::{Finished, finish, tcloud};

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
    for text in [
        "PutObject",
        "CreateImageInspectJob",
        "ProcessImage",
        "kept, not acted on: no functions run here",
        "by RTMP",
        &count,
    ] {
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

#[test]
fn the_variable_names_the_bucket_of_every_command() {
    let cloud = Served::start(&["--ephemeral", "--bucket", "named-1250000000"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.png");
    fs::write(&file, demo::clean_png()).unwrap();
    let file = file.to_str().unwrap();
    let with = |bucket: &str, arguments: &[&str]| {
        finish(
            tcloud()
                .args(arguments)
                .args(["--endpoint", &cloud.address])
                .env("TCLOUD_BUCKET", bucket),
        )
    };
    let put = ["cos", "put-object", "--key", "k", "--body", file];
    for arguments in [
        &put[..],
        &["cos", "get-bucket"],
        &["inspect", file],
        &[
            "process",
            file,
            "--quality",
            "50",
            "-o",
            folder.path().join("out").to_str().unwrap(),
        ],
    ] {
        let Finished { code, err, .. } = with("named-1250000000", arguments);
        assert_eq!(code, 0, "{arguments:?}: {err}");
    }
    let unset = with("", &put);
    assert_eq!(unset.code, 2);
    assert!(
        unset.err.contains("required, but not given: --bucket"),
        "{}",
        unset.err
    );
    let short = with("named", &put);
    assert_eq!(short.code, 2);
    assert!(short.err.contains("named-1250000000"), "{}", short.err);
}

#[test]
fn a_directory_is_no_content_and_no_place_for_it() {
    let cloud = Served::start(&["--ephemeral", "--bucket", "named-1250000000"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let object = ["--bucket", "named-1250000000", "--key", "k"];
    let put = cloud.run(&[&["cos", "put-object", "--body", path][..], &object].concat());
    assert_eq!(put.code, 2);
    assert!(
        put.err.contains("is a directory; --body takes a file"),
        "{}",
        put.err
    );
    let get = cloud.run(&[&["cos", "get-object", "--to", path][..], &object].concat());
    assert_eq!(get.code, 2);
    assert!(
        get.err.contains("--to takes the name of a file"),
        "{}",
        get.err
    );
    let head = cloud.run(&[&["cos", "head-object"][..], &object].concat());
    assert_eq!(head.code, 1, "nothing was stored: {}", head.out);
}

/// The job never ends, so that the command is interrupted while its object is in the bucket.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_inspection_takes_its_objects_away() {
    const BUCKET: &str = "pictures-1250000000";
    let cloud = LocalCloud::start(Settings::default().workers(0))
        .await
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let served = cloud.clone();
    let serving = tokio::spawn(async move { served.serve(listener).await });
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
        .transport(cloud.transport())
        .build()
        .unwrap();
    let cos = tcloud_cos::Client::new(&config);
    cos.put_bucket(BUCKET).send().await.unwrap();

    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("clean.png");
    fs::write(&picture, demo::clean_png()).unwrap();
    let command = Command::new(env!("CARGO_BIN_EXE_tcloud"))
        .args(["inspect", "--bucket", BUCKET, "--endpoint", &address])
        .args([&picture, &folder.path().join("missing.png")])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let objects = async || cos.get_bucket(BUCKET).send().await.unwrap().contents.len();
    while objects().await == 0 {}

    let pid = command.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let ended = tokio::task::spawn_blocking(|| command.wait_with_output());
    let ended = ended.await.unwrap().unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(130), "{err}");
    for text in ["missing.png", "removing 1 uploaded object", "interrupted"] {
        assert!(err.contains(text), "{text}: {err}");
    }
    assert_eq!(objects().await, 0);
    cloud.shutdown().await;
    serving.await.unwrap().unwrap();
}

#[test]
fn a_presigned_url_of_a_served_cloud_is_read_without_a_key() {
    let cloud = Served::start(&[
        "--ephemeral",
        "--bucket=pictures-1250000000",
        "--domain=img.example.com=pictures-1250000000",
    ]);
    let folder = tempfile::tempdir().unwrap();
    let content = folder.path().join("content");
    fs::write(&content, "hello").unwrap();
    let object = ["--bucket", "pictures-1250000000", "--key", "a b"];
    let body = ["--body", content.to_str().unwrap()];
    let put = cloud.run(&[&["cos", "put-object"][..], &body, &object].concat());
    assert_eq!(put.code, 0, "{}", put.err);

    let enable = ["cos", "put-bucket-accelerate", "--status", "Enabled"];
    let enabled = cloud.run(&[&enable[..], &object[..2]].concat());
    assert_eq!(enabled.code, 0, "{}", enabled.err);

    let get = ["cos", "get-object", "--presign", "1h"];
    for host in ["own", "internal", "accelerate"] {
        let host = ["--host", host];
        let signed = cloud.run(&[&get[..], &object, &host].concat());
        assert_eq!(signed.code, 0, "{}", signed.err);
        let url = signed.out.trim();
        assert!(url.contains("q-signature="), "{url}");
        let (_, host) = signed.err.split_once("needs the header host: ").unwrap();
        let host = host.lines().next().unwrap();
        let (address, path) = url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"),
            "{answer}"
        );
    }

    let copy = folder.path().join("copy");
    let to = ["--to", copy.to_str().unwrap(), "--anonymous"];
    let refused = cloud.run(&[&["cos", "get-object"][..], &object, &to].concat());
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("anonymous"), "{}", refused.err);

    let api = cloud.run(&[
        "mps",
        "describe-image-task-detail",
        "--task-id=t",
        "--presign=1h",
    ]);
    assert_eq!(api.code, 2, "{}", api.err);
    assert!(api.err.contains("no presigned URL"), "{}", api.err);
    for wrong in ["1", "h", "0s", "1w", "-1h"] {
        let refused =
            cloud.run(&[&["cos", "get-object"][..], &object, &["--presign", wrong]].concat());
        assert_eq!(refused.code, 2, "{wrong}: {}", refused.err);
    }
}
