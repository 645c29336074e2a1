//! Signals that are passed on to a command.

#[cfg(unix)]
pub(super) use self::unix::{Passing, send};

#[cfg(not(unix))]
pub(super) use self::other::{Passing, send};

#[cfg(unix)]
mod unix {
    use std::io;

    use rustix::process::{Pid, Signal, getpgrp, kill_process};
    use tokio::signal::unix::{self, SignalKind};

    /// The signals to come, which do not end this process by themselves any more.
    pub(in super::super) struct Passing {
        interrupt: unix::Signal,
        terminate: unix::Signal,
        hangup: unix::Signal,
        quit: unix::Signal,
    }

    impl Passing {
        /// Begins to listen.
        pub(in super::super) fn listen() -> io::Result<Self> {
            Ok(Self {
                interrupt: unix::signal(SignalKind::interrupt())?,
                terminate: unix::signal(SignalKind::terminate())?,
                hangup: unix::signal(SignalKind::hangup())?,
                quit: unix::signal(SignalKind::quit())?,
            })
        }

        /// The next one.
        pub(in super::super) async fn next(&mut self) -> Signal {
            tokio::select! {
                Some(()) = self.interrupt.recv() => Signal::INT,
                Some(()) = self.terminate.recv() => Signal::TERM,
                Some(()) = self.hangup.recv() => Signal::HUP,
                Some(()) = self.quit.recv() => Signal::QUIT,
                else => std::future::pending().await,
            }
        }
    }

    /// Sends `signal` to the process `id`, unless the terminal has done so.
    pub(in super::super) fn send(signal: Signal, id: u32) {
        if signal != Signal::TERM && is_in_foreground() {
            return;
        }
        let process = i32::try_from(id).ok().and_then(Pid::from_raw);
        if let Some(process) = process {
            // It may have ended just now.
            let _ = kill_process(process, signal);
        }
    }

    /// Whether this process, and with it the command, is in the group that a terminal sends its
    /// signals to.
    fn is_in_foreground() -> bool {
        rustix::termios::tcgetpgrp(io::stdin()).is_ok_and(|group| group == getpgrp())
    }
}

#[cfg(not(unix))]
mod other {
    use std::io;

    /// The console sends its signals to the command as well, so that there is nothing to pass on.
    pub(in super::super) struct Passing;

    impl Passing {
        pub(in super::super) fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        /// An interruption, which does not end this process before the command has ended.
        pub(in super::super) async fn next(&mut self) {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    pub(in super::super) fn send(_: (), _: u32) {}
}
