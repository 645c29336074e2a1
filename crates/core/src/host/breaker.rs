//! Which hosts could not be reached lately, so that calls begin at their backups.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A host that did not answer is left alone for so long; then one call tries it.
const PAUSE: Duration = Duration::from_secs(30);

/// No more hosts than these are remembered: those that failed last.
const MOST: usize = 64;

/// A circuit breaker for each host that has a backup, common to the clients of a configuration.
/// Cloning shares it.
///
/// Hosts go without the name of a bucket, since a domain serves all buckets of a region or none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Breaker(Arc<Mutex<Vec<Open>>>);

/// A host that did not answer, and until when it is left alone.
#[derive(Debug)]
struct Open {
    host: String,
    until: Duration,
}

impl Breaker {
    /// `host` did not answer an attempt that ended at `now`, by the monotonic clock.
    pub(crate) fn open(&self, host: &str, now: Duration) {
        let mut open = self.hosts();
        open.retain(|it| it.host != host);
        if open.len() >= MOST {
            open.remove(0);
        }
        open.push(Open {
            host: host.to_owned(),
            until: now.saturating_add(PAUSE),
        });
    }

    /// `host` has answered.
    pub(crate) fn close(&self, host: &str) {
        self.hosts().retain(|it| it.host != host);
    }

    /// Whether a call may begin at `host`. After the pause one call may, while the others wait for
    /// what becomes of it as long as they waited before.
    pub(crate) fn admits(&self, host: &str, now: Duration) -> bool {
        let mut open = self.hosts();
        match open.iter_mut().find(|it| it.host == host) {
            Some(it) if now < it.until => false,
            Some(it) => {
                it.until = now.saturating_add(PAUSE);
                true
            }
            None => true,
        }
    }

    fn hosts(&self) -> MutexGuard<'_, Vec<Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Breaker, MOST, PAUSE};
    use std::time::Duration;

    #[test]
    fn one_call_tries_a_host_after_each_pause() {
        let (breaker, second) = (Breaker::default(), Duration::from_secs(1));
        assert!(breaker.admits("a", Duration::ZERO));
        breaker.open("a", second);
        assert!(!breaker.admits("a", PAUSE), "not before its pause is over");
        assert!(breaker.admits("b", PAUSE), "another host");
        assert!(breaker.admits("a", second + PAUSE));
        assert!(!breaker.admits("a", second + PAUSE), "one has been let in");
        assert!(breaker.admits("a", second + 2 * PAUSE));
        breaker.close("a");
        assert!(breaker.admits("a", Duration::ZERO));
    }

    #[test]
    fn the_hosts_that_failed_last_are_remembered() {
        let breaker = Breaker::default();
        for number in 0..=MOST {
            breaker.open(&number.to_string(), Duration::ZERO);
            breaker.open("again", Duration::ZERO);
        }
        let is_open = |host: &str| !breaker.admits(host, Duration::ZERO);
        assert!(is_open("again") && is_open(&MOST.to_string()) && is_open("2"));
        assert!(!is_open("0") && !is_open("1"));
    }
}
