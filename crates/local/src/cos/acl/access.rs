//! Whether an access control list lets somebody call an operation.

use tcloud_core::future::BoxFuture;
use tcloud_core::server::Fault;

use crate::cam::Caller;
use crate::service::Wish;
use crate::state::State;
use crate::store::{Acl, Bucket, Grantee, ObjectName, Right, StoreError};

/// Whether a list grants what is wished for.
pub(crate) fn is_granted<'a>(
    state: &'a State,
    wish: Wish<'a>,
) -> BoxFuture<'a, Result<bool, Fault>> {
    Box::pin(granted(state, wish))
}

async fn granted(state: &State, wish: Wish<'_>) -> Result<bool, Fault> {
    // Browsers sign no questions.
    if wish.operation.name == "OptionsObject" {
        return Ok(true);
    }
    let Some(bucket) = wish.bucket else {
        return Ok(false);
    };
    let allows = |acl: &Acl, right| allows(state, wish.caller, acl, right);
    Ok(match (wish.operation.name, wish.key) {
        (
            "GetObject"
            | "HeadObject"
            | "SelectObjectContent"
            | "GetImageInfo"
            | "GetImageAve"
            | "GetImageExif",
            Some(key),
        ) => {
            let own = own_list(state, &wish, bucket, key).await?;
            // Only those who may list the bucket learn whether a key exists.
            let own = own.unwrap_or_default();
            allows(effective(&own, &bucket.acl), Right::Read)
        }
        ("GetObjectAcl", Some(key)) => {
            let own = own_list(state, &wish, bucket, key).await?;
            own.is_some_and(|own| allows(&own, Right::ReadAcp))
        }
        ("PutObjectAcl", Some(key)) => {
            let own = own_list(state, &wish, bucket, key).await?;
            own.is_some_and(|own| allows(&own, Right::WriteAcp))
        }
        ("GetBucket" | "HeadBucket", _) => allows(&bucket.acl, Right::Read),
        ("GetBucketAcl", _) => allows(&bucket.acl, Right::ReadAcp),
        ("PutBucketAcl", _) => allows(&bucket.acl, Right::WriteAcp),
        (
            "PutObject"
            | "PutObjectCopy"
            | "PostObject"
            | "DeleteObject"
            | "AppendObject"
            | "InitiateMultipartUpload"
            | "UploadPart"
            | "UploadPartCopy"
            | "CompleteMultipartUpload"
            | "AbortMultipartUpload",
            _,
        ) => allows(&bucket.acl, Right::Write),
        _ => false,
    })
}

/// The list of the object that is wished for, if it exists.
async fn own_list(
    state: &State,
    wish: &Wish<'_>,
    bucket: &Bucket,
    key: &str,
) -> Result<Option<Acl>, Fault> {
    let name = ObjectName::new(&bucket.name, key);
    match state.store.head_version(&name, wish.version).await {
        Ok(object) => Ok(Some(object.attributes.acl)),
        Err(
            StoreError::NoSuchObject(_)
            | StoreError::NoSuchVersion(..)
            | StoreError::DeleteMarker(..),
        ) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether `acl` grants `right` to `caller`.
fn allows(state: &State, caller: &Caller, acl: &Acl, right: Right) -> bool {
    let directory = state.directory();
    let is_named = |grantee: &Grantee| match grantee {
        Grantee::Everyone => true,
        Grantee::Authenticated => !matches!(caller, Caller::Anonymous),
        Grantee::Account { owner, uin } => directory.is(caller, owner, uin),
    };
    acl.grants().iter().any(|grant| {
        (grant.right == right || grant.right == Right::FullControl) && is_named(&grant.grantee)
    })
}

/// The list that counts for an object in a bucket.
pub(super) fn effective<'a>(object: &'a Acl, bucket: &'a Acl) -> &'a Acl {
    match object {
        Acl::Default => bucket,
        own => own,
    }
}

#[cfg(test)]
mod tests {
    use super::effective;
    use crate::store::Acl;

    #[test]
    fn an_object_does_as_its_bucket_unless_it_says_otherwise() {
        let (default, private, public) = (Acl::Default, Acl::Private, Acl::PublicRead);
        assert_eq!(effective(&default, &public), &public);
        assert_eq!(effective(&private, &public), &private);
    }
}
