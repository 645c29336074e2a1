//! Keys with a part of the caller's own rights.

use tcloud_core::server::{Context, Fault};
use tcloud_sts::operation::get_federation_token::{
    GetFederationTokenRequest, GetFederationTokenResponse,
};

use super::issue::{self, issue};
use super::{fault, identity};
use crate::cam::{Caller, Kind, Session};
use crate::state::State;

pub(super) async fn get(
    state: &State,
    context: Context,
    request: GetFederationTokenRequest,
) -> Result<GetFederationTokenResponse, Fault> {
    let caller = issue::caller(&context)?;
    if matches!(caller, Caller::Session(_)) {
        return Err(fault::temporary());
    }
    let name = issue::name("Name", request.name, 1)?;
    let (default, longest) = identity::lifetimes(&caller);
    let ends = issue::ends(state, request.duration_seconds, default, longest)?;
    let policy = issue::policy(state, &request.policy.unwrap_or_default())?;
    let resource = issue::nothing(state, &context);
    issue::permit(state, &caller, "sts:GetFederationToken", &resource)?;

    let session = Session {
        kind: Kind::Federated { name },
        issuer: identity::number(state, &caller),
        ends,
        policy: Some(policy),
    };
    let issued = issue(state, &session)?;
    Ok(GetFederationTokenResponse::new()
        .credentials(issued.credentials)
        .expired_time(issued.ends)
        .expiration(issued.expiration)
        .request_id(context.request_id))
}
