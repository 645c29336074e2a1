//! The same files moved to a local cloud and from it, beside rclone by its S3 interface.
//!
//! Both commands speak to one cloud, which checks the signature of each request. Rclone is measured as
//! it comes and with as many transfers at a time as help it here. What a round uploads goes to a folder of
//! its own, since neither command sends what is there already; its downloads and its sync find it there.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::case::{Case, FILES, LARGE};
use super::{BUCKET, Options, REGION};
use crate::report::median;
use crate::usage::{Server, Usage};

const KEY: &str = "AKIDEXAMPLE:SECRETEXAMPLE";

/// Whose run it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Client {
    Tcloud,
    Rclone,
    /// With more transfers at a time than it has by itself.
    RcloneOfMany,
}

impl Client {
    const ALL: [Self; 3] = [Self::Tcloud, Self::Rclone, Self::RcloneOfMany];

    const fn name(self) -> &'static str {
        match self {
            Self::Tcloud => "tcloud",
            Self::Rclone => "rclone",
            Self::RcloneOfMany => "rclone of 32 transfers",
        }
    }

    const fn folder(self) -> &'static str {
        match self {
            Self::Tcloud => "tcloud",
            Self::Rclone => "rclone",
            Self::RcloneOfMany => "rclone-32",
        }
    }
}

/// What one run needs.
struct Run<'a> {
    options: &'a Options,
    rclone: &'a Path,
    address: &'a str,
}

pub(super) fn measure(options: &Options, rclone: &Path) {
    let folder = &options.folder;
    super::prepare(folder, false);
    let mut cloud = Command::new(&options.tcloud);
    cloud
        .args(["local", "--port", "0", "--auth", "strict"])
        .args(["--bucket", BUCKET, "--region", REGION, "--key", KEY])
        .arg("--data")
        .arg(folder.join("cloud"));
    let server = Server::start(cloud.stderr(std::process::Stdio::null()));
    let run = Run {
        options,
        rclone,
        address: server.address(),
    };
    for case in &options.cases {
        let rounds: Vec<_> = (0..options.rounds)
            .map(|round| {
                let mut clients = Client::ALL;
                // Each is first as often as the others.
                clients.rotate_left(round % Client::ALL.len());
                let mut usages = clients.map(|client| (client, run.timed(*case, client, round)));
                usages.rotate_right(round % Client::ALL.len());
                usages.map(|(_, usage)| usage)
            })
            .collect();
        report(*case, &rounds);
    }
    drop(server);
    fs::remove_dir_all(folder).unwrap();
}

impl Run<'_> {
    fn timed(&self, case: Case, client: Client, round: usize) -> Usage {
        let under = format!("{}-{round}", client.folder());
        let fetched = self.options.folder.join("fetched");
        let _ = fs::remove_dir_all(&fetched);
        fs::create_dir_all(&fetched).unwrap();
        let mut command = match client {
            Client::Tcloud => self.tcloud(case, &under),
            Client::Rclone | Client::RcloneOfMany => self.rclone(case, &under),
        };
        if client == Client::RcloneOfMany {
            command.args(["--transfers", "32", "--checkers", "32"]);
        }
        let usage = super::timed(&mut command);
        let wanted = match case {
            Case::DownloadSmall => FILES as usize,
            Case::DownloadLarge => 1,
            Case::UploadSmall | Case::UploadLarge | Case::Sync => 0,
        };
        let files = fs::read_dir(&fetched).unwrap().count();
        assert_eq!(files, wanted, "files that {} has fetched", client.name());
        usage
    }

    fn file(&self, name: &str) -> String {
        self.options.folder.join(name).to_str().unwrap().to_owned()
    }

    fn tcloud(&self, case: Case, under: &str) -> Command {
        let object = |key: &str| format!("cos://{BUCKET}/{under}/{key}");
        let (small, fetched) = (self.file("small/"), self.file("fetched/"));
        let words = match case {
            Case::UploadLarge => vec!["cp".into(), self.file(LARGE), object(LARGE)],
            Case::DownloadLarge => vec!["cp".into(), object(LARGE), fetched],
            Case::UploadSmall => vec!["cp".into(), "-r".into(), small, object("small/")],
            Case::DownloadSmall => vec!["cp".into(), "-r".into(), object("small/"), fetched],
            Case::Sync => vec!["sync".into(), small, object("small/")],
        };
        super::ours(
            &self.options.tcloud,
            &words,
            self.address,
            &self.options.folder,
        )
    }

    fn rclone(&self, case: Case, under: &str) -> Command {
        let object = |key: &str| format!("speed:{BUCKET}/{under}/{key}");
        let (small, fetched) = (self.file("small"), self.file("fetched"));
        let (word, from, to) = match case {
            Case::UploadLarge => ("copy", self.file(LARGE), object("")),
            Case::DownloadLarge => ("copy", object(LARGE), fetched),
            Case::UploadSmall => ("copy", small, object("small")),
            Case::DownloadSmall => ("copy", object("small"), fetched),
            Case::Sync => ("sync", small, object("small")),
        };
        let mut command = Command::new(self.rclone);
        let (id, secret) = KEY.split_once(':').unwrap();
        // Nothing of the machine's own settings.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy") {
                command.env_remove(&*name);
            }
        }
        command
            .args([word, &from, &to])
            .env("RCLONE_CONFIG", "/dev/null")
            .env("RCLONE_CONFIG_SPEED_TYPE", "s3")
            .env("RCLONE_CONFIG_SPEED_PROVIDER", "Other")
            .env("RCLONE_CONFIG_SPEED_ENDPOINT", self.address)
            .env("RCLONE_CONFIG_SPEED_REGION", REGION)
            .env("RCLONE_CONFIG_SPEED_NO_CHECK_BUCKET", "true")
            .env("RCLONE_CONFIG_SPEED_ACCESS_KEY_ID", id)
            .env("RCLONE_CONFIG_SPEED_SECRET_ACCESS_KEY", secret);
        command
    }
}

fn report(case: Case, rounds: &[[Usage; 3]]) {
    for (at, client) in Client::ALL.iter().enumerate() {
        let of = |round: &[Usage; 3]| round.get(at).copied().unwrap();
        let runs: Vec<_> = rounds.iter().map(of).collect();
        print!(
            "{:<15} {}: {}",
            case.name(),
            client.name(),
            super::shown(case, &runs)
        );
        if at > 0 {
            let mut ratios: Vec<_> = rounds
                .iter()
                .map(|round| of(round).elapsed.as_secs_f64() / round[0].elapsed.as_secs_f64())
                .collect();
            ratios.sort_by(f64::total_cmp);
            if let [least, .., most] = ratios.as_slice() {
                let middle = median(&ratios);
                print!(": our rate is {middle:.2} times its ({least:.2} to {most:.2})");
            }
        }
        println!();
    }
}
