//! A proxy in the environment, and what is reached without it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use crate::served::Served;
use crate::support::{finish, tcloud, with_key};

const PUT_BUCKET: [&str; 4] = ["cos", "put-bucket", "--bucket", "b-1250000000"];
const BIND_BUCKET: [&str; 4] = ["ci", "create-pic-bucket", "--bucket", "b-1250000000"];

#[test]
fn this_machine_is_never_reached_through_a_proxy() {
    let cloud = Served::start(&["--ephemeral"]);
    // Nobody listens at this port, which the system gives to nobody by chance either.
    let proxy = "http://127.0.0.1:9";
    let port = cloud.address.rsplit(':').next().unwrap();
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        for address in [&cloud.address, &format!("http://localhost:{port}")] {
            let mut command = tcloud();
            command.args(["cos", "get-service", "--endpoint", address]);
            let called = finish(command.env(name, proxy));
            assert_eq!(called.code, 0, "{name} {address}: {}", called.err);
        }
    }
}

#[test]
fn what_the_greeting_says_to_export_serves_the_command_as_well() {
    let mut cloud = Served::start(&["--ephemeral"]);
    let greeting = cloud.greeting();
    let exports: Vec<(&str, &str)> = greeting
        .lines()
        .filter_map(|line| line.split_once("export "))
        .flat_map(|(_, exports)| exports.split(' '))
        .map(|export| export.split_once('=').unwrap())
        .collect();
    let names: Vec<_> = exports.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["TCLOUD_ENDPOINT", "http_proxy", "no_proxy"]);
    for arguments in [PUT_BUCKET, BIND_BUCKET] {
        let mut command = tcloud();
        let called = finish(command.args(arguments).envs(exports.iter().copied()));
        assert_eq!(called.code, 0, "{arguments:?}: {}", called.err);
    }
}

#[test]
fn other_hosts_are_reached_through_it_unless_they_are_excluded() {
    // No host of anybody: a connection to it fails at once.
    const NOWHERE: &str = "255.255.255.255";
    let endpoint = format!("http://{NOWHERE}");
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    let call = |excluded: &str| {
        let mut command = with_key();
        command
            .args(PUT_BUCKET)
            .args(["--endpoint", &endpoint, "--timeout", "5"])
            .env("http_proxy", &address)
            .env("no_proxy", excluded);
        finish(&mut command)
    };
    let excluded = call(&format!("example.com,{NOWHERE}"));
    assert_eq!(excluded.code, 1, "{}", excluded.err);
    proxy.set_nonblocking(true).unwrap();
    let nobody = proxy.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);

    proxy.set_nonblocking(false).unwrap();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = proxy.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        let answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        stream.write_all(answer.as_bytes()).unwrap();
        line
    });
    let through = call("example.com");
    assert_eq!(through.code, 1, "{}", through.err);
    let line = answering.join().unwrap();
    assert!(line.starts_with("PUT http://255.255.255.255/"), "{line}");
}
