//! Whoever listens to a selection: what they are told of its progress, and whether they are still there.
//!
//! Nothing that may take long does without asking: an object that unpacks to far more than it has, a
//! pattern that is tried at each place of a long text, thousands of steps for one row.

use std::cell::Cell;

use tcloud_core::call::{Message, Statistics};

use super::failure::Failure;

/// How many bytes are looked at between two messages of progress.
const PROGRESS: u64 = 1024 * 1024;
/// How many bytes are looked at without any message, at most.
const SILENCE: u64 = 4 * 1024 * 1024;
/// After how many steps it is asked whether anybody is there.
const STEPS: usize = 1024;

/// What takes messages.
pub(super) trait Listener {
    /// Takes a message. Returns whether anybody has heard it.
    fn hears(&self, message: Message) -> bool;

    /// Whether anybody waits for messages.
    fn is_there(&self) -> bool;
}

/// How much has been worked on.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Bytes of the object, as they are stored.
    pub(super) scanned: Cell<u64>,
    /// Bytes after unpacking.
    pub(super) processed: Cell<u64>,
    /// Bytes of the result.
    pub(super) returned: Cell<u64>,
}

pub(super) fn add(to: &Cell<u64>, count: usize) {
    to.set(
        to.get()
            .saturating_add(u64::try_from(count).unwrap_or(u64::MAX)),
    );
}

/// A selection's side of the line.
pub(super) struct Contact<'l> {
    listener: &'l dyn Listener,
    pub(super) figures: Figures,
    shows_progress: bool,
    /// How much had been looked at when the last message, or the last progress, was told.
    spoke: Cell<u64>,
    progressed: Cell<u64>,
    /// How many steps were made since it was asked whether anybody is there.
    steps: Cell<usize>,
}

impl<'l> Contact<'l> {
    pub(super) fn new(listener: &'l dyn Listener, shows_progress: bool) -> Self {
        Self {
            listener,
            figures: Figures::default(),
            shows_progress,
            spoke: Cell::default(),
            progressed: Cell::default(),
            steps: Cell::default(),
        }
    }

    /// Tells a message.
    ///
    /// # Errors
    ///
    /// Nobody listens any more.
    pub(super) fn tell(&self, message: Message) -> Result<(), Failure> {
        self.spoke.set(self.figures.processed.get());
        if self.listener.hears(message) {
            return Ok(());
        }
        Err(unheard())
    }

    /// Says how far it has come, or at least that it is at work, if it is time to.
    ///
    /// # Errors
    ///
    /// Nobody listens any more.
    pub(super) fn keep(&self) -> Result<(), Failure> {
        let now = self.figures.processed.get();
        if self.shows_progress && now.saturating_sub(self.progressed.get()) >= PROGRESS {
            self.progressed.set(now);
            return self.tell(Message::Progress(self.statistics()));
        }
        if now.saturating_sub(self.spoke.get()) >= SILENCE {
            return self.tell(Message::Continuation);
        }
        self.ask()
    }

    /// Counts steps that were made, and asks from time to time whether they are of use to anybody.
    ///
    /// # Errors
    ///
    /// Nobody listens any more.
    pub(super) fn count(&self, steps: usize) -> Result<(), Failure> {
        let steps = self.steps.get().saturating_add(steps);
        if steps < STEPS {
            self.steps.set(steps);
            return Ok(());
        }
        self.steps.set(0);
        self.ask()
    }

    fn ask(&self) -> Result<(), Failure> {
        if self.listener.is_there() {
            return Ok(());
        }
        Err(unheard())
    }

    /// Tells how much it was, and that this was all.
    ///
    /// # Errors
    ///
    /// Nobody listens any more.
    pub(super) fn end(&self) -> Result<(), Failure> {
        if self.shows_progress {
            self.tell(Message::Progress(self.statistics()))?;
        }
        self.tell(Message::Stats(self.statistics()))?;
        self.tell(Message::End)
    }

    fn statistics(&self) -> Statistics {
        let mut statistics = Statistics::default();
        statistics.bytes_scanned = Some(self.figures.scanned.get());
        statistics.bytes_processed = Some(self.figures.processed.get());
        statistics.bytes_returned = Some(self.figures.returned.get());
        statistics
    }
}

/// The end of a selection that is of no use to anybody, and so an error that nobody reads.
fn unheard() -> Failure {
    Failure::new("InternalError", "nobody listens any more")
}
