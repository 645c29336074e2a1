//! How a served cloud ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use crate::served::{Served, local, send};

const NOTE: &str = "shutting down";

/// A cloud with a bucket whose requests need no signature.
fn open(data: &str) -> Served {
    let bucket = ["--bucket", "b-1250000000", "--auth", "off"];
    Served::start(&[&bucket[..], &["--data", data]].concat())
}

/// An upload of which `cloud` has read the head and waits for the body, `hello`.
fn upload(cloud: &Served) -> TcpStream {
    let mut stream = cloud.connect();
    let head = "PUT /k HTTP/1.1\r\nHost: b-1250000000.cos.ap-guangzhou.myqcloud.com\r\n\
                Content-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100 "));
    stream
}

/// Kills the process `id` if the test has not ended by then: what is tested is that it ends by
/// itself.
fn watch(id: u32) -> Sender<()> {
    let (ended, end) = channel();
    std::thread::spawn(move || {
        use std::sync::mpsc::RecvTimeoutError::Timeout;
        if end.recv_timeout(Duration::from_mins(1)) == Err(Timeout) {
            send("KILL", id);
        }
    });
    ended
}

#[test]
fn either_signal_ends_it_with_the_request_under_way_answered() {
    for signal in ["INT", "TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let mut cloud = open(data);
        let _watch = watch(cloud.process.id());
        let mut stream = upload(&cloud);
        cloud.signal(signal);
        cloud.notes_to(NOTE);
        stream.write_all(b"hello").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{signal}: {answer}");
        assert_eq!(cloud.end(), (String::new(), Some(0)), "{signal}");

        let cloud = open(data);
        let host = "Host: b-1250000000.cos.ap-guangzhou.myqcloud.com";
        let stored = cloud.exchange(&["GET /k HTTP/1.1", host]);
        assert!(stored.ends_with("\r\n\r\nhello"), "{signal}: {stored}");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut cloud =
            Served::start(&["--ephemeral", "--bucket", "b-1250000000", "--auth", "off"]);
        let _watch = watch(cloud.process.id());
        // It would be waited for.
        let _upload = upload(&cloud);
        cloud.signal(signal);
        cloud.notes_to(NOTE);
        cloud.signal(signal);
        let (_, ended) = cloud.end();
        assert_eq!(ended, Some(code), "{signal}");
    }
}

/// The signals that the system does not let end the first process of a container by themselves.
#[cfg(target_os = "linux")]
#[test]
fn it_ends_in_order_as_the_first_process_of_a_container() {
    let namespace = ["--user", "--map-root-user", "--pid", "--fork"];
    let can_unshare = Command::new("unshare")
        .args(namespace)
        .arg("true")
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !can_unshare {
        let name = "it_ends_in_order_as_the_first_process_of_a_container";
        assert!(std::env::var_os("CI").is_none(), "{name} needs `unshare`");
        eprintln!("skipped {name}: `unshare` cannot make a namespace of processes here");
        return;
    }
    for signal in ["INT", "TERM"] {
        let tcloud = local();
        let mut command = Command::new("unshare");
        command
            .args(namespace)
            .arg(tcloud.get_program())
            .args(tcloud.get_args())
            .arg("--ephemeral");
        let mut cloud = Served::of(&mut command);
        let parent = cloud.process.id();
        let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
        let first: u32 = children.unwrap().trim().parse().unwrap();
        let _watch = watch(first);
        send(signal, first);
        let (notes, code) = cloud.end();
        assert_eq!(code, Some(0), "{signal}: {notes}");
        assert!(notes.contains(NOTE), "{signal}: {notes}");
    }
}
