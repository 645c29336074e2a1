//! Refusals of a request, each naming the node it is about.

use http::StatusCode;
use tcloud_core::server::Fault;

/// What `node` asks for is not built.
pub(super) fn unsupported(node: &str, advice: &str) -> Fault {
    refusal(
        "UnsupportedOperation",
        format!("The local cloud does not do what {node} asks for; {advice}"),
    )
}

/// `node` has a value that cannot be used.
pub(super) fn invalid(node: &str, reason: &str) -> Fault {
    refusal("InvalidParameterValue", format!("{node}: {reason}"))
}

/// `node` is needed by what another node says.
pub(super) fn missing(node: &str, reason: &str) -> Fault {
    refusal("MissingParameter", format!("{node} is required: {reason}"))
}

fn refusal(code: &str, message: String) -> Fault {
    Fault::new(StatusCode::OK, code, message)
}
