//! Two servers on one database, with content in a folder or in a bucket.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Ledger as _;
use crate::bucket::Bucket;
use crate::cluster::Cluster;
use crate::jobs::{self, Ledger};
use crate::killer::Killer;
use crate::link::Switch;
use crate::server::{Shared, State};
use crate::{Failure, accept, audit, set_up};

/// How many servers there are.
const SERVERS: usize = 2;

#[derive(Args)]
pub(crate) struct Arguments {
    /// How often one of them is killed.
    #[arg(long, default_value_t = 50)]
    kills: u32,
    /// Streams of requests to each, at the same time.
    #[arg(long, default_value_t = 2)]
    streams: u32,
    /// Where content is that is not in the database.
    #[arg(long, value_enum, default_value_t = Blobs::Folder)]
    blobs: Blobs,
    /// Seconds that the database is away, after half of the kills; the bucket is, too, after three
    /// quarters of them.
    #[arg(long, default_value_t = 5)]
    outage: u32,
    /// Seconds after which a server that is silent is taken for dead; more than the outage, which
    /// is to cost no claim.
    #[arg(long, default_value_t = 15)]
    lease: u32,
    /// Decides which is killed and when; by chance unless given.
    #[arg(long)]
    seed: Option<u64>,
}

/// A place for content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Blobs {
    /// A folder that both servers see.
    Folder,
    /// An S3 bucket.
    S3,
}

/// Kills the servers, takes the database away for a while, and looks at what is left.
pub(crate) async fn run(server: &Path, data: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    println!("seed {seed}");
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut cluster = Cluster::start().await?;
    let mut bucket = match arguments.blobs {
        Blobs::Folder => None,
        Blobs::S3 => Some(Bucket::start(&data.join("bucket")).await?),
    };
    let state = State {
        shared: Some(Shared {
            database: cluster.url.clone(),
            lease: arguments.lease,
            content: bucket.as_ref().map(Bucket::place),
        }),
        ..State::in_folder(data)
    };
    let outage = Duration::from_secs(arguments.outage.into());
    let stop = Rc::new(Cell::new(false));
    let mut streams = JoinSet::new();
    let (mut killers, mut links) = (Vec::new(), Vec::new());
    for number in 0..SERVERS {
        let (switch, link) = Switch::new();
        let mut killer = Killer::new(server, &state, chance.u64(..), switch)?;
        killer.wait().await?;
        if number == 0 {
            set_up(&link.clients().await?).await?;
        }
        for _ in 0..arguments.streams {
            let stream = u32::try_from(streams.len()).unwrap_or_default();
            streams.spawn_local(jobs::stream(stream, link.clone(), Rc::clone(&stop)));
        }
        killers.push(killer);
        links.push(link);
    }

    for kill in 0..arguments.kills {
        if kill == arguments.kills / 2 && !outage.is_zero() {
            for killer in &mut killers {
                killer.wait().await?;
            }
            cluster.tell("stop").await?;
            sleep(outage).await;
            cluster.tell("start").await?;
        }
        if let Some(bucket) = &mut bucket
            && kill == arguments.kills * 3 / 4
            && !outage.is_zero()
        {
            for killer in &mut killers {
                killer.wait().await?;
            }
            bucket.stop().await;
            sleep(outage).await;
            bucket.resume().await;
        }
        if let Some(killer) = killers.get_mut(chance.usize(..SERVERS)) {
            killer.kill().await?;
        }
        for killer in &mut killers {
            killer.wait().await?;
        }
    }
    stop.set(true);
    let mut ledger = Ledger::default();
    while let Some(each) = streams.join_next().await {
        ledger.add(each??);
    }
    let link = links.first().ok_or("there is no server")?;
    let audit = audit::run(link, &ledger).await?;
    for killer in killers {
        let (mut survivor, figures) = killer.retire();
        survivor.kill().await?;
        println!("{figures}");
    }
    let away = match arguments.blobs {
        Blobs::Folder => "the database was",
        Blobs::S3 => "the database and the bucket were each",
    };
    println!("{away} away for {} s", arguments.outage);
    println!("{ledger}");
    println!("{audit}");
    accept(&audit, &ledger)
}
