//! Whether whoever signed a request may have it done, by the policies of the account and of the bucket.
//!
//! | permission of the operation | what it is asked for |
//! | --- | --- |
//! | `cos:…` | `qcs::cos:<region>:uid/<APPID>:<bucket>/<key>`, with an empty key for the bucket itself |
//! | `ci:…` | `qcs::ci:<region>:uid/<APPID>:bucket/<bucket>/<key>`, likewise |
//! | any other, or none of a bucket | nothing in particular, which only `*` names |
//!
//! An operation whose table names no permission has that of its own name, as `mps:ProcessImage`.

use std::net::IpAddr;

use http::{HeaderMap, StatusCode};
use tcloud_core::operation::{Operation, Protocol};
use tcloud_core::schema::Place;
use tcloud_core::server::Fault;
use tcloud_core::time::format_iso_utc;

use crate::cam::{Caller, Decision, Directory, Fact, Facts, Policy, Resource};
use crate::state::State;

/// What is asked for.
pub(crate) struct Asked<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) bucket: Option<&'a str>,
    pub(crate) key: Option<&'a str>,
    pub(crate) region: &'a str,
}

/// What of a request the conditions of policies can ask for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    /// Where it comes from.
    pub(crate) address: Option<IpAddr>,
    pub(crate) host: String,
    /// The decoded query.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
}

/// Why something is not to be done.
pub(crate) struct Refusal {
    pub(crate) fault: Fault,
    /// Whether a statement denies it, which nothing else can allow.
    pub(crate) is_denial: bool,
    /// Whether the policy of the session does not allow it, so that it may be done only if everyone
    /// may do it.
    pub(crate) is_bound: bool,
}

/// Whether `caller`, who has `sent` this, may have done what is `asked` for, by the policies of the
/// account and by that of the bucket, if it has one. What either denies is denied.
pub(crate) fn permit(
    state: &State,
    caller: &Caller,
    asked: &Asked<'_>,
    sent: &Sent,
    of_bucket: Option<&Policy>,
) -> Result<(), Refusal> {
    let directory = state.directory();
    let action = permission(asked.operation);
    let resource = asked.resource(&directory, &action);
    let facts = RequestFacts {
        now: state.unix_seconds(),
        sent,
    };
    let own = directory.decide(caller, &action, &resource, &facts);
    let by_bucket = match (asked.bucket, of_bucket) {
        (Some(bucket), Some(policy)) => {
            let policy = (bucket, policy);
            directory.decide_by_bucket(caller, &action, &resource, &facts, policy)
        }
        _ => Decision::NotAllowed(None),
    };
    let (why, is_denial) = match (own, by_bucket) {
        (Decision::Denied(why), _) | (_, Decision::Denied(why)) => (Some(why), true),
        (Decision::Allowed, _) | (_, Decision::Allowed) => return Ok(()),
        (Decision::NotAllowed(own), Decision::NotAllowed(by_bucket)) => (by_bucket.or(own), false),
    };
    let why = why.unwrap_or_else(nowhere_allowed);
    let protocol = asked.operation.service.protocol;
    let bound = directory.bound(caller, &action, &resource, &facts);
    Err(Refusal {
        fault: refusal(protocol, &action, &resource, &why),
        is_denial,
        is_bound: !matches!(bound, Decision::Allowed),
    })
}

/// Refuses `caller`, who has `sent` this, if they may not hand `role` on to a service, which then does
/// what the role may.
pub(crate) fn require_passing(
    state: &State,
    caller: &Caller,
    role: &Resource,
    sent: &Sent,
) -> Result<(), Fault> {
    let action = "cam:PassRole";
    let facts = RequestFacts {
        now: state.unix_seconds(),
        sent,
    };
    let why = match state.directory().decide(caller, action, role, &facts) {
        Decision::Allowed => return Ok(()),
        Decision::Denied(why) => why,
        Decision::NotAllowed(why) => why.unwrap_or_else(nowhere_allowed),
    };
    Err(refusal(Protocol::Cos, action, role, &why))
}

fn nowhere_allowed() -> String {
    "no statement of the policies allows it".to_owned()
}

/// The refusal to do `action` to `resource`, in the form of `protocol`.
fn refusal(protocol: Protocol, action: &str, resource: &Resource, why: &str) -> Fault {
    let (status, code) = match protocol {
        Protocol::Cos | Protocol::Ci => (StatusCode::FORBIDDEN, "AccessDenied"),
        _ => (StatusCode::OK, "AuthFailure.UnauthorizedOperation"),
    };
    let message = format!(
        "you are not authorized to perform operation ({action}) on resource ({resource}): {why}"
    );
    Fault::new(status, code, message)
}

fn permission(operation: &Operation) -> String {
    match operation.permission {
        "" => format!("{}:{}", operation.service.name, operation.name),
        named => named.to_owned(),
    }
}

impl Asked<'_> {
    fn resource(&self, directory: &Directory, action: &str) -> Resource {
        let service = action.split(':').next().unwrap_or_default();
        let key = self.key.unwrap_or_default();
        let name = match (service, self.bucket) {
            ("cos", Some(bucket)) => format!("{bucket}/{key}"),
            ("ci", Some(bucket)) => format!("bucket/{bucket}/{key}"),
            _ => String::new(),
        };
        Resource {
            service: service.to_owned(),
            region: self.region.to_owned(),
            accounts: directory.account_names(),
            names: vec![name],
        }
    }
}

/// What conditions can ask of a request.
struct RequestFacts<'a> {
    now: i64,
    sent: &'a Sent,
}

impl Facts for RequestFacts<'_> {
    fn fact(&self, key: &str) -> Fact {
        match key {
            "qcs:ip" => Fact::of(self.sent.address.map(|address| address.to_string())),
            "qcs:current_time" => Fact::of(Some(format_iso_utc(self.now))),
            "cos:host" => Fact::of(Some(self.sent.host.as_str())),
            // Only HTTP is spoken here.
            "cos:secure-transport" => Fact::of(Some("false")),
            _ => match key.strip_prefix("cos:") {
                Some(name) if is_known(name) => self.sent(name),
                _ => Fact::Unknown,
            },
        }
    }
}

impl RequestFacts<'_> {
    /// The header or the parameter `name` of the request.
    fn sent(&self, name: &str) -> Fact {
        let headers = self.sent.headers.get_all(name).iter();
        let headers = headers.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let query = self.sent.query.iter();
        let parameters = query.filter(|(key, _)| key == name);
        let values: Vec<_> = headers
            .chain(parameters.map(|(_, value)| value.clone()))
            .collect();
        if values.is_empty() {
            Fact::Absent
        } else {
            Fact::Values(values)
        }
    }
}

/// Whether a request to Object Storage can have a header or a parameter `name`: any other is a slip
/// of whoever wrote the policy.
fn is_known(name: &str) -> bool {
    let operations = tcloud_cos::CATALOG.operations.iter();
    let mut fields = operations.flat_map(|operation| operation.request.fields());
    name == "content-length"
        || fields.any(|field| {
            matches!(field.place, Place::Header | Place::Query)
                && field.name.eq_ignore_ascii_case(name)
        })
}
