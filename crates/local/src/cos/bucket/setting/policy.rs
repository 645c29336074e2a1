//! The policy of a bucket: its grammar is that of all policies of the account.

use std::str::FromStr;

use http::StatusCode;
use serde_json::Value;
use tcloud_core::codec::json;
use tcloud_core::node::Node;
use tcloud_core::operation::Protocol;
use tcloud_core::server::Fault;
use tcloud_cos::operation::delete_bucket_policy::DeleteBucketPolicyRequest;
use tcloud_cos::operation::get_bucket_policy::GetBucketPolicyRequest;
use tcloud_cos::operation::put_bucket_policy::PutBucketPolicyRequest;

use super::kept::{self, Absent, Deletable, Setting};
use crate::cam::Policy;
use crate::state::State;
use crate::store::Bucket;

/// The longest policy, in bytes.
const LONGEST: usize = 20 * 1024;

/// The policy.
pub(super) struct BucketPolicy;

impl Setting for BucketPolicy {
    type Put = PutBucketPolicyRequest;
    type Get = GetBucketPolicyRequest;

    const KIND: &'static str = "policy";
    const ABSENT: Absent = Absent::Refused("NoSuchPolicyVersion");
    const STATUS: StatusCode = StatusCode::NO_CONTENT;

    fn check(request: &mut Self::Put) -> Result<(), Fault> {
        let document = document(request)?;
        if document.to_string().len() > LONGEST {
            let message = format!("the policy has more than {LONGEST} bytes; shorten it");
            return Err(refused("PolicyFull", &message));
        }
        let policy = Policy::from_str(&document.to_string());
        policy.map_err(|error| refused("MalformedPolicy", &error.to_string()))?;
        for statement in &request.statements {
            let principal = statement.principal.as_ref();
            if principal.is_none_or(|it| it.accounts.is_empty() && it.services.is_empty()) {
                let message = "a statement has a Principal that is nobody";
                return Err(refused("MalformedPolicy", message));
            }
        }
        Ok(())
    }

    /// A policy of a bucket is about that bucket alone.
    async fn check_beside(_: &State, bucket: &Bucket, request: &Self::Put) -> Result<(), Fault> {
        let mut resources = request.statements.iter().flat_map(|it| &it.resources);
        let is_of_bucket = |resource: &String| {
            let name = resource.splitn(6, ':').nth(5).unwrap_or_default();
            let name = name.split('/').next().unwrap_or_default();
            resource == "*" || name == "*" || name == bucket.name
        };
        match resources.find(|resource| !is_of_bucket(resource)) {
            Some(other) => Err(refused(
                "InvalidPolicyDocument",
                &format!(
                    "the policy of {} names `{other}`, which is elsewhere",
                    bucket.name
                ),
            )),
            None => Ok(()),
        }
    }
}

impl Deletable for BucketPolicy {
    type Delete = DeleteBucketPolicyRequest;
}

/// The policy of `bucket`, if it has one.
pub(in crate::cos) async fn policy(
    state: &State,
    bucket: &Bucket,
) -> Result<Option<Policy>, Fault> {
    let Some(kept) = kept::of_found::<BucketPolicy>(state, bucket).await? else {
        return Ok(None);
    };
    // It was read before it was kept.
    let policy = Policy::from_str(&document(&kept)?.to_string());
    let policy = policy.map_err(|error| Fault::internal(Protocol::Cos, error.to_string()))?;
    Ok(Some(policy))
}

/// The policy without the names of its statements, which decide nothing.
fn document(request: &dyn Node) -> Result<Value, Fault> {
    let mut document = json::to_value(request, json::Style::Typed)
        .map_err(|error| refused("MalformedPolicy", &error.to_string()))?;
    let statements = document.get_mut("Statement").and_then(Value::as_array_mut);
    for statement in statements.into_iter().flatten() {
        if let Some(members) = statement.as_object_mut() {
            members.remove("Sid");
        }
    }
    Ok(document)
}

fn refused(code: &str, message: &str) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, code, message)
}
