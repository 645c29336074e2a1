//! Signatures of S3: whose they are, by the same keys and on the same terms.

use http::StatusCode;
use tcloud_core::server::Fault;

use super::verdict::{Refused, Verdict};
use super::{Checked, Failure, Terms, secret, unchecked};
use crate::gateway::target::Via;
use crate::s3::Signature;

/// Checks a signature that came in by `via`. `verify` compares it, given the secret key, if anybody
/// has it, and the time. What it returns is missing where nothing was checked.
///
/// # Errors
///
/// The request must not be answered.
pub(crate) fn check<T>(
    terms: Terms<'_>,
    via: Via,
    signature: &Signature,
    verify: impl FnOnce(Option<&str>, i64) -> Result<T, Fault>,
) -> Result<(Checked, Option<T>), Box<Refused>> {
    let secret_id = signature.access_key_id();
    let token = signature.token();
    let key = terms.directory.key(secret_id, token);
    if terms.is_unchecked(key.as_ref()) {
        return Ok((unchecked(secret_id), None));
    }
    if key.is_none() && token.is_some() {
        return Err(refused(of(&Failure::Stranger)));
    }
    let verified = verify(secret(key.as_ref()), terms.now).map_err(refused)?;
    let caller = terms.accept(key, via, token);
    let caller = caller.map_err(|failure| refused(of(&failure)))?;
    let verdict = Verdict::Valid {
        secret_id: secret_id.to_owned(),
        advice: None,
    };
    Ok((Checked { verdict, caller }, Some(verified)))
}

/// Why a key is worth nothing, as S3 says it.
fn of(failure: &Failure) -> Fault {
    let (status, code, message) = match failure {
        Failure::Token => (
            StatusCode::BAD_REQUEST,
            "InvalidToken",
            "the session token is missing or is not that of the key",
        ),
        Failure::Stranger => (
            StatusCode::BAD_REQUEST,
            "InvalidToken",
            "the session token is not one that this local cloud issued with this key, or its role or \
             user is gone; ask its STS for a new key",
        ),
        Failure::Ended => (
            StatusCode::BAD_REQUEST,
            "ExpiredToken",
            "the session token has expired; ask STS for a new key",
        ),
        Failure::BuiltIn => (
            StatusCode::FORBIDDEN,
            "AccessDenied",
            "the built-in access key is public and only works on the machine of the local cloud; \
             start it with a key of your own, for example `tcloud local --key ID:SECRET`",
        ),
        Failure::Rejected(rejection) => {
            let (status, code) = rejection.cos_code();
            return Fault::new(status, code, rejection.to_string());
        }
    };
    Fault::new(status, code, message)
}

/// A refused signature of S3.
pub(crate) fn refused(fault: Fault) -> Box<Refused> {
    let detail = |name: &str| {
        let mut details = fault.details.iter();
        let (_, text) = details.find(|(own, _)| *own == name)?;
        Some(text.clone())
    };
    let verdict = Verdict::Refused {
        reason: fault.message.clone(),
        format_string: detail("CanonicalRequest"),
        string_to_sign: detail("StringToSign"),
        signed: None,
    };
    Box::new(Refused { verdict, fault })
}
