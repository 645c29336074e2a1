//! What else a caller must be permitted, where one operation does something to several objects.

use std::sync::Arc;

use tcloud_core::operation::Operation;
use tcloud_core::server::{Context, Fault};

use super::acl;
use super::bucket::setting::policy;
use crate::cam::{Caller, Policy};
use crate::permission::{self, Asked, Sent};
use crate::service::Wish;
use crate::state::State;
use crate::store::{Bucket, ObjectName, StoreError, VersionId};

/// The bucket that a request is for, and its policy, if there is one. The gateway leaves them for those
/// that ask again.
#[derive(Debug, Clone)]
pub(crate) struct OfBucket {
    bucket: Bucket,
    policy: Option<Arc<Policy>>,
}

impl OfBucket {
    /// That of `bucket`, for a request of `caller` to call `operation`.
    pub(crate) async fn read(
        state: &State,
        bucket: &Bucket,
        caller: &Caller,
        operation: &Operation,
    ) -> Result<Self, Fault> {
        // Nobody locks the owner out: a policy that does can be read and replaced.
        let is_about_policy = matches!(
            operation.name,
            "GetBucketPolicy" | "PutBucketPolicy" | "DeleteBucketPolicy"
        );
        let policy = match caller {
            Caller::Root if is_about_policy => None,
            _ => policy::policy(state, bucket).await?.map(Arc::new),
        };
        Ok(Self {
            bucket: bucket.clone(),
            policy,
        })
    }

    /// The bucket called `name`, if it is the one that the request of `context` is for.
    pub(super) fn bucket<'a>(context: &'a Context, name: &str) -> Option<&'a Bucket> {
        let known = context.extensions.get::<Self>()?;
        (known.bucket.name == name).then_some(&known.bucket)
    }

    /// The policy.
    pub(crate) fn policy(&self) -> Option<&Policy> {
        self.policy.as_deref()
    }
}

/// Whom a job acts for: there is no request whose conditions could be asked for.
pub(super) fn context_of(caller: Caller) -> Context {
    let mut context = Context::new(String::new());
    context.extensions.insert(caller);
    context
}

/// Refuses a caller that may not do `operation` to the object `name`, or to a version of it, neither
/// by the policies nor by an access control list.
pub(crate) async fn require(
    state: &State,
    context: &Context,
    operation: &'static Operation,
    name: &ObjectName,
    version: Option<VersionId>,
) -> Result<(), Fault> {
    let bucket = match state.store.bucket(&name.bucket).await {
        Ok(bucket) => Some(bucket),
        Err(StoreError::NoSuchBucket(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let region = bucket
        .as_ref()
        .map_or(context.region.as_str(), |it| &it.region);
    let asked = Asked {
        operation,
        bucket: Some(&name.bucket),
        key: Some(&name.key),
        region,
    };
    let caller = context
        .extensions
        .get::<Caller>()
        .unwrap_or(&Caller::Anonymous);
    let nothing = Sent::default();
    let sent = context.extensions.get::<Sent>().unwrap_or(&nothing);
    let known = context.extensions.get::<OfBucket>();
    let known = known.filter(|known| known.bucket.name == name.bucket);
    let of_bucket = match (known, &bucket) {
        (Some(known), _) => Some(known.clone()),
        (None, Some(bucket)) => Some(OfBucket::read(state, bucket, caller, operation).await?),
        (None, None) => None,
    };
    let policy = of_bucket.as_ref().and_then(OfBucket::policy);
    match permission::permit(state, caller, &asked, sent, policy) {
        Ok(()) => Ok(()),
        Err(refusal) if refusal.is_denial => Err(refusal.fault),
        Err(refusal) => {
            let wish = Wish {
                caller: if refusal.is_bound {
                    &Caller::Anonymous
                } else {
                    caller
                },
                operation,
                bucket: bucket.as_ref(),
                key: Some(&name.key),
                version,
            };
            if acl::is_granted(state, wish).await? {
                return Ok(());
            }
            Err(refusal.fault)
        }
    }
}
