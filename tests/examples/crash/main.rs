//! Kills the local cloud again and again while it works, and counts what is left: of jobs, none
//! that was accepted may be lost, and none may take effect twice; of uploads, each object is whole,
//! and none that was acknowledged is gone; of settings, each is one that was sent, and none older than
//! what was acknowledged. It also takes many uploads at once, without a kill.
//!
//! `cargo xtask crash` builds and runs it.

mod audit;
mod bucket;
mod cluster;
mod content;
mod full;
mod jobs;
mod killer;
mod link;
mod load;
mod server;
mod settings;
mod shared;
mod start;
mod steady;
mod uploads;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use clap::{Args, Parser, Subcommand};
use tokio::task::{JoinSet, LocalSet};

use crate::audit::Audit;
use crate::killer::Killer;
use crate::link::{BUCKET, Clients, Link, Switch};
use crate::server::{Server, State};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Kills a local cloud while it works, or loads it, and checks what is left.
#[derive(Parser)]
struct Arguments {
    /// The `tcloud` command to run.
    #[arg(long)]
    server: PathBuf,
    #[command(subcommand)]
    mode: Mode,
}

#[derive(Subcommand)]
enum Mode {
    /// Kills it while jobs are submitted: none may be lost or take effect twice.
    Jobs(Bombing),
    /// Kills it while objects are stored, replaced and deleted: each is whole, none is gone.
    Uploads(Bombing),
    /// Kills it while settings of buckets are changed: each is what was acknowledged, or sent since.
    Settings(Bombing),
    /// Two servers on one database, killed by turns while jobs are submitted, with an outage of the
    /// database, and of the bucket if content is in one: no job may be lost or take effect twice.
    Shared(shared::Arguments),
    /// Stores objects on a disk that gets full: what was acknowledged is there.
    Full(full::Arguments),
    /// Stores many objects at the same time and reads them back.
    Load(load::Arguments),
    /// Starts it again and again: how soon it is ready, and with how much memory.
    Start(start::Arguments),
    /// Sends it many requests: they must not need more memory.
    Steady(steady::Arguments),
}

#[derive(Args)]
struct Bombing {
    /// How often it is killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Streams of requests at the same time.
    #[arg(long, default_value_t = 4)]
    streams: u32,
    /// Decides when the kills come; by chance unless given.
    #[arg(long)]
    seed: Option<u64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    LocalSet::new().run_until(run(Arguments::parse())).await
}

async fn run(arguments: Arguments) -> Result<(), Failure> {
    let data = tempfile::tempdir()?;
    let server = &arguments.server;
    let started = Instant::now();
    match arguments.mode {
        Mode::Jobs(bombing) => kill_jobs(server, data.path(), &bombing).await?,
        Mode::Uploads(bombing) => kill_uploads(server, data.path(), &bombing).await?,
        Mode::Settings(bombing) => kill_settings(server, data.path(), &bombing).await?,
        Mode::Shared(arguments) => shared::run(server, data.path(), &arguments).await?,
        Mode::Full(arguments) => full::run(server, data.path(), &arguments).await?,
        Mode::Load(arguments) => load::run(server, data.path(), &arguments).await?,
        Mode::Start(arguments) => start::run(server, data.path(), &arguments).await?,
        Mode::Steady(arguments) => steady::run(server, &arguments).await?,
    }
    println!("{:.0} s in all", started.elapsed().as_secs_f32());
    Ok(())
}

async fn kill_jobs(server: &Path, data: &Path, bombing: &Bombing) -> Result<(), Failure> {
    let Bombed {
        link,
        mut survivor,
        ledger,
        figures,
    } = bomb(server, data, bombing, jobs::stream).await?;
    let audit = audit::run(&link, &ledger).await?;
    survivor.kill().await?;
    println!("{figures}");
    println!("{ledger}");
    println!("{audit}");
    accept(&audit, &ledger)
}

async fn kill_uploads(server: &Path, data: &Path, bombing: &Bombing) -> Result<(), Failure> {
    let Bombed {
        link,
        mut survivor,
        ledger,
        figures,
    } = bomb(server, data, bombing, uploads::stream).await?;
    let mut audit = uploads::audit(&link, &ledger).await?;
    survivor.kill().await?;
    uploads::sweep(server, data, &mut audit).await?;
    println!("{figures}");
    println!("{ledger}");
    println!("{audit}");
    audit.accept()
}

async fn kill_settings(server: &Path, data: &Path, bombing: &Bombing) -> Result<(), Failure> {
    let Bombed {
        link,
        mut survivor,
        ledger,
        figures,
    } = bomb(server, data, bombing, settings::stream).await?;
    let audit = settings::audit(&link, &ledger).await?;
    survivor.kill().await?;
    println!("{figures}");
    println!("{ledger}");
    println!("{audit}");
    audit.accept()
}

/// What streams of requests have seen.
trait Ledger: Default {
    /// Adds what another stream has seen.
    fn add(&mut self, other: Self);
}

/// What is left after the last kill.
struct Bombed<T> {
    link: Link,
    /// The server that was not killed.
    survivor: Server,
    /// What all streams have seen.
    ledger: T,
    figures: String,
}

/// Kills the server again and again under streams of requests.
async fn bomb<T: Ledger + 'static, F: Future<Output = Result<T, Failure>> + 'static>(
    server: &Path,
    data: &Path,
    bombing: &Bombing,
    stream: fn(u32, Link, Rc<Cell<bool>>) -> F,
) -> Result<Bombed<T>, Failure> {
    let seed = bombing.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let (switch, link) = Switch::new();
    let mut killer = Killer::new(server, &State::in_folder(data), seed, switch)?;
    killer.wait().await?;
    set_up(&link.clients().await?).await?;

    let stop = Rc::new(Cell::new(false));
    let mut streams = JoinSet::new();
    for number in 0..bombing.streams {
        streams.spawn_local(stream(number, link.clone(), Rc::clone(&stop)));
    }
    while killer.kills < bombing.kills {
        killer.kill().await?;
    }
    killer.wait().await?;
    stop.set(true);
    // From now on an answer that does not come is a fault.
    let (survivor, figures) = killer.retire();
    let mut ledger = T::default();
    while let Some(each) = streams.join_next().await {
        ledger.add(each??);
    }
    Ok(Bombed {
        link,
        survivor,
        ledger,
        figures,
    })
}

async fn set_up(clients: &Clients) -> Result<(), Failure> {
    clients.cos.put_bucket(BUCKET).send().await?;
    clients.ci.bind_bucket(BUCKET).send().await?;
    clients.ci.create_pic_bucket(BUCKET).send().await?;
    Ok(())
}

fn accept(audit: &Audit, ledger: &jobs::Ledger) -> Result<(), Failure> {
    if ledger.jobs.is_empty() {
        return Err("no job was accepted: nothing was tested".into());
    }
    report(&audit.faults)
}

/// Fails with what is wrong, a line each.
fn report(faults: &[String]) -> Result<(), Failure> {
    for fault in faults {
        eprintln!("{fault}");
    }
    match faults.len() {
        0 => Ok(()),
        faults => Err(format!("{faults} faults").into()),
    }
}
