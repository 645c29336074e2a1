//! `tcloud cat`: objects on the standard output.

use std::io;

use clap::Args;
use tokio::io::AsyncWriteExt;

use super::listing::failed_at;
use super::places;
use super::session::Session;
use super::streams;
use super::transfer::TransferArgs;
use crate::args::ConnectionArgs;
use crate::error::{Error, Outcome};
use crate::location::Remote;

/// What it does.
pub(super) const ABOUT: &str = "Write objects to the standard output, one after the other";

/// The arguments of `tcloud cat`.
#[derive(Debug, Args)]
#[command(about = ABOUT, after_help = "Exit code: 0 done; 1 it failed; 4 the object is not there.")]
pub(super) struct Arguments {
    /// Objects, such as cos://album-1250000000/list.txt
    #[arg(required = true, value_name = "OBJECT", value_parser = places::remote())]
    objects: Vec<Remote>,
    /// The version, in a bucket that keeps versions
    #[arg(long, value_name = "ID")]
    version_id: Option<String>,
    /// Only these bytes, such as 0-99 for the first hundred, 100- for all but those, -100 for the last
    /// hundred
    #[arg(long, value_name = "BYTES", allow_hyphen_values = true, value_parser = range)]
    range: Option<String>,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// Writes the objects.
pub(super) async fn run(args: Arguments) -> Result<Outcome, Error> {
    let session = Session::open(&args.connection)?;
    let transfers = session.transfers(&TransferArgs::default());
    for from in &args.objects {
        streams::require_one(from)?;
    }
    for from in &args.objects {
        if let Some(range) = &args.range {
            let version = args.version_id.as_deref();
            let printed = part(&session, from, version, range);
            session.interruption.or(printed).await?;
            continue;
        }
        let mut object = from.object(None);
        object.version.clone_from(&args.version_id);
        streams::print(&session, transfers.download(object)).await?;
    }
    Ok(Outcome::Done)
}

/// Writes a part of an object, which is too short for transfers in parts to be worth it.
async fn part(
    session: &Session,
    from: &Remote,
    version: Option<&str>,
    range: &str,
) -> Result<(), Error> {
    let call = session.client.get_object(&from.bucket, from.plain_key());
    let call = call.range(range).version_id(version.map(str::to_owned));
    let reply = call.send().await.map_err(failed_at(from))?;
    let mut body = reply.into_body();
    let unwritable = |error: io::Error| match error.kind() {
        io::ErrorKind::BrokenPipe => Error::ReaderGone,
        _ => Error::Failed(format!("the standard output cannot be written: {error}")),
    };
    let mut output = tokio::io::stdout();
    while let Some(chunk) = body.chunk().await {
        let chunk = chunk.map_err(|error| Error::Failed(format!("{from}: {error}")))?;
        output.write_all(&chunk).await.map_err(unwritable)?;
    }
    output.flush().await.map_err(unwritable)
}

/// A range of bytes, as a request has it.
fn range(text: &str) -> Result<String, String> {
    let number = |text: &str| -> Option<u64> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| is_plain)
    };
    let is_range = match text.split_once('-') {
        Some(("", last)) => number(last).is_some_and(|last| last > 0),
        Some((first, "")) => number(first).is_some(),
        Some((first, last)) => number(first)
            .zip(number(last))
            .is_some_and(|(first, last)| first <= last),
        None => false,
    };
    if is_range {
        Ok(format!("bytes={text}"))
    } else {
        Err("write it as 0-99, 100- or -100".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_are_read() {
        for text in ["0-0", "0-99", "100-", "-100"] {
            assert_eq!(range(text).unwrap(), format!("bytes={text}"));
        }
        for text in ["", "-", "5", "2-1", "-0", "+1-2", "a-b", "1-2-3", "--1"] {
            assert!(range(text).is_err(), "{text}");
        }
    }
}
