//! Many clients that ask for different renditions at once.

use std::fs;
use std::time::Instant;

use crate::connection::Connection;
use crate::{MEBIBYTE, Outcome, PICTURES};

/// For all pictures together.
pub(crate) const MEMORY: u64 = 256 * MEBIBYTE;
/// For files that wait, and what the process takes besides: this program's pictures, the store,
/// threads, the allocator.
const REST: u64 = MEMORY / 4 + 256 * MEBIBYTE;

/// Lets `clients` ask, and prints how long they wait and what it takes.
///
/// # Errors
///
/// One of them fails, or it takes too much memory.
pub(crate) async fn ask(port: u16, clients: u32) -> Outcome<()> {
    let before = peak()?;
    let began = Instant::now();
    let asked: Vec<_> = (0..clients)
        .map(|client| {
            tokio::spawn(async move {
                let (number, width) = (client % PICTURES, 300 + client);
                let target = format!("{number}?imageMogr2/thumbnail/{width}x");
                Connection::open(port).await?.get(&target).await?;
                Outcome::Ok(began.elapsed())
            })
        })
        .collect();
    let mut waited = Vec::new();
    for client in asked {
        match client.await? {
            Ok(time) => waited.push(time),
            Err(error) => println!("{error}"),
        }
    }
    waited.sort();
    let (most, allowed) = (peak()?, MEMORY + REST);
    if let (Some(first), Some(median), Some(last)) =
        (waited.first(), waited.get(waited.len() / 2), waited.last())
    {
        println!(
            "{} of {clients} clients were answered, the first after {first:.1?}, half of them \
             after {median:.1?}, all after {last:.1?}; the process had {} MiB before, {} MiB at \
             most, of {} MiB",
            waited.len(),
            before / MEBIBYTE,
            most / MEBIBYTE,
            allowed / MEBIBYTE,
        );
    }
    if waited.len() as u64 != u64::from(clients) || most > allowed {
        return Err("a request failed, or too much memory was taken".into());
    }
    Ok(())
}

/// The most memory that this process has had, in bytes.
fn peak() -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("the system does not say")?.parse::<u64>()? * 1024)
}
