//! The local cloud under `kill -9`, and under load.

use std::error::Error;
use std::process::Command;

use clap::Subcommand;

use crate::command::{cargo, succeed};
use crate::files;

/// What is done to it.
#[derive(Subcommand)]
pub(crate) enum Mode {
    /// Kills it while jobs are submitted; fails if one that was accepted is lost or takes effect
    /// twice.
    Jobs(Kills),
    /// Kills it while objects are stored, replaced and deleted; fails if one is not whole, or one
    /// that was acknowledged is gone.
    Uploads(Kills),
    /// Kills it while settings of buckets are changed; fails if one is not what was acknowledged, or
    /// sent since.
    Settings(Kills),
    /// Kills two servers on one database by turns while jobs are submitted, and takes the database,
    /// and the bucket for content, away for a while; fails if a job is lost or takes effect twice.
    Shared {
        #[command(flatten)]
        kills: Kills,
        /// Where content is that is not in the database.
        #[arg(long, value_enum, default_value_t = Blobs::Folder)]
        blobs: Blobs,
        /// Seconds that the database is away, and the bucket.
        #[arg(long, default_value_t = 5)]
        outage: u32,
        /// Seconds after which a server that is silent is taken for dead.
        #[arg(long, default_value_t = 15)]
        lease: u32,
    },
    /// Stores objects on a disk that gets full; fails if one that was acknowledged is gone.
    Full,
    /// Stores many objects at the same time and reads them back.
    Load {
        /// How many objects are stored.
        #[arg(long, default_value_t = 10_000)]
        puts: u32,
        /// How many requests are under way at the same time.
        #[arg(long, default_value_t = 64)]
        connections: u32,
    },
    /// Starts it again and again, and says how soon it is ready and with how much memory. A release
    /// build; `TMPDIR` says where its folder lies.
    Start,
    /// Sends it many requests; fails if they need more memory. A release build.
    Steady {
        /// How many requests are sent.
        #[arg(long, default_value_t = 1_000_000)]
        requests: u32,
    },
}

/// A place for content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Blobs {
    /// A folder that both servers see.
    Folder,
    /// An S3 bucket.
    S3,
}

#[derive(clap::Args)]
pub(crate) struct Kills {
    /// How often it is killed.
    #[arg(long, default_value_t = 50)]
    pub(crate) kills: u32,
    /// Decides when the kills come; by chance unless given.
    #[arg(long)]
    pub(crate) seed: Option<u64>,
}

/// Builds the command and what kills it, and lets them at each other.
pub(crate) fn run(mode: &Mode) -> Result<(), Box<dyn Error>> {
    succeed(&mut command(mode)?)
}

/// The program that does it, built.
///
/// The work is an example of the tests, not a part of this program: it needs the generated crates,
/// and this program must run while they do not build.
pub(crate) fn command(mode: &Mode) -> Result<Command, Box<dyn Error>> {
    let mut build = cargo();
    build.args("build --quiet --workspace --bin tcloud --example crash".split(' '));
    let own = std::env::current_exe()?;
    let mut folder = own
        .parent()
        .ok_or("this program lies in no folder")?
        .to_owned();
    // What a dev build takes says nothing.
    if let Mode::Start | Mode::Steady { .. } = mode {
        build.arg("--release");
        folder.set_file_name("release");
    }
    succeed(build.current_dir(files::workspace()))?;

    let mut crash = Command::new(folder.join("examples/crash"));
    crash.arg("--server").arg(folder.join("tcloud"));
    match mode {
        Mode::Jobs(kills) => kills.add_to(crash.arg("jobs")),
        Mode::Uploads(kills) => kills.add_to(crash.arg("uploads")),
        Mode::Settings(kills) => kills.add_to(crash.arg("settings")),
        Mode::Shared {
            kills,
            blobs,
            outage,
            lease,
        } => {
            crash.args(["shared", "--outage", &outage.to_string()]);
            crash.args(["--lease", &lease.to_string()]);
            crash.args(["--blobs", blobs.as_str()]);
            kills.add_to(&mut crash);
        }
        Mode::Full => {
            crash.arg("full");
        }
        Mode::Load { puts, connections } => {
            crash.args(["load", "--puts", &puts.to_string()]);
            crash.args(["--connections", &connections.to_string()]);
        }
        Mode::Start => {
            crash.arg("start");
        }
        Mode::Steady { requests } => {
            crash.args(["steady", "--requests", &requests.to_string()]);
        }
    }
    Ok(crash)
}

impl Blobs {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::S3 => "s3",
        }
    }
}

impl Kills {
    fn add_to(&self, command: &mut Command) {
        command.args(["--kills", &self.kills.to_string()]);
        if let Some(seed) = self.seed {
            command.args(["--seed", &seed.to_string()]);
        }
    }
}
