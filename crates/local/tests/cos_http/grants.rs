//! What access control lists grant to accounts and users, by headers and by documents.

use serde_json::json;
use tcloud_core::credentials::Credentials;
use tcloud_cos::Client;
use tcloud_cos::types::{
    AccessControlList, BucketAcl, CompletedPart, Grant, Grantee, ObjectAcl, Owner, Permission,
    VersioningStatus,
};
use tcloud_local::{Account, Settings, User};

use crate::fixture::{BUCKET, Fixture, NOW, code};

/// A user whom the policies let do nothing, and one whom they forbid to read.
const READER: &str = "100000000008";
const FORBIDDEN: &str = "100000000009";

fn key(name: &str) -> Credentials {
    Credentials::new(format!("AKID{name}"), format!("{name}-secret"))
}

/// A cloud with a bucket, its owner's client, and those of the users.
async fn with_users() -> (Fixture, Client, Client, Client) {
    let deny = json!({
        "version": "2.0",
        "statement": { "effect": "deny", "action": "cos:GetObject", "resource": "*" }
    });
    let account = Account::default()
        .user(User::new(READER, "reader").key(key("reader")))
        .user(
            User::new(FORBIDDEN, "forbidden")
                .key(key("forbidden"))
                .policy(serde_json::from_value(deny).unwrap()),
        );
    let fixture = Fixture::with(Settings::default().account(account)).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    let reader = fixture.client_of(key("reader"), NOW);
    let forbidden = fixture.client_of(key("forbidden"), NOW);
    (fixture, client, reader, forbidden)
}

fn owner() -> Owner {
    Owner::new().id("qcs::cam::uin/100000000001:uin/100000000001")
}

fn account(uin: &str) -> Grantee {
    Grantee::new().id(format!("qcs::cam::uin/100000000001:uin/{uin}"))
}

/// Whether a call was done, or refused for want of a permission.
fn allowed<T>(result: Result<T, tcloud_core::error::Error>) -> bool {
    match result {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.status().map(|it| it.as_u16()), Some(403), "{error}");
            false
        }
    }
}

#[tokio::test]
async fn a_bucket_is_shared_with_those_who_sign() {
    let (fixture, client, reader, forbidden) = with_users().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    assert!(!allowed(reader.get_object(BUCKET, "k").send().await));
    let word = client.put_bucket_acl(BUCKET);
    word.acl(BucketAcl::AuthenticatedRead).send().await.unwrap();
    assert!(allowed(reader.get_object(BUCKET, "k").send().await));
    assert!(allowed(reader.get_bucket(BUCKET).send().await));
    assert!(!allowed(reader.put_object(BUCKET, "k", "w").send().await));
    assert!(!allowed(reader.get_bucket_acl(BUCKET).send().await));
    // Nothing is above what is denied, and who does not sign is nobody.
    assert!(!allowed(forbidden.get_object(BUCKET, "k").send().await));
    assert!(allowed(forbidden.get_bucket(BUCKET).send().await));
    assert_eq!(fixture.anonymous("GET /k").await.status, 403);
    let own = client.put_object_acl(BUCKET, "k").acl(ObjectAcl::Private);
    own.send().await.unwrap();
    assert!(!allowed(reader.get_object(BUCKET, "k").send().await));
}

#[tokio::test]
async fn each_permission_of_a_bucket_allows_its_calls_alone() {
    let (fixture, client, reader, forbidden) = with_users().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    for (permission, may) in [
        (Permission::Read, [true, false, false, false]),
        (Permission::Write, [false, true, false, false]),
        (Permission::ReadAcp, [false, false, true, false]),
        (Permission::WriteAcp, [false, false, false, true]),
        (Permission::FullControl, [true; 4]),
    ] {
        let list =
            AccessControlList::new().grant([Grant::new(account(READER), permission.clone())]);
        let set = async || {
            let put = client.put_bucket_acl(BUCKET).owner(owner());
            put.access_control_list(list.clone()).send().await.unwrap();
        };
        set().await;
        let got = client.get_bucket_acl(BUCKET).send().await.unwrap();
        assert_eq!(got.acl, None, "no word says it");
        let kept = got.access_control_list.clone().unwrap().grant;
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].permission, Some(permission.clone()));
        let grantee = kept[0].grantee.clone().unwrap();
        assert_eq!(grantee.id, account(READER).id);
        let done = [
            allowed(reader.get_bucket(BUCKET).send().await),
            allowed(reader.put_object(BUCKET, "new", "w").send().await),
            allowed(reader.get_bucket_acl(BUCKET).send().await),
            allowed(
                reader
                    .put_bucket_acl(BUCKET)
                    .acl(BucketAcl::Private)
                    .send()
                    .await,
            ),
        ];
        assert_eq!(done, may, "{permission:?}");
        set().await;
        assert!(!allowed(forbidden.get_bucket(BUCKET).send().await));
        assert_eq!(fixture.anonymous("GET /").await.status, 403);
        assert!(!allowed(reader.delete_bucket(BUCKET).send().await));
    }
}

#[tokio::test]
async fn each_permission_of_an_object_allows_its_calls_alone() {
    let (_fixture, client, reader, _) = with_users().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    client
        .put_object(BUCKET, "other", "v")
        .send()
        .await
        .unwrap();
    let id = format!("id=\"{READER}\"");
    let put = || client.put_object_acl(BUCKET, "k");
    for (granting, may) in [
        (put().grant_read(&id), [true, false, false]),
        (put().grant_read_acp(&id), [false, true, false]),
        (put().grant_write_acp(&id), [false, false, true]),
        (put().grant_full_control(&id), [true; 3]),
    ] {
        granting.send().await.unwrap();
        let done = [
            allowed(reader.get_object(BUCKET, "k").send().await),
            allowed(reader.get_object_acl(BUCKET, "k").send().await),
            allowed(
                reader
                    .put_object_acl(BUCKET, "k")
                    .acl(ObjectAcl::Private)
                    .send()
                    .await,
            ),
        ];
        assert_eq!(done, may);
        assert!(!allowed(reader.get_object(BUCKET, "other").send().await));
        assert!(!allowed(reader.get_bucket(BUCKET).send().await));
        assert!(!allowed(reader.put_object(BUCKET, "k", "w").send().await));
    }
    let writing = Grant::new(account(READER), Permission::Write);
    let list = AccessControlList::new().grant([writing]);
    let refused = put().owner(owner()).access_control_list(list).send().await;
    assert_eq!(code(refused), "InvalidArgument");
}

#[tokio::test]
async fn grants_come_with_whatever_makes_an_object_or_a_bucket() {
    let (fixture, client, reader, _) = with_users().await;
    let id = format!("id=\"{READER}\", id=\"100000000077\"");
    let id = id.as_str();
    let put = client.put_object(BUCKET, "put", "v").grant_read(id);
    put.acl(ObjectAcl::PublicRead).send().await.unwrap();
    // A word and grants beside it add up, and the owner stays.
    let list = client.get_object_acl(BUCKET, "put").send().await.unwrap();
    let grants = list.access_control_list.clone().unwrap().grant;
    let permissions: Vec<_> = grants
        .iter()
        .filter_map(|it| it.permission.clone())
        .collect();
    assert_eq!(
        permissions,
        [
            Permission::Read,
            Permission::Read,
            Permission::Read,
            Permission::FullControl
        ]
    );
    // A number is that of a user of the account, or of another account.
    let ids: Vec<_> = grants
        .iter()
        .filter_map(|it| it.grantee.clone().unwrap().id)
        .collect();
    assert_eq!(ids[0], "qcs::cam::uin/100000000001:uin/100000000008");
    assert_eq!(ids[1], "qcs::cam::uin/100000000077:uin/100000000077");
    assert_eq!(fixture.anonymous("GET /put").await.status, 200);

    let append = client.append_object(BUCKET, "appended", 0, "v");
    append.grant_read(id).send().await.unwrap();
    let source = format!("{BUCKET}.cos.ap-chongqing.myqcloud.com/put");
    let copy = client.put_object_copy(BUCKET, "copied", &source);
    copy.grant_read(id).send().await.unwrap();
    let begun = client.initiate_multipart_upload(BUCKET, "parts");
    let begun = begun.grant_read(id).send().await.unwrap();
    let upload = begun.upload_id.clone().unwrap();
    let part = client.upload_part(BUCKET, "parts", 1, &upload, "v");
    let etag = part.send().await.unwrap().etag.clone().unwrap();
    let parts = [CompletedPart::new(1, etag)];
    let complete = client.complete_multipart_upload(BUCKET, "parts", &upload, parts);
    complete.send().await.unwrap();
    for key in ["put", "appended", "copied", "parts"] {
        assert!(
            allowed(reader.get_object(BUCKET, key).send().await),
            "{key}"
        );
    }
    // A copy does not take the list along.
    let copy = client.put_object_copy(BUCKET, "plain", &source);
    copy.send().await.unwrap();
    assert!(!allowed(reader.get_object(BUCKET, "plain").send().await));

    let both = client.put_object(BUCKET, "both", "v").grant_read(id);
    let both = both.acl(ObjectAcl::Default).send().await;
    assert_eq!(code(both), "InvalidArgument");
    let wrong = client.put_object(BUCKET, "wrong", "v").grant_read("x");
    assert_eq!(code(wrong.send().await), "InvalidArgument");
    let head = client.head_object(BUCKET, "wrong").send().await;
    assert!(head.is_err(), "what is refused stores nothing");

    let shared = "shared-1250000000";
    let made = client.put_bucket(shared).grant_write(id);
    made.send().await.unwrap();
    assert!(allowed(reader.put_object(shared, "k", "v").send().await));
    let copy = reader.put_object_copy(shared, "copied", &source);
    assert!(allowed(copy.send().await));
    let hidden = format!("{BUCKET}.cos.ap-chongqing.myqcloud.com/plain");
    let copy = reader.put_object_copy(shared, "hidden", &hidden);
    assert!(!allowed(copy.send().await), "the source cannot be read");
}

#[tokio::test]
async fn a_version_has_a_list_of_its_own() {
    let (_fixture, client, reader, _) = with_users().await;
    let versions = client.put_bucket_versioning(BUCKET, VersioningStatus::Enabled);
    versions.send().await.unwrap();
    let old = client.put_object(BUCKET, "k", "old");
    let old = old.grant_read(format!("id=\"{READER}\"")).send().await;
    let old = old.unwrap().version_id.clone().unwrap();
    client.put_object(BUCKET, "k", "new").send().await.unwrap();
    let get = || reader.get_object(BUCKET, "k");
    assert!(!allowed(get().send().await));
    assert!(allowed(get().version_id(&old).send().await));
    let none = get().version_id("MTg0NDUxNTc1NjIzMTQ1MDAwODg").send().await;
    assert!(
        !allowed(none),
        "who may not list does not learn what there is"
    );
    let source = format!("{BUCKET}.cos.ap-chongqing.myqcloud.com/k");
    let open = client.put_bucket_acl(BUCKET);
    let id = format!("id=\"{READER}\"");
    open.grant_write(id).send().await.unwrap();
    let copy = |source: &str| reader.put_object_copy(BUCKET, "copy", source).send();
    assert!(!allowed(copy(&source).await));
    assert!(allowed(copy(&format!("{source}?versionId={old}")).await));
}
