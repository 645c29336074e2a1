//! Keys of a role.

use tcloud_core::server::{Context, Fault};
use tcloud_sts::operation::assume_role::{AssumeRoleRequest, AssumeRoleResponse};
use tcloud_sts::operation::assume_role_with_web_identity::{
    AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse,
};

use super::issue::{self, issue};
use super::{fault, identity, proven, role};
use crate::cam::{Fact, Facts, Kind, Session};
use crate::state::State;

/// How long a key is valid unless asked otherwise, in seconds.
const DEFAULT_LIFETIME: i64 = 7200;

/// For whoever has a key and is trusted by the role.
pub(super) async fn by_key(
    state: &State,
    context: Context,
    request: AssumeRoleRequest,
) -> Result<AssumeRoleResponse, Fault> {
    let caller = issue::caller(&context)?;
    if !request.tags.is_empty() {
        return Err(fault::unsupported("Tags"));
    }
    if request.source_identity.is_some() {
        return Err(fault::unsupported("SourceIdentity"));
    }
    let name = issue::name("RoleSessionName", request.role_session_name, 2)?;
    let role = role::find(state, &request.role_arn.unwrap_or_default())?;
    let ends = issue::ends(
        state,
        request.duration_seconds,
        DEFAULT_LIFETIME,
        role.longest_session,
    )?;
    let policy = request.policy.map(|text| issue::policy(state, &text));
    let policy = policy.transpose()?;
    if request.serial_number.is_some() || request.token_code.is_some() {
        proven::require(state, &caller, request.serial_number, request.token_code)?;
    }
    let resource = role::resource(state, &role);
    issue::permit(state, &caller, "sts:AssumeRole", &resource)?;
    let facts = External(request.external_id);
    let decision = state.directory().trusts(&role, &caller, &facts);
    let otherwise = "the role does not trust the caller";
    issue::require(decision, "sts:AssumeRole", &resource, otherwise)?;

    let session = Session {
        kind: Kind::Role {
            id: role.id(),
            name,
        },
        issuer: identity::number(state, &caller),
        ends,
        policy,
    };
    let issued = issue(state, &session)?;
    Ok(AssumeRoleResponse::new()
        .credentials(issued.credentials)
        .expired_time(issued.ends)
        .expiration(issued.expiration)
        .request_id(context.request_id))
}

/// For whoever has a token of an identity provider that is trusted by the role.
pub(super) async fn by_web_identity(
    state: &State,
    context: Context,
    request: AssumeRoleWithWebIdentityRequest,
) -> Result<AssumeRoleWithWebIdentityResponse, Fault> {
    let action = "sts:AssumeRoleWithWebIdentity";
    let name = issue::name("RoleSessionName", request.role_session_name, 2)?;
    let role = role::find(state, &request.role_arn.unwrap_or_default())?;
    let ends = issue::ends(
        state,
        request.duration_seconds,
        DEFAULT_LIFETIME,
        role.longest_session,
    )?;
    let provider = request.provider_id.unwrap_or_default();
    let token = request.web_identity_token.unwrap_or_default();
    let decision = state
        .directory()
        // Files end with a line.
        .trusts_token(&role, &provider, token.trim(), state.unix_seconds())
        .map_err(|why| fault::web_identity(&why.to_string()))?;
    let resource = role::resource(state, &role);
    let otherwise = "the role does not trust the identity provider";
    issue::require(decision, action, &resource, otherwise)?;

    let session = Session {
        kind: Kind::Role {
            id: role.id(),
            name,
        },
        issuer: state.directory().account().uin.clone(),
        ends,
        policy: None,
    };
    let issued = issue(state, &session)?;
    Ok(AssumeRoleWithWebIdentityResponse::new()
        .credentials(issued.credentials)
        .expired_time(issued.ends)
        .expiration(issued.expiration)
        .request_id(context.request_id))
}

/// What a role may ask of those who become it.
struct External(Option<String>);

impl Facts for External {
    fn fact(&self, key: &str) -> Fact {
        match key {
            "sts:external_id" => Fact::of(self.0.as_deref()),
            _ => Fact::Unknown,
        }
    }
}
