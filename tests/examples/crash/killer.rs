//! Who kills the server, and when.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::{sleep_until, timeout_at};

use crate::Failure;
use crate::link::Switch;
use crate::server::{Server, State};

/// The server is killed at most so long after its start.
const LONGEST_LIFE: Duration = Duration::from_millis(1200);

/// Kills the server at moments that chance picks, and starts it again.
pub(crate) struct Killer {
    binary: PathBuf,
    state: State,
    chance: fastrand::Rng,
    switch: Switch,
    server: Server,
    /// How often it has killed.
    pub(crate) kills: u32,
    /// How often the server was still starting then.
    starting: u32,
    slowest_start: Duration,
}

impl Killer {
    /// Starts the server.
    pub(crate) fn new(
        binary: impl Into<PathBuf>,
        state: &State,
        seed: u64,
        switch: Switch,
    ) -> Result<Self, Failure> {
        let binary = binary.into();
        Ok(Self {
            server: Server::spawn(&binary, state)?,
            chance: fastrand::Rng::with_seed(seed),
            binary,
            state: state.clone(),
            switch,
            kills: 0,
            starting: 0,
            slowest_start: Duration::ZERO,
        })
    }

    /// Waits until the server is there, and tells the streams.
    pub(crate) async fn wait(&mut self) -> Result<(), Failure> {
        if !self.switch.is_on() {
            let address = self.server.address().await?;
            let start = self.server.started().elapsed();
            self.slowest_start = self.slowest_start.max(start);
            self.switch.on(&address)?;
        }
        Ok(())
    }

    /// Kills the server at a moment that is counted from its start, so that it may still be busy
    /// with what the last kill left.
    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        let life = LONGEST_LIFE.mul_f32(self.chance.f32());
        let moment = (self.server.started() + life).into();
        match timeout_at(moment, self.wait()).await {
            Ok(there) => there?,
            Err(_) => self.starting += 1,
        }
        sleep_until(moment).await;
        self.switch.off();
        self.server.kill().await?;
        self.kills += 1;
        self.server = Server::spawn(&self.binary, &self.state)?;
        Ok(())
    }

    /// Leaves the server alone from now on.
    pub(crate) fn retire(self) -> (Server, String) {
        let figures = format!(
            "{} kills, {} of them while it was starting; the slowest start took {:.1} s",
            self.kills,
            self.starting,
            self.slowest_start.as_secs_f32()
        );
        (self.server, figures)
    }
}
