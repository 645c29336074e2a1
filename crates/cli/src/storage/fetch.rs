//! Objects that another command works on, as files.

use std::path::Path;

use tcloud_transfer::{Action, Plan, Transfers};

use super::filters::FilterArgs;
use super::session::Session;
use super::transfer::TransferArgs;
use crate::args::ConnectionArgs;
use crate::error::Error;
use crate::files::{self, Source};
use crate::location::Remote;

/// Downloads what `from` names to `folder`: an object, what fits wildcards, or with `recursive` all
/// that is below. What has more than `most` bytes is refused without being downloaded.
///
/// # Errors
/// The objects cannot be found. What else fails is among the results.
pub(crate) async fn fetch(
    from: &Remote,
    recursive: bool,
    folder: &Path,
    most: u64,
    args: &ConnectionArgs,
) -> Result<Vec<Result<Source, Error>>, Error> {
    let session = Session::open(args)?;
    let transfers = session.transfers(&TransferArgs::default());
    let plan = plan(&transfers, from, recursive, folder).await?;
    let refused = plan.refused().iter();
    let mut found: Vec<_> = refused
        .map(|failure| Err(Error::Failed(failure.error.to_string())))
        .collect();
    let mut downloads = Vec::new();
    for item in plan.items() {
        if let Action::Download { from, to, .. } = &item.action {
            if item.size > most {
                found.push(Err(files::too_large(&from.to_string(), item.size)));
            } else {
                downloads.push((item.action.clone(), item.size));
                found.push(Ok(Source {
                    path: folder.join(to),
                    name: to.clone(),
                    label: from.to_string(),
                }));
            }
        }
    }
    let report = transfers
        .plan(downloads)
        .control(&session.control)
        .run()
        .await;
    session.interruption.check()?;
    for failure in report.failed {
        let label = &failure.name;
        let of_it =
            |it: &&mut Result<Source, Error>| it.as_ref().is_ok_and(|it| it.label == *label);
        if let Some(place) = found.iter_mut().find(of_it) {
            *place = Err(failure.error.into());
        }
    }
    Ok(found)
}

async fn plan(
    transfers: &Transfers,
    from: &Remote,
    recursive: bool,
    folder: &Path,
) -> Result<Plan, Error> {
    let filters = FilterArgs::default();
    if let Some(pattern) = from.pattern() {
        let filter = filters.filter(Some(&pattern.rest))?;
        let objects = transfers.download_folder(from.prefix(&pattern.folder, None), folder);
        return Ok(objects.filter(filter).plan().await?);
    }
    if from.is_folder() {
        if !recursive {
            return Err(Error::Usage(format!(
                "{from} is a folder; give --recursive"
            )));
        }
        let objects = transfers.download_folder(from.folder(None), folder);
        return Ok(objects.plan().await?);
    }
    let object = from.object(None);
    let info = transfers.info(&object).await?;
    let action = Action::Download {
        from: object,
        folder: folder.to_owned(),
        to: from.name()?.into(),
    };
    Ok(transfers.plan([(action, info.size)]))
}
