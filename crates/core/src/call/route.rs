//! Which of a request's destinations its attempts go to.

use super::prepare::Prepared;
use crate::config::Config;
use crate::error::{Error, ErrorKind};

/// Why an attempt has no answer.
pub(super) enum Unanswered {
    Failed(Error),
    /// The call has no more time.
    OutOfTime {
        /// There was no connection yet.
        connecting: bool,
    },
}

impl Unanswered {
    /// Whether the host is to blame, as far as can be known.
    fn is_by_host(&self) -> bool {
        match self {
            Self::Failed(error) => error.kind() != ErrorKind::Body,
            Self::OutOfTime { connecting } => *connecting,
        }
    }
}

/// The way of a call through its destinations, in turn from where it begins.
pub(super) struct Route<'a> {
    config: &'a Config,
    destinations: usize,
    begun_at: usize,
    at: usize,
}

impl<'a> Route<'a> {
    /// It begins at the first destination that has not just failed to answer.
    pub(super) fn begin(config: &'a Config, prepared: &Prepared) -> Self {
        let destinations = prepared.destinations();
        let mut route = Self {
            config,
            destinations,
            begun_at: 0,
            at: 0,
        };
        if route.has_backup() {
            let now = config.context.environment.monotonic();
            let admits = |at: &usize| config.breaker.admits(prepared.area(*at), now);
            route.begun_at = (0..destinations).find(admits).unwrap_or(0);
            route.at = route.begun_at;
        }
        route
    }

    /// The number of the destination that is next.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Remembers for other calls whether the destination has answered.
    pub(super) fn learn<T>(&self, prepared: &Prepared, answer: &Result<T, Unanswered>) {
        if !self.has_backup() {
            return;
        }
        let (breaker, area) = (&self.config.breaker, prepared.area(self.at));
        match answer {
            Ok(_) => breaker.close(area),
            Err(why) if why.is_by_host() => {
                breaker.open(area, self.config.context.environment.monotonic());
            }
            Err(_) => {}
        }
    }

    /// Goes on to the next destination. Says whether that has not been asked by this call.
    pub(super) fn go_on(&mut self) -> bool {
        let next = self.at.saturating_add(1);
        self.at = if next < self.destinations { next } else { 0 };
        self.at != self.begun_at
    }

    fn has_backup(&self) -> bool {
        self.destinations > 1
    }
}
