//! The standard input as an object, and objects as the standard output.

use std::sync::Arc;

use tcloud_transfer::{Download, Source};

use super::progress::Watch;
use super::report::{self, Record};
use super::session::Session;
use super::settings::SettingsArgs;
use super::transfer::TransferArgs;
use crate::console;
use crate::error::{Error, Outcome};
use crate::location::Remote;

/// Uploads the standard input.
pub(super) async fn up(
    session: &Session,
    to: &Remote,
    settings: &SettingsArgs,
    args: &TransferArgs,
) -> Result<Outcome, Error> {
    if to.is_folder() {
        return Err(Error::Usage(format!(
            "{to} is a folder; name the object that the standard input becomes"
        )));
    }
    let object = to.object(None);
    let line = format!("upload - to {object}");
    if args.show.dry_run {
        console::print(&console::printable(&format!("(dry run) {line}")))?;
        return Ok(Outcome::Done);
    }
    let watch = Arc::new(Watch::new(&args.show, 1, &session.control));
    let observer = Arc::clone(&watch);
    let uploaded = session
        .transfers(args)
        .upload(Source::reader(tokio::io::stdin()), object.clone())
        .settings(settings.settings())
        .control(&session.control)
        .on_progress(move |progress| observer.total(progress))
        .run()
        .await;
    watch.finish()?;
    session.interruption.check()?;
    let uploaded = uploaded?;
    if args.show.json {
        let record = Record::stream("upload", "-".into(), object.to_string(), uploaded.size);
        report::stream(record, uploaded.progress.elapsed.as_secs_f64())?;
    } else if !args.show.quiet {
        console::print(&console::printable(&line))?;
    }
    Ok(Outcome::Done)
}

/// Downloads an object to the standard output, which has nothing else then.
pub(super) async fn down(
    session: &Session,
    from: &Remote,
    region: Option<&str>,
    args: &TransferArgs,
) -> Result<Outcome, Error> {
    require_one(from)?;
    let object = from.object(region);
    if args.show.dry_run {
        console::note(&format!("(dry run) download {object} to -"));
        return Ok(Outcome::Done);
    }
    let watch = Arc::new(Watch::new(&args.show, 1, &session.control));
    let observer = Arc::clone(&watch);
    let download = session.transfers(args).download(object);
    let download = download.on_progress(move |progress| observer.total(progress));
    let outcome = print(session, download).await;
    watch.finish()?;
    outcome.map(|()| Outcome::Done)
}

/// Writes an object to the standard output.
pub(super) async fn print(session: &Session, download: Download) -> Result<(), Error> {
    let written = download
        .control(&session.control)
        .to_writer(tokio::io::stdout())
        .await;
    session.interruption.check()?;
    match written {
        Ok(_) => Ok(()),
        Err(error) if is_reader_gone(&error) => Err(Error::ReaderGone),
        Err(error) => Err(error.into()),
    }
}

/// Refuses what may be many objects.
pub(super) fn require_one(from: &Remote) -> Result<(), Error> {
    if from.is_folder() || from.pattern().is_some() {
        return Err(Error::Usage(format!(
            "{from} may be many objects; name one for the standard output"
        )));
    }
    Ok(())
}

fn is_reader_gone(error: &tcloud_transfer::Error) -> bool {
    let cause = std::error::Error::source(error);
    cause
        .and_then(|cause| cause.downcast_ref::<std::io::Error>())
        .is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
