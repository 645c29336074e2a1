//! What processes take, and the one that serves them.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

/// What a process took.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    /// Time of the processor, in user mode and in the system.
    pub(crate) processor: Duration,
    /// Time from its start to its end.
    pub(crate) elapsed: Duration,
    /// Most memory at one time, in bytes.
    pub(crate) memory: u64,
}

/// Runs `command` to its end.
pub(crate) fn of(command: &mut Command) -> Usage {
    let started = Instant::now();
    let used = command.spawn().unwrap().wait4().unwrap();
    assert!(used.status.success(), "{command:?} has failed");
    Usage {
        elapsed: started.elapsed(),
        processor: used.rusage.utime + used.rusage.stime,
        memory: used.rusage.maxrss,
    }
}

/// A server, which ends with this value.
pub(crate) struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts the server of `command`, whose first line names its address.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let output = process.stdout.as_mut().expect("it is piped");
        BufReader::new(output).read_line(&mut line).unwrap();
        let mut words = line.split_whitespace();
        let address = words.find(|word| word.starts_with("http://"));
        let address = address
            .expect("the first line names the address")
            .to_owned();
        Self { process, address }
    }

    /// Starts the server of `command`, which listens at `address` once it has begun.
    pub(crate) fn at(command: &mut Command, address: String) -> Self {
        let process = command.spawn().unwrap();
        Self { process, address }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
