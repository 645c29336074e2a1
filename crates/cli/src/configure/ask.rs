//! Questions to whoever sits at the terminal, or to the standard input.

use std::io::{self, BufRead, IsTerminal, Write};

use crate::error::Error;

/// Asks one question after the other.
pub(super) struct Questions {
    interactive: bool,
}

impl Questions {
    pub(super) fn new() -> Self {
        Self {
            interactive: io::stdin().is_terminal(),
        }
    }

    /// The answer, if it is not empty. `known` is what holds then.
    pub(super) async fn ask(
        &mut self,
        question: &str,
        known: Option<&str>,
    ) -> Result<Option<String>, Error> {
        self.prompt(question, known);
        read_line().await
    }

    /// As [`Questions::ask`]; what is typed is not shown.
    pub(super) async fn ask_secret(
        &mut self,
        question: &str,
        known: Option<&str>,
    ) -> Result<Option<String>, Error> {
        self.prompt(question, known);
        if !self.interactive {
            return read_line().await;
        }
        // Dropped, and the terminal restored, whatever ends the question.
        let _hidden = hidden::Hidden::new();
        let answer = read_line().await;
        // The line break was not shown either.
        let _ = writeln!(io::stderr());
        answer
    }

    fn prompt(&self, question: &str, known: Option<&str>) {
        if !self.interactive {
            return;
        }
        let mut err = io::stderr();
        // Nobody is left to ask if that fails.
        let _ = match known {
            Some(known) => write!(err, "{question} [{known}]: "),
            None => write!(err, "{question}: "),
        };
        let _ = err.flush();
    }
}

async fn read_line() -> Result<Option<String>, Error> {
    // A signal ends the command meanwhile; the thread is left behind.
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = read
        .await
        .map_err(io::Error::other)
        .and_then(|line| line)
        .map_err(|error| Error::Failed(format!("configure: no answer can be read: {error}")))?;
    let line = line.trim();
    Ok((!line.is_empty()).then(|| line.to_owned()))
}

#[cfg(unix)]
mod hidden {
    use std::io;

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// While it lives, the terminal does not show what is typed.
    pub(super) struct Hidden(Option<Termios>);

    impl Hidden {
        pub(super) fn new() -> Self {
            let Ok(before) = tcgetattr(io::stdin()) else {
                return Self(None);
            };
            let mut silent = before.clone();
            silent.local_modes.remove(LocalModes::ECHO);
            let silenced = tcsetattr(io::stdin(), OptionalActions::Now, &silent);
            Self(silenced.is_ok().then_some(before))
        }
    }

    impl Drop for Hidden {
        fn drop(&mut self) {
            if let Some(before) = &self.0 {
                // There is nothing else to try.
                let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
            }
        }
    }
}

#[cfg(not(unix))]
mod hidden {
    /// Other terminals show what is typed.
    pub(super) struct Hidden;

    impl Hidden {
        pub(super) fn new() -> Self {
            crate::console::note("this terminal shows the key while you type it");
            Self
        }
    }
}
