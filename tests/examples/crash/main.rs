//! Kills the local cloud again and again while jobs are streamed at it, and counts what is left:
//! no job that was accepted may be lost, and none may take effect twice.
//!
//! `cargo xtask crash` builds and runs it.

mod audit;
mod jobs;
mod killer;
mod link;
mod server;

use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use clap::Parser;
use tokio::task::{JoinSet, LocalSet};

use crate::audit::Audit;
use crate::jobs::Ledger;
use crate::killer::Killer;
use crate::link::{BUCKET, Clients, Switch};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Kills a local cloud while it works, and checks that no accepted job is lost or done twice.
#[derive(Parser)]
struct Arguments {
    /// The `tcloud` command to run.
    #[arg(long)]
    server: PathBuf,
    /// How often it is killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Streams of jobs at the same time.
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
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let data = tempfile::tempdir()?;
    let started = Instant::now();

    let (switch, link) = Switch::new();
    let mut killer = Killer::new(&arguments.server, data.path(), seed, switch)?;
    killer.wait().await?;
    set_up(&link.clients().await?).await?;

    let stop = Rc::new(Cell::new(false));
    let mut streams = JoinSet::new();
    for number in 0..arguments.streams {
        streams.spawn_local(jobs::stream(number, link.clone(), Rc::clone(&stop)));
    }
    while killer.kills < arguments.kills {
        killer.kill().await?;
    }
    killer.wait().await?;
    stop.set(true);
    // From now on an answer that does not come is a fault.
    let (mut server, figures) = killer.retire();
    let mut ledger = Ledger::default();
    while let Some(stream) = streams.join_next().await {
        ledger.add(stream??);
    }
    let audit = audit::run(&link, &ledger).await?;
    server.kill().await?;

    println!("{figures}");
    println!("{ledger}");
    println!("{audit}");
    println!("{:.0} s in all", started.elapsed().as_secs_f32());
    accept(&audit, &ledger)
}

async fn set_up(clients: &Clients) -> Result<(), Failure> {
    clients.cos.put_bucket(BUCKET).send().await?;
    clients.ci.bind_bucket(BUCKET).send().await?;
    clients.ci.create_pic_bucket(BUCKET).send().await?;
    Ok(())
}

fn accept(audit: &Audit, ledger: &Ledger) -> Result<(), Failure> {
    if ledger.jobs.is_empty() {
        return Err("no job was accepted: nothing was tested".into());
    }
    if audit.faults.is_empty() {
        return Ok(());
    }
    for fault in &audit.faults {
        eprintln!("{fault}");
    }
    Err(format!("{} faults", audit.faults.len()).into())
}
