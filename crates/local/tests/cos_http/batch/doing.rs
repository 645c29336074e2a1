//! What is done to each object.

use serde_json::json;
use tcloud_cos::types::BatchJobStatus;
use tcloud_local::{Account, Role, Settings};

use super::{
    APP_ID, TARGET, UIN, copy, counts, create, document, list, open, read, refused, report, until,
    with,
};
use crate::fixture::{BUCKET, NOW, REGION, request};

#[tokio::test]
async fn objects_are_copied_as_the_job_says_and_reported() {
    let (fixture, client) = open().await;
    let put = client.put_object(BUCKET, "album/a b", "one");
    let put = put.metadata([("old", "1")]).tagging("kind=old");
    put.send().await.unwrap();
    let put = client.put_object(BUCKET, "other", "two").send().await;
    put.unwrap();
    let lines = format!("{BUCKET},album%2Fa%20b\n{BUCKET},other\n{BUCKET},gone\n");
    let etag = list(&client, &lines).await;
    let operation = copy(
        "<AccessControlGrants><COSGrant><Grantee>\
         <Identifier>qcs::cam::uin/100000000001:uin/100000000011</Identifier>\
         <TypeIdentifier>ID</TypeIdentifier></Grantee><Permission>READ</Permission></COSGrant>\
         </AccessControlGrants><PrefixReplace>true</PrefixReplace>\
         <ResourcesPrefix>album/</ResourcesPrefix><TargetKeyPrefix>old/</TargetKeyPrefix>\
         <MetadataDirective>Replaced</MetadataDirective><NewObjectMetadata>\
         <ContentType>image/png</ContentType><SSEAlgorithm>AES256</SSEAlgorithm><UserMetadata>\
         <member><Key>x-cos-meta-author</Key><Value>Lin</Value></member></UserMetadata>\
         </NewObjectMetadata><TaggingDirective>Replaced</TaggingDirective><NewObjectTagging>\
         <COSTag><Key>team</Key><Value>blue</Value></COSTag></NewObjectTagging>\
         <StorageClass>STANDARD_IA</StorageClass>",
    );
    let id = create(&fixture, &document(&etag, &operation)).await;
    let ended = until(&client, &id, BatchJobStatus::Complete).await;
    assert_eq!((counts(&ended), ended.priority), ((2, 1), Some(10)));
    assert_eq!(ended.progress.as_ref().unwrap().total, Some(3));
    assert_eq!(ended.description.as_deref(), Some("all of it"));
    assert_eq!(ended.client_request_token.as_deref(), Some("token"));
    assert_eq!(ended.failure_reasons, None);
    assert!(ended.operation.unwrap().copy.is_some());

    assert_eq!(read(&client, TARGET, "old/a b").await, "one");
    assert_eq!(read(&client, TARGET, "other").await, "two");
    let head = client.head_object(TARGET, "old/a b").send().await.unwrap();
    assert_eq!(head.content_type.as_deref(), Some("image/png"));
    assert_eq!(head.storage_class.as_ref().unwrap().as_str(), "STANDARD_IA");
    assert!(head.server_side_encryption.is_some());
    assert_eq!(head.metadata.get("author").map(String::as_str), Some("Lin"));
    assert!(!head.metadata.contains_key("old"));
    let tags = client.get_object_tagging(TARGET, "old/a b").send().await;
    let tags = tags.unwrap().into_output().tag_set.unwrap().tags;
    assert_eq!(tags[0].value.as_deref(), Some("blue"));
    let acl = client.get_object_acl(TARGET, "old/a b").send().await;
    let acl = acl.unwrap().into_output().access_control_list.unwrap();
    let ids = acl
        .grant
        .iter()
        .filter_map(|it| it.grantee.as_ref()?.id.clone());
    assert!(ids.into_iter().any(|id| id.ends_with("100000000011")));

    let lines = report(&client, &id).await;
    let [first, second, third] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    let good = format!("\"{BUCKET}\",\"album%2Fa%20b\",\"\",\"succeeded\",\"\",\"200\",\"\"");
    assert_eq!(*first, good);
    assert!(second.contains("\"other\""));
    let bad = format!("\"{BUCKET}\",\"gone\",\"\",\"failed\",\"NoSuchKey\",\"404\",");
    assert!(third.starts_with(&bad), "{third}");
}

#[tokio::test]
async fn copies_keep_what_they_have_and_conditions_are_asked() {
    let (fixture, client) = open().await;
    let put = client.put_object(BUCKET, "k", "v").tagging("kind=old");
    let put = put.metadata([("old", "1")]).acl("public-read");
    put.send().await.unwrap();
    let etag = list(&client, &format!("{BUCKET},k\n")).await;
    let seconds = NOW / 1000;
    let of = |more: String| document(&etag, &copy(&more)).replace("token", &more.len().to_string());
    let unmodified = format!("<UnModifiedSinceConstraint>{seconds}</UnModifiedSinceConstraint>");
    let id = create(&fixture, &of(unmodified)).await;
    let ended = until(&client, &id, BatchJobStatus::Complete).await;
    assert_eq!(counts(&ended), (1, 0));
    let head = client.head_object(TARGET, "k").send().await.unwrap();
    assert_eq!(head.metadata.get("old").map(String::as_str), Some("1"));
    let anonymous = request("GET /k", &format!("{TARGET}.cos.{REGION}.myqcloud.com"));
    assert_eq!(fixture.send(anonymous).await.text, "v");
    let modified = format!("<ModifiedSinceConstraint>{seconds}</ModifiedSinceConstraint>");
    let id = create(&fixture, &of(modified)).await;
    let ended = until(&client, &id, BatchJobStatus::Complete).await;
    assert_eq!(counts(&ended), (0, 1));
    let lines = report(&client, &id).await;
    assert!(
        lines[0].contains("\"PreconditionFailed\",\"412\""),
        "{lines:?}"
    );
    // Something is put before the key.
    let prefix = "<TargetKeyPrefix>kept/</TargetKeyPrefix>".to_owned();
    let id = create(&fixture, &of(prefix)).await;
    until(&client, &id, BatchJobStatus::Complete).await;
    assert_eq!(read(&client, TARGET, "kept/k").await, "v");
}

#[tokio::test]
async fn archived_objects_are_restored_and_tags_are_set() {
    let (fixture, client) = open().await;
    for (key, class) in [("cold", "ARCHIVE"), ("warm", "STANDARD")] {
        let put = client.put_object(BUCKET, key, "v").storage_class(class);
        put.send().await.unwrap();
    }
    let etag = list(&client, &format!("{BUCKET},cold\n{BUCKET},warm\n")).await;
    let restore = "<COSInitiateRestoreObject><ExpirationInDays>3</ExpirationInDays>\
                   <JobTier>Bulk</JobTier></COSInitiateRestoreObject>";
    let id = create(&fixture, &document(&etag, restore)).await;
    let ended = until(&client, &id, BatchJobStatus::Complete).await;
    assert_eq!(counts(&ended), (1, 1));
    let head = client.head_object(BUCKET, "cold").send().await.unwrap();
    assert_eq!(head.restore.as_deref(), Some("ongoing-request=\"true\""));
    let lines = report(&client, &id).await;
    assert!(
        lines[0].contains("\"cold\",\"\",\"succeeded\",\"\",\"202\""),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("\"RestoreNonArchiveObject\",\"405\""),
        "{lines:?}"
    );

    let tag = "<COSPutObjectTagging><TaggingDirective>Replaced</TaggingDirective><TagSet><COSTag>\
               <Key>team</Key><Value>blue</Value></COSTag></TagSet></COSPutObjectTagging>";
    let tagging = document(&etag, tag).replace("token", "tags");
    let id = create(&fixture, &tagging).await;
    let ended = until(&client, &id, BatchJobStatus::Complete).await;
    assert_eq!(counts(&ended), (2, 0));
    let tags = client.get_object_tagging(BUCKET, "warm").send().await;
    let tags = tags.unwrap().into_output().tag_set.unwrap().tags;
    assert_eq!(tags[0].key.as_deref(), Some("team"));
    let listed = client.list_jobs(UIN, APP_ID).send().await.unwrap();
    let listed = listed.into_output().jobs.unwrap().jobs;
    let names: Vec<_> = listed.iter().map(|job| job.operation.as_deref()).collect();
    assert_eq!(
        names,
        [
            Some("COSPutObjectTagging"),
            Some("COSInitiateRestoreObject")
        ]
    );
}

#[tokio::test]
async fn the_role_bounds_what_a_job_does() {
    let statement = |action: &[&str]| {
        let policy = json!({ "version": "2.0", "statement": {
            "effect": "allow", "action": action, "resource": "*",
        } });
        policy.to_string().parse().unwrap()
    };
    let trust = json!({ "version": "2.0", "statement": {
        "effect": "allow", "action": "name/sts:AssumeRole",
        "principal": { "service": ["cos.qcloud.com"] },
    } });
    let reader = Role::new("reader", trust.to_string().parse().unwrap())
        .policy(statement(&["name/cos:GetObject"]));
    let others = trust
        .to_string()
        .replace("cos.qcloud.com", "cvm.qcloud.com");
    let closed = Role::new("closed", others.parse().unwrap());
    let account = Account::default().role(reader).role(closed);
    let (fixture, client) = with(Settings::default().account(account)).await;
    client.put_object(BUCKET, "k", "v").send().await.unwrap();
    let etag = list(&client, &format!("{BUCKET},k\n")).await;
    let by = |role: &str| document(&etag, &copy("")).replace("COS_Batch_QcsRole", role);
    // It may not write the report either.
    let id = create(&fixture, &by("reader")).await;
    let failed = until(&client, &id, BatchJobStatus::Failed).await;
    assert_eq!(counts(&failed), (0, 1));
    let failure = failed.failure_reasons.unwrap().failure.unwrap();
    assert_eq!(failure.code.as_deref(), Some("AccessDenied"));
    assert!(client.head_object(TARGET, "k").send().await.is_err());
    // The service becomes only who trusts it.
    let untrusting = by("closed").replace("token", "closed");
    assert_eq!(refused(&fixture, &untrusting).await, "InvalidRequest");
    let other = by("nobody").replace("token", "other");
    assert_eq!(refused(&fixture, &other).await, "InvalidRequest");
}

#[tokio::test]
async fn no_copy_has_an_empty_key() {
    let (fixture, client) = open().await;
    client.put_object(BUCKET, "all", "v").send().await.unwrap();
    let etag = list(&client, &format!("{BUCKET},all\n")).await;
    let replacing = "<PrefixReplace>true</PrefixReplace><ResourcesPrefix>all</ResourcesPrefix>";
    let id = create(&fixture, &document(&etag, &copy(replacing))).await;
    let ended = until(&client, &id, BatchJobStatus::Complete).await;
    assert_eq!(counts(&ended), (0, 1));
    let lines = report(&client, &id).await;
    assert!(
        lines[0].contains("\"InvalidArgument\",\"400\""),
        "{lines:?}"
    );
}
