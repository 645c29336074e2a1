//! How soon a server is there, and how much memory it has then.

use std::path::Path;
use std::time::Duration;

use clap::Args;

use crate::Failure;
use crate::server::{Memory, Server, State};

#[derive(Args)]
pub(crate) struct Arguments {
    /// How often it is started, on each kind of state.
    #[arg(long, default_value_t = 20)]
    starts: usize,
}

/// Starts the server with its state in memory, in a new folder and in one that is there already.
pub(crate) async fn run(server: &Path, data: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let kept = data.join("kept");
    measure("in memory", server, arguments, |_| State::in_memory()).await?;
    measure("in a new folder", server, arguments, |turn| {
        State::in_folder(&data.join(turn.to_string()))
    })
    .await?;
    // Its first start makes it.
    let mut first = Server::spawn(server, &State::in_folder(&kept))?;
    first.address().await?;
    first.stop().await?;
    measure("in a folder", server, arguments, |_| {
        State::in_folder(&kept)
    })
    .await
}

async fn measure(
    place: &str,
    server: &Path,
    arguments: &Arguments,
    state: impl Fn(usize) -> State,
) -> Result<(), Failure> {
    let (mut times, mut most) = (Vec::new(), Memory::default());
    for turn in 0..arguments.starts {
        let mut running = Server::spawn(server, &state(turn))?;
        running.address().await?;
        times.push(running.started().elapsed());
        let memory = running.memory()?;
        if memory.resident > most.resident {
            most = memory;
        }
        running.stop().await?;
    }
    times.sort_unstable();
    let millis = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!(
        "{place}: ready in {:.1} ms at best, {:.1} ms in the middle of {} starts; \
         {most} resident at most",
        millis(times.first()),
        millis(times.get(times.len() / 2)),
        times.len(),
    );
    Ok(())
}
