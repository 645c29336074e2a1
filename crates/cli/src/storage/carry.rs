//! Carrying out a plan, or showing it.

use std::sync::Arc;

use tcloud_transfer::{Failure, Plan};

use super::progress::Watch;
use super::report;
use super::session::Session;
use super::show::ShowArgs;
use crate::console;
use crate::error::{Error, Outcome};

/// Does what `plan` says, unless that is only to be shown.
pub(super) async fn carry_out(
    plan: Plan,
    session: &Session,
    args: &ShowArgs,
) -> Result<Outcome, Error> {
    for skipped in plan.skipped() {
        if !args.quiet {
            console::note(&format!("left out: {}: {}", skipped.name, skipped.why));
        }
    }
    for refused in plan.refused() {
        console::note(&refused.error.to_string());
    }
    if args.dry_run {
        report::plan(&plan, args.json)?;
        return Ok(outcome(plan.refused().is_empty()));
    }
    let items = plan.items().len();
    let watch = Arc::new(Watch::new(args, items, &session.control));
    let observer = Arc::clone(&watch);
    let done = plan
        .control(&session.control)
        .on_event(move |event| observer.see(event))
        .run()
        .await;
    let records = watch.finish()?;
    if args.json {
        report::report(&done, records)?;
    } else if !args.quiet && (items != 1 || done.unchanged > 0) {
        console::note(&report::summary(&done));
    }
    session.interruption.check()?;
    let is_absent = |failure: &Failure| failure.error.is_not_found();
    if items == done.failed.len() && items > 0 && done.failed.iter().all(is_absent) {
        return Ok(Outcome::Absent);
    }
    Ok(outcome(done.is_complete()))
}

fn outcome(is_complete: bool) -> Outcome {
    if is_complete {
        Outcome::Done
    } else {
        Outcome::Incomplete
    }
}
