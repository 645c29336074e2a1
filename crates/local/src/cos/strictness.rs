//! What the signature of a request must cover, by the wish of the bucket's owner.

use std::collections::BTreeSet;

use http::StatusCode;
use tcloud_core::operation::Operation;
use tcloud_core::server::Fault;
use tcloud_core::sign::qsign;
use tcloud_cos::types::StrictSignatureRule;

use super::bucket::setting::access;
use crate::state::State;
use crate::store::Bucket;

/// What stands for every parameter that a request has.
const ALL: &str = "all";

/// Refuses a signed request whose signature leaves out what a rule of `bucket` wants it to cover. One
/// without a signature is for others to refuse.
pub(crate) async fn require_covered(
    state: &State,
    bucket: &Bucket,
    operation: &Operation,
    request: &qsign::Request<'_>,
) -> Result<(), Fault> {
    let Ok(signature) = qsign::Authorization::from_request(request) else {
        return Ok(());
    };
    let Some(wanted) = access::strict_signature(state, bucket).await? else {
        return Ok(());
    };
    let sent = Sent {
        headers: request
            .headers
            .keys()
            .map(http::HeaderName::as_str)
            .collect(),
        parameters: request
            .query
            .iter()
            .map(|(name, _)| name.to_ascii_lowercase())
            .filter(|name| !is_of_signature(name))
            .collect(),
        signed_headers: signature.header_list().collect(),
        signed_parameters: signature
            .param_list()
            .map(str::to_ascii_lowercase)
            .collect(),
    };
    for rule in wanted
        .rules
        .iter()
        .filter(|rule| covers(rule, operation.name))
    {
        if let Some(missing) = sent.missing(rule) {
            let id = rule.id.as_deref().unwrap_or_default();
            let message = format!(
                "the signature does not cover {missing}, which the rule {id} of \
                 PutBucketStrictSignature of {} wants; let the client sign it",
                bucket.name
            );
            return Err(Fault::new(StatusCode::FORBIDDEN, "AccessDenied", message));
        }
    }
    Ok(())
}

/// What a request has, and what of it is signed; names in lower case.
struct Sent<'a> {
    headers: BTreeSet<&'a str>,
    parameters: BTreeSet<String>,
    signed_headers: BTreeSet<&'a str>,
    signed_parameters: BTreeSet<String>,
}

impl Sent<'_> {
    /// What the request has and `rule` wants to be signed, and is not.
    fn missing(&self, rule: &StrictSignatureRule) -> Option<String> {
        let headers = rule.header_list.iter().flat_map(|list| &list.headers);
        let mut headers = headers.map(|name| name.trim().to_ascii_lowercase());
        let header = headers.find(|name| {
            self.headers.contains(name.as_str()) && !self.signed_headers.contains(name.as_str())
        });
        if let Some(name) = header {
            return Some(format!("the header {name}"));
        }
        let wanted = rule.param_list.iter().flat_map(|list| &list.params);
        let wanted: Vec<_> = wanted
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        let is_wanted = |name: &&String| wanted.iter().any(|it| it == ALL || it == *name);
        let mut parameters = self.parameters.iter().filter(is_wanted);
        let parameter = parameters.find(|name| !self.signed_parameters.contains(*name));
        parameter.map(|name| format!("the parameter {name}"))
    }
}

/// Whether a rule is about the operation called `name`: one without operations is about all.
fn covers(rule: &StrictSignatureRule, name: &str) -> bool {
    let mut actions = rule
        .action_list
        .iter()
        .flat_map(|list| &list.actions)
        .peekable();
    let name = name.to_ascii_lowercase();
    actions.peek().is_none()
        || actions.any(|action| {
            let action = action.trim().to_ascii_lowercase();
            match action.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == action,
            }
        })
}

/// Whether a parameter is part of a signature, which no signature covers.
fn is_of_signature(name: &str) -> bool {
    name.starts_with("q-") || name == "x-cos-security-token"
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{
        StrictSignatureActions, StrictSignatureHeaders, StrictSignatureParameters,
        StrictSignatureRule,
    };

    use super::{Sent, covers};

    fn rule() -> StrictSignatureRule {
        StrictSignatureRule::new("r")
    }

    #[test]
    fn a_rule_is_about_operations_by_name_or_all() {
        let about = |actions: &[&str]| {
            rule().action_list(StrictSignatureActions::new().actions(actions.iter().copied()))
        };
        assert!(covers(&rule(), "GetObject"));
        assert!(covers(&about(&[]), "GetObject"));
        assert!(covers(
            &about(&["GetBucket", "PutBucketACL"]),
            "PutBucketAcl"
        ));
        assert!(covers(&about(&["Put*"]), "PutObject"));
        assert!(!covers(&about(&["Put*", "PutBucket"]), "GetObject"));
        assert!(!covers(&about(&["Put"]), "PutObject"));
    }

    #[test]
    fn what_is_there_and_wanted_must_be_signed() {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let sent = Sent {
            headers: ["host", "x-cos-acl", "date"].into(),
            parameters: owned(&["acl", "versionid"]),
            signed_headers: ["host", "date"].into(),
            signed_parameters: owned(&["acl"]),
        };
        let headers = |names: &[&str]| {
            rule().header_list(StrictSignatureHeaders::new().headers(names.iter().copied()))
        };
        let parameters = |names: &[&str]| {
            rule().param_list(StrictSignatureParameters::new().params(names.iter().copied()))
        };
        assert_eq!(sent.missing(&rule()), None);
        assert_eq!(sent.missing(&headers(&["Host", "Content-Type"])), None);
        let header = sent.missing(&headers(&["Host", "X-Cos-Acl"]));
        assert_eq!(header.as_deref(), Some("the header x-cos-acl"));
        assert_eq!(sent.missing(&parameters(&["acl", "prefix"])), None);
        for names in [&["versionId"][..], &["all"]] {
            let parameter = sent.missing(&parameters(names));
            assert_eq!(
                parameter.as_deref(),
                Some("the parameter versionid"),
                "{names:?}"
            );
        }
    }
}
