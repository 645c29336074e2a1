//! Keys for whoever proves a second factor.

use tcloud_core::server::{Context, Fault};
use tcloud_sts::operation::get_session_token::{GetSessionTokenRequest, GetSessionTokenResponse};

use super::issue::{self, issue};
use super::{fault, identity};
use crate::cam::{Caller, Kind, Session};
use crate::state::State;

pub(super) async fn get(
    state: &State,
    context: Context,
    request: GetSessionTokenRequest,
) -> Result<GetSessionTokenResponse, Fault> {
    let caller = issue::caller(&context)?;
    if matches!(caller, Caller::Session(_)) {
        return Err(fault::temporary());
    }
    let (default, longest) = identity::lifetimes(&caller);
    let ends = issue::ends(state, request.duration_seconds, default, longest)?;
    let resource = issue::nothing(state, &context);
    issue::permit(state, &caller, "sts:GetSessionToken", &resource)?;
    require(state, &caller, request.serial_number, request.token_code)?;

    let session = Session {
        kind: Kind::Proven,
        issuer: identity::number(state, &caller),
        ends,
        policy: None,
    };
    let issued = issue(state, &session)?;
    Ok(GetSessionTokenResponse::new()
        .credentials(issued.credentials)
        .expired_time(issued.ends)
        .expiration(issued.expiration)
        .request_id(context.request_id))
}

/// Refuses a caller whose software token, `qcs::cam:uin/<UIN>::mfa/softToken`, does not show `code`.
pub(super) fn require(
    state: &State,
    caller: &Caller,
    serial: Option<String>,
    code: Option<String>,
) -> Result<(), Fault> {
    let Caller::User(uin) = caller else {
        return Err(fault::unproven(
            "the local cloud knows software tokens of users alone",
        ));
    };
    let serial = serial.unwrap_or_default();
    if serial != format!("qcs::cam:uin/{uin}::mfa/softToken") {
        let reason = format!("write it as qcs::cam:uin/{uin}::mfa/softToken");
        return Err(fault::invalid("SerialNumber", &reason));
    }
    let directory = state.directory();
    let user = directory.user(uin);
    let Some(secret) = user.and_then(|user| user.mfa.as_ref()) else {
        return Err(fault::unproven("the user has no software token"));
    };
    if secret.accepts(&code.unwrap_or_default(), state.unix_seconds()) {
        Ok(())
    } else {
        Err(fault::unproven(
            "TokenCode is not what the software token shows now",
        ))
    }
}
