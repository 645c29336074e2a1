//! Who signs, by which method, and what for.

use http::StatusCode;
use tcloud_core::server::Fault;

/// The name of the method.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The service that requests are signed for.
pub(super) const SERVICE: &str = "s3";
/// The end of the scope.
pub(super) const END: &str = "aws4_request";

/// Who signs, and what for: `<id>/20130524/us-east-1/s3/aws4_request`.
pub(super) struct Scope {
    pub(super) access_key_id: String,
    pub(super) date: String,
    pub(super) region: String,
}

impl Scope {
    pub(super) fn read(text: &str, wrong: impl Fn(&str) -> Fault) -> Result<Self, Fault> {
        let mut parts = text.rsplitn(5, '/');
        let mut next = || parts.next().unwrap_or_default();
        let (end, service, region, date, id) = (next(), next(), next(), next(), next());
        if end != END || [region, date, id].iter().any(|part| part.is_empty()) {
            return Err(wrong(
                "the credential is not <id>/<date>/<region>/s3/aws4_request",
            ));
        }
        if service != SERVICE {
            return Err(wrong(&format!(
                "the credential is for the service `{}` and not for `{SERVICE}`",
                service.escape_debug()
            )));
        }
        Ok(Self {
            access_key_id: id.to_owned(),
            date: date.to_owned(),
            region: region.to_owned(),
        })
    }
}

/// Refuses other methods than this one.
pub(super) fn require_algorithm(name: &str, wrong: impl Fn(&str) -> Fault) -> Result<(), Fault> {
    match name {
        ALGORITHM => Ok(()),
        _ if name.starts_with("AWS4-") => {
            let message = format!(
                "the signature {} is not implemented here; sign by {ALGORITHM}",
                name.escape_debug()
            );
            Err(Fault::new(
                StatusCode::NOT_IMPLEMENTED,
                "NotImplemented",
                message,
            ))
        }
        _ => Err(wrong(&format!("the algorithm is not {ALGORITHM}"))),
    }
}
