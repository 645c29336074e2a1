//! Access control lists as requests give them, by a word, by headers that grant or by a document,
//! and as answers show them.

use http::StatusCode;
use tcloud_core::codec::bind;
use tcloud_core::node::Node;
use tcloud_core::server::Fault;
use tcloud_cos::types::{
    self, AccessControlList, BucketAcl, GranteeType, ObjectAcl, Owner, Permission,
};

use crate::cos::fault::invalid;
use crate::state::State;
use crate::store::{Acl, Grant, Grantee, Right};

/// The group of everyone.
const EVERYONE: &str = "http://cam.qcloud.com/groups/global/AllUsers";
/// The id of the same.
const ANYONE: &str = "qcs::cam::anyone:anyone";
/// The group of everyone who has an account.
const ACCOUNTS: &str = "http://cam.qcloud.com/groups/global/AuthenticatedUsers";
/// How many grants a list has.
const GRANTS: usize = 100;
/// The headers that grant.
const HEADERS: [(&str, Right); 5] = [
    ("x-cos-grant-read", Right::Read),
    ("x-cos-grant-write", Right::Write),
    ("x-cos-grant-read-acp", Right::ReadAcp),
    ("x-cos-grant-write-acp", Right::WriteAcp),
    ("x-cos-grant-full-control", Right::FullControl),
];

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Object,
    Bucket,
}

/// The list that the headers of `request` give an object, of which one is `word`; `None` without any.
pub(crate) fn of_object(
    state: &State,
    word: Option<&ObjectAcl>,
    request: &dyn Node,
) -> Result<Option<Acl>, Fault> {
    let word = word.map(|word| match word {
        ObjectAcl::Private => Acl::Private,
        ObjectAcl::PublicRead => Acl::PublicRead,
        // The table lets no other word through.
        _ => Acl::Default,
    });
    of_headers(state, Of::Object, word, request)
}

/// The list that the headers of `request` give a bucket, of which one is `word`; `None` without any.
pub(in crate::cos) fn of_bucket(
    state: &State,
    word: Option<&BucketAcl>,
    request: &dyn Node,
) -> Result<Option<Acl>, Fault> {
    let word = word.map(|word| match word {
        BucketAcl::PublicRead => Acl::PublicRead,
        BucketAcl::PublicReadWrite => Acl::PublicReadWrite,
        BucketAcl::AuthenticatedRead => Acl::AuthenticatedRead,
        // The table lets no other word through.
        _ => Acl::Private,
    });
    of_headers(state, Of::Bucket, word, request)
}

/// A word and grants beside it add up.
fn of_headers(
    state: &State,
    of: Of,
    word: Option<Acl>,
    request: &dyn Node,
) -> Result<Option<Acl>, Fault> {
    let directory = state.directory();
    let account = directory.account();
    let mut by_headers = Vec::new();
    for (name, value) in bind(request).headers {
        let Some((_, right)) = HEADERS.into_iter().find(|(header, _)| *header == name) else {
            continue;
        };
        for grantee in value.split(',').filter(|it| !it.trim().is_empty()) {
            let id = grantee.trim().strip_prefix("id=").map(unquoted);
            let grantee = match id {
                Some(id) if is_number(id) && directory.user(id).is_some() => {
                    account_of(&account.uin, id)
                }
                Some(id) if is_number(id) => {
                    let other = directory.other(id).map(|other| other.uin.as_str());
                    account_of(other.unwrap_or(id), id)
                }
                Some(id) => read_id(id)?,
                None => {
                    return Err(invalid(format!(
                        "{name}: `{grantee}` is no account; write id=\"100000000001\", with commas \
                         between several"
                    )));
                }
            };
            by_headers.push(Grant {
                grantee,
                right: allowed(of, right)?,
            });
        }
    }
    if by_headers.is_empty() {
        return Ok(word);
    }
    if word == Some(Acl::Default) {
        return Err(invalid(
            "x-cos-acl: default leaves the list to the bucket, so there is nothing to grant beside it; \
             leave out either",
        ));
    }
    let mut grants = word.unwrap_or(Acl::Private).grants().into_owned();
    grants.append(&mut by_headers);
    grants.push(of_owner(&account.uin));
    kept(grants, &account.uin).map(Some)
}

/// The list that a request sets: by its headers, or by a document of an owner and a list.
pub(super) fn given(
    state: &State,
    of: Of,
    by_headers: Option<Acl>,
    (owner, list): (Option<&Owner>, Option<&AccessControlList>),
) -> Result<Acl, Fault> {
    match (by_headers, owner.is_some() || list.is_some()) {
        (Some(_), true) => Err(invalid(
            "give the list by headers or by the body, not by both",
        )),
        (Some(acl), false) => Ok(acl),
        (None, true) => from_document(&state.directory().account().uin, of, owner, list),
        (None, false) => Err(invalid(
            "neither x-cos-acl, nor x-cos-grant-*, nor the body says who may do what; give one of them",
        )),
    }
}

/// The list of a document, which the owner of the account `uin` has sent.
fn from_document(
    uin: &str,
    of: Of,
    owner: Option<&Owner>,
    list: Option<&AccessControlList>,
) -> Result<Acl, Fault> {
    let owner = owner.and_then(|owner| owner.id.as_deref());
    let owner = owner.ok_or_else(|| malformed("AccessControlPolicy.Owner.ID"))?;
    let of_account = account_id(uin, uin);
    if owner != of_account && owner != uin {
        return Err(invalid(format!(
            "the Owner is {of_account} and cannot be changed to `{owner}`"
        )));
    }
    let list = list.filter(|list| !list.grant.is_empty());
    let list = list.ok_or_else(|| malformed("AccessControlPolicy.AccessControlList.Grant"))?;
    let grant = |grant: &types::Grant| {
        let grantee = grant.grantee.as_ref();
        let grantee = grantee.ok_or_else(|| malformed("Grant.Grantee"))?;
        let right = grant.permission.as_ref();
        let right = match right.ok_or_else(|| malformed("Grant.Permission"))? {
            Permission::Read => Right::Read,
            Permission::Write => Right::Write,
            Permission::ReadAcp => Right::ReadAcp,
            Permission::WriteAcp => Right::WriteAcp,
            Permission::FullControl => Right::FullControl,
            other => return Err(malformed_by(&format!("`{other}` is no Permission"))),
        };
        Ok(Grant {
            grantee: read_grantee(grantee)?,
            right: allowed(of, right)?,
        })
    };
    kept(list.grant.iter().map(grant).collect::<Result<_, _>>()?, uin)
}

/// Whom a document names.
fn read_grantee(grantee: &types::Grantee) -> Result<Grantee, Fault> {
    let element = grantee.type_element.as_deref().map(GranteeType::from);
    let kind = grantee.grantee_type.clone().or(element);
    match (kind, grantee.uri.as_deref(), grantee.id.as_deref()) {
        (Some(GranteeType::Group) | None, Some(EVERYONE), None) => Ok(Grantee::Everyone),
        (Some(GranteeType::Group) | None, Some(ACCOUNTS), None) => Ok(Grantee::Authenticated),
        (Some(GranteeType::Group) | None, Some(uri), None) => Err(invalid(format!(
            "there is no group `{uri}`; there are {EVERYONE} and {ACCOUNTS}"
        ))),
        (Some(GranteeType::CanonicalUser | GranteeType::RamUser) | None, None, Some(id)) => {
            read_id(id)
        }
        (Some(GranteeType::Unknown(kind)), ..) => Err(malformed_by(&format!(
            "`{kind}` is no type of a Grantee; write CanonicalUser or Group"
        ))),
        _ => Err(malformed_by(
            "a Grantee is a Group with a URI or a CanonicalUser with an ID, and has nothing of the other",
        )),
    }
}

/// Whom `qcs::cam::uin/<owner>:uin/<account>` names, or the id by which coscmd names everyone.
fn read_id(id: &str) -> Result<Grantee, Fault> {
    if id == ANYONE {
        return Ok(Grantee::Everyone);
    }
    let numbers = id
        .strip_prefix("qcs::cam::uin/")
        .and_then(|rest| rest.split_once(":uin/"));
    match numbers {
        Some((owner, uin)) if is_number(owner) && is_number(uin) => Ok(account_of(owner, uin)),
        _ => Err(invalid(format!(
            "`{id}` is no account; write qcs::cam::uin/100000000001:uin/100000000001"
        ))),
    }
}

fn account_of(owner: &str, uin: &str) -> Grantee {
    Grantee::Account {
        owner: owner.to_owned(),
        uin: uin.to_owned(),
    }
}

/// The id of the account or user `uin` below the root account `owner`.
pub(super) fn account_id(owner: &str, uin: &str) -> String {
    format!("qcs::cam::uin/{owner}:uin/{uin}")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or(text)
}

/// `right`, if it can be granted. An object cannot be written to, only replaced, which is for the bucket
/// to allow.
fn allowed(of: Of, right: Right) -> Result<Right, Fault> {
    if of == Of::Object && right == Right::Write {
        return Err(invalid(
            "an object has no permission WRITE; grant it on the bucket",
        ));
    }
    Ok(right)
}

/// The list of `grants` as it is kept: a word, if one says the same. What the owner has goes without
/// saying.
fn kept(grants: Vec<Grant>, uin: &str) -> Result<Acl, Fault> {
    if grants.len() > GRANTS {
        return Err(invalid(format!(
            "a list has at most {GRANTS} grants, and this one has {}",
            grants.len()
        )));
    }
    let words = [
        Acl::Private,
        Acl::PublicRead,
        Acl::PublicReadWrite,
        Acl::AuthenticatedRead,
    ];
    let owner = of_owner(uin);
    let others: Vec<_> = grants.iter().filter(|grant| **grant != owner).collect();
    let says_the_same = |word: &Acl| {
        let said = word.grants();
        said.len() == others.len() && said.iter().all(|grant| others.contains(&grant))
    };
    Ok(words
        .into_iter()
        .find(says_the_same)
        .unwrap_or(Acl::Grants(grants)))
}

/// What the owner has.
fn of_owner(uin: &str) -> Grant {
    Grant {
        grantee: account_of(uin, uin),
        right: Right::FullControl,
    }
}

/// The word for the list of an object, if there is one.
pub(super) fn object_word(acl: &Acl) -> Option<ObjectAcl> {
    match acl {
        Acl::Default => Some(ObjectAcl::Default),
        Acl::Private => Some(ObjectAcl::Private),
        Acl::PublicRead => Some(ObjectAcl::PublicRead),
        Acl::PublicReadWrite | Acl::AuthenticatedRead | Acl::Grants(_) => None,
    }
}

/// The word for the list of a bucket, if there is one.
pub(super) fn bucket_word(acl: &Acl) -> Option<BucketAcl> {
    match acl {
        Acl::Default | Acl::Private => Some(BucketAcl::Private),
        Acl::PublicRead => Some(BucketAcl::PublicRead),
        Acl::PublicReadWrite => Some(BucketAcl::PublicReadWrite),
        Acl::AuthenticatedRead => Some(BucketAcl::AuthenticatedRead),
        Acl::Grants(_) => None,
    }
}

/// A list as it is shown. Where a word says it, the owner is in it, too.
pub(super) fn document(acl: &Acl, owner: &Owner) -> AccessControlList {
    let mut grants: Vec<_> = acl.grants().iter().map(shown).collect();
    if !matches!(acl, Acl::Grants(_)) {
        let mut grantee = types::Grantee::new().grantee_type(GranteeType::CanonicalUser);
        grantee.id.clone_from(&owner.id);
        grantee.display_name.clone_from(&owner.display_name);
        grants.push(types::Grant::new(grantee, Permission::FullControl));
    }
    AccessControlList::new().grant(grants)
}

fn shown(grant: &Grant) -> types::Grant {
    let group = |uri: &str| {
        let grantee = types::Grantee::new();
        grantee.grantee_type(GranteeType::Group).uri(uri)
    };
    let grantee = match &grant.grantee {
        Grantee::Everyone => group(EVERYONE),
        Grantee::Authenticated => group(ACCOUNTS),
        Grantee::Account { owner, uin } => {
            let id = account_id(owner, uin);
            let grantee = types::Grantee::new().grantee_type(GranteeType::CanonicalUser);
            grantee.display_name(&id).id(id)
        }
    };
    let permission = match grant.right {
        Right::Read => Permission::Read,
        Right::Write => Permission::Write,
        Right::ReadAcp => Permission::ReadAcp,
        Right::WriteAcp => Permission::WriteAcp,
        Right::FullControl => Permission::FullControl,
    };
    types::Grant::new(grantee, permission)
}

/// The refusal of a document in which `path` is missing.
fn malformed(path: &str) -> Fault {
    malformed_by(&format!("{path} is missing"))
}

fn malformed_by(why: &str) -> Fault {
    let message = format!("the list cannot be read: {why}");
    Fault::new(StatusCode::BAD_REQUEST, "MalformedXML", message)
}

#[cfg(test)]
mod tests {
    use tcloud_cos::types::{AccessControlList, Grant, Grantee, GranteeType, Permission};

    use super::{ACCOUNTS, EVERYONE, Of, document, from_document};
    use crate::cos::acl::owner;
    use crate::store::{self, Acl, Right};

    const UIN: &str = "100000000001";

    fn read(of: Of, list: &AccessControlList) -> Result<Acl, String> {
        from_document(UIN, of, Some(&owner(UIN)), Some(list)).map_err(|fault| fault.code)
    }

    #[test]
    fn a_list_that_was_shown_can_be_given_back() {
        let account = store::Grantee::Account {
            owner: UIN.to_owned(),
            uin: "100000000011".to_owned(),
        };
        let grants = [Right::Read, Right::ReadAcp, Right::FullControl].map(|right| store::Grant {
            grantee: account.clone(),
            right,
        });
        let owner = owner(UIN);
        for acl in [
            Acl::Private,
            Acl::PublicRead,
            Acl::PublicReadWrite,
            Acl::AuthenticatedRead,
            Acl::Grants(grants.to_vec()),
        ] {
            let list = document(&acl, &owner);
            assert_eq!(read(Of::Bucket, &list).as_ref(), Ok(&acl));
            let of_object = read(Of::Object, &list);
            match acl {
                Acl::PublicReadWrite => assert_eq!(of_object, Err("InvalidArgument".to_owned())),
                _ => assert_eq!(of_object, Ok(acl)),
            }
        }
    }

    #[test]
    fn wrong_documents_are_refused() {
        let group = || Grantee::new().uri(EVERYONE);
        let account = || Grantee::new().id(super::account_id("1", "2"));
        let right = || Grant::new(group(), Permission::Read);
        let with = |grantee: Grantee| Grant::new(grantee, Permission::Read);
        for (grants, code) in [
            (vec![], "MalformedXML"),
            (vec![Grant::new(account(), "LIST")], "MalformedXML"),
            (vec![with(group().id("x"))], "MalformedXML"),
            (vec![with(Grantee::new())], "MalformedXML"),
            (
                vec![with(group().grantee_type(GranteeType::CanonicalUser))],
                "MalformedXML",
            ),
            (vec![with(account().type_element("Group"))], "MalformedXML"),
            (vec![with(account().type_element("Robot"))], "MalformedXML"),
            (
                vec![with(Grantee::new().uri("http://example.com/all"))],
                "InvalidArgument",
            ),
            (vec![with(Grantee::new().id("somebody"))], "InvalidArgument"),
            (
                vec![with(Grantee::new().id("qcs::cam::uin/:uin/2"))],
                "InvalidArgument",
            ),
            (vec![right(); 101], "InvalidArgument"),
        ] {
            let list = AccessControlList::new().grant(grants);
            for of in [Of::Object, Of::Bucket] {
                assert_eq!(read(of, &list), Err(code.to_owned()), "{list:?}");
            }
        }
        let list = AccessControlList::new().grant([right()]);
        assert!(from_document(UIN, Of::Bucket, None, Some(&list)).is_err());
        let stranger = owner("1");
        assert!(from_document(UIN, Of::Bucket, Some(&stranger), Some(&list)).is_err());
        let accounts = AccessControlList::new().grant([with(Grantee::new().uri(ACCOUNTS))]);
        assert!(read(Of::Object, &accounts).is_ok());
    }
}
