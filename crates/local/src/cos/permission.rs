//! What else a caller must be permitted, where one operation does something to several objects.

use tcloud_core::operation::Operation;
use tcloud_core::server::{Context, Fault};

use super::acl;
use crate::cam::Caller;
use crate::permission::{self, Asked, Sent};
use crate::service::Wish;
use crate::state::State;
use crate::store::{ObjectName, StoreError, VersionId};

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
    match permission::permit(state, caller, &asked, sent) {
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
