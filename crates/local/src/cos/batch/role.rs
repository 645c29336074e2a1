//! The role of a job: as whom the service does it, and who may hand it on to the service.

use tcloud_core::server::{Context, Fault};

use super::fault::refused;
use crate::cam::{Caller, Decision, Directory, Kind, Resource, Role, Session};
use crate::permission::{self, Sent};
use crate::state::State;

/// The role that the service makes for its jobs, which is no role of the account's own.
const SERVICE_ROLE: &str = "COS_Batch_QcsRole";
/// Names of the service that does the jobs.
const SERVICE: [&str; 2] = ["cos.qcloud.com", "cos.cloud.tencent.com"];

/// Whom the service is for a job with the role `arn`: that role, by its policies. The role that the
/// service makes itself may do what the account may, unless the account has one of this name.
pub(super) fn caller(state: &State, arn: &str) -> Result<Caller, Fault> {
    let directory = state.directory();
    let name = named(&directory, arn)?;
    let Some(role) = find(&directory, name)? else {
        return Ok(Caller::Root);
    };
    if !matches!(Directory::trusts_service(role, &SERVICE), Decision::Allowed) {
        return Err(refused(format!(
            "the role {name} does not trust the service {}; name it as a principal of the role's trust",
            SERVICE.join(" or ")
        )));
    }
    Ok(Caller::Session(Session {
        kind: Kind::Role {
            id: role.id(),
            name: "cos-batch".to_owned(),
        },
        issuer: directory.account().uin.clone(),
        ends: i64::MAX,
        policy: None,
    }))
}

/// Refuses whoever may not hand the role `arn` on: a job does what they may not do themselves.
pub(super) fn require_passing(state: &State, context: &Context, arn: &str) -> Result<(), Fault> {
    let directory = state.directory();
    let name = named(&directory, arn)?;
    let mut names = vec![format!("roleName/{name}")];
    match find(&directory, name)? {
        Some(role) => names.push(format!("role/{}", role.id())),
        None => names.push(format!("role/tencentcloudServiceRoleName/{name}")),
    }
    let role = Resource {
        service: "cam".to_owned(),
        region: String::new(),
        accounts: directory.account_names(),
        names,
    };
    let caller = context.extensions.get::<Caller>();
    let nothing = Sent::default();
    let sent = context.extensions.get::<Sent>().unwrap_or(&nothing);
    permission::require_passing(state, caller.unwrap_or(&Caller::Anonymous), &role, sent)
}

/// The name of the role `arn` of the account.
fn named<'a>(directory: &Directory, arn: &'a str) -> Result<&'a str, Fault> {
    let uin = &directory.account().uin;
    let named = arn.strip_prefix("qcs::cam::uin/");
    let named = named.and_then(|rest| rest.split_once(":roleName/"));
    let Some((owner, name)) = named.filter(|(_, name)| !name.is_empty()) else {
        return Err(refused(format!(
            "the RoleArn `{arn}` names no role; write it as in \
             qcs::cam::uin/{uin}:roleName/{SERVICE_ROLE}"
        )));
    };
    if owner != uin {
        return Err(refused(format!(
            "the role of the RoleArn is of the account {owner}, not of {uin}"
        )));
    }
    Ok(name)
}

/// The role `name` of the account, or none if it is the service's own.
fn find<'d>(directory: &'d Directory, name: &str) -> Result<Option<&'d Role>, Fault> {
    match directory.role_called(name) {
        None if name != SERVICE_ROLE => Err(refused(format!(
            "the account has no role {name}; give it one, or name {SERVICE_ROLE}"
        ))),
        role => Ok(role),
    }
}
