//! A service that stops in the middle of its answer.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use crate::support::{finish, with_key};

#[test]
fn a_download_that_stops_ends_with_what_happened() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123")
            .unwrap();
        // Until the command has gone.
        lines.next().is_none_or(|line| line.is_err())
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("object");
    let mut command = with_key();
    command
        .args([
            "cos",
            "get-object",
            "--bucket",
            "b-1250000000",
            "--key",
            "k",
        ])
        .args(["--endpoint", &endpoint, "--stall-timeout", "1", "--to"])
        .arg(&file);
    let called = finish(&mut command);
    assert_eq!(called.code, 1, "{}", called.err);
    let expected = "GetObject: the answer stalled after 4 bytes of 100: none came for 1 s";
    assert!(called.err.contains(expected), "{}", called.err);
    assert!(!file.exists());
    assert!(answering.join().unwrap());
}
