//! A disk that gets full while objects are stored.

use std::path::Path;

use clap::Args;

use crate::Failure;
use crate::content::Content;
use crate::link::{BUCKET, Switch};
use crate::server::{Server, State};

/// How long objects are: kept with the rows, and as files.
const SIZES: [usize; 3] = [1_000, 40_000, 100_000];

#[derive(Args)]
pub(crate) struct Arguments {
    /// How long a file can become, in kilobytes.
    #[arg(long, default_value_t = 3_000)]
    kilobytes: u32,
    /// How many objects are sent.
    #[arg(long, default_value_t = 400)]
    puts: u32,
}

/// Stores objects until nothing fits any more, kills the server, and reads on a disk with space what
/// was acknowledged.
pub(crate) async fn run(server: &Path, data: &Path, arguments: &Arguments) -> Result<(), Failure> {
    let (mut switch, link) = Switch::new();
    let state = State {
        longest_file: Some(arguments.kilobytes),
        ..State::in_folder(data)
    };
    let mut full = Server::spawn(server, &state)?;
    switch.on(&full.address().await?)?;
    let clients = link.clients().await?;
    clients.cos.put_bucket(BUCKET).send().await?;
    let (mut stored, mut refused) = (Vec::new(), 0);
    for (number, size) in (0..arguments.puts).zip(SIZES.into_iter().cycle()) {
        let seed = number.into();
        let content = Content { seed, size };
        let key = format!("full/{number:08}");
        match clients
            .cos
            .put_object(BUCKET, &key, content.bytes())
            .send()
            .await
        {
            Ok(_) => stored.push((key, content)),
            Err(_) => refused += 1,
        }
    }
    full.kill().await?;
    if stored.is_empty() || refused == 0 {
        let stored = stored.len();
        return Err(format!("{stored} stored and {refused} refused: nothing was tested").into());
    }

    let mut again = Server::spawn(server, &State::in_folder(data))?;
    switch.on(&again.address().await?)?;
    let clients = link.clients().await?;
    let limit = SIZES.into_iter().max().unwrap_or_default();
    for (key, content) in &stored {
        let reply = clients.cos.get_object(BUCKET, key).send().await?;
        if reply.into_body().collect(limit).await? != content.bytes() {
            return Err(format!("{key} was acknowledged and is another one").into());
        }
    }
    clients
        .cos
        .put_object(BUCKET, "full/after", "fits")
        .send()
        .await?;
    again.kill().await?;
    println!(
        "{} objects acknowledged before and while the disk was full, all there; {refused} refused",
        stored.len()
    );
    Ok(())
}
