//! `tcloud local` in a process of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};

use crate::support::{Finished, finish, tcloud};

/// A local cloud that listens, ended with the test.
pub(crate) struct Served {
    pub(crate) process: Child,
    /// Its URL.
    pub(crate) address: String,
    /// Open as long as the process may write.
    output: BufReader<ChildStdout>,
    /// What it says besides.
    pub(crate) notes: BufReader<ChildStderr>,
}

impl Served {
    pub(crate) fn start(extra: &[&str]) -> Self {
        Self::of(local().args(extra))
    }

    /// The cloud that `command` runs.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut first = String::new();
        output.read_line(&mut first).unwrap();
        let address = first.split_whitespace().last().unwrap_or_default();
        assert!(address.contains("://127.0.0.1:"), "{first}");
        let notes = BufReader::new(process.stderr.take().unwrap());
        Self {
            address: address.to_owned(),
            process,
            output,
            notes,
        }
    }

    /// The rest of its greeting.
    pub(crate) fn greeting(&mut self) -> String {
        let mut text = String::new();
        while !text.ends_with("Ctrl-C ends it.\n") {
            assert_ne!(self.output.read_line(&mut text).unwrap(), 0, "{text}");
        }
        text
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Finished {
        finish(tcloud().args(arguments).args(["--endpoint", &self.address]))
    }

    pub(crate) fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address.trim_start_matches("http://")).unwrap()
    }

    /// Sends the lines of a head, and returns all that comes back.
    pub(crate) fn exchange(&self, head: &[&str]) -> String {
        let mut stream = self.connect();
        let head = format!("{}\r\nConnection: close\r\n\r\n", head.join("\r\n"));
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Sends `signal`, such as `TERM`.
    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: &str) {
        send(signal, self.process.id());
    }

    /// What it says besides, up to the line with `text`.
    pub(crate) fn notes_to(&mut self, text: &str) -> String {
        let mut notes = String::new();
        while !notes.contains(text) {
            let length = self.notes.read_line(&mut notes).unwrap();
            assert_ne!(length, 0, "{text} is not in {notes}");
        }
        notes
    }

    /// What it says besides until it has ended, and its exit code.
    pub(crate) fn end(&mut self) -> (String, Option<i32>) {
        let mut notes = String::new();
        self.notes.read_to_string(&mut notes).unwrap();
        (notes, self.process.wait().unwrap().code())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `tcloud local` on a free port, in an environment without configuration.
pub(crate) fn local() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tcloud"));
    command.args(["local", "--port", "0"]);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("TENCENTCLOUD_") || text.starts_with("TCLOUD_") || text == "RUST_LOG" {
            command.env_remove(&name);
        }
    }
    command
}

/// Sends `signal` to the process `id`.
#[cfg(unix)]
pub(crate) fn send(signal: &str, id: u32) {
    let arguments = [format!("-{signal}"), id.to_string()];
    let sent = Command::new("kill").args(arguments).status().unwrap();
    assert!(sent.success());
}
