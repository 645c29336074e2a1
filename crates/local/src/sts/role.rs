//! Roles, by their resource descriptions.

use tcloud_core::server::Fault;

use super::fault;
use crate::cam::{Resource, Role};
use crate::state::State;

/// How the number and the name of a role are written, those of services included.
const BY_ID: [&str; 2] = ["role/tencentcloudServiceRole/", "role/"];
const BY_NAME: [&str; 2] = ["role/tencentcloudServiceRoleName/", "roleName/"];

/// The role that `arn` describes: `qcs::cam::uin/100000000001:roleName/uploader`, or by its number,
/// `role/4611686018427397919`.
pub(super) fn find(state: &State, arn: &str) -> Result<Role, Fault> {
    let example = "write it as qcs::cam::uin/<UIN>:roleName/<name>";
    let parts: Vec<_> = arn.splitn(6, ':').collect();
    let ["qcs", "", "cam", "", account, name] = parts.as_slice() else {
        return Err(fault::invalid("RoleArn", example));
    };
    let Some(uin) = account.strip_prefix("uin/") else {
        return Err(fault::invalid("RoleArn", example));
    };
    let directory = state.directory();
    let after = |starts: [&str; 2]| starts.into_iter().find_map(|it| name.strip_prefix(it));
    let found = match (after(BY_NAME), after(BY_ID)) {
        (Some(name), _) => directory.role_called(name),
        (None, Some(id)) => directory.role(id),
        (None, None) => return Err(fault::invalid("RoleArn", example)),
    };
    found
        .filter(|_| uin == directory.account().uin)
        .cloned()
        .ok_or_else(|| fault::no_role(arn))
}

/// `role` as a resource, by all of its names.
pub(super) fn resource(state: &State, role: &Role) -> Resource {
    Resource {
        service: "cam".to_owned(),
        region: String::new(),
        accounts: state.directory().account_names(),
        names: vec![
            format!("roleName/{}", role.name),
            format!("role/{}", role.id()),
        ],
    }
}
