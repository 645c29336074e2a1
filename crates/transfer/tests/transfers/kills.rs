//! Transfers of a process that is killed at any moment, and goes on when it is begun again.
//!
//! `TCLOUD_TRANSFER_MIB` and `TCLOUD_TRANSFER_KILLS` set the size and the number of kills.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tcloud_transfer::{Resume, Transfers};
use tokio::sync::mpsc;

use crate::fixture::{BUCKET, MIB, content, file, names};
use crate::service::{Cos, client};

/// Requests at a time, and the size of a part: what may be sent twice for each kill.
const CONCURRENCY: usize = 4;
const PART: usize = MIB;

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |text| text.parse().unwrap())
}

/// The process that is killed: this program, told by its environment to transfer.
#[tokio::test]
#[ignore = "a part of the other tests, which run it in a process of its own"]
async fn child() {
    let Ok(endpoint) = std::env::var("TRANSFER_ENDPOINT") else {
        return;
    };
    let path = PathBuf::from(std::env::var("TRANSFER_PATH").unwrap());
    let transfers = Transfers::builder(&client(&endpoint))
        .part_size(PART as u64)
        .concurrency(CONCURRENCY)
        .rounds(4, Duration::from_millis(1))
        .build();
    if std::env::var("TRANSFER_DIRECTION").unwrap() == "up" {
        let checkpoint = path.with_extension("checkpoint");
        let upload = transfers
            .upload(path, (BUCKET, "a"))
            .resume(Resume::Checkpoint(checkpoint));
        upload.run().await.unwrap();
    } else {
        transfers
            .download((BUCKET, "a"))
            .to_path(&path)
            .await
            .unwrap();
    }
}

fn start(cos: &Cos, direction: &str, path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "kills::child", "--test-threads=1"])
        .env("TRANSFER_ENDPOINT", &cos.endpoint)
        .env("TRANSFER_DIRECTION", direction)
        .env("TRANSFER_PATH", path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs `transfer` until it ends by itself, and kills it whenever so many bytes have moved as the
/// next of `marks` says. Gives the number of kills.
async fn run(
    mut transfer: impl FnMut() -> Child,
    mut moved: mpsc::UnboundedReceiver<u64>,
    marks: &[u64],
) -> usize {
    let mut kills = 0;
    loop {
        let mut child = transfer();
        let killed = loop {
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "the transfer failed");
                break false;
            }
            match tokio::time::timeout(Duration::from_millis(50), moved.recv()).await {
                Ok(Some(bytes)) if marks.get(kills).is_some_and(|mark| bytes >= *mark) => {
                    child.kill().unwrap();
                    child.wait().unwrap();
                    break true;
                }
                _ => {}
            }
        };
        if !killed {
            return kills;
        }
        kills += 1;
    }
}

/// Moments that differ from run to run of the list, and repeat from run to run of the test.
fn marks(size: usize, kills: usize) -> Vec<u64> {
    let share = size / (kills + 1);
    let chance = content(kills * 8, 11);
    (0..kills)
        .map(|kill| {
            let bytes = chance[kill * 8..kill * 8 + 8].try_into().unwrap();
            let within = u64::from_le_bytes(bytes) % (share as u64 / 2);
            (kill * share) as u64 + within + 100_000
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_survives_kills() {
    let (size, kills) = (
        number("TCLOUD_TRANSFER_MIB", 64) * MIB,
        number("TCLOUD_TRANSFER_KILLS", 5),
    );
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    let bytes = content(size, 5);
    let path = file(folder.path(), "a", &bytes);
    let (sender, moved) = mpsc::unbounded_channel();
    cos.state().on_receive = Some(Arc::new(move |received| {
        let _ = sender.send(received);
    }));
    let killed = run(|| start(&cos, "up", &path), moved, &marks(size, kills)).await;
    assert_eq!(killed, kills);
    let state = cos.state();
    assert!(state.object(BUCKET, "a").bytes == bytes);
    assert!(state.uploads.is_empty());
    let twice = state.received - size as u64;
    // The documents that name the parts are small.
    let most = (kills * CONCURRENCY * PART + (kills + 1) * 1024 * 1024 / 8) as u64;
    assert!(
        twice <= most,
        "{twice} bytes were sent twice, of at most {most}"
    );
    assert_eq!(names(folder.path()), ["a"]);
    println!("figure: upload, {kills} kills, {twice} bytes sent twice, of at most {most}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_survives_kills() {
    let (size, kills) = (
        number("TCLOUD_TRANSFER_MIB", 64) * MIB,
        number("TCLOUD_TRANSFER_KILLS", 5),
    );
    let cos = Cos::start().await;
    let folder = tempfile::tempdir().unwrap();
    let bytes = content(size, 6);
    cos.state().put(BUCKET, "a", bytes.clone());
    let path = folder.path().join("a");
    let (sender, moved) = mpsc::unbounded_channel();
    // The first answer of each process is for all of the object, and given up.
    let whole = size as u64;
    cos.state().on_part = Some(Arc::new(move |sent| {
        // Nobody listens any more at the end.
        let _ = sender.send(sent);
    }));
    let killed = run(|| start(&cos, "down", &path), moved, &marks(size, kills)).await;
    assert_eq!(killed, kills);
    assert!(std::fs::read(&path).unwrap() == bytes);
    let state = cos.state();
    let twice = state.parts_sent.saturating_sub(whole);
    let most = (kills * CONCURRENCY * PART) as u64;
    assert!(
        twice <= most,
        "{twice} bytes were asked for twice, of at most {most}"
    );
    assert_eq!(names(folder.path()), ["a"]);
    println!("figure: download, {kills} kills, {twice} bytes asked for twice, of at most {most}");
}
