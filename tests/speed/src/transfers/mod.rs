//! What transfers take, beside coscmd and `reqwest` alone.
//!
//! ```sh
//! cargo build --release -p tcloud-cli -p tcloud-speed
//! python3 -m venv peers && peers/bin/pip install -r tests/clients/coscmd/requirements.txt
//! target/release/tcloud-speed transfers --tcloud target/release/tcloud --python peers/bin/python
//! ```
//!
//! Clients take turns at a service that does next to nothing, each in a process of its own; ours is
//! the command `tcloud`. What counts is the time of a run from its start to its end, since many
//! requests at a time are what a transfer is about: a case is the median of the ratios of such rounds.
//! `--rounds N` sets how many there are, `--folder DIR` where the folder of the files is made, names of
//! cases which are measured. `--rclone PROGRAM` measures at a local cloud instead, beside rclone (`rclone.rs`).

mod case;
mod raw;
mod rclone;
mod service;
/// As the local cloud has it.
#[path = "../../../../crates/local/src/spelling.rs"]
mod spelling;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use self::case::{Case, FILES, LARGE, LARGE_SIZE, SMALL_SIZE, TREE_FILES};
use crate::report::median;
use crate::usage::{self, Server, Usage};

const BUCKET: &str = "album-1250000000";
const REGION: &str = "ap-chongqing";
const MIB: u64 = 1 << 20;
/// The folder of the files.
const FOLDER: &str = "tcloud-speed";
/// The command's own function, without its program, which waits for whole seconds around it.
const COSCMD: &str = "import sys; from coscmd import cos_cmd; cos_cmd.command_thread(); \
                      sys.exit(cos_cmd.res)";

/// The name of a small file.
fn small_name(number: u32) -> String {
    format!("{number:05}")
}

/// The name of a file of the tree, a hundred in each folder.
fn tree_name(number: u32) -> String {
    format!("{:04}/{number:06}", number / 100)
}

/// What the command line says.
struct Options {
    tcloud: PathBuf,
    python: Option<PathBuf>,
    rclone: Option<PathBuf>,
    folder: PathBuf,
    rounds: usize,
    cases: Vec<Case>,
}

/// Does what `words` say, which follow `transfers`.
pub(crate) fn main(words: &[&str]) -> Result<(), String> {
    match words {
        ["serve"] => crate::runtime().block_on(service::serve()),
        ["run", case, address, folder] => {
            let case = Case::named(case).ok_or("there is no such case")?;
            crate::runtime().block_on(raw::run(case, address, Path::new(folder)));
        }
        _ => {
            let options = read(words)?;
            match &options.rclone {
                Some(rclone) => rclone::measure(&options, rclone),
                None => measure(&options),
            }
        }
    }
    Ok(())
}

fn read(words: &[&str]) -> Result<Options, String> {
    let mut options = Options {
        tcloud: "target/release/tcloud".into(),
        python: None,
        rclone: None,
        folder: std::env::temp_dir().join(FOLDER),
        rounds: 5,
        cases: Vec::new(),
    };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if let Some(case) = Case::named(word) {
            options.cases.push(case);
            continue;
        }
        let value = words.next().ok_or(format!("{word} has no value"))?;
        match *word {
            "--tcloud" => options.tcloud = value.into(),
            "--python" => options.python = Some(value.into()),
            "--rclone" => options.rclone = Some(value.into()),
            // One of its own in it, which is removed in the end.
            "--folder" => options.folder = Path::new(value).join(FOLDER),
            "--rounds" => options.rounds = value.parse().map_err(|_| "--rounds is a number")?,
            _ => return Err(format!("{word} is neither an option nor a case")),
        }
    }
    if options.cases.is_empty() {
        options.cases = Case::ALL.to_vec();
    }
    Ok(options)
}

fn measure(options: &Options) {
    let folder = &options.folder;
    prepare(folder, options.cases.contains(&Case::Sync));
    let own = std::env::current_exe().unwrap();
    let server = Server::start(Command::new(&own).args(["transfers", "serve"]));
    let address = server.address();
    let configuration = folder.join("coscmd.conf");
    fs::write(
        &configuration,
        format!(
            "[common]\nsecret_id = AKIDEXAMPLE\nsecret_key = SECRETEXAMPLE\nbucket = {BUCKET}\n\
             region = {REGION}\nschema = http\nmax_thread = 16\npart_size = 1\n"
        ),
    )
    .unwrap();
    for case in &options.cases {
        let case = *case;
        let ours = || timed(&mut tcloud(&options.tcloud, case, address, folder));
        let raw = || {
            let mut command = Command::new(&own);
            command.args(["transfers", "run", case.name(), address]);
            timed(command.arg(folder))
        };
        let coscmd = || {
            let python = options.python.as_ref()?;
            Some(timed(&mut coscmd(python, case, address, folder)))
        };
        if case == Case::Sync {
            let runs: Vec<_> = (0..options.rounds).map(|_| ours()).collect();
            println!("{:<15} tcloud {}", case.name(), shown(case, &runs));
            continue;
        }
        let rounds = (0..options.rounds).map(|round| {
            // Each is first as often as the other.
            if round % 2 == 0 {
                (ours(), raw(), coscmd())
            } else {
                let raw = raw();
                (ours(), raw, coscmd())
            }
        });
        let rounds: Vec<_> = rounds.collect();
        report(case, &rounds);
    }
    fs::remove_dir_all(folder).unwrap();
}

/// The files that are moved, all of zeros.
fn prepare(folder: &Path, with_tree: bool) {
    let zeros = |path: PathBuf, size| File::create(path).unwrap().set_len(size).unwrap();
    fs::create_dir_all(folder.join("small")).unwrap();
    zeros(folder.join(LARGE), LARGE_SIZE);
    for number in 0..FILES {
        zeros(folder.join("small").join(small_name(number)), SMALL_SIZE);
    }
    let tree = if with_tree { TREE_FILES } else { 0 };
    for number in 0..tree {
        let path = folder.join("tree").join(tree_name(number));
        if number % 100 == 0 {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
        }
        zeros(path, 0);
    }
}

fn timed(command: &mut Command) -> Usage {
    usage::of(command.stdout(Stdio::null()).stderr(Stdio::null()))
}

/// Ours. What it has fetched before is removed.
fn tcloud(program: &Path, case: Case, address: &str, folder: &Path) -> Command {
    let object = |key: &str| format!("cos://{BUCKET}/{key}");
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let _ = fs::remove_dir_all(folder.join("our-small"));
    let _ = fs::remove_file(folder.join("our-large"));
    let words = match case {
        Case::UploadLarge => ["cp", &file(LARGE), &object(LARGE)]
            .map(str::to_owned)
            .to_vec(),
        Case::DownloadLarge => ["cp", &object(LARGE), &file("our-large")]
            .map(str::to_owned)
            .to_vec(),
        Case::UploadSmall => ["cp", "-r", &file("small/"), &object("small/")]
            .map(str::to_owned)
            .to_vec(),
        Case::DownloadSmall => ["cp", "-r", &object("small/"), &file("our-small/")]
            .map(str::to_owned)
            .to_vec(),
        Case::Sync => ["sync", &file("tree/"), &object(service::TREE)]
            .map(str::to_owned)
            .to_vec(),
    };
    ours(program, &words, address, folder)
}

/// The command `tcloud` at the service of `address`.
fn ours(program: &Path, words: &[String], address: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(words)
        .env("TCLOUD_ENDPOINT", address)
        .env("TENCENTCLOUD_REGION", REGION)
        .env("TENCENTCLOUD_SECRET_ID", "AKIDEXAMPLE")
        .env("TENCENTCLOUD_SECRET_KEY", "SECRETEXAMPLE")
        .env("XDG_STATE_HOME", folder.join("state"));
    command
}

/// The other command. What it has fetched before is removed.
fn coscmd(python: &Path, case: Case, address: &str, folder: &Path) -> Command {
    let _ = fs::remove_dir_all(folder.join("cos-small"));
    let words: &[&str] = match case {
        Case::UploadLarge => &["upload", LARGE, LARGE],
        Case::DownloadLarge => &["download", "-f", LARGE, "cos-large"],
        Case::UploadSmall => &["upload", "-r", "small", "small"],
        Case::DownloadSmall => &["download", "-r", "-f", "small", "cos-small"],
        Case::Sync => unreachable!("it is not measured"),
    };
    let mut command = Command::new(python);
    command
        .args(["-W", "ignore", "-c", COSCMD, "-s"])
        .args(["-c", "coscmd.conf", "-l", "coscmd.log"])
        .args(words)
        .current_dir(folder)
        .env("http_proxy", address)
        .env("no_proxy", "")
        .env("HOME", folder);
    command
}

/// A round: ours, `reqwest` and coscmd, if that is there.
type Round = (Usage, Usage, Option<Usage>);

fn report(case: Case, rounds: &[Round]) {
    let ours: Vec<_> = rounds.iter().map(|(ours, ..)| *ours).collect();
    let raw: Vec<_> = rounds.iter().map(|(_, raw, _)| *raw).collect();
    let coscmd: Vec<_> = rounds.iter().filter_map(|(.., coscmd)| *coscmd).collect();
    println!("{:<15} tcloud  {}", case.name(), shown(case, &ours));
    for (name, peer) in [("reqwest", raw), ("coscmd", coscmd)] {
        if peer.is_empty() {
            continue;
        }
        let ratios = ours.iter().zip(&peer);
        let mut ratios: Vec<_> = ratios
            .map(|(ours, peer)| peer.elapsed.as_secs_f64() / ours.elapsed.as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        let [least, .., most] = ratios.as_slice() else {
            continue;
        };
        println!(
            "{:<15} {name:<7} {}: our rate is {:.2} times its ({least:.2} to {most:.2})",
            "",
            shown(case, &peer),
            median(&ratios),
        );
    }
}

/// The medians: time of a run, rate, time of the processor, memory.
fn shown(case: Case, runs: &[Usage]) -> String {
    let seconds = middle(runs, |run| run.elapsed).as_secs_f64();
    let processor = middle(runs, |run| run.processor).as_secs_f64();
    let memory = middle(runs, |run| run.memory / MIB);
    let rate = match case.bytes() / MIB {
        0 => String::new(),
        // Small enough to be exact.
        moved => format!(
            "{:.0} MiB/s, ",
            f64::from(u32::try_from(moved).unwrap()) / seconds
        ),
    };
    format!("{seconds:.2} s, {rate}processor {processor:.2} s, {memory} MiB")
}

/// The median of a figure of `runs`.
fn middle<T: Copy + Ord>(runs: &[Usage], figure: impl Fn(&Usage) -> T) -> T {
    let mut figures: Vec<_> = runs.iter().map(figure).collect();
    figures.sort_unstable();
    median(&figures)
}
