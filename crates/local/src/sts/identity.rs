//! Who somebody is.

use tcloud_core::server::{Context, Fault};
use tcloud_sts::operation::get_caller_identity::{
    GetCallerIdentityRequest, GetCallerIdentityResponse,
};

use super::issue;
use crate::cam::{Caller, Kind};
use crate::state::State;

/// Whose key signed the request. As the documents print it, a federated user is a `CAMUser`.
pub(super) async fn get(
    state: &State,
    context: Context,
    _: GetCallerIdentityRequest,
) -> Result<GetCallerIdentityResponse, Fault> {
    let caller = issue::caller(&context)?;
    let directory = state.directory();
    let owner = match &caller {
        Caller::Foreign(foreign) => &foreign.account,
        _ => &directory.account().uin,
    };
    let number = number(state, &caller);
    let of_account = || {
        (
            format!("qcs::cam:{owner}:uin/{number}"),
            number.clone(),
            "CAMUser",
        )
    };
    let (arn, user, kind) = match &caller {
        Caller::Anonymous | Caller::Root | Caller::User(_) | Caller::Foreign(_) => of_account(),
        Caller::Session(session) => match &session.kind {
            Kind::Role { id, name } => (
                format!("qcs::sts:{owner}:assumed-role/{id}"),
                format!("{id}:{name}"),
                "CAMRole",
            ),
            Kind::Federated { name } => (
                format!("qcs::sts:{owner}:federated-user/{number}"),
                format!("{number}:{name}"),
                "CAMUser",
            ),
            Kind::Proven => of_account(),
        },
    };
    Ok(GetCallerIdentityResponse::new()
        .arn(arn)
        .account_id(owner)
        .user_id(user)
        .principal_id(&number)
        .type_(kind)
        .request_id(context.request_id))
}

/// The number of the account or user that a caller's key goes back to.
pub(super) fn number(state: &State, caller: &Caller) -> String {
    match caller {
        Caller::Anonymous | Caller::Root => state.directory().account().uin.clone(),
        Caller::User(uin) => uin.clone(),
        Caller::Session(session) => session.issuer.clone(),
        Caller::Foreign(foreign) => foreign.user.as_ref().unwrap_or(&foreign.account).clone(),
    }
}

/// How long keys are valid that somebody gets with a permanent key, in seconds: unless asked
/// otherwise, and at most.
pub(super) const fn lifetimes(caller: &Caller) -> (i64, i64) {
    match caller {
        Caller::User(_) => (1800, 129_600),
        _ => (1800, 7200),
    }
}
