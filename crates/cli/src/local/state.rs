//! `tcloud local check`, `backup`, `restore`, `move` and others: what is done to a state, or to a
//! running cloud, besides serving one.

use std::fmt::Write;
use std::path::Path;

use tcloud_local::{Check, DatabaseUrl, LocalError, Settings};

use super::args::{SnapshotCommand, StateCommand};
use super::{accounts, clock, exec, jobs, reset, snapshot};
use crate::console;
use crate::error::{Error, Outcome};

pub(super) async fn run(command: StateCommand) -> Result<Outcome, Error> {
    match command {
        StateCommand::Check { state, repair } => {
            check(&state.apply(Settings::default()), repair).await
        }
        StateCommand::Backup { to, state } => backup(&state.apply(Settings::default()), &to).await,
        StateCommand::Move { to, state } => move_to(&state.apply(Settings::default()), &to).await,
        StateCommand::Clock { ahead, running } => clock::run(ahead, &running.endpoint).await,
        StateCommand::Accounts { file, running } => {
            accounts::run(file.as_deref(), &running.endpoint).await
        }
        StateCommand::Snapshot {
            command: SnapshotCommand::Save { file, running },
        } => snapshot::save(&file, &running.endpoint).await,
        StateCommand::Snapshot {
            command: SnapshotCommand::Restore { file, running },
        } => snapshot::restore(&file, &running.endpoint).await,
        StateCommand::Jobs { command } => jobs::run(command).await,
        StateCommand::Reset { running } => reset::run(&running.endpoint).await,
        StateCommand::Exec(args) => exec::run(args).await,
        StateCommand::Restore { from, state } => {
            restore(&from, &state.apply(Settings::default())).await
        }
    }
}

async fn check(settings: &Settings, repair: bool) -> Result<Outcome, Error> {
    let failed = |error: LocalError| Error::Failed(format!("local check: {error}"));
    let check = Check::open(settings).await.map_err(failed)?;
    let mut findings = Vec::new();
    let checked = check.run(|finding| findings.push(finding)).await;
    let checked = checked.map_err(failed)?;
    for finding in &findings {
        let then = match (finding.remedy(), repair) {
            (None, _) => "delete the object or store it again",
            (Some(remedy), true) => remedy,
            (Some(remedy), false) => &format!("with --repair, {remedy}"),
        };
        console::print(&console::printable(&format!("{finding}; {then}")))?;
    }
    let mut left = checked.findings;
    if repair {
        for finding in &findings {
            left -= u64::from(check.repair(finding).await.map_err(failed)?);
        }
    }
    check.close().await;
    let mut summary = format!(
        "{} objects of {} bytes checked: {} findings",
        checked.objects, checked.bytes, checked.findings
    );
    if repair {
        // Writing to a `String` cannot fail.
        let _ = write!(summary, ", {} repaired", checked.findings - left);
    }
    console::print(&summary)?;
    Ok(if left == 0 {
        Outcome::Done
    } else {
        Outcome::Damaged
    })
}

async fn backup(settings: &Settings, to: &Path) -> Result<Outcome, Error> {
    let done = tcloud_local::back_up(settings, to).await;
    let done = done.map_err(|error| Error::Failed(format!("local backup: {error}")))?;
    let to = to.display();
    console::print(&format!(
        "{} objects are in {to}; `tcloud local restore {to} --data DIR` makes a state of it",
        done.objects
    ))?;
    Ok(Outcome::Done)
}

async fn restore(from: &Path, settings: &Settings) -> Result<Outcome, Error> {
    let done = tcloud_local::restore(from, settings).await;
    let done = done.map_err(|error| Error::Failed(format!("local restore: {error}")))?;
    console::print(&format!("{} objects are restored", done.objects))?;
    Ok(Outcome::Done)
}

async fn move_to(settings: &Settings, to: &DatabaseUrl) -> Result<Outcome, Error> {
    let moved = tcloud_local::move_to_database(settings, to).await;
    let rows = moved.map_err(|error| Error::Failed(format!("local move: {error}")))?;
    console::print(&format!(
        "{rows} rows are in {to}; start the cloud with --database, and with the same --data or --blobs"
    ))?;
    Ok(Outcome::Done)
}
