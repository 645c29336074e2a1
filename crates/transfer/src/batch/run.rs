//! Doing what a plan says: many transfers at a time, deletions last.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::again::again;
use crate::batch::event::Event;
use crate::batch::item::{Action, Failure, Item, Reason};
use crate::batch::report::Counts;
use crate::batch::setup::Setup;
use crate::blocking::blocking;
use crate::copy::Copy;
use crate::download::Download;
use crate::engine::{Engine, Job};
use crate::error::{Error, ErrorKind};
use crate::object::{Object, Prefix};
use crate::paths::make_parents;
use crate::progress::{Meter, OnProgress, Progress};
use crate::source::Source;
use crate::upload::Upload;

/// The service takes as many keys in one request.
const KEYS: usize = 1000;

/// What came of the items of a plan.
pub(super) struct Done {
    pub(super) counts: Counts,
    pub(super) failed: Vec<Failure>,
    pub(super) progress: Progress,
}

/// Does `items`; `is_whole` unless something could not be planned.
pub(super) async fn run(engine: &Engine, items: Vec<Item>, setup: &Setup, is_whole: bool) -> Done {
    let observer = setup.observer.clone().map(|observer| -> OnProgress {
        Arc::new(move |progress: &Progress| observer(&Event::Total(progress)))
    });
    let job = Job::new(engine, setup.control.as_ref(), observer, None);
    job.meter
        .expect(Some(items.iter().map(|item| item.size).sum()), None);
    let mut work = Work {
        job: job.clone(),
        setup: setup.clone(),
        counts: Counts::default(),
        failed: Vec::new(),
    };
    let (deletions, others): (Vec<Item>, Vec<Item>) = items.into_iter().partition(|item| {
        matches!(
            item.action,
            Action::DeleteObject { .. } | Action::DeleteFile { .. }
        )
    });
    let moved = work.others(others).await;
    work.remove(moved).await;
    let is_well = is_whole && work.failed.is_empty();
    if setup.deletes_cautiously && !is_well {
        for item in deletions {
            let error = Error::new(
                ErrorKind::Refused,
                "not deleted, since something else failed",
            )
            .advise("run it again when the rest succeeds");
            work.fail(item, error);
        }
    } else {
        work.deletions(deletions).await;
    }
    Done {
        counts: work.counts,
        failed: work.failed,
        progress: job.meter.finish(),
    }
}

struct Work {
    job: Job,
    setup: Setup,
    counts: Counts,
    failed: Vec<Failure>,
}

impl Work {
    fn tell(&self, event: &Event<'_>) {
        if let Some(observer) = &self.setup.observer {
            observer(event);
        }
    }

    fn fail(&mut self, item: Item, error: Error) {
        self.tell(&Event::Failed(&item, &error));
        self.failed.push(Failure {
            name: name_of(&item.action),
            item: Some(item),
            error,
        });
    }

    fn done(&mut self, item: &Item) {
        let counts = &mut self.counts;
        let count = match item.action {
            Action::Upload { .. } => &mut counts.uploaded,
            Action::Download { .. } => &mut counts.downloaded,
            Action::Copy { .. } => &mut counts.copied,
            Action::MakeFolder { .. } | Action::MakeMarker { .. } => &mut counts.made,
            Action::DeleteObject { .. } | Action::DeleteFile { .. } => &mut counts.deleted,
        };
        *count = count.saturating_add(1);
        self.tell(&Event::Done(item));
    }

    /// What is no deletion, as many at a time as requests.
    /// Gives the sources that are to be deleted.
    async fn others(&mut self, items: Vec<Item>) -> Vec<Item> {
        let mut moved = Vec::new();
        let mut waiting: VecDeque<Item> = items.into();
        let mut tasks = JoinSet::new();
        loop {
            while tasks.len() < self.job.engine.slots.limit().max(1) && !waiting.is_empty() {
                let turn = self.job.control.turn().await;
                let Some(item) = waiting.pop_front() else {
                    break;
                };
                if let Err(error) = turn {
                    self.fail(item, error);
                    continue;
                }
                self.tell(&Event::Begun(&item));
                let (job, setup) = (self.job.clone(), self.setup.clone());
                tasks.spawn(async move {
                    let item = Arc::new(item);
                    let outcome = one(&job, &setup, &item).await;
                    (Arc::unwrap_or_clone(item), outcome)
                });
            }
            match tasks.join_next().await {
                Some(Ok((item, Ok(())))) => {
                    self.done(&item);
                    moved.extend(source_of(&item).filter(|_| self.setup.removes_sources));
                }
                Some(Ok((item, Err(error)))) => self.fail(item, error),
                Some(Err(error)) => self.failed.push(Failure {
                    name: "a transfer".to_owned(),
                    item: None,
                    error: Error::new(ErrorKind::Stream, format!("its task ended: {error}")),
                }),
                None if waiting.is_empty() => return moved,
                None => {}
            }
        }
    }

    /// Deletes what was moved. It is a part of the moves, and counts as nothing of its own.
    async fn remove(&mut self, moved: Vec<Item>) {
        let deleted = self.counts.deleted;
        self.deletions(moved).await;
        self.counts.deleted = deleted;
    }

    /// Deletions: objects of a bucket many at a time, files one after the other.
    async fn deletions(&mut self, items: Vec<Item>) {
        let mut waiting = items.into_iter().peekable();
        while let Some(item) = waiting.next() {
            if let Err(error) = self.job.control.turn().await {
                self.fail(item, error);
                continue;
            }
            let object = match &item.action {
                Action::DeleteObject { object } => object.clone(),
                Action::DeleteFile { path } => {
                    let outcome = delete_file(path.clone()).await;
                    match outcome {
                        Ok(()) => self.done(&item),
                        Err(error) => self.fail(item, error),
                    }
                    continue;
                }
                _ => continue,
            };
            let mut batch = vec![item];
            while batch.len() < KEYS {
                let next = waiting.next_if(|next| match &next.action {
                    Action::DeleteObject { object: next } => {
                        next.bucket == object.bucket && next.region == object.region
                    }
                    _ => false,
                });
                match next {
                    Some(next) => batch.push(next),
                    None => break,
                }
            }
            self.delete(&object, batch).await;
        }
    }

    /// Deletes the objects of one bucket.
    async fn delete(&mut self, first: &Object, batch: Vec<Item>) {
        let of = Prefix {
            bucket: first.bucket.clone(),
            prefix: String::new(),
            region: first.region.clone(),
        };
        let keys: Vec<(String, Option<String>)> = batch
            .iter()
            .filter_map(|item| match &item.action {
                Action::DeleteObject { object } => {
                    Some((object.key.clone(), object.version.clone()))
                }
                _ => None,
            })
            .collect();
        let job = self.job.clone();
        let work = again(&job, None, || async {
            Ok(job.engine.service.delete(&of, &keys).await?)
        });
        let outcome = job
            .control
            .unless_cancelled(work)
            .await
            .and_then(|outcome| outcome);
        match outcome {
            Ok(refused) => {
                for item in batch {
                    let Action::DeleteObject { object } = &item.action else {
                        continue;
                    };
                    let is_it = |it: &&crate::service::NotDeleted| {
                        it.key == object.key
                            && (it.version.is_none() || it.version == object.version)
                    };
                    match refused.iter().find(is_it) {
                        Some(refusal) => {
                            let message = format!("{}: {}", refusal.code, refusal.message);
                            let message = message.trim_end_matches('.').to_owned();
                            let error = Error::new(ErrorKind::Refused, message);
                            let error = error.about(format!("delete of {object}"));
                            self.fail(item, error);
                        }
                        None => self.done(&item),
                    }
                }
            }
            Err(error) => {
                // One error of all of them.
                let (kind, message) = (error.kind(), error.message().to_owned());
                let mut error = Some(error);
                for item in batch {
                    let again = || Error::new(kind, message.clone());
                    let error = error.take().unwrap_or_else(again);
                    self.fail(item, error);
                }
            }
        }
    }
}

/// Does one item that is no deletion.
async fn one(job: &Job, setup: &Setup, item: &Arc<Item>) -> Result<(), Error> {
    let observer = setup.observer.clone().map(|observer| -> OnProgress {
        let item = Arc::clone(item);
        Arc::new(move |progress: &Progress| observer(&Event::Moved(&item, progress)))
    });
    // What a failed transfer has moved is taken off the whole.
    let meter = Meter::new(None, Some(job.meter.clone()));
    let outcome = transfer(job, setup, item, observer, meter.clone()).await;
    if outcome.is_err() {
        meter.restart();
    }
    outcome
}

async fn transfer(
    job: &Job,
    setup: &Setup,
    item: &Item,
    observer: Option<OnProgress>,
    meter: Meter,
) -> Result<(), Error> {
    let engine = &job.engine;
    match &item.action {
        Action::Upload { from, to } => {
            let upload = Upload::new(engine, Source::path(from), to.clone())
                .settings(setup.settings.clone())
                .keep_time(setup.keeps_time)
                .control(&job.control);
            upload.watched(observer, meter).run().await.map(|_| ())
        }
        Action::Download { from, folder, to } => {
            let mut download = Download::new(engine, from.clone())
                .within(folder)
                .keep_time(setup.keeps_time)
                .control(&job.control);
            if let Some(info) = &item.info {
                download = download.expect(info.clone());
            }
            if let Some(key) = &setup.key {
                download = download.customer_key(key.clone());
            }
            let target = folder.join(to);
            download
                .watched(observer, meter)
                .to_path(&target)
                .await
                .map(|_| ())
        }
        Action::Copy { from, to } => {
            let mut copy = Copy::new(engine, from.clone(), to.clone())
                .settings(setup.settings.clone())
                .control(&job.control);
            if let Some(key) = &setup.key {
                copy = copy.customer_key(key.clone());
            }
            copy.watched(observer, meter).run().await.map(|_| ())
        }
        Action::MakeFolder { folder, to } => make_folder(folder, to).await,
        Action::MakeMarker { to } => {
            let marker = Upload::new(engine, Source::bytes(Vec::new()), to.clone());
            marker
                .control(&job.control)
                .watched(observer, meter)
                .run()
                .await
                .map(|_| ())
        }
        Action::DeleteObject { .. } | Action::DeleteFile { .. } => Ok(()),
    }
}

/// Makes the folder `to` within `folder`.
async fn make_folder(folder: &Path, to: &Path) -> Result<(), Error> {
    // It is the folder of whatever is in it.
    let (folder, to) = (folder.to_owned(), to.join("x"));
    let place = folder.clone();
    let made = blocking(move || Ok(make_parents(&folder, &to))).await;
    made.map_err(|error| Error::file("make the folder", &place, error))?
}

async fn delete_file(path: std::path::PathBuf) -> Result<(), Error> {
    let at = path.clone();
    let deleted = blocking(move || match std::fs::remove_file(&at) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    });
    deleted
        .await
        .map_err(|error| Error::file("delete", &path, error))
}

/// The deletion of what an item was made from.
fn source_of(item: &Item) -> Option<Item> {
    let action = match &item.action {
        // Copied onto itself, it has got other settings, and stays.
        Action::Copy { from, to } if from.sibling(&from.key) == *to => return None,
        Action::Upload { from, .. } => Action::DeleteFile { path: from.clone() },
        Action::Download { from, .. } | Action::Copy { from, .. } => Action::DeleteObject {
            object: from.clone(),
        },
        _ => return None,
    };
    Some(Item {
        action,
        size: 0,
        reason: Reason::Moved,
        info: None,
    })
}

/// What is named if it fails.
fn name_of(action: &Action) -> String {
    match action {
        Action::Upload { from, .. } => from.display().to_string(),
        Action::Download { from, .. } | Action::Copy { from, .. } => from.to_string(),
        Action::MakeFolder { folder, to } => folder.join(to).display().to_string(),
        Action::MakeMarker { to } => to.to_string(),
        Action::DeleteObject { object } => object.to_string(),
        Action::DeleteFile { path } => path.display().to_string(),
    }
}
