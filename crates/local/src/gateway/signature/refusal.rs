//! What is wrong with a signature, as each protocol reports it.

use http::StatusCode;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;
use tcloud_core::sign::{Rejection, explain};

use super::verdict::{Refused, Verdict};

pub(super) fn refuse(protocol: Protocol, rejection: &Rejection) -> Box<Refused> {
    let (status, code) = match protocol {
        Protocol::Cos => rejection.cos_code(),
        Protocol::Ci => rejection.ci_code(),
        _ => (StatusCode::OK, rejection.tc3_code()),
    };
    let reason = rejection.to_string();
    let mut fault = Fault::new(status, code, &reason);
    let mut verdict = Verdict::Refused {
        reason,
        format_string: None,
        string_to_sign: None,
        signed: None,
    };
    if let Rejection::SignatureMismatch {
        http_string,
        string_to_sign: signed,
    } = rejection
    {
        // The text repeats the headers, secret ones among them, and answers end up in logs.
        let http_string = explain::redacted(http_string);
        fault = fault
            .detail("FormatString", &http_string)
            .detail("StringToSign", signed);
        if protocol == Protocol::Tc3 {
            // Its errors have no room for the texts.
            fault.message += "; the server's are at /_local/requests";
        }
        if let Verdict::Refused {
            format_string,
            string_to_sign,
            ..
        } = &mut verdict
        {
            *format_string = Some(http_string);
            *string_to_sign = Some(signed.clone());
        }
    }
    Box::new(Refused { verdict, fault })
}

pub(super) fn refuse_token(protocol: Protocol) -> Box<Refused> {
    let reason = "the session token is missing or is not that of the key";
    let (status, code) = of_token(protocol);
    refused(status, code, reason)
}

const fn of_token(protocol: Protocol) -> (StatusCode, &'static str) {
    match protocol {
        Protocol::Cos => (StatusCode::FORBIDDEN, "AccessDenied"),
        Protocol::Ci => (StatusCode::UNAUTHORIZED, "InvalidAuthorization"),
        _ => (StatusCode::OK, "AuthFailure.TokenFailure"),
    }
}

/// A token that was not issued here, or not with this key, or whose role or user is gone.
pub(super) fn refuse_stranger(protocol: Protocol) -> Box<Refused> {
    let reason = "the session token is not one that this local cloud issued with this key, or its \
        role or user is gone; ask its STS for a new key";
    let (status, code) = of_token(protocol);
    refused(status, code, reason)
}

/// A token whose time is over. Where the documents of Cloud Infinite name no code of its own, the
/// one of Object Storage, which stands before it, is used.
pub(super) fn refuse_ended(protocol: Protocol) -> Box<Refused> {
    let reason = "the session token has expired; ask STS for a new key";
    let (status, code) = match protocol {
        Protocol::Cos | Protocol::Ci => (StatusCode::BAD_REQUEST, "ExpiredToken"),
        _ => of_token(protocol),
    };
    refused(status, code, reason)
}

pub(super) fn refuse_built_in(protocol: Protocol) -> Box<Refused> {
    let reason = "the built-in access key is public and only works on the machine of the local \
        cloud; start it with a key of your own, for example `tcloud local --key ID:SECRET`";
    let (status, code) = match protocol {
        Protocol::Cos | Protocol::Ci => (StatusCode::FORBIDDEN, "AccessDenied"),
        _ => (StatusCode::OK, "AuthFailure.UnauthorizedOperation"),
    };
    refused(status, code, reason)
}

fn refused(status: StatusCode, code: &str, reason: &str) -> Box<Refused> {
    let fault = Fault::new(status, code, reason);
    let verdict = Verdict::Refused {
        reason: reason.to_owned(),
        format_string: None,
        string_to_sign: None,
        signed: None,
    };
    Box::new(Refused { verdict, fault })
}
