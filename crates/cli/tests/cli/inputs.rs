//! `inspect` and `process` of what is no file: objects, URLs, the standard input.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::storage::cloud::{BUCKET, Cloud};
use crate::support::{finish, tcloud};

const STAGE: [&str; 2] = ["--bucket", "demo-1250000000"];

/// A cloud with the two pictures of `demo-image` as objects that everyone may read.
fn pictures() -> Cloud {
    let cloud = Cloud::start();
    cloud.done(&["demo-image", "photos"]);
    cloud.done(&["cp", "-r", "photos", BUCKET, "--acl", "public-read"]);
    cloud
}

/// The files of a report, and whether each is suspicious.
fn verdicts(report: &str) -> Vec<(String, bool)> {
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    let files = report.get("files").unwrap().as_array().unwrap().iter();
    files
        .map(|file| {
            let name = file["file"].as_str().unwrap().to_owned();
            (name, file["suspicious"].as_bool().unwrap())
        })
        .collect()
}

#[test]
fn objects_are_inspected_and_processed() {
    let cloud = pictures();
    let hidden = format!("{BUCKET}/hidden.png");
    let found = cloud.run(&[&["inspect", &hidden, "--json"][..], &STAGE].concat());
    assert_eq!(found.code, 3, "{}", found.err);
    assert_eq!(verdicts(&found.out), [(hidden, true)]);
    let wild = format!("{BUCKET}/*.png");
    let all = [&["inspect", &wild, "--json"][..], &STAGE].concat();
    let all = cloud.run(&all);
    assert_eq!(verdicts(&all.out).len(), 2, "{}", all.err);
    let error = cloud.fails(1, &[&["inspect", BUCKET][..], &STAGE].concat());
    assert!(error.contains("is a folder; give --recursive"), "{error}");
    let missing = format!("{BUCKET}/none.png");
    let error = cloud.fails(1, &[&["inspect", &missing][..], &STAGE].concat());
    assert!(error.contains("none.png"), "{error}");

    let process = [
        "process", "-r", BUCKET, "--format", "webp", "--output", "out",
    ];
    cloud.done(&[&process[..], &STAGE].concat());
    assert_eq!(cloud.files("out"), ["clean.webp", "hidden.webp"]);
    // What was uploaded for the work is gone, and so is nothing else.
    assert_eq!(cloud.keys(), ["clean.png", "hidden.png"]);
}

/// Answers one request by sending it elsewhere.
fn leading_to(url: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).unwrap();
        let answer = format!(
            "HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).unwrap();
    });
    format!("http://{address}/somewhere/picture.png")
}

#[test]
fn urls_are_fetched() {
    let cloud = pictures();
    let address = cloud.address();
    let url = format!("{address}/demo-1250000000/hidden.png");
    let indirect = leading_to(url.clone());
    let arguments = [&["inspect", &url, &indirect, "--json"][..], &STAGE].concat();
    let found = cloud.run(&arguments);
    assert_eq!(found.code, 3, "{}", found.err);
    assert_eq!(verdicts(&found.out), [(url, true), (indirect, true)]);
    let missing = format!("{address}/demo-1250000000/none.png");
    let error = cloud.fails(1, &[&["inspect", &missing][..], &STAGE].concat());
    // Whether it is there is not for everyone to know.
    assert!(error.contains("the server answered 403"), "{error}");
    let error = cloud.fails(2, &["inspect", "s3://bucket/a.png"]);
    assert!(error.contains("s3:// is not supported"), "{error}");
}

#[test]
fn the_standard_input_is_a_picture() {
    let cloud = pictures();
    let hidden = std::fs::read(cloud.path("photos/hidden.png")).unwrap();
    // In a local cloud in the process, with nothing configured.
    let found = finish(
        tcloud()
            .args(["inspect", "-", "--json"])
            .write_stdin(hidden),
    );
    assert_eq!(found.code, 3, "{}", found.err);
    assert_eq!(verdicts(&found.out), [("-".to_owned(), true)]);
    let empty = finish(tcloud().args(["inspect", "-"]).write_stdin(""));
    assert_eq!(empty.code, 1);
    assert!(empty.err.contains("- is empty"), "{}", empty.err);
    let clean = std::fs::read(cloud.path("photos/clean.png")).unwrap();
    let arguments = [
        &["process", "-", "--format", "bmp", "-o", "out"][..],
        &STAGE,
    ]
    .concat();
    let done = finish(cloud.command(&arguments).write_stdin(clean));
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(cloud.files("out"), ["stdin.bmp"]);
}
