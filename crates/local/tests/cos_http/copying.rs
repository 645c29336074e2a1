//! Objects that are copied, renamed and deleted many at once.

use tcloud_core::credentials::Credentials;
use tcloud_cos::Client;
use tcloud_cos::types::ObjectIdentifier;
use tcloud_local::{Account, Settings, User};

use crate::fixture::{BUCKET, Fixture, NOW, REGION, code, text};

const OTHER: &str = "other-1250000000";

fn source(bucket: &str, key: &str) -> String {
    format!("{bucket}.cos.{REGION}.myqcloud.com/{key}")
}

/// A client, with an object `from` of everything that goes with one.
async fn ready() -> (Fixture, Client) {
    let (fixture, client) = Fixture::with_bucket().await;
    client.put_bucket(OTHER).send().await.unwrap();
    client
        .put_object(BUCKET, "from", "content")
        .content_type("text/plain")
        .cache_control("no-cache")
        .storage_class("STANDARD_IA")
        .acl("public-read")
        .metadata([("colour", "blue")])
        .send()
        .await
        .unwrap();
    (fixture, client)
}

#[tokio::test]
async fn a_copy_has_content_and_metadata_of_its_source() {
    let (_fixture, client) = ready().await;
    let copied = client
        .put_object_copy(OTHER, "to", source(BUCKET, "from"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        copied.etag.as_deref(),
        Some("\"9a0364b9e99bb480dd25e1f0284c8555\"")
    );
    assert!(copied.crc64.is_some());
    assert_eq!(
        copied.last_modified.as_ref().unwrap().as_str(),
        "2023-11-14T22:13:20Z"
    );
    assert_eq!(
        (
            copied.version_id.clone(),
            copied.copy_source_version_id.clone()
        ),
        (None, None)
    );
    // The source is not needed any more.
    client.delete_object(BUCKET, "from").send().await.unwrap();
    let read = client.get_object(OTHER, "to").send().await.unwrap();
    assert_eq!(read.content_type.as_deref(), Some("text/plain"));
    assert_eq!(read.cache_control.as_deref(), Some("no-cache"));
    assert_eq!(read.metadata["colour"], "blue");
    // These are the copy's own.
    assert_eq!(read.storage_class, None);
    let acl = client.get_object_acl(OTHER, "to").send().await.unwrap();
    assert_eq!(acl.acl.as_ref().unwrap().as_str(), "default");
    assert_eq!(text(read.into_body()).await, "content");
}

#[tokio::test]
async fn a_copy_may_be_described_anew() {
    let (_fixture, client) = ready().await;
    client
        .put_object_copy(BUCKET, "to.json", source(BUCKET, "from"))
        .metadata_directive("Replaced")
        .metadata([("shape", "round")])
        .storage_class("INTELLIGENT_TIERING")
        .acl("private")
        .send()
        .await
        .unwrap();
    let head = client.head_object(BUCKET, "to.json").send().await.unwrap();
    assert_eq!(head.content_type.as_deref(), Some("application/json"));
    assert_eq!(head.cache_control, None);
    assert_eq!(head.metadata.len(), 1);
    assert_eq!(head.metadata["shape"], "round");
    assert_eq!(
        head.storage_class.as_ref().unwrap().as_str(),
        "INTELLIGENT_TIERING"
    );
    assert_eq!(head.storage_tier.as_ref().unwrap().as_str(), "FREQUENT");

    let onto_itself = || client.put_object_copy(BUCKET, "from", source(BUCKET, "from"));
    assert_eq!(code(onto_itself().send().await), "InvalidRequest");
    onto_itself()
        .storage_class("STANDARD")
        .send()
        .await
        .unwrap();
    let head = client.head_object(BUCKET, "from").send().await.unwrap();
    assert_eq!(
        (head.storage_class.clone(), head.metadata["colour"].as_str()),
        (None, "blue")
    );
    onto_itself()
        .metadata_directive("Replaced")
        .metadata([("colour", "red")])
        .send()
        .await
        .unwrap();
    let read = client.get_object(BUCKET, "from").send().await.unwrap();
    assert_eq!(read.metadata["colour"], "red");
    assert_eq!(text(read.into_body()).await, "content");
    let long = onto_itself()
        .metadata_directive("Replaced")
        .metadata([("m", "v".repeat(2048))]);
    assert_eq!(code(long.send().await), "InvalidArgument");
}

#[tokio::test]
async fn a_source_is_named_in_many_ways() {
    let (_fixture, client) = ready().await;
    let key = "a b/ü+%3F?.txt";
    client
        .put_object(BUCKET, key, "named")
        .send()
        .await
        .unwrap();
    let encoded = "a%20b/%C3%BC%2B%253F%3F.txt";
    for named in [
        source(BUCKET, encoded),
        format!("/{}", source(BUCKET, encoded)),
        format!("https://{}", source(BUCKET, encoded)),
        format!("{BUCKET}.cos.{REGION}.tencentcos.cn/{encoded}"),
        format!("localhost:9000/{BUCKET}/{encoded}"),
        format!("/{BUCKET}/{encoded}"),
    ] {
        let copy = client.put_object_copy(OTHER, "to", &named);
        copy.send()
            .await
            .unwrap_or_else(|error| panic!("{named}: {error}"));
    }
    let read = client.get_object(OTHER, "to").send().await.unwrap();
    assert_eq!(text(read.into_body()).await, "named");

    for wrong in [
        "from".to_owned(),
        source(BUCKET, ""),
        "example.com/from".to_owned(),
        format!("{BUCKET}.ci.{REGION}.myqcloud.com/from"),
        format!("{}?acl", source(BUCKET, "from")),
        source(BUCKET, "%ff"),
    ] {
        let copy = client.put_object_copy(OTHER, "wrong", &wrong).send().await;
        assert_eq!(code(copy), "InvalidCopySource", "{wrong}");
    }
    let copy = |source: String| client.put_object_copy(OTHER, "wrong", source).send();
    assert_eq!(code(copy(source(BUCKET, "none")).await), "NoSuchCopySource");
    assert_eq!(
        code(copy(source("none-1250000000", "k")).await),
        "NoSuchBucket"
    );
    let version = format!("{}?versionId=1", source(BUCKET, "from"));
    assert_eq!(code(copy(version).await), "InvalidArgument");
    let nowhere = client.put_object_copy("none-1250000000", "k", source(BUCKET, "from"));
    assert_eq!(code(nowhere.send().await), "NoSuchBucket");
    assert_eq!(
        code(client.get_object(OTHER, "wrong").send().await),
        "NoSuchKey"
    );
}

#[tokio::test]
async fn a_copy_is_made_if_the_conditions_hold() {
    let (_fixture, client) = ready().await;
    let etag = "\"9a0364b9e99bb480dd25e1f0284c8555\"";
    let stored = "Tue, 14 Nov 2023 22:13:20 GMT";
    let before = "Tue, 14 Nov 2023 22:13:19 GMT";
    let copy = || client.put_object_copy(BUCKET, "to", source(BUCKET, "from"));
    for bad in [
        copy().copy_source_if_match("\"x\""),
        copy().copy_source_if_none_match(etag),
        copy().copy_source_if_modified_since(stored),
        copy().copy_source_if_unmodified_since(before),
    ] {
        let error = bad.send().await.unwrap_err();
        assert_eq!(error.code(), Some("PreconditionFailed"));
        assert_eq!(error.status().unwrap(), 412);
    }
    assert_eq!(
        code(client.get_object(BUCKET, "to").send().await),
        "NoSuchKey"
    );
    for good in [
        copy().copy_source_if_match(etag),
        copy().copy_source_if_none_match("\"x\""),
        copy().copy_source_if_modified_since(before),
        copy().copy_source_if_unmodified_since(stored),
    ] {
        good.send().await.unwrap();
    }
}

#[tokio::test]
async fn a_copy_of_a_version_says_so() {
    let (_fixture, client) = ready().await;
    client
        .put_bucket_versioning(BUCKET, "Enabled")
        .send()
        .await
        .unwrap();
    let old = client.put_object(BUCKET, "k", "old").send().await.unwrap();
    let old = old.version_id.clone().unwrap();
    client.put_object(BUCKET, "k", "new").send().await.unwrap();
    let named = format!("{}?versionId={old}", source(BUCKET, "k"));
    let copied = client.put_object_copy(BUCKET, "k", named);
    // Onto itself, as one brings an old version back.
    let copied = copied.metadata_directive("Replaced").send().await.unwrap();
    assert_eq!(copied.copy_source_version_id.as_deref(), Some(&*old));
    assert!(copied.version_id.is_some());
    assert_eq!(copied.version_id_element, copied.version_id);
    let read = client.get_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(read.version_id, copied.version_id);
    assert_eq!(text(read.into_body()).await, "old");
    let marker = client.delete_object(BUCKET, "k").send().await.unwrap();
    let marker = marker.version_id.clone().unwrap();
    let named = format!("{}?versionId={marker}", source(BUCKET, "k"));
    let refused = client.put_object_copy(BUCKET, "to", named).send().await;
    assert_eq!(code(refused), "MethodNotAllowed");
}

#[tokio::test]
async fn a_rename_takes_the_object_with_it() {
    let (_fixture, client) = ready().await;
    let rename = |to: &str, from: &str| client.rename_object(BUCKET, to, from);
    rename("a b", "/from").send().await.unwrap();
    assert_eq!(
        code(client.get_object(BUCKET, "from").send().await),
        "NoSuchKey"
    );
    let head = client.head_object(BUCKET, "a b").send().await.unwrap();
    assert_eq!(head.metadata["colour"], "blue");
    client
        .put_object(BUCKET, "taken", "x")
        .send()
        .await
        .unwrap();
    let refused = rename("taken", "/a%20b").forbid_overwrite(true);
    assert_eq!(code(refused.send().await), "FileAlreadyExists");
    rename("taken", "/a%20b").send().await.unwrap();
    let read = client.get_object(BUCKET, "taken").send().await.unwrap();
    assert_eq!(text(read.into_body()).await, "content");
    assert_eq!(code(rename("to", "/none").send().await), "NoSuchKey");
    for wrong in ["taken", "/", "/%ff"] {
        assert_eq!(code(rename("to", wrong).send().await), "InvalidArgument");
    }
    assert_eq!(
        code(rename("to/", "/taken/").send().await),
        "NotImplemented"
    );
}

#[tokio::test]
async fn many_objects_are_deleted_at_once() {
    let (_fixture, client) = ready().await;
    client
        .put_object(BUCKET, "second", "x")
        .send()
        .await
        .unwrap();
    let keys = |keys: &[&str]| {
        keys.iter()
            .map(|key| ObjectIdentifier::new(*key))
            .collect::<Vec<_>>()
    };
    let delete = |objects: Vec<ObjectIdentifier>| client.delete_multiple_objects(BUCKET, objects);
    let long = "k".repeat(851);
    let answer = delete(keys(&["from", "none", &long])).send().await.unwrap();
    let deleted: Vec<_> = answer
        .deleted
        .iter()
        .map(|it| it.key.as_deref().unwrap())
        .collect();
    assert_eq!(deleted, ["from", "none"]);
    assert_eq!(answer.deleted[0].delete_marker, None);
    let [error] = &answer.errors[..] else {
        panic!("{answer:?}")
    };
    assert_eq!(
        (error.key.as_deref(), error.code.as_deref()),
        (Some(&*long), Some("KeyTooLong"))
    );

    let quiet = delete(keys(&["second"])).quiet(true).send().await.unwrap();
    assert!(quiet.deleted.is_empty() && quiet.errors.is_empty());
    for key in ["from", "second"] {
        assert_eq!(
            code(client.get_object(BUCKET, key).send().await),
            "NoSuchKey"
        );
    }
    let many: Vec<_> = (0..1001)
        .map(|n| ObjectIdentifier::new(n.to_string()))
        .collect();
    assert_eq!(code(delete(many.clone()).send().await), "MalformedXML");
    let full = delete(many[..1000].to_vec()).send().await.unwrap();
    assert_eq!(full.deleted.len(), 1000);
    let nowhere = client.delete_multiple_objects("none-1250000000", keys(&["k"]));
    assert_eq!(code(nowhere.send().await), "NoSuchBucket");
    let wrong = delete(keys(&["k"])).content_md5("1B2M2Y8AsgTpgAmY7PhCfg==");
    assert_eq!(code(wrong.send().await), "BadDigest");
}

/// Who may do the operation may not do everything with it.
#[tokio::test]
async fn each_object_needs_its_permission() {
    let key = Credentials::new(
        "AKIDuserkeyuserkeyuserkeyuserkeyuser",
        "secretOfTheUsersOwnKey0000000001",
    );
    let policy = r#"{"version":"2.0","statement":[
        {"effect":"allow","action":["cos:DeleteMultipleObjects","cos:PutObject","cos:RenameObject"],"resource":"*"},
        {"effect":"allow","action":["cos:DeleteObject","cos:GetObject"],
         "resource":"qcs::cos:ap-chongqing:uid/1250000000:album-1250000000/mine/*"}]}"#;
    let user = User::new("100000000002", "user")
        .key(key.clone())
        .policy(policy.parse().unwrap());
    let account = Account::default().user(user);
    let fixture = Fixture::with(Settings::default().account(account)).await;
    let root = fixture.client();
    root.put_bucket(BUCKET).send().await.unwrap();
    for key in ["mine/a", "mine/b", "theirs"] {
        root.put_object(BUCKET, key, key.to_owned())
            .send()
            .await
            .unwrap();
    }
    let user = fixture.client_of(key, NOW);
    let copy = |from: &str| {
        user.put_object_copy(BUCKET, "copy", source(BUCKET, from))
            .send()
    };
    copy("mine/a").await.unwrap();
    assert_eq!(code(copy("theirs").await), "AccessDenied");
    // Whether it exists is not told, either.
    assert_eq!(code(copy("none").await), "AccessDenied");
    let rename = user.rename_object(BUCKET, "mine/c", "/theirs").send().await;
    assert_eq!(code(rename), "AccessDenied");
    let objects = ["mine/a", "theirs"].map(ObjectIdentifier::new);
    let answer = user
        .delete_multiple_objects(BUCKET, objects)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.deleted[0].key.as_deref(), Some("mine/a"));
    assert_eq!(answer.errors[0].code.as_deref(), Some("AccessDenied"));
    root.head_object(BUCKET, "theirs").send().await.unwrap();
    // What everyone may read needs no policy.
    let public = root.put_object_acl(BUCKET, "theirs").acl("public-read");
    public.send().await.unwrap();
    copy("theirs").await.unwrap();
}
