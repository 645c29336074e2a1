//! What goes wrong, and when: all of it follows from a seed.

use std::fmt;
use std::time::Duration;

use tcloud_core::operation::{BodyFormat, Operation};

use crate::dice::Dice;
use crate::operations::{self, is_raw_answer};

/// The life of one client.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    /// How far the service's clock is ahead at first, in seconds.
    pub(crate) skew: i64,
    pub(crate) backup_hosts: bool,
    /// Whether its rate follows the service.
    pub(crate) adaptive: bool,
    /// What becomes of each look for credentials; those after the last go well.
    pub(crate) provider: Vec<Turn>,
    pub(crate) calls: Vec<Plan>,
}

/// One call.
pub(crate) struct Plan {
    pub(crate) operation: &'static Operation,
    pub(crate) body: Sort,
    pub(crate) attempts: u32,
    /// The limit of the whole call, if it has another than usual.
    pub(crate) total: Option<Duration>,
    /// What becomes of each attempt; those after the last go well.
    pub(crate) steps: Vec<Step>,
}

/// A kind of body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    None,
    Bytes,
    Factory,
    Stream,
}

/// What becomes of a look for credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Good,
    Fails,
    Hangs,
}

/// What becomes of an attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// How long it takes to connect.
    pub(crate) connect: Duration,
    /// What befalls the service's clock and its opinion of tokens before.
    pub(crate) before: Change,
    pub(crate) fault: Fault,
    /// Whether the service does its work before it fails, where that is open.
    pub(crate) works: bool,
    /// How long the service is silent before the head of its answer.
    pub(crate) think: Duration,
    /// How long it is silent before each chunk of its body.
    pub(crate) gap: Duration,
    /// Whether answers have a date.
    pub(crate) dated: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    /// The service's clock is now so many seconds ahead.
    Clock(i64),
    /// All tokens so far have expired.
    Tokens,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Nobody listens.
    Refused,
    /// The connection breaks before the head of an answer.
    Reset,
    /// No answer comes.
    Silent,
    /// The service stops reading in the middle of the body.
    Unread,
    /// The answer breaks off in the middle.
    Cut,
    /// The answer stops in the middle.
    Stopped,
    /// A refusal that may pass, by its status.
    Status(u16),
    /// A refusal that may pass, behind a status of success.
    Hidden,
    /// The service refuses to look.
    Throttled {
        hidden: bool,
        after: Option<u64>,
    },
    Redirect(u16),
    NotFound,
}

impl Step {
    pub(crate) const GOOD: Self = Self {
        connect: Duration::ZERO,
        before: Change::Nothing,
        fault: Fault::None,
        works: true,
        think: Duration::ZERO,
        gap: Duration::ZERO,
        dated: true,
    };

    fn roll(dice: &mut Dice, operation: &Operation) -> Self {
        let seconds = |dice: &mut Dice, of: &[u64]| Duration::from_secs(dice.pick(of));
        let fault = match dice.below(16) {
            0..=1 => Fault::None,
            2 => Fault::Refused,
            3..=4 => Fault::Reset,
            5 => Fault::Silent,
            6 => Fault::Unread,
            7 => Fault::Cut,
            8 => Fault::Stopped,
            9..=10 => Fault::Status(dice.pick(&[500, 502, 503, 504])),
            // Of bytes nobody can say that they are an error.
            11 if !is_raw_answer(operation) => Fault::Hidden,
            11..=13 => Fault::Throttled {
                hidden: !is_raw_answer(operation) && dice.one_in(3),
                after: dice.pick(&[None, None, Some(1), Some(7), Some(300)]),
            },
            14 => Fault::Redirect(dice.pick(&[301, 302, 307, 308])),
            _ => Fault::NotFound,
        };
        Self {
            connect: seconds(dice, &[0, 0, 0, 0, 3, 9, 11]),
            before: match dice.below(12) {
                0 => Change::Clock(skew(dice)),
                1..=2 => Change::Tokens,
                _ => Change::Nothing,
            },
            fault,
            works: dice.one_in(2),
            think: seconds(dice, &[0, 0, 0, 0, 1, 12, 29, 31, 90]),
            gap: seconds(dice, &[0, 0, 0, 1, 19, 21]),
            dated: !dice.one_in(8),
        }
    }
}

/// Seconds within a signature's window, and far out of it.
fn skew(dice: &mut Dice) -> i64 {
    dice.pick(&[0, 30, -30, 800, -3_600, 3_600, 86_400, -86_400])
}

impl Plan {
    fn roll(dice: &mut Dice) -> Self {
        let operation = dice.pick(&operations::ALL);
        let body = if operation.request_body == BodyFormat::Raw {
            dice.pick(&[Sort::Bytes, Sort::Factory, Sort::Stream])
        } else {
            Sort::None
        };
        let faults = dice.below(5);
        Self {
            operation,
            body,
            attempts: dice.pick(&[1, 2, 3, 3, 3, 5]),
            total: dice
                .pick(&[None, None, Some(1), Some(5), Some(15), Some(45), Some(200)])
                .map(Duration::from_secs),
            steps: (0..faults).map(|_| Step::roll(dice, operation)).collect(),
        }
    }

    /// How long the call may take in all.
    pub(crate) fn limit(&self) -> Option<Duration> {
        let formats = [self.operation.request_body, self.operation.response_body];
        let usual = if formats.contains(&BodyFormat::Raw) {
            None
        } else if self.operation.quiet {
            Some(Duration::from_secs(600))
        } else {
            Some(Duration::from_secs(60))
        };
        self.total.or(usual)
    }

    pub(crate) fn is_repeatable(&self) -> bool {
        self.body != Sort::Stream
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            operation,
            body,
            attempts,
            total,
            steps,
        } = self;
        let name = operation.name;
        write!(
            f,
            "{name}, body {body:?}, {attempts} attempts, in {total:?}: "
        )?;
        f.debug_list().entries(steps).finish()
    }
}

impl Schedule {
    pub(crate) fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let turns = dice.below(4);
        let turn = |dice: &mut Dice| match dice.below(8) {
            0 => Turn::Fails,
            1 => Turn::Hangs,
            _ => Turn::Good,
        };
        let calls = dice.below(3) + 1;
        Self {
            seed,
            skew: if dice.one_in(3) { skew(&mut dice) } else { 0 },
            backup_hosts: dice.one_in(3),
            adaptive: dice.one_in(4),
            provider: (0..turns).map(|_| turn(&mut dice)).collect(),
            calls: (0..calls).map(|_| Plan::roll(&mut dice)).collect(),
        }
    }
}
