//! What the user sees: results on the standard output, everything else on the standard error.

use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

use crate::error::Error;

/// Writes `text` and a line break to the standard output.
pub(crate) fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text.trim_end_matches('\n'))
        .and_then(|()| out.flush())
        .map_err(|error| output_error(&error))
}

/// Why the standard output cannot be written.
pub(crate) fn output_error(error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Error::ReaderGone
    } else {
        Error::Failed(format!(
            "the output cannot be written: {error}; check the disk or the pipe it goes to"
        ))
    }
}

/// Writes a line to the standard error. Nobody is left to tell if that fails.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "tcloud: {text}");
}

/// Whether the standard output may be coloured: it is a terminal, and `NO_COLOR` is not set.
pub(crate) fn is_coloured() -> bool {
    may_colour(io::stdout().is_terminal())
}

/// Whether an output may be coloured that goes to a terminal or not.
pub(crate) fn may_colour(is_terminal: bool) -> bool {
    is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A bar that counts `files`. It shows only if the standard error is a terminal.
pub(crate) fn progress(files: usize, action: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(files).unwrap_or(u64::MAX));
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    bar.set_message(action);
    bar
}
