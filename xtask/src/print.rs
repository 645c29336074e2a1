//! Prints to standard output. A reader that has gone, as `head` does, stops no task.

use std::fmt::Arguments;
use std::io::{self, Write as _};

/// Prints a line.
macro_rules! say {
    () => {
        $crate::print::text(format_args!("\n"))
    };
    ($($text:tt)+) => {
        $crate::print::text(format_args!("{}\n", format_args!($($text)+)))
    };
}
pub(crate) use say;

/// Prints a text as it is.
pub(crate) fn text(text: Arguments<'_>) {
    // Nobody can be notified if that fails.
    let _ = io::stdout().lock().write_fmt(text);
}
