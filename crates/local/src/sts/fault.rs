//! Refusals, by the codes of the service.

use http::StatusCode;
use tcloud_core::server::Fault;

use crate::cam::{PolicyError, Resource};

/// What `node` asks for is not built.
pub(super) fn unsupported(node: &str) -> Fault {
    refusal(
        "UnsupportedOperation",
        format!("The local cloud does not do what {node} asks for; leave it out"),
    )
}

/// `node` has a value that cannot be used.
pub(super) fn invalid(node: &str, reason: &str) -> Fault {
    refusal("InvalidParameter.ParamError", format!("{node}: {reason}"))
}

/// A key is asked for a longer time than is given.
pub(super) fn too_long(longest: i64) -> Fault {
    refusal(
        "InvalidParameter.OverTimeError",
        format!("DurationSeconds: a key is valid for 1 to {longest} seconds here"),
    )
}

/// The policy does not fit into a token.
pub(super) fn long_policy() -> Fault {
    refusal(
        "InvalidParameter.PolicyTooLong",
        "Policy: the token would be longer than 4096 bytes; name fewer actions and resources, or \
         use wildcards"
            .to_owned(),
    )
}

/// The policy cannot be read.
pub(super) fn unreadable(error: &PolicyError) -> Fault {
    let code = match error {
        PolicyError::Resource(_) => "InvalidParameter.ResouceError",
        _ => "InvalidParameter.StrategyFormatError",
    };
    refusal(code, format!("Policy: {error}"))
}

/// The policy is one that a key cannot have.
pub(super) fn unfit(code: &str, reason: &str) -> Fault {
    refusal(code, format!("Policy: {reason}"))
}

/// There is no such role.
pub(super) fn no_role(arn: &str) -> Fault {
    refusal(
        "ResourceNotFound.RoleNotFound",
        format!("RoleArn: there is no role {arn}"),
    )
}

/// The role does not trust whoever asks, or the policies do not let them ask.
pub(super) fn unauthorized(action: &str, resource: &Resource, why: &str) -> Fault {
    refusal(
        "UnauthorizedOperation",
        format!(
            "you are not authorized to perform operation ({action}) on resource ({resource}): {why}"
        ),
    )
}

/// A temporary key cannot ask for this.
pub(super) fn temporary() -> Fault {
    refusal(
        "FailedOperation.TempKeyNotAllowed",
        "a temporary key cannot ask for another one this way; use a permanent one".to_owned(),
    )
}

/// The second factor is wrong.
pub(super) fn unproven(reason: &str) -> Fault {
    refusal("FailedOperation.CheckMFAError", reason.to_owned())
}

/// The token of the identity provider is not taken.
pub(super) fn web_identity(reason: &str) -> Fault {
    refusal(
        "InvalidParameter.WebIdentityTokenError",
        format!("WebIdentityToken: {reason}"),
    )
}

/// The request is not signed.
pub(super) fn unsigned() -> Fault {
    refusal(
        "AuthFailure.InvalidAuthorization",
        "the request is not signed, and this operation needs to know who asks".to_owned(),
    )
}

fn refusal(code: &str, message: String) -> Fault {
    Fault::new(StatusCode::OK, code, message)
}
