//! The process that is killed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;

use crate::Failure;
use crate::bucket::Place;
use crate::link::{SECRET_ID, SECRET_KEY};

/// A start that takes longer has failed.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Where the state lies, and what the disk is like.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) folder: PathBuf,
    /// Whether it lies in memory instead.
    pub(crate) in_memory: bool,
    /// The database, if several servers share one.
    pub(crate) shared: Option<Shared>,
    /// How long a file can become, in kilobytes.
    pub(crate) longest_file: Option<u32>,
}

/// A database that several servers share.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) database: String,
    /// After how many seconds a server that is silent is taken for dead.
    pub(crate) lease: u32,
    /// The bucket for content, if it is not in the folder.
    pub(crate) content: Option<Place>,
}

impl State {
    /// In a folder alone.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ..Self::default()
        }
    }

    /// In memory alone.
    pub(crate) fn in_memory() -> Self {
        Self {
            in_memory: true,
            ..Self::default()
        }
    }
}

/// Memory of a server, in kilobytes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Memory {
    /// What is in memory, the pages of the program included that the system can drop at any time.
    pub(crate) resident: u32,
    /// What of that is its own, and no file's.
    pub(crate) anonymous: u32,
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [resident, anonymous] =
            [self.resident, self.anonymous].map(|size| f64::from(size) / 1024.0);
        write!(f, "{resident:.1} MiB ({anonymous:.1} anonymous)")
    }
}

/// A running `tcloud local`.
pub(crate) struct Server {
    child: Child,
    started: Instant,
    address: oneshot::Receiver<String>,
}

impl Server {
    /// Starts the server on `state`, at a free port.
    pub(crate) fn spawn(binary: &Path, state: &State) -> Result<Self, Failure> {
        let mut command = match state.longest_file {
            None => Command::new(binary),
            // Without a signal, a write beyond the limit fails, as on a disk that is full.
            Some(kilobytes) => {
                let mut shell = Command::new("bash");
                let limited = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" \"$@\"");
                shell.args(["-c", &limited]).arg(binary);
                shell
            }
        };
        command
            .args(["local", "--port", "0"])
            .args(["--key", &format!("{SECRET_ID}:{SECRET_KEY}")]);
        match state.shared.as_ref().and_then(|it| it.content.as_ref()) {
            Some(place) => {
                let environment = place.environment.iter().map(|(name, value)| (*name, value));
                command.args(["--blobs", &place.url]).envs(environment);
            }
            None if state.in_memory => {
                command.arg("--ephemeral");
            }
            None => {
                command.arg("--data").arg(&state.folder);
            }
        }
        if let Some(shared) = &state.shared {
            command
                .args(["--database", &shared.database])
                .args(["--lease", &shared.lease.to_string()]);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", binary.display()))?;
        let output = child.stdout.take().ok_or("the server has no output")?;
        let (found, address) = oneshot::channel();
        tokio::spawn(async move {
            let mut found = Some(found);
            let mut lines = BufReader::new(output).lines();
            // Read to the end, so that the server never waits for its reader.
            while let Ok(Some(line)) = lines.next_line().await {
                let address = line.split_whitespace().find(|it| it.starts_with("http://"));
                if let (Some(address), true) = (address, found.is_some()) {
                    // Nobody waits any more if the server was killed meanwhile.
                    let _ = found.take().map(|found| found.send(address.to_owned()));
                }
            }
        });
        Ok(Self {
            child,
            started: Instant::now(),
            address,
        })
    }

    /// When it was started.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// Where it listens, once it does.
    pub(crate) async fn address(&mut self) -> Result<String, Failure> {
        match tokio::time::timeout(START_TIMEOUT, &mut self.address).await {
            Ok(Ok(address)) => Ok(address),
            Ok(Err(_)) => Err("the server ended without saying where it listens".into()),
            Err(_) => Err("the server did not start in time".into()),
        }
    }

    /// How much memory it has.
    pub(crate) fn memory(&self) -> Result<Memory, Failure> {
        let id = self.child.id().ok_or("the server has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let size = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.parse().ok()
        };
        let memory = size("VmRSS:").zip(size("RssAnon:"));
        let (resident, anonymous) =
            memory.ok_or("the system does not say how much memory the server has")?;
        Ok(Memory {
            resident,
            anonymous,
        })
    }

    /// Ends it in order, once it is there.
    pub(crate) async fn stop(&mut self) -> Result<(), Failure> {
        let id = self.child.id().ok_or("the server has ended")?;
        let asked = Command::new("kill").arg(id.to_string()).status().await?;
        if !asked.success() {
            return Err("the server cannot be asked to end".into());
        }
        self.child.wait().await?;
        Ok(())
    }

    /// Kills it without a chance to put anything in order.
    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("the server had ended by itself: {status}").into());
        }
        self.child.start_kill()?;
        self.child.wait().await?;
        Ok(())
    }
}
