//! The database that servers share.

use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Failure;

/// A PostgreSQL cluster. It ends with this process, or when it is dropped.
pub(crate) struct Cluster {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    pub(crate) url: String,
}

impl Cluster {
    /// Starts one.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("postgres/cluster.sh");
        let mut child = Command::new(&script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", script.display()))?;
        let input = child.stdin.take().ok_or("the cluster has no input")?;
        let output = child.stdout.take().ok_or("the cluster has no output")?;
        let mut output = BufReader::new(output).lines();
        let url = output.next_line().await?;
        Ok(Self {
            _child: child,
            input,
            output,
            url: url.ok_or("the cluster did not start; see above")?,
        })
    }

    /// Ends it without a warning, or starts it again: `stop`, `start`.
    pub(crate) async fn tell(&mut self, command: &str) -> Result<(), Failure> {
        self.input
            .write_all(format!("{command}\n").as_bytes())
            .await?;
        match self.output.next_line().await? {
            Some(done) if done == command => Ok(()),
            other => Err(format!("the cluster answered {other:?} to {command}").into()),
        }
    }
}
