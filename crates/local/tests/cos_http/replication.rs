//! Versions appear in the buckets that replication rules name.

use tcloud_cos::Client;
use tcloud_local::AuthMode;

use crate::fixture::{Answered, BUCKET, Fixture, bucket_host, code, request, text};

const COPIES: &str = "copies-1250000000";

/// A cloud with both buckets, which keep versions.
async fn open() -> (Fixture, Client) {
    let fixture = Fixture::mode(AuthMode::Off).await;
    let client = fixture.client();
    for bucket in [BUCKET, COPIES] {
        client.put_bucket(bucket).send().await.unwrap();
        let enabled = client.put_bucket_versioning(bucket, "Enabled").send().await;
        enabled.unwrap();
    }
    (fixture, client)
}

async fn set(fixture: &Fixture, rules: &str) -> Answered {
    let document = format!(
        "<ReplicationConfiguration><Role>qcs::cam::uin/100000000001:uin/100000000001</Role>{rules}\
         </ReplicationConfiguration>"
    );
    let mut put = request("PUT /?replication", &bucket_host());
    *put.body_mut() = document.into();
    fixture.send(put).await
}

fn rule(prefix: &str, rest: &str) -> String {
    format!(
        "<Rule><ID>{prefix}</ID><Status>Enabled</Status><Prefix>{prefix}</Prefix><Destination>\
         <Bucket>qcs::cos:ap-chongqing::{COPIES}</Bucket>{rest}</Destination></Rule>"
    )
}

/// Waits until all that is to be copied has been.
async fn settle(fixture: &Fixture) {
    let answer = fixture
        .send(request("POST /_local/clock?advance=0", "localhost"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The versions and delete markers of a bucket: key and id.
async fn versions(client: &Client, bucket: &str) -> (Vec<(String, String)>, usize) {
    let listed = client.get_bucket_object_versions(bucket).send().await;
    let listed = listed.unwrap();
    let versions = listed.versions.iter().map(|version| {
        let (key, id) = (version.key.clone(), version.version_id.clone());
        (key.unwrap(), id.unwrap())
    });
    (versions.collect(), listed.delete_markers.len())
}

#[tokio::test]
async fn a_new_version_appears_in_the_other_bucket() {
    let (fixture, client) = open().await;
    client
        .put_object(BUCKET, "a/old", "x")
        .send()
        .await
        .unwrap();
    let set = set(
        &fixture,
        &rule("a/", "<StorageClass>STANDARD_IA</StorageClass>"),
    )
    .await;
    assert_eq!(set.status, 200, "{}", set.text);
    let put = client.put_object(BUCKET, "a/1", "first");
    let put = put.content_type("text/x-own").metadata([("own", "kept")]);
    let id = put.send().await.unwrap().version_id.clone().unwrap();
    client.put_object(BUCKET, "b", "x").send().await.unwrap();
    settle(&fixture).await;
    for (bucket, key, expected) in [
        (BUCKET, "a/1", Some("COMPLETED")),
        (BUCKET, "b", None),
        (COPIES, "a/1", Some("REPLICA")),
    ] {
        let head = client.head_object(bucket, key).send().await.unwrap();
        assert_eq!(head.replication_status.as_deref(), expected, "{bucket}");
        let got = client.get_object(bucket, key).send().await.unwrap();
        assert_eq!(got.replication_status.as_deref(), expected, "{bucket}");
    }
    assert_eq!(
        versions(&client, COPIES).await,
        (vec![("a/1".to_owned(), id.clone())], 0)
    );
    let mut copy = client.get_object(COPIES, "a/1").send().await.unwrap();
    assert_eq!(copy.content_type.as_deref(), Some("text/x-own"));
    assert_eq!(copy.metadata["own"], "kept");
    assert_eq!(copy.storage_class.as_ref().unwrap().as_str(), "STANDARD_IA");
    assert_eq!(text(std::mem::take(copy.body_mut())).await, "first");
    // The copy stays when the version goes.
    let gone = client.delete_object(BUCKET, "a/1").version_id(&id);
    gone.send().await.unwrap();
    settle(&fixture).await;
    client.get_object(COPIES, "a/1").send().await.unwrap();
}

#[tokio::test]
async fn every_way_of_storing_counts() {
    let (fixture, client) = open().await;
    assert_eq!(set(&fixture, &rule("", "")).await.status, 200);
    client.put_object(BUCKET, "put", "x").send().await.unwrap();
    let source = format!("{}/put", bucket_host());
    let copied = client.put_object_copy(BUCKET, "copied", source);
    copied.send().await.unwrap();
    let begun = client
        .initiate_multipart_upload(BUCKET, "parts")
        .send()
        .await;
    let id = begun.unwrap().upload_id.clone().unwrap();
    let part = client.upload_part(BUCKET, "parts", 1, &id, "part").send();
    let part = part.await.unwrap().etag.clone().unwrap();
    let parts = [tcloud_cos::types::CompletedPart::new(1, part)];
    let completed = client.complete_multipart_upload(BUCKET, "parts", &id, parts);
    completed.send().await.unwrap();
    settle(&fixture).await;
    let (found, _) = versions(&client, COPIES).await;
    let (originals, _) = versions(&client, BUCKET).await;
    assert_eq!(found.len(), 3);
    assert_eq!(found, originals);
}

#[tokio::test]
async fn delete_markers_are_copied_if_the_rule_says_so() {
    for (says, expected) in [("Enabled", 1), ("Disabled", 0)] {
        let (fixture, client) = open().await;
        let markers = format!(
            "</Destination><DeleteMarkerReplication><Status>{says}</Status>\
             </DeleteMarkerReplication></Rule>"
        );
        let rule = rule("", "").replace("</Destination></Rule>", &markers);
        let set = set(&fixture, &rule).await;
        assert_eq!(set.status, 200, "{}", set.text);
        client.put_object(BUCKET, "k", "x").send().await.unwrap();
        client.delete_object(BUCKET, "k").send().await.unwrap();
        settle(&fixture).await;
        let (copies, markers) = versions(&client, COPIES).await;
        assert_eq!((copies.len(), markers), (1, expected), "{says}");
        let shown = client.get_object(COPIES, "k").send().await;
        assert_eq!(shown.is_err(), expected == 1);
    }
}

#[tokio::test]
async fn a_copy_is_not_copied_back() {
    let (fixture, client) = open().await;
    assert_eq!(set(&fixture, &rule("", "")).await.status, 200);
    let back = rule("", "").replace(COPIES, BUCKET);
    let document = format!(
        "<ReplicationConfiguration><Role>qcs::cam::uin/100000000001:uin/100000000001</Role>{back}\
         </ReplicationConfiguration>"
    );
    let mut put = request("PUT /?replication", &bucket_host().replace(BUCKET, COPIES));
    *put.body_mut() = document.into();
    assert_eq!(fixture.send(put).await.status, 200);
    client.put_object(BUCKET, "here", "x").send().await.unwrap();
    client
        .put_object(COPIES, "there", "x")
        .send()
        .await
        .unwrap();
    for _ in 0..2 {
        settle(&fixture).await;
        for bucket in [BUCKET, COPIES] {
            assert_eq!(versions(&client, bucket).await.0.len(), 2, "{bucket}");
        }
    }
}

#[tokio::test]
async fn nothing_is_copied_without_a_rule_or_to_a_bucket_that_is_gone() {
    let (fixture, client) = open().await;
    assert_eq!(set(&fixture, &rule("", "")).await.status, 200);
    let gone = client.delete_bucket_replication(BUCKET).send().await;
    gone.unwrap();
    client.put_object(BUCKET, "k", "x").send().await.unwrap();
    settle(&fixture).await;
    assert_eq!(versions(&client, COPIES).await, (Vec::new(), 0));
    assert_eq!(set(&fixture, &rule("", "")).await.status, 200);
    client.delete_bucket(COPIES).send().await.unwrap();
    client.put_object(BUCKET, "k", "x").send().await.unwrap();
    settle(&fixture).await;
    let missing = client.get_object(COPIES, "k").send().await;
    assert_eq!(code(missing), "NoSuchBucket");
    let got = client.get_object(BUCKET, "k").send().await.unwrap();
    assert_eq!(got.replication_status.as_deref(), Some("FAILED"));
}

#[tokio::test]
async fn copying_encrypted_objects_is_refused_by_name() {
    let (fixture, _client) = open().await;
    let encrypted = "<EncryptionConfiguration><ReplicaKmsKeyID>k</ReplicaKmsKeyID>\
                     </EncryptionConfiguration>";
    let refused = set(&fixture, &rule("", encrypted)).await;
    assert_eq!(
        refused.element("Code"),
        "NotImplemented",
        "{}",
        refused.text
    );
    assert!(
        refused
            .element("Message")
            .contains("EncryptionConfiguration")
    );
}
