//! How to recognise that a job has ended, as data.

use std::fmt;
use std::time::Duration;

use crate::codec::{text_at, text_of};
use crate::node::{Node, Ref, RefVisitor};

/// How to recognise that a job has ended, as the spec says it. Nodes are named by their path in the
/// response; of a list the first item counts.
#[derive(Debug)]
pub struct Waiter {
    /// The node with the state.
    pub state: &'static str,
    /// The states that end the wait well.
    pub success: &'static [&'static str],
    /// The states that end it badly.
    pub failure: &'static [&'static str],
    /// The node with the error's code.
    pub code: Option<&'static str>,
    /// The codes that mean no error. If there are any, every other code in a successful state is
    /// a failure.
    pub ok: &'static [&'static str],
    /// The node with the error's message.
    pub message: Option<&'static str>,
    /// How the parts of a job report that they failed, where the job as a whole does not.
    pub parts: Option<Parts>,
    /// The pause between two looks.
    pub interval: Duration,
    /// When the wait is given up.
    pub timeout: Duration,
}

/// How a part of a job, a structure anywhere in the response, reports that it failed.
#[derive(Debug)]
pub struct Parts {
    /// The field with the state.
    pub state: &'static str,
    /// The states of failure.
    pub failure: &'static [&'static str],
    /// The fields with the error's code; the first that the part has counts.
    pub code: &'static [&'static str],
    /// The codes that mean no error.
    pub ok: &'static [&'static str],
    /// The field with the error's message.
    pub message: &'static str,
}

/// What an answer says of a job.
pub(crate) enum Verdict {
    /// It continues, in this state.
    Running(String),
    /// It ended well.
    Done,
    /// It ended badly, or is not there.
    Failed {
        code: Option<String>,
        message: String,
    },
}

impl Waiter {
    /// What `response` says of the job.
    pub(crate) fn judge(&self, response: &dyn Node) -> Verdict {
        let at = |path: Option<&str>| path.and_then(|path| text_at(response, path));
        let failed = |message: String| Verdict::Failed {
            code: at(self.code),
            message,
        };
        let message = || {
            at(self.message)
                .filter(|message| !message.is_empty())
                .unwrap_or_else(|| "the service gives no reason".to_owned())
        };
        let Some(state) = at(Some(self.state)) else {
            return failed(format!(
                "the answer has no {}: there is no such job",
                self.state
            ));
        };
        if is_among(self.failure, &state) {
            return failed(format!("the job ended as {state}: {}", message()));
        }
        if !is_among(self.success, &state) {
            return Verdict::Running(state);
        }
        match at(self.code) {
            Some(code) if !self.ok.is_empty() && !self.ok.contains(&code.as_str()) => {
                return failed(message());
            }
            _ => {}
        }
        let part = self
            .parts
            .as_ref()
            .and_then(|parts| parts.failed(response, ""));
        match part {
            Some(part) => Verdict::Failed {
                message: part.to_string(),
                code: Some(part.code),
            },
            None => Verdict::Done,
        }
    }
}

/// Whether `state` is one of `words`. Services write the same state in more than one case.
fn is_among(words: &[&str], state: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(state))
}

impl Parts {
    /// The first part that failed, in the order of the tables.
    fn failed(&self, node: &dyn Node, path: &str) -> Option<FailedPart> {
        let text = |name: &str| text_of(node, name).filter(|text| !text.is_empty());
        let state = text(self.state);
        let code = self.code.iter().find_map(|name| text(name));
        let refused = code.as_deref().is_some_and(|code| !self.ok.contains(&code));
        if refused
            || state
                .as_deref()
                .is_some_and(|state| is_among(self.failure, state))
        {
            return Some(FailedPart {
                path: path.to_owned(),
                code: code.unwrap_or_default(),
                message: text(self.message),
            });
        }
        let mut found = None;
        let fields = node.structure().fields();
        node.refs(RefVisitor::new(&mut |refs| {
            for (field, value) in fields.iter().zip(refs) {
                let path = match path {
                    "" => field.name.to_owned(),
                    path => format!("{path}.{}", field.name),
                };
                match value {
                    _ if found.is_some() => return,
                    Ref::Node(Some(child)) => found = self.failed(*child, &path),
                    Ref::Nodes(list) => {
                        found = (0..list.count())
                            .filter_map(|index| Some((index, list.item(index)?)))
                            .find_map(|(index, item)| {
                                self.failed(item, &format!("{path}[{index}]"))
                            });
                    }
                    _ => {}
                }
            }
        }));
        found
    }
}

struct FailedPart {
    path: String,
    code: String,
    message: Option<String>,
}

impl fmt::Display for FailedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.as_deref();
        let reason = message.unwrap_or("the service gives no reason");
        write!(f, "{} failed: {reason}", self.path)
    }
}
