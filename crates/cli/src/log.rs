//! The log on the standard error, to which messages of the local cloud refer.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::console;

/// What is logged unless somebody says otherwise. A slow disk is no reason to worry.
const DEFAULT: &str = "warn,sqlx=error";

/// The variable that says which events are logged.
pub(crate) const VARIABLE: &str = "RUST_LOG";

/// Which events are logged.
#[derive(Debug, Clone)]
pub(crate) struct Filter(String);

impl Default for Filter {
    fn default() -> Self {
        Self(DEFAULT.to_owned())
    }
}

impl Filter {
    /// What the environment says; the default if it cannot be read, since it may be meant for
    /// other programs.
    pub(crate) fn of_environment() -> Self {
        let text = std::env::var(VARIABLE).unwrap_or_default();
        Self::parse(&text).unwrap_or_default()
    }

    /// Reads `text`; nothing means the default, as an empty variable does.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let text = if text.is_empty() { DEFAULT } else { text };
        match read(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(format!(
                "{error}; write off, error, warn, info, debug or trace, or TARGET=LEVEL such as \
                 tcloud_local=debug, several separated by commas"
            )),
        }
    }
}

fn read(text: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(text)
}

/// Logs what `filter` lets through from now on.
pub(crate) fn start(filter: &Filter) {
    // It was read before.
    let Ok(filter) = read(&filter.0) else {
        return;
    };
    let started = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(console::may_colour(io::stderr().is_terminal()))
        // Where the log cannot be written, there is no place to say so either.
        .log_internal_errors(false)
        .try_init();
    if started.is_err() {
        console::note("there is no log: it was started before");
    }
}

#[cfg(test)]
mod tests {
    use super::Filter;

    #[test]
    fn a_level_that_does_not_exist_is_named() {
        for text in ["", "info", "off", "warn,tcloud_local=debug"] {
            assert!(Filter::parse(text).is_ok(), "{text}");
        }
        let refused = Filter::parse("tcloud_local=loud").unwrap_err();
        assert!(refused.contains("TARGET=LEVEL"), "{refused}");
    }
}
