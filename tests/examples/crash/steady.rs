//! Whether a server that answers many requests needs more memory for that.

use std::cell::Cell;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use clap::Args;
use tokio::task::JoinSet;

use crate::Failure;
use crate::link::{BUCKET, Clients, Switch};
use crate::server::{Server, State};

/// How many objects there are: requests change these again and again.
const KEYS: u32 = 1000;
/// By how much more kilobytes may be resident at the end than after a tenth, by which time all
/// caches are full.
const LEEWAY: u32 = 2048;

#[derive(Args)]
pub(crate) struct Arguments {
    /// How many requests are sent.
    #[arg(long, default_value_t = 1_000_000)]
    requests: u32,
    /// How many are under way at the same time.
    #[arg(long, default_value_t = 16)]
    connections: u32,
}

/// Sends the requests, and looks at the memory after a tenth, half and all of them.
pub(crate) async fn run(server: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let (mut switch, link) = Switch::new();
    let mut running = Server::spawn(server, &State::in_memory())?;
    switch.on(&running.address().await?)?;
    let clients = link.clients().await?;
    clients.cos.put_bucket(BUCKET).send().await?;
    let started = Instant::now();
    let next = Rc::new(Cell::new(0));
    let mut resident = Vec::new();
    for share in [10, 50, 100] {
        let end = arguments.requests / 100 * share;
        let mut workers = JoinSet::new();
        for _ in 0..arguments.connections {
            let (next, clients) = (Rc::clone(&next), clients.clone());
            workers.spawn_local(async move {
                while next.get() < end {
                    request(&clients, next.replace(next.get() + 1)).await?;
                }
                Ok::<_, Failure>(())
            });
        }
        while let Some(ended) = workers.join_next().await {
            ended??;
        }
        resident.push((share, running.memory()?));
    }
    let seconds = started.elapsed().as_secs_f64();
    running.stop().await?;
    let shown: Vec<_> = resident
        .iter()
        .map(|(share, memory)| format!("{memory} after {share} %"))
        .collect();
    println!(
        "{} requests, {:.0} a second: {}",
        arguments.requests,
        f64::from(arguments.requests) / seconds,
        shown.join(", ")
    );
    match resident[..] {
        [(_, first), .., (_, last)] if last.resident > first.resident + LEEWAY => {
            let more = last.resident - first.resident;
            Err(format!("{more} KiB more are resident at the end").into())
        }
        _ => Ok(()),
    }
}

/// Sends the request of this number: by turns an object is stored, read, asked for, listed, deleted.
async fn request(clients: &Clients, number: u32) -> Result<(), Failure> {
    let key = format!("steady/{}", number / 5 % KEYS);
    let cos = &clients.cos;
    match number % 5 {
        0 => cos
            .put_object(BUCKET, key, "content")
            .send()
            .await
            .map(drop)?,
        // Another connection may have been sooner, or later.
        1 => drop(cos.head_object(BUCKET, key).send().await),
        2 => {
            if let Ok(reply) = cos.get_object(BUCKET, key).send().await {
                reply.into_body().collect(64).await?;
            }
        }
        3 => {
            let list = cos.get_bucket(BUCKET).prefix(key).max_keys(10);
            list.send().await.map(drop)?;
        }
        _ => cos.delete_object(BUCKET, key).send().await.map(drop)?,
    }
    Ok(())
}
