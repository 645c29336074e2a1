//! Many uploads at the same time, without a kill.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Args;
use tokio::task::JoinSet;

use crate::Failure;
use crate::content::Content;
use crate::link::{BUCKET, Clients, Switch};
use crate::server::{Server, State};

/// How long the largest object is, in bytes.
const LARGEST: usize = 32 * 1024;

#[derive(Args)]
pub(crate) struct Arguments {
    /// How many objects are stored.
    #[arg(long, default_value_t = 10_000)]
    puts: u32,
    /// How many requests are under way at the same time.
    #[arg(long, default_value_t = 64)]
    connections: u32,
}

/// Stores the objects, then reads each back.
pub(crate) async fn run(server: &Path, data: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let (mut switch, link) = Switch::new();
    let mut running = Server::spawn(server, &State::in_folder(data))?;
    switch.on(&running.address().await?)?;
    let clients = link.clients().await?;
    clients.cos.put_bucket(BUCKET).send().await?;

    let stored = each(arguments, &clients, put).await?;
    let read = each(arguments, &clients, get).await?;
    let mut listed = 0;
    let mut list = clients.cos.get_bucket(BUCKET).items();
    while let Some(object) = list.next().await {
        let expected = key(listed);
        let found = object?.key.unwrap_or_default();
        if found != expected {
            return Err(format!("the list has {found} where {expected} belongs").into());
        }
        listed += 1;
    }
    if listed != arguments.puts {
        return Err(format!("{listed} objects are listed").into());
    }
    running.kill().await?;
    let Arguments { puts, connections } = arguments;
    println!(
        "{puts} objects stored by {connections} requests at a time in {:.0} s, read back equal in \
         {:.0} s",
        stored.as_secs_f32(),
        read.as_secs_f32()
    );
    Ok(())
}

/// Does `work` for each number, so many at a time.
async fn each<F: Future<Output = Result<(), Failure>> + 'static>(
    arguments: &Arguments,
    clients: &Clients,
    work: fn(Clients, u32) -> F,
) -> Result<Duration, Failure> {
    let started = Instant::now();
    let next = Rc::new(Cell::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..arguments.connections {
        let (next, clients, puts) = (Rc::clone(&next), clients.clone(), arguments.puts);
        workers.spawn_local(async move {
            while next.get() < puts {
                let number = next.replace(next.get() + 1);
                work(clients.clone(), number).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(ended) = workers.join_next().await {
        ended??;
    }
    Ok(started.elapsed())
}

async fn put(clients: Clients, number: u32) -> Result<(), Failure> {
    let bytes = content(number).bytes();
    let expected = Content::etag(&bytes);
    let reply = clients
        .cos
        .put_object(BUCKET, key(number), bytes)
        .send()
        .await?;
    if reply.etag.as_deref() == Some(expected.as_str()) {
        Ok(())
    } else {
        Err(format!("object {number} was acknowledged with {:?}", reply.etag).into())
    }
}

async fn get(clients: Clients, number: u32) -> Result<(), Failure> {
    let reply = clients.cos.get_object(BUCKET, key(number)).send().await?;
    let bytes = reply.into_body().collect(LARGEST).await?;
    if bytes == content(number).bytes() {
        Ok(())
    } else {
        Err(format!("object {number} came back as {} other bytes", bytes.len()).into())
    }
}

/// The key of an object, in the order of the numbers.
fn key(number: u32) -> String {
    format!("load/{number:08}")
}

fn content(number: u32) -> Content {
    let mut chance = fastrand::Rng::with_seed(number.into());
    Content {
        seed: number.into(),
        size: chance.usize(..LARGEST),
    }
}
