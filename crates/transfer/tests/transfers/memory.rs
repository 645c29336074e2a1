//! The memory of a process that uploads what cannot be read again.
//!
//! `TCLOUD_TRANSFER_MIB` sets the size.

use std::path::Path;
use std::process::{Command, Stdio};

use tcloud_transfer::{Source, Transfers};
use tokio::io::AsyncReadExt;

use crate::fixture::{BUCKET, MIB};
use crate::service::{Cos, client};

/// What the whole may take beside what the process takes anyway.
const MOST: u64 = 64 * 1024;

/// The process that is measured: it uploads zeros, and prints how much memory it took at most,
/// before and after, in KiB.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a part of the other test, which runs it in a process of its own"]
async fn child() {
    let Ok(endpoint) = std::env::var("TRANSFER_ENDPOINT") else {
        return;
    };
    let size: u64 = std::env::var("TRANSFER_SIZE").unwrap().parse().unwrap();
    let transfers = Transfers::new(&client(&endpoint));
    transfers
        .upload(vec![0; 100], (BUCKET, "small"))
        .run()
        .await
        .unwrap();
    let before = peak();
    let source = Source::reader(tokio::io::repeat(7).take(size));
    transfers
        .upload(source, (BUCKET, "large"))
        .run()
        .await
        .unwrap();
    println!("peak {} {}", before, peak());
}

/// The most memory that this process has taken so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.map_or(0, |line| {
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_of_unknown_length_takes_little_memory() {
    if !Path::new("/proc/self/status").exists() {
        return;
    }
    let size = std::env::var("TCLOUD_TRANSFER_MIB").map_or(256, |text| text.parse().unwrap()) * MIB;
    let cos = Cos::forgetful().await;
    let endpoint = cos.endpoint.clone();
    let output = tokio::task::spawn_blocking(move || {
        Command::new(std::env::current_exe().unwrap())
            .args([
                "--ignored",
                "--exact",
                "memory::child",
                "--nocapture",
                "--test-threads=1",
            ])
            .env("TRANSFER_ENDPOINT", endpoint)
            .env("TRANSFER_SIZE", size.to_string())
            .stderr(Stdio::inherit())
            .output()
            .unwrap()
    });
    let output = output.await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.split_once("peak "))
        .unwrap_or_else(|| panic!("{text}"));
    let mut numbers = line
        .1
        .split(' ')
        .map(|number| number.parse::<u64>().unwrap());
    let (before, after) = (numbers.next().unwrap(), numbers.next().unwrap());
    assert_eq!(cos.state().object(BUCKET, "large").length, size as u64);
    assert!(before > 0);
    let taken = after - before;
    println!(
        "figure: {} MiB sent with {taken} KiB beside {before} KiB",
        size / MIB
    );
    assert!(taken <= MOST, "{taken} KiB were taken, of at most {MOST}");
}
