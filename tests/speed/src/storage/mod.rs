//! What a local cloud serves a second, beside `s3s-fs` and moto, over S3's interface.
//!
//! ```sh
//! cargo build --release -p tcloud-cli -p tcloud-speed
//! python3 -m venv peers && peers/bin/pip install 'moto[server]==5.2.2'
//! target/release/tcloud-speed storage --tcloud target/release/tcloud --moto peers/bin/moto_server
//! ```
//!
//! Each server is a process of its own, with its state in a folder of `--folder` (in memory: `/dev/shm`),
//! and so is the client, which sends URLs that were signed beforehand, so that it takes as little of the
//! processor as it can. The local cloud and `s3s-fs` check the signature of each request, moto checks none.
//! They take turns, `--rounds` times, `--seconds` each; a cell is the median of the rates and of the
//! ratios of such rounds.
//!
//! On a disk, `s3s-fs` and moto do not wait until what they have acknowledged is on it, and the local cloud
//! does. So `PUT` is compared in a file system in memory. The first line says how often the disk of
//! `--folder` syncs a file, which bounds the rate of the local cloud.
//!
//! A connection asks for one object over and over, which the local cloud has in memory then; small
//! objects are also read from among so many that it has not.

mod load;
mod server;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use self::server::Kind;
use crate::report::median;

/// Bytes of a small object.
const SMALL: usize = 4 << 10;
/// Bytes of a large object.
const LARGE: usize = 8 << 20;
/// How many objects are more than the local cloud keeps in memory.
const MANY: usize = 3000;
/// How many clients there are at a time.
const CONNECTIONS: [usize; 3] = [1, 16, 64];

/// What the command line says.
struct Options {
    tcloud: PathBuf,
    moto: Option<PathBuf>,
    folder: PathBuf,
    rounds: usize,
    seconds: u64,
}

/// What is done over and over.
#[derive(Clone, Copy)]
struct Cell {
    method: &'static str,
    size: usize,
    connections: usize,
    /// How many objects it is about; none if each connection has one of its own.
    objects: usize,
}

/// The cells, one after the other.
fn cells() -> impl Iterator<Item = Cell> {
    let kinds = [
        ("PUT", SMALL, 0),
        ("PUT", LARGE, 0),
        ("GET", SMALL, 0),
        ("GET", SMALL, MANY),
        ("GET", LARGE, 0),
    ];
    kinds.into_iter().flat_map(|(method, size, objects)| {
        CONNECTIONS.map(|connections| Cell {
            method,
            size,
            connections,
            objects,
        })
    })
}

/// Does what `words` say, which follow `storage`.
pub(crate) fn main(words: &[&str]) -> Result<(), String> {
    match words {
        ["serve", folder] => crate::runtime().block_on(server::serve(Path::new(folder))),
        ["run", address, rest @ ..] => {
            let [method, size, connections, objects, seconds] = rest else {
                return Err("run takes an address and what is done there".into());
            };
            let number = |word: &str| word.parse().map_err(|_| format!("{word} is no number"));
            let cell = Cell {
                method: if *method == "GET" { "GET" } else { "PUT" },
                size: number(size)?,
                connections: number(connections)?,
                objects: number(objects)?,
            };
            let time = Duration::from_secs(number(seconds)? as u64);
            let rate = crate::runtime().block_on(load::run(address, cell, time));
            println!("{rate}");
        }
        _ => measure(&read(words)?),
    }
    Ok(())
}

fn read(words: &[&str]) -> Result<Options, String> {
    let mut options = Options {
        tcloud: "target/release/tcloud".into(),
        moto: None,
        folder: std::env::temp_dir(),
        rounds: 3,
        seconds: 2,
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or(format!("{word} has no value"))?;
        match *word {
            "--tcloud" => options.tcloud = value.into(),
            "--moto" => options.moto = Some(value.into()),
            "--folder" => options.folder = value.into(),
            "--rounds" => options.rounds = value.parse().map_err(|_| "--rounds is a number")?,
            "--seconds" => options.seconds = value.parse().map_err(|_| "--seconds is a number")?,
            _ => return Err(format!("{word} is no option")),
        }
    }
    Ok(options)
}

fn measure(options: &Options) {
    let folder = tempfile::tempdir_in(&options.folder).unwrap();
    println!(
        "the disk syncs {:.0} times per second",
        syncs(folder.path())
    );
    let mut kinds = vec![Kind::Tcloud, Kind::S3sFs];
    kinds.extend(options.moto.is_some().then_some(Kind::Moto));
    let servers: Vec<_> = kinds
        .iter()
        .map(|kind| server::start(*kind, options, folder.path()))
        .collect();
    for cell in cells() {
        let rounds: Vec<Vec<f64>> = (0..options.rounds)
            .map(|round| {
                // Each is first as often as the others.
                let mut rates = vec![0.0; servers.len()];
                for turn in 0..servers.len() {
                    let at = (turn + round) % servers.len();
                    let (Some(server), Some(rate)) = (servers.get(at), rates.get_mut(at)) else {
                        continue;
                    };
                    *rate = load(server.address(), cell, options.seconds);
                }
                rates
            })
            .collect();
        report(cell, &kinds, &rounds);
    }
}

/// Requests a second, as a process of its own counts them.
fn load(address: &str, cell: Cell, seconds: u64) -> f64 {
    let own = std::env::current_exe().unwrap();
    let numbers = [cell.size, cell.connections, cell.objects].map(|number| number.to_string());
    let output = Command::new(own)
        .args(["storage", "run", address, cell.method])
        .args(numbers)
        .arg(seconds.to_string())
        .output()
        .unwrap();
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{address}: {why}");
    let rate = String::from_utf8_lossy(&output.stdout);
    rate.trim().parse().unwrap()
}

fn report(cell: Cell, kinds: &[Kind], rounds: &[Vec<f64>]) {
    print!("{} of {} KiB", cell.method, cell.size >> 10);
    if cell.objects > 0 {
        print!(", {} objects", cell.objects);
    }
    print!(", {} connections:", cell.connections);
    for (at, kind) in kinds.iter().enumerate() {
        let of = |figure: &dyn Fn(&[f64]) -> Option<f64>| {
            let mut figures: Vec<f64> = rounds.iter().filter_map(|round| figure(round)).collect();
            figures.sort_by(f64::total_cmp);
            median(&figures)
        };
        let rate = of(&|round| round.get(at).copied());
        print!(" {} {rate:.0}/s", kind.name());
        if at > 0 {
            let ratio = of(&|round| Some(round.first()? / round.get(at)?));
            print!(" (ours {ratio:.2} times it)");
        }
    }
    println!();
}

/// How often a second the disk of `folder` syncs a file that has grown by 4 KiB.
fn syncs(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("syncs")).unwrap();
    let started = Instant::now();
    let mut times = 0.0;
    while started.elapsed() < Duration::from_secs(1) {
        file.write_all(&[0; 4096]).unwrap();
        file.sync_data().unwrap();
        times += 1.0;
    }
    times / started.elapsed().as_secs_f64()
}
