//! What a process takes.

use std::io;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use wait4::Wait4;

/// Two measurements further apart than this are both shown.
const NOISE: f64 = 0.2;

/// A measurement that takes longer is not repeated: noise evens out over it.
const LONG: Duration = Duration::from_mins(1);

/// What a process took, with the children it waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Time of the processor in user mode.
    pub(crate) user: Duration,
    /// Most memory at one time, in bytes.
    pub(crate) memory: u64,
}

/// Runs `command` to its end.
pub(crate) fn of(command: &mut Command) -> io::Result<(ExitStatus, Usage)> {
    let used = command.spawn()?.wait4()?;
    let usage = Usage {
        user: used.rusage.utime,
        memory: used.rusage.maxrss,
    };
    Ok((used.status, usage))
}

/// The better of two measurements, since whatever disturbs one only adds to it. Says so on stderr
/// if they are far apart.
pub(crate) fn steady<E>(
    name: &str,
    mut measure: impl FnMut() -> Result<Usage, E>,
) -> Result<Usage, E> {
    let first = measure()?;
    if first.user > LONG {
        return Ok(first);
    }
    let second = measure()?;
    let user = first.user.min(second.user);
    let most = first.user.max(second.user);
    if most.as_secs_f64() > user.as_secs_f64() * (1.0 + NOISE) {
        eprintln!(
            "  {name}: {:.1} s and {:.1} s, so this machine is busy",
            first.user.as_secs_f64(),
            second.user.as_secs_f64()
        );
    }
    Ok(Usage {
        user,
        memory: first.memory.min(second.memory),
    })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn steadied(seconds: &[u64]) -> (u64, usize) {
        let mut runs = 0;
        let usage = steady("test", || {
            let user = Duration::from_secs(seconds.get(runs).copied().unwrap_or_default());
            runs += 1;
            Ok::<_, Infallible>(Usage { user, memory: 1 })
        });
        (usage.unwrap().user.as_secs(), runs)
    }

    #[test]
    fn the_better_of_two_runs_counts() {
        assert_eq!(steadied(&[5, 3]), (3, 2));
        assert_eq!(steadied(&[3, 5]), (3, 2));
    }

    #[test]
    fn a_long_run_is_not_repeated() {
        assert_eq!(steadied(&[61, 3]), (61, 1));
    }

    #[cfg(unix)]
    #[test]
    fn the_children_of_a_process_are_counted() {
        let spin = "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done";
        let mut shell = Command::new("sh");
        let (status, usage) = of(shell.args(["-c", &format!("sh -c '{spin}'; true")])).unwrap();
        assert!(status.success());
        assert!(usage.user > Duration::from_millis(1), "{usage:?}");
        assert!(usage.memory > 100_000, "{usage:?}");
    }
}
