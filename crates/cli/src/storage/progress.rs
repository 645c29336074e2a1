//! How far a command is: bars on a terminal, for each large file and for all together; elsewhere a
//! line from time to time.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tcloud_transfer::{Action, Control, Event, Item, Progress};

use super::clock;
use super::report::Record;
use super::show::ShowArgs;
use super::size;
use crate::console;
use crate::error::Error;

/// The pause between two lines where there is no terminal.
const PAUSE: Duration = Duration::from_secs(10);
/// Files of this size and more have bars of their own,
const LARGE: u64 = 8 * 1024 * 1024;
/// and as many at a time at most.
const BARS: usize = 6;

/// What the user sees while a command works. Results are lines of the standard output, progress is
/// on the standard error.
pub(super) struct Watch {
    look: Look,
    /// Whether each item that is done is a line,
    lines: bool,
    /// or a record.
    records: bool,
    control: Control,
    state: Mutex<State>,
}

enum Look {
    Bars {
        all: MultiProgress,
        total: ProgressBar,
    },
    Lines,
    Nothing,
}

#[derive(Default)]
struct State {
    items: u64,
    done: u64,
    records: Vec<Record>,
    bars: HashMap<String, ProgressBar>,
    /// When the last line was written, since the beginning.
    shown: Duration,
    failure: Option<Error>,
}

impl Watch {
    /// Of `items` in all. `control` ends the work if nobody reads the results.
    pub(super) fn new(args: &ShowArgs, items: usize, control: &Control) -> Self {
        let look = if args.quiet || args.no_progress {
            Look::Nothing
        } else if std::io::stderr().is_terminal() {
            let all = MultiProgress::new();
            let total = all.add(bar(0));
            Look::Bars { all, total }
        } else {
            Look::Lines
        };
        Self {
            look,
            lines: !args.quiet && !args.json,
            records: args.json,
            control: control.clone(),
            state: Mutex::new(State {
                items: u64::try_from(items).unwrap_or(u64::MAX),
                ..State::default()
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What another task has left behind in a panic is still what was counted.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows what happens.
    pub(super) fn see(&self, event: &Event<'_>) {
        match event {
            Event::Begun(item) => self.begin(item),
            Event::Moved(item, progress) => {
                if let Some(bar) = self.state().bars.get(&key(item)) {
                    let words = format!("{} {}", moved(progress), name(item));
                    show(bar, progress, words);
                }
            }
            Event::Done(item) => {
                self.end(item);
                let mut state = self.state();
                state.done = state.done.saturating_add(1);
                if self.records {
                    state.records.push(Record::of(item));
                }
                drop(state);
                if self.lines {
                    self.print(&item.to_string());
                }
            }
            Event::Failed(item, error) => {
                self.end(item);
                // After an interruption that is the rest, which may be thousands.
                if !error.is_cancelled() {
                    self.note(&error.to_string());
                }
            }
            Event::Total(progress) => self.total(progress),
            _ => {}
        }
    }

    /// Shows the progress of one stream.
    pub(super) fn total(&self, progress: &Progress) {
        match &self.look {
            Look::Bars { total, .. } => {
                let (items, done) = {
                    let state = self.state();
                    (state.items, state.done)
                };
                let mut words = words(progress);
                if items > 1 {
                    words = format!("{done} of {items} done, {words}");
                }
                show(total, progress, words);
            }
            Look::Lines => {
                let mut state = self.state();
                if progress.elapsed.saturating_sub(state.shown) < PAUSE {
                    return;
                }
                state.shown = progress.elapsed;
                let line = format!(
                    "{} of {} done, {}",
                    state.done,
                    state.items,
                    words(progress)
                );
                drop(state);
                console::note(&line);
            }
            Look::Nothing => {}
        }
    }

    fn begin(&self, item: &Item) {
        let Look::Bars { all, total } = &self.look else {
            return;
        };
        let mut state = self.state();
        if item.size >= LARGE && state.items > 1 && state.bars.len() < BARS {
            let bar = all.insert_before(total, bar(item.size));
            state.bars.insert(key(item), bar);
        }
    }

    fn end(&self, item: &Item) {
        if let Look::Bars { all, .. } = &self.look
            && let Some(bar) = self.state().bars.remove(&key(item))
        {
            bar.finish_and_clear();
            all.remove(&bar);
        }
    }

    /// A line of the standard output.
    pub(super) fn print(&self, line: &str) {
        let print = || console::print(&console::printable(line));
        let printed = match &self.look {
            Look::Bars { all, .. } => all.suspend(print),
            Look::Lines | Look::Nothing => print(),
        };
        if let Err(error) = printed {
            self.state().failure.get_or_insert(error);
            self.control.cancel();
        }
    }

    /// A line of the standard error.
    pub(super) fn note(&self, line: &str) {
        match &self.look {
            Look::Bars { all, .. } => all.suspend(|| console::note(line)),
            Look::Lines | Look::Nothing => console::note(line),
        }
    }

    /// Takes the bars away, and gives what was done, where that is not in lines.
    pub(super) fn finish(&self) -> Result<Vec<Record>, Error> {
        if let Look::Bars { all, total } = &self.look {
            total.finish_and_clear();
            // Nothing depends on a terminal that cannot be cleared.
            let _ = all.clear();
        }
        let mut state = self.state();
        match state.failure.take() {
            Some(error) => Err(error),
            None => Ok(std::mem::take(&mut state.records)),
        }
    }
}

/// A bar of `bytes`, which shows nothing before anything has moved.
fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {percent:>3}% {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// Brings a bar to where `progress` is.
fn show(bar: &ProgressBar, progress: &Progress, words: String) {
    if let Some(total) = progress.total {
        bar.set_length(total);
    }
    bar.set_position(progress.bytes);
    bar.set_message(words);
}

/// How much has moved: `3 MiB of 8 MiB`.
fn moved(progress: &Progress) -> String {
    let mut words = size::words(progress.bytes);
    if let Some(total) = progress.total {
        words.extend([" of ", &size::words(total)]);
    }
    words
}

/// The progress in words: `3 MiB of 8 MiB, 1 MiB/s, 5 s left`.
fn words(progress: &Progress) -> String {
    let mut words = moved(progress);
    if progress.rate > 0 {
        words.extend([", ", &size::words(progress.rate), "/s"]);
    }
    if let Some(left) = progress.left {
        words.extend([", ", &clock::words(left), " left"]);
    }
    words
}

fn key(item: &Item) -> String {
    item.to_string()
}

/// What a bar calls an item.
fn name(item: &Item) -> String {
    let name = match &item.action {
        Action::Upload { to, .. } | Action::Copy { to, .. } | Action::MakeMarker { to } => {
            to.key.clone()
        }
        Action::Download { to, .. } | Action::MakeFolder { to, .. } => to.display().to_string(),
        Action::DeleteObject { object } => object.key.clone(),
        Action::DeleteFile { path } => path.display().to_string(),
        _ => item.to_string(),
    };
    console::printable(&name).into_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tcloud_transfer::Progress;

    use super::words;

    #[test]
    fn progress_is_said_as_far_as_it_is_known() {
        let mut progress = Progress::default();
        progress.bytes = 3 * 1024 * 1024;
        assert_eq!(words(&progress), "3.0 MiB");
        progress.total = Some(8 * 1024 * 1024);
        progress.rate = 1024 * 1024;
        progress.left = Some(Duration::from_secs(5));
        assert_eq!(
            words(&progress),
            "3.0 MiB of 8.0 MiB, 1.0 MiB/s, 5.0 s left"
        );
    }
}
