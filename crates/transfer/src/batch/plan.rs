//! What is to be done for many files and objects, before it is done.

use std::fmt;
use std::sync::Arc;

use crate::batch::event::Event;
use crate::batch::found::Found;
use crate::batch::item::{Action, Failure, Item, Reason, Skipped};
use crate::batch::report::Report;
use crate::batch::run;
use crate::batch::setup::Setup;
use crate::control::Control;
use crate::engine::Engine;
use crate::settings::Settings;

/// What is to be done for many files and objects: what a dry run shows, and [`run`](Self::run)
/// does.
#[must_use = "nothing is done before `run` is awaited"]
pub struct Plan {
    engine: Engine,
    items: Vec<Item>,
    skipped: Vec<Skipped>,
    refused: Vec<Failure>,
    unchanged: u64,
    setup: Setup,
}

impl Plan {
    pub(super) fn new(engine: &Engine, found: Found, setup: Setup) -> Self {
        Self {
            engine: engine.clone(),
            items: found.items,
            skipped: found.skipped,
            refused: found.refused,
            unchanged: found.unchanged,
            setup,
        }
    }

    /// A plan of actions, each with the bytes that it moves.
    pub(crate) fn of(engine: &Engine, actions: impl IntoIterator<Item = (Action, u64)>) -> Self {
        let items = actions.into_iter().map(|(action, size)| Item {
            action,
            size,
            reason: Reason::Asked,
            info: None,
        });
        let found = Found {
            items: items.collect(),
            ..Found::default()
        };
        Self::new(engine, found, Setup::default())
    }

    /// What is to be done, in this order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// What is left out.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// What cannot be done, such as keys that would leave the target folder. It counts as failed.
    pub fn refused(&self) -> &[Failure] {
        &self.refused
    }

    /// How many files and objects are the same on both sides already.
    pub fn unchanged(&self) -> u64 {
        self.unchanged
    }

    /// Bytes that are to move.
    pub fn bytes(&self) -> u64 {
        self.items.iter().map(|item| item.size).sum()
    }

    /// How many of the items delete something.
    pub fn deletions(&self) -> usize {
        let deletes = |item: &&Item| {
            matches!(
                item.action,
                Action::DeleteObject { .. } | Action::DeleteFile { .. }
            )
        };
        self.items.iter().filter(deletes).count()
    }

    /// Lets `control` pause and cancel it.
    pub fn control(mut self, control: &Control) -> Self {
        self.setup.control = Some(control.clone());
        self
    }

    /// Calls `observer` with what happens. It runs on the tasks of the transfers, so it should be
    /// quick.
    pub fn on_event(mut self, observer: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.setup.observer = Some(Arc::new(observer));
        self
    }

    /// Whether sources are deleted when all of it has been transferred: a move. What failed stays.
    pub fn remove_sources(mut self, removes: bool) -> Self {
        self.setup.removes_sources = removes;
        self
    }

    /// Whether uploads keep the times of files as metadata, and downloads give files the times that
    /// were kept; not unless set.
    pub fn keep_times(mut self, keep: bool) -> Self {
        self.setup.keeps_time = keep;
        self
    }

    /// Adds what `other` plans; it is done as this plan is.
    pub fn and(mut self, other: Self) -> Self {
        self.items.extend(other.items);
        self.skipped.extend(other.skipped);
        self.refused.extend(other.refused);
        self.unchanged = self.unchanged.saturating_add(other.unchanged);
        self
    }

    /// What uploads and copies are stored with.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.setup.settings = settings;
        self
    }

    /// Does it. What fails is in the report, and does not stop the rest; a cancellation leaves the
    /// rest undone, and the report names that as failed, too.
    pub async fn run(self) -> Report {
        // What could not be looked at may be what would be deleted.
        let is_whole = self.refused.is_empty();
        let done = run::run(&self.engine, self.items, &self.setup, is_whole).await;
        let mut failed = self.refused;
        failed.extend(done.failed);
        Report {
            counts: done.counts,
            failed,
            skipped: self.skipped,
            unchanged: self.unchanged,
            progress: done.progress,
            engine: self.engine,
            setup: self.setup,
        }
    }

    /// A plan of what failed in `report`, and nothing else.
    pub fn retry(report: Report) -> Self {
        let (failed, refused): (Vec<_>, Vec<_>) = report
            .failed
            .into_iter()
            .partition(|failure| failure.item.is_some());
        let found = Found {
            items: failed
                .into_iter()
                .filter_map(|failure| failure.item)
                .collect(),
            refused,
            ..Found::default()
        };
        Self::new(&report.engine, found, report.setup)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("items", &self.items)
            .field("skipped", &self.skipped)
            .field("refused", &self.refused)
            .field("unchanged", &self.unchanged)
            .finish_non_exhaustive()
    }
}
