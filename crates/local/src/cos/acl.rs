//! Who may use a bucket or an object.

use tcloud_core::future::BoxFuture;
use tcloud_core::operation::Operation;
use tcloud_core::server::{Answer, Context, Fault};
use tcloud_cos::operation::get_bucket_acl::{GetBucketAclRequest, GetBucketAclResponse};
use tcloud_cos::operation::get_object_acl::{GetObjectAclRequest, GetObjectAclResponse};
use tcloud_cos::operation::put_bucket_acl::{PutBucketAclRequest, PutBucketAclResponse};
use tcloud_cos::operation::put_object_acl::{PutObjectAclRequest, PutObjectAclResponse};
use tcloud_cos::types::{
    AccessControlList, BucketAcl, Grant, Grantee, GranteeType, ObjectAcl, Owner, Permission,
};

use super::fault::{invalid, not_implemented};
use super::names;
use crate::state::State;
use crate::store::{Acl, Bucket, ObjectName};

/// The group of everyone.
const EVERYONE: &str = "http://cam.qcloud.com/groups/global/AllUsers";
/// The group of everyone who has an account.
const ACCOUNTS: &str = "http://cam.qcloud.com/groups/global/AuthenticatedUsers";

/// Sets the list of an object, by a header or by a document.
pub(super) async fn put(
    state: &State,
    _: Context,
    request: PutObjectAclRequest,
) -> Result<Answer<PutObjectAclResponse>, Fault> {
    let owner = owner(&state.directory.account().uin);
    let word = request.acl.as_ref().map(from_word);
    let list = request.access_control_list.as_ref();
    let acl = given(word, list, |list| from_list(list, Of::Object, &owner))?;
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    state.store.set_object_acl(&name, version, acl).await?;
    Ok(PutObjectAclResponse::new().into())
}

/// Returns the list of an object.
pub(super) async fn get(
    state: &State,
    _: Context,
    request: GetObjectAclRequest,
) -> Result<Answer<GetObjectAclResponse>, Fault> {
    let version = names::version(request.version_id.as_deref())?;
    let name = names::object(request.bucket, request.key)?;
    let object = state.store.head_version(&name, version).await?;
    let own = object.attributes.acl;
    let bucket = state.store.bucket(&name.bucket).await?;
    let owner = owner(&state.directory.account().uin);
    let grants = grants(effective(own, bucket.acl), &owner);
    Ok(GetObjectAclResponse::new()
        .acl(to_word(own))
        .owner(owner)
        .access_control_list(AccessControlList::new().grant(grants))
        .into())
}

/// Sets the list of a bucket, by a header or by a document.
pub(super) async fn put_bucket(
    state: &State,
    _: Context,
    request: PutBucketAclRequest,
) -> Result<Answer<PutBucketAclResponse>, Fault> {
    let owner = owner(&state.directory.account().uin);
    let word = request.acl.as_ref().map(from_bucket_word);
    let list = request.access_control_list.as_ref();
    let acl = given(word, list, |list| from_list(list, Of::Bucket, &owner))?;
    let bucket = names::bucket(request.bucket)?;
    state.store.set_bucket_acl(&bucket, acl).await?;
    Ok(PutBucketAclResponse::new().into())
}

/// Returns the list of a bucket.
pub(super) async fn get_bucket(
    state: &State,
    _: Context,
    request: GetBucketAclRequest,
) -> Result<Answer<GetBucketAclResponse>, Fault> {
    let bucket = names::bucket(request.bucket)?;
    let acl = state.store.bucket(&bucket).await?.acl;
    let owner = owner(&state.directory.account().uin);
    let grants = grants(acl, &owner);
    Ok(GetBucketAclResponse::new()
        .acl(to_bucket_word(acl))
        .owner(owner)
        .access_control_list(AccessControlList::new().grant(grants))
        .into())
}

/// The list that a request sets: by a word, or by a document, which `read` reads.
fn given(
    word: Option<Acl>,
    list: Option<&AccessControlList>,
    read: impl FnOnce(&AccessControlList) -> Result<Acl, Fault>,
) -> Result<Acl, Fault> {
    match (word, list) {
        (Some(_), Some(_)) => Err(invalid(
            "give the list by x-cos-acl or by the body, not by both",
        )),
        (Some(word), None) => Ok(word),
        (None, Some(list)) => read(list),
        (None, None) => Err(invalid(
            "neither x-cos-acl nor the body says who may do what; give one of them",
        )),
    }
}

/// Whether anyone may call `operation` on `bucket` or on the object `key` in it.
pub(crate) fn may_anyone<'a>(
    state: &'a State,
    operation: &'a Operation,
    bucket: Option<&'a Bucket>,
    key: Option<&'a str>,
) -> BoxFuture<'a, Result<bool, Fault>> {
    Box::pin(is_public(state, operation, bucket, key))
}

async fn is_public(
    state: &State,
    operation: &Operation,
    bucket: Option<&Bucket>,
    key: Option<&str>,
) -> Result<bool, Fault> {
    // Browsers sign no questions.
    if operation.name == "OptionsObject" {
        return Ok(true);
    }
    let Some(bucket) = bucket else {
        return Ok(false);
    };
    let acl = match (operation.name, key) {
        (
            "GetObject" | "HeadObject" | "GetImageInfo" | "GetImageAve" | "GetImageExif",
            Some(key),
        ) => {
            let name = ObjectName::new(&bucket.name, key);
            match state.store.head_object(&name).await {
                Ok(object) => effective(object.attributes.acl, bucket.acl),
                // Only those who may list the bucket learn whether a key exists.
                Err(crate::store::StoreError::NoSuchObject(_)) => bucket.acl,
                Err(error) => return Err(error.into()),
            }
        }
        ("GetBucket" | "HeadBucket", _) => bucket.acl,
        (
            "PutObject"
            | "PostObject"
            | "DeleteObject"
            | "AppendObject"
            | "InitiateMultipartUpload"
            | "UploadPart"
            | "CompleteMultipartUpload"
            | "AbortMultipartUpload",
            _,
        ) => return Ok(bucket.acl == Acl::PublicReadWrite),
        _ => return Ok(false),
    };
    Ok(matches!(acl, Acl::PublicRead | Acl::PublicReadWrite))
}

/// The owner of everything.
pub(super) fn owner(uin: &str) -> Owner {
    let id = format!("qcs::cam::uin/{uin}:uin/{uin}");
    Owner::new().display_name(&id).id(id)
}

/// The list that the header of an object names.
pub(super) fn from_word(word: &ObjectAcl) -> Acl {
    match word {
        ObjectAcl::Private => Acl::Private,
        ObjectAcl::PublicRead => Acl::PublicRead,
        // The table lets no other word through.
        _ => Acl::Default,
    }
}

/// The list that the header of a bucket names.
pub(super) fn from_bucket_word(word: &BucketAcl) -> Acl {
    match word {
        BucketAcl::PublicRead => Acl::PublicRead,
        BucketAcl::PublicReadWrite => Acl::PublicReadWrite,
        BucketAcl::AuthenticatedRead => Acl::AuthenticatedRead,
        // The table lets no other word through.
        _ => Acl::Private,
    }
}

fn to_word(acl: Acl) -> ObjectAcl {
    match acl {
        Acl::Default => ObjectAcl::Default,
        Acl::Private | Acl::AuthenticatedRead => ObjectAcl::Private,
        Acl::PublicRead | Acl::PublicReadWrite => ObjectAcl::PublicRead,
    }
}

fn to_bucket_word(acl: Acl) -> BucketAcl {
    match acl {
        Acl::Default | Acl::Private => BucketAcl::Private,
        Acl::PublicRead => BucketAcl::PublicRead,
        Acl::PublicReadWrite => BucketAcl::PublicReadWrite,
        Acl::AuthenticatedRead => BucketAcl::AuthenticatedRead,
    }
}

/// The list that counts for an object in a bucket.
fn effective(object: Acl, bucket: Acl) -> Acl {
    match object {
        Acl::Default => bucket,
        own => own,
    }
}

fn grants(acl: Acl, owner: &Owner) -> Vec<Grant> {
    let group = |uri: &str, permission| {
        let grantee = Grantee::new().grantee_type(GranteeType::Group).uri(uri);
        Grant::new(grantee, permission)
    };
    let mut grants = match acl {
        Acl::Default | Acl::Private => vec![],
        Acl::PublicRead => vec![group(EVERYONE, Permission::Read)],
        Acl::PublicReadWrite => vec![
            group(EVERYONE, Permission::Read),
            group(EVERYONE, Permission::Write),
        ],
        Acl::AuthenticatedRead => vec![group(ACCOUNTS, Permission::Read)],
    };
    let mut grantee = Grantee::new().grantee_type(GranteeType::CanonicalUser);
    grantee.id.clone_from(&owner.id);
    grantee.display_name.clone_from(&owner.display_name);
    grants.push(Grant::new(grantee, Permission::FullControl));
    grants
}

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Object,
    Bucket,
}

/// The canned list a document amounts to. There is one account here, so that it can only keep what
/// it has to itself or share it with everyone.
fn from_list(list: &AccessControlList, of: Of, owner: &Owner) -> Result<Acl, Fault> {
    let (mut read, mut write, mut accounts) = (false, false, false);
    for grant in &list.grant {
        let uri = grant.grantee.as_ref().and_then(|it| it.uri.as_deref());
        let id = grant.grantee.as_ref().and_then(|it| it.id.as_ref());
        match (uri, grant.permission.as_ref()) {
            (Some(EVERYONE), Some(Permission::Read)) => read = true,
            (Some(EVERYONE), Some(Permission::Write)) if of == Of::Bucket => write = true,
            (Some(ACCOUNTS), Some(Permission::Read)) if of == Of::Bucket => accounts = true,
            (_, Some(Permission::FullControl)) if id.is_some() && id == owner.id.as_ref() => {}
            _ => return Err(unknown(of)),
        }
    }
    match (read, write, accounts) {
        (false, false, false) => Ok(Acl::Private),
        (false, false, true) => Ok(Acl::AuthenticatedRead),
        // Everyone has an account, or none.
        (true, false, _) => Ok(Acl::PublicRead),
        (true, true, _) => Ok(Acl::PublicReadWrite),
        (false, true, _) => Err(unknown(of)),
    }
}

/// The refusal of a list that is no canned one.
fn unknown(of: Of) -> Fault {
    not_implemented(match of {
        Of::Object => "Granting anything but READ to everyone and FULL_CONTROL to the owner",
        Of::Bucket => {
            "Granting anything but READ, perhaps with WRITE, to everyone, READ to everyone who has an \
             account, and FULL_CONTROL to the owner"
        }
    })
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{AccessControlList, Grant, Grantee, Permission};

    use super::{Of, effective, from_list, grants, owner};
    use crate::store::Acl;

    #[test]
    fn a_list_that_was_told_can_be_given_back() {
        let owner = owner("100000000001");
        for acl in [
            Acl::Private,
            Acl::PublicRead,
            Acl::PublicReadWrite,
            Acl::AuthenticatedRead,
        ] {
            let list = AccessControlList::new().grant(grants(acl, &owner));
            assert_eq!(from_list(&list, Of::Bucket, &owner).unwrap(), acl);
            let of_object = from_list(&list, Of::Object, &owner);
            match acl {
                Acl::Private | Acl::PublicRead => assert_eq!(of_object.unwrap(), acl),
                _ => assert_eq!(of_object.unwrap_err().code, "NotImplemented"),
            }
        }
    }

    #[test]
    fn other_accounts_are_refused() {
        let owner = owner("100000000001");
        let stranger = Grantee::new().id("qcs::cam::uin/1:uin/1");
        let list = AccessControlList::new().grant([Grant::new(stranger, Permission::Read)]);
        for of in [Of::Object, Of::Bucket] {
            let refused = from_list(&list, of, &owner).unwrap_err();
            assert_eq!(refused.code, "NotImplemented");
        }
    }

    #[test]
    fn an_object_does_as_its_bucket_unless_it_says_otherwise() {
        assert_eq!(effective(Acl::Default, Acl::PublicRead), Acl::PublicRead);
        assert_eq!(effective(Acl::Private, Acl::PublicRead), Acl::Private);
    }
}
