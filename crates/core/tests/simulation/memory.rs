//! What a client must remember of hosts that did not answer, from call to call.

use std::collections::BTreeMap;
use std::time::Duration;

use tcloud_core::error::ErrorKind;
use tcloud_core::operation::Operation;

use crate::operations::is_tc3;
use crate::rules::Outcome;
use crate::world::{Attempt, Told};

/// For so long no call begins at a host that did not answer, unless none is left.
const PAUSE: Duration = Duration::from_secs(30);

/// What the attempts so far say of each host.
#[derive(Debug, Default)]
pub(crate) struct Memory(BTreeMap<String, Known>);

#[derive(Debug, Clone, Copy)]
enum Known {
    /// It did not answer an attempt that began then.
    Silent(Duration),
    /// It did not answer, but the call had no more time to find out.
    Unclear,
}

/// The hosts that stand in for one another.
fn hosts(operation: &Operation) -> &'static [&'static str] {
    if is_tc3(operation) {
        &[
            "mps.tencentcloudapi.com",
            "mps.tencentcloudapi.cn",
            "mps.tencentcloudapi.com.cn",
        ]
    } else {
        &[
            "ci.ap-chongqing.myqcloud.com",
            "ci.ap-chongqing.tencentci.cn",
        ]
    }
}

impl Memory {
    /// The rule that the first of `attempts` breaks, if it breaks one.
    pub(crate) fn broken(&self, operation: &Operation, attempts: &[Attempt]) -> Result<(), String> {
        let Some(first) = attempts.first() else {
            return Ok(());
        };
        let [usual, others @ ..] = hosts(operation) else {
            return Ok(());
        };
        let host = first.host.as_str();
        let may_be_left_alone = |host: &str| self.0.contains_key(host);
        let must_be_left_alone = |host: &str| {
            let known = self.0.get(host);
            known.is_some_and(
                |it| matches!(it, Known::Silent(since) if first.began < *since + PAUSE),
            )
        };
        if host != *usual && !may_be_left_alone(usual) {
            return Err("a call begins at the first host if that has answered".to_owned());
        }
        let is_last_resort = host == *usual && others.iter().all(|it| may_be_left_alone(it));
        if must_be_left_alone(host) && !is_last_resort {
            return Err("no call begins at a host that did not answer lately".to_owned());
        }
        Ok(())
    }

    /// Learns from a call that has ended.
    pub(crate) fn learn(&mut self, attempts: &[Attempt], outcome: &Outcome) {
        let out_of_time =
            matches!(outcome, Outcome::Failed(error) if error.kind() == ErrorKind::Timeout);
        for (at, attempt) in attempts.iter().enumerate() {
            let is_last = at + 1 == attempts.len();
            let known = match attempt.told {
                told if told.is_answer() => None,
                Told::Nothing if is_last && out_of_time => Some(Known::Unclear),
                _ => Some(Known::Silent(attempt.began)),
            };
            match known {
                Some(known) => self.0.insert(attempt.host.clone(), known),
                None => self.0.remove(&attempt.host),
            };
        }
    }
}
