//! Faults on demand.

use super::state::Asked;

/// Requests that go wrong.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    /// Of the method and the path with its query: `PUT /a?partNumber=2`.
    pub(crate) asked: &'static str,
    /// How many of them are let through first.
    pub(crate) after: usize,
    /// How many of them go wrong.
    pub(crate) times: usize,
    pub(crate) what: What,
}

impl Fault {
    /// The next request that contains `asked`.
    pub(crate) fn once(asked: &'static str, what: What) -> Self {
        Self {
            asked,
            after: 0,
            times: 1,
            what,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum What {
    /// It is refused with this status and code.
    Refuse(u16, &'static str),
    /// The connection breaks when so many bytes of the request have come.
    DropUpload(usize),
    /// It is done, and the connection breaks before the answer.
    DropAnswer,
    /// The connection breaks after about so many bytes of the answer.
    DropDownload(usize),
    /// A byte of the answer is another one.
    Damage,
    /// The answer names another checksum.
    OtherChecksum,
}

pub(crate) fn next(faults: &mut [Fault], asked: &Asked) -> Option<What> {
    let line = asked.line();
    let fault = faults
        .iter_mut()
        .find(|fault| line.contains(fault.asked) && fault.times > 0)?;
    if fault.after > 0 {
        fault.after -= 1;
        return None;
    }
    fault.times -= 1;
    Some(fault.what.clone())
}
