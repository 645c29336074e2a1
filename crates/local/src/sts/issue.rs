//! What all ways to a temporary key share.

use tcloud_core::server::{Context, Fault};
use tcloud_core::time::format_iso_utc;
use tcloud_sts::types::Credentials;

use super::fault;
use crate::cam::{Caller, Decision, Fact, Facts, Policy, Resource, Session};
use crate::state::State;

/// The longest policy that is read, in bytes, as CAM has it.
const LONGEST_POLICY: usize = 6144;

/// A key that was issued.
pub(super) struct Issued {
    pub(super) credentials: Credentials,
    /// When it ends, in Unix seconds.
    pub(super) ends: i64,
    /// The same as text.
    pub(super) expiration: String,
}

/// Issues a key for `session`.
pub(super) fn issue(state: &State, session: &Session) -> Result<Issued, Fault> {
    let key = state
        .directory()
        .issue(session)
        .map_err(|_| fault::long_policy())?;
    let credentials = Credentials::new()
        .tmp_secret_id(key.secret_id())
        .tmp_secret_key(key.secret_key())
        .token(key.token().unwrap_or_default());
    Ok(Issued {
        credentials,
        ends: session.ends,
        expiration: format_iso_utc(session.ends),
    })
}

/// Who calls.
pub(super) fn caller(context: &Context) -> Result<Caller, Fault> {
    match context.extensions.get::<Caller>() {
        None | Some(Caller::Anonymous) => Err(fault::unsigned()),
        Some(caller) => Ok(caller.clone()),
    }
}

/// When a key ends that is asked for `asked` seconds.
pub(super) fn ends(
    state: &State,
    asked: Option<i64>,
    default: i64,
    longest: i64,
) -> Result<i64, Fault> {
    let seconds = asked.unwrap_or(default.min(longest));
    if !(1..=longest).contains(&seconds) {
        return Err(fault::too_long(longest));
    }
    Ok(state.unix_seconds() + seconds)
}

/// A name that a caller has chosen: `shortest` to 128 letters, digits and a few signs.
pub(super) fn name(node: &str, text: Option<String>, shortest: usize) -> Result<String, Fault> {
    let text = text.unwrap_or_default();
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if (shortest..=128).contains(&text.len()) && text.chars().all(is_fit) {
        return Ok(text);
    }
    let reason = format!("use {shortest} to 128 letters, digits and signs of _+=,.@-");
    Err(fault::invalid(node, &reason))
}

/// The policy that bounds a key. It is percent-encoded, of which a form has two kinds.
pub(super) fn policy(state: &State, text: &str) -> Result<Policy, Fault> {
    if text.len() > 3 * LONGEST_POLICY {
        return Err(fault::long_policy());
    }
    let is_encoded = !text.trim_start().starts_with('{');
    let spaced = if is_encoded {
        text.replace('+', " ")
    } else {
        text.to_owned()
    };
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    let Ok(decoded) = decoded else {
        let code = "InvalidParameter.StrategyFormatError";
        return Err(fault::unfit(code, "it is not UTF-8"));
    };
    if decoded.len() > LONGEST_POLICY {
        return Err(fault::long_policy());
    }
    let policy: Policy = decoded.parse().map_err(|error| fault::unreadable(&error))?;
    if policy.names_principal() {
        let code = "InvalidParameter.StrategyInvalid";
        return Err(fault::unfit(code, "it must not name a principal"));
    }
    if policy.names_other_account(&state.directory().account_names()) {
        let code = "InvalidParameter.GrantOtherResource";
        return Err(fault::unfit(code, "it names a resource of another account"));
    }
    Ok(policy)
}

/// Whether the policies of `caller` let it call `action` on `resource`.
pub(super) fn permit(
    state: &State,
    caller: &Caller,
    action: &str,
    resource: &Resource,
) -> Result<(), Fault> {
    let facts = Now(state.unix_seconds());
    let decision = state.directory().decide(caller, action, resource, &facts);
    require(
        decision,
        action,
        resource,
        "no statement of the policies allows it",
    )
}

/// Refuses what was not allowed; `otherwise` is the reason where there is no other.
pub(super) fn require(
    decision: Decision,
    action: &str,
    resource: &Resource,
    otherwise: &str,
) -> Result<(), Fault> {
    let why = match decision {
        Decision::Allowed => return Ok(()),
        Decision::NotAllowed(why) => why.unwrap_or_else(|| otherwise.to_owned()),
        Decision::Denied(why) => why,
    };
    Err(fault::unauthorized(action, resource, &why))
}

/// A resource of no name, as an operation is about that works on nothing in particular.
pub(super) fn nothing(state: &State, context: &Context) -> Resource {
    Resource {
        service: "sts".to_owned(),
        region: context.region.clone(),
        accounts: state.directory().account_names(),
        names: vec![String::new()],
    }
}

/// The time, of which alone conditions can ask: the service does not restrict addresses here.
struct Now(i64);

impl Facts for Now {
    fn fact(&self, key: &str) -> Fact {
        match key {
            "qcs:current_time" => Fact::of(Some(format_iso_utc(self.0))),
            _ => Fact::Unknown,
        }
    }
}
