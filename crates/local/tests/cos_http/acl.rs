use base64::prelude::{BASE64_STANDARD, Engine as _};
use md5::{Digest as _, Md5};
use tcloud_cos::types::{
    AccessControlList, BucketAcl, Grant, Grantee, ObjectAcl, Owner, Permission,
};
use tcloud_local::AuthMode;

use crate::fixture::{BUCKET, Fixture, code};

#[tokio::test]
async fn the_list_of_an_object_is_set_by_word_or_document() {
    let (_fixture, client) = Fixture::with_bucket().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    let get = || client.get_object_acl(BUCKET, "k").send();
    let fresh = get().await.unwrap();
    assert_eq!(fresh.acl, Some(ObjectAcl::Default));
    assert_eq!(fresh.access_control_list.as_ref().unwrap().grant.len(), 1);

    let put = || client.put_object_acl(BUCKET, "k");
    put().acl(ObjectAcl::PublicRead).send().await.unwrap();
    let public = get().await.unwrap();
    assert_eq!(public.acl, Some(ObjectAcl::PublicRead));
    let list = public.access_control_list.clone().unwrap();
    assert_eq!(list.grant.len(), 2);

    put().acl(ObjectAcl::Private).send().await.unwrap();
    let owner = public.owner.clone().unwrap();
    put()
        .owner(owner)
        .access_control_list(list)
        .send()
        .await
        .unwrap();
    assert_eq!(get().await.unwrap().acl, Some(ObjectAcl::PublicRead));

    assert_eq!(code(put().send().await), "InvalidArgument");
    assert_eq!(
        code(put().acl("public-read-write").send().await),
        "InvalidArgument"
    );
    assert_eq!(
        code(client.get_object_acl(BUCKET, "none").send().await),
        "NoSuchKey"
    );
}

#[tokio::test]
async fn a_document_travels_with_its_digest() {
    let (_fixture, client) = Fixture::with_bucket().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    let list = client.get_object_acl(BUCKET, "k").send().await.unwrap();
    let put = || {
        client
            .put_object_acl(BUCKET, "k")
            .owner(list.owner.clone())
            .access_control_list(list.access_control_list.clone())
    };
    let signed = put().sign().await.unwrap();
    let headers = signed.http().headers();
    let digest = BASE64_STANDARD.encode(Md5::digest(signed.http().body().as_bytes().unwrap()));
    assert_eq!(headers["content-md5"], digest.as_str());
    let signature = headers["authorization"].to_str().unwrap();
    assert!(signature.contains("content-md5;"), "{signature}");
    put().send().await.unwrap();

    for (digest, refusal) in [
        ("1B2M2Y8AsgTpgAmY7PhCfg==", "BadDigest"),
        ("abc", "InvalidDigest"),
    ] {
        assert_eq!(code(put().content_md5(digest).send().await), refusal);
    }
    // Without a body there is nothing to say.
    let by_word = client.put_object_acl(BUCKET, "k").acl(ObjectAcl::Private);
    let signed = by_word.sign().await.unwrap();
    assert!(!signed.http().headers().contains_key("content-md5"));
}

#[tokio::test]
async fn strangers_read_what_is_public() {
    let (fixture, client) = Fixture::with_bucket().await;
    client
        .put_object(BUCKET, "open", "v")
        .acl(ObjectAcl::PublicRead)
        .send()
        .await
        .unwrap();
    client
        .put_object(BUCKET, "closed", "v")
        .send()
        .await
        .unwrap();
    let open = fixture.anonymous("GET /open").await;
    assert_eq!((open.status.as_u16(), open.text.as_str()), (200, "v"));
    let head = fixture.anonymous("HEAD /open").await;
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), "1");
    for line in [
        "GET /closed",
        "GET /none",
        "GET /",
        "PUT /new",
        "DELETE /open",
        "GET /open?acl",
    ] {
        let answer = fixture.anonymous(line).await;
        assert_eq!(answer.status, 403, "{line}");
        assert_eq!(answer.element("Code"), "AccessDenied", "{line}");
        assert!(!answer.element("Resource").is_empty());
        assert_eq!(
            answer.element("RequestId"),
            answer.header("x-cos-request-id")
        );
    }
}

#[tokio::test]
async fn an_object_is_as_public_as_its_bucket() {
    let fixture = Fixture::new().await;
    let client = fixture.client();
    client
        .put_bucket(BUCKET)
        .acl(BucketAcl::PublicRead)
        .send()
        .await
        .unwrap();
    client.put_object(BUCKET, "open", "v").send().await.unwrap();
    client
        .put_object(BUCKET, "closed", "v")
        .acl(ObjectAcl::Private)
        .send()
        .await
        .unwrap();
    assert_eq!(fixture.anonymous("GET /open").await.status, 200);
    assert_eq!(fixture.anonymous("GET /").await.status, 200);
    assert_eq!(fixture.anonymous("GET /none").await.status, 404);
    assert_eq!(fixture.anonymous("GET /closed").await.status, 403);
    assert_eq!(fixture.anonymous("DELETE /open").await.status, 403);
}

#[tokio::test]
async fn anyone_may_do_everything_where_nothing_is_asked() {
    for mode in [AuthMode::Lenient, AuthMode::Off] {
        let fixture = Fixture::mode(mode).await;
        assert_eq!(fixture.anonymous("PUT /").await.status, 200);
        assert_eq!(fixture.anonymous("GET /").await.status, 200);
        assert_eq!(fixture.anonymous("DELETE /").await.status, 204);
    }
}

#[tokio::test]
async fn the_list_of_a_bucket_is_set_by_word_or_document() {
    let (fixture, client) = Fixture::with_bucket().await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    let get = || client.get_bucket_acl(BUCKET).send();
    let put = || client.put_bucket_acl(BUCKET);
    let fresh = get().await.unwrap();
    assert_eq!(fresh.acl, Some(BucketAcl::Private));
    assert_eq!(fresh.access_control_list.as_ref().unwrap().grant.len(), 1);
    for (word, grants, read, write) in [
        (BucketAcl::PublicRead, 2, 200, 403),
        (BucketAcl::PublicReadWrite, 3, 200, 204),
        (BucketAcl::AuthenticatedRead, 2, 403, 403),
        (BucketAcl::Private, 1, 403, 403),
    ] {
        put().acl(word.clone()).send().await.unwrap();
        let set = get().await.unwrap();
        assert_eq!(set.acl, Some(word.clone()));
        let list = set.access_control_list.clone().unwrap();
        assert_eq!(list.grant.len(), grants, "{word:?}");
        assert_eq!(fixture.anonymous("GET /").await.status, read, "{word:?}");
        assert_eq!(fixture.anonymous("GET /k").await.status, read, "{word:?}");
        let new = fixture.anonymous("DELETE /new").await.status;
        assert_eq!(new, write, "{word:?}");
        assert_eq!(fixture.anonymous("GET /?acl").await.status, 403);
        // What was told can be given back.
        put().acl(BucketAcl::Private).send().await.unwrap();
        let back = put().owner(set.owner.clone()).access_control_list(list);
        back.send().await.unwrap();
        assert_eq!(get().await.unwrap().acl, Some(word));
    }
}

#[tokio::test]
async fn wrong_lists_of_buckets_change_nothing() {
    let (_fixture, client) = Fixture::with_bucket().await;
    let put = || client.put_bucket_acl(BUCKET);
    put().acl(BucketAcl::PublicRead).send().await.unwrap();
    let kept = client.get_bucket_acl(BUCKET).send().await.unwrap();
    let owner = || kept.owner.clone();
    for (grantee, code_of_it) in [
        (
            Grantee::new().uri("http://example.com/all"),
            "InvalidArgument",
        ),
        (Grantee::new().id("somebody"), "InvalidArgument"),
        (Grantee::new(), "MalformedXML"),
    ] {
        let list = AccessControlList::new().grant([Grant::new(grantee, Permission::Read)]);
        let refused = put().owner(owner()).access_control_list(list).send().await;
        assert_eq!(code(refused), code_of_it);
    }
    let everyone = || Grantee::new().uri("http://cam.qcloud.com/groups/global/AllUsers");
    let list = || AccessControlList::new().grant([Grant::new(everyone(), Permission::Read)]);
    let without_owner = put().access_control_list(list()).send().await;
    assert_eq!(code(without_owner), "MalformedXML");
    let stranger = Owner::new().id("qcs::cam::uin/1:uin/1");
    let of_another = put().owner(stranger).access_control_list(list());
    assert_eq!(code(of_another.send().await), "InvalidArgument");
    let many = AccessControlList::new().grant(vec![Grant::new(everyone(), Permission::Read); 101]);
    let many = put().owner(owner()).access_control_list(many).send().await;
    assert_eq!(code(many), "InvalidArgument");
    assert_eq!(code(put().send().await), "InvalidArgument");
    let unknown = put().acl("everyone").send().await;
    assert_eq!(code(unknown), "InvalidArgument");
    let both = put().grant_read("id=\"1\"").owner(owner());
    let both = both.access_control_list(list()).send().await;
    assert_eq!(code(both), "InvalidArgument");
    for account in [
        "1",
        "id=\"one\"",
        "uri=\"http://example.com\"",
        "id=\"1\" id=\"2\"",
    ] {
        let granted = put().grant_read(account).send().await;
        assert_eq!(code(granted), "InvalidArgument", "{account}");
    }
    let get = client.get_bucket_acl(BUCKET).send().await.unwrap();
    assert_eq!(get.acl, Some(BucketAcl::PublicRead));
    let none = "none-1250000000";
    let put = client.put_bucket_acl(none).acl(BucketAcl::Private);
    assert_eq!(code(put.send().await), "NoSuchBucket");
    assert_eq!(
        code(client.get_bucket_acl(none).send().await),
        "NoSuchBucket"
    );
}
