//! What the user sees: results on the standard output, everything else on the standard error.

use std::borrow::Cow;
use std::fmt::Write as _;
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

/// Writes a line to the standard error. Nobody can be notified if that fails.
pub(crate) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "tcloud: {}", printable(text));
}

/// `text` as a person may see it: names of objects, errors and answers come from elsewhere, and a
/// terminal obeys the control sequences in them. Line breaks and tabs stay.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hostile(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// JSON that a terminal may show: what is hostile there is written as the escape that means the
/// same.
pub(crate) fn printable_json(json: &str) -> Cow<'_, str> {
    if !json.contains(is_hostile) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hostile(c) {
            // Those below the space are escaped already; the others are of two bytes at most.
            // Writing to a `String` cannot fail.
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Whether `c` moves the cursor, colours, renames the window or turns the direction of the text.
pub(crate) fn is_hostile(c: char) -> bool {
    let turns = matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\t'))
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

#[cfg(test)]
mod tests {
    use super::{printable, printable_json};

    #[test]
    fn control_sequences_are_shown_and_not_obeyed() {
        assert_eq!(
            printable("a\u{1b}[2J\u{9b}1m\r\u{202e}b"),
            r"a\u{1b}[2J\u{9b}1m\u{d}\u{202e}b"
        );
        assert_eq!(printable("ä\n\tß"), "ä\n\tß");
    }

    #[test]
    fn json_that_is_shown_is_the_same_json() {
        let value = serde_json::json!({ "k\u{1b}": "\u{9b}2J\u{7f}\u{202e}ü\n" });
        let text = value.to_string();
        let shown = printable_json(&text);
        assert!(
            !shown.contains(|c: char| c.is_control() || c == '\u{202e}'),
            "{shown}"
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
            value
        );
    }
}
