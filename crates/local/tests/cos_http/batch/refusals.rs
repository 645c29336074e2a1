//! What no job can be.

use serde_json::json;
use tcloud_core::credentials::Credentials;
use tcloud_cos::types::{
    BatchCopy, BatchManifest, BatchManifestField, BatchManifestFields, BatchManifestFormat,
    BatchManifestLocation, BatchManifestSpec, BatchOperation, BatchReport, BatchReportFormat,
    BatchReportScope, RequestedJobStatus,
};
use tcloud_local::{Account, Settings, User};

use super::{APP_ID, LIST, REPORTS, TARGET, UIN, copy, document, list, open, refused};
use crate::fixture::{BUCKET, Fixture, NOW, REGION, code};

#[tokio::test]
async fn what_no_job_can_be_is_refused() {
    let (fixture, client) = open().await;
    let etag = list(&client, "").await;
    let good = document(&etag, &copy(""));
    let changed = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replace(from, to)
    };
    let restore = |days: &str| {
        document(
            &etag,
            &format!(
                "<COSInitiateRestoreObject><ExpirationInDays>{days}</ExpirationInDays>\
                 <JobTier>Bulk</JobTier></COSInitiateRestoreObject>"
            ),
        )
    };
    let in_copy = |more: &str| document(&etag, &copy(more));
    let tag = "<COSPutObjectTagging><TaggingDirective>Add</TaggingDirective><TagSet><COSTag>\
               <Key>a</Key><Value>b</Value></COSTag></TagSet></COSPutObjectTagging>";
    for (document, wanted) in [
        (changed("<CreateJobRequest>", "<CreateJob>"), "MalformedXML"),
        (
            changed("qcs::cam::uin/100000000001:roleName/", "role/"),
            "InvalidRequest",
        ),
        (
            changed("uin/100000000001:roleName", "uin/2:roleName"),
            "InvalidRequest",
        ),
        (changed("<member>Key</member>", ""), "InvalidRequest"),
        (
            changed("<member>Key</member>", "<member>Size</member>"),
            "InvalidArgument",
        ),
        (
            changed(&format!("{BUCKET}/{LIST}"), BUCKET),
            "InvalidRequest",
        ),
        (
            changed(
                &format!("{REGION}::{BUCKET}"),
                &format!("ap-beijing::{BUCKET}"),
            ),
            "InvalidRequest",
        ),
        (changed(TARGET, "none-1250000000"), "InvalidRequest"),
        (changed(REPORTS, "none-1250000000"), "InvalidRequest"),
        (
            changed("<Priority>10</Priority>", "<Priority>-1</Priority>"),
            "InvalidArgument",
        ),
        (changed("Report_CSV_V1", "Report_ORC"), "InvalidArgument"),
        (
            changed("</COSPutObjectCopy>", &format!("</COSPutObjectCopy>{tag}")),
            "InvalidRequest",
        ),
        (restore("0"), "InvalidRequest"),
        (restore("366"), "InvalidRequest"),
        (document(&etag, tag), "NotImplemented"),
        (
            in_copy("<AccessControlDirective>Some</AccessControlDirective>"),
            "InvalidRequest",
        ),
        (
            in_copy("<MetadataDirective>Replaced</MetadataDirective>"),
            "InvalidRequest",
        ),
        (
            in_copy("<TaggingDirective>Replaced</TaggingDirective>"),
            "InvalidRequest",
        ),
        (
            in_copy("<ResourcesPrefix>a</ResourcesPrefix>"),
            "InvalidRequest",
        ),
        (
            in_copy(
                "<AccessControlDirective>Copy</AccessControlDirective>\
                 <CannedAccessControlList>private</CannedAccessControlList>",
            ),
            "InvalidRequest",
        ),
    ] {
        assert_eq!(refused(&fixture, &document).await, wanted, "{document}");
    }
    let listed = client.list_jobs(UIN, APP_ID).send().await.unwrap();
    assert!(listed.jobs.as_ref().unwrap().jobs.is_empty());
}

#[tokio::test]
async fn jobs_of_others_and_of_nobody_are_refused() {
    let (_fixture, client) = open().await;
    let foreign = client.list_jobs("200000000001", APP_ID).send().await;
    assert_eq!(code(foreign), "AccessDenied");
    let foreign = client.list_jobs(UIN, "1250000001").send().await;
    assert_eq!(code(foreign), "AccessDenied");
    for id in ["none", "53dc6228-c50b-46f7-8ad7-65e7159f1aae"] {
        let described = client.describe_job(UIN, id, APP_ID).send().await;
        assert_eq!(code(described), "NoSuchJob");
        let priority = client.update_job_priority(UIN, id, 1, APP_ID).send().await;
        assert_eq!(code(priority), "NoSuchJob");
        let status = client.update_job_status(UIN, id, RequestedJobStatus::Ready, APP_ID);
        assert_eq!(code(status.send().await), "NoSuchJob");
        let deleted = client.delete_job(UIN, id, APP_ID).send().await;
        assert_eq!(code(deleted), "NoSuchJob");
    }
}

/// Who may make jobs is not therefore who may do what a role may.
#[tokio::test]
async fn a_role_is_handed_on_by_who_may() {
    let user = |number: &str, name: &str, actions: &[&str]| {
        let statement = json!({ "version": "2.0", "statement": {
            "effect": "allow", "action": actions, "resource": "*",
        } });
        let key = Credentials::new(format!("AKID{name}"), "secret");
        let user = User::new(number, name).key(key.clone());
        (user.policy(statement.to_string().parse().unwrap()), key)
    };
    let (making, makes) = user("100000000021", "maker", &["cos:CreateJob"]);
    let actions = ["cos:CreateJob", "cam:PassRole"];
    let (passing, passes) = user("100000000022", "passer", &actions);
    let account = Account::default().user(making).user(passing);
    let fixture = Fixture::with(Settings::default().account(account)).await;
    let client = fixture.client();
    client.put_bucket(BUCKET).send().await.unwrap();
    let etag = list(&client, "").await;
    let job = async |key: Credentials| {
        let columns = [BatchManifestField::Bucket, BatchManifestField::Key];
        let spec = BatchManifestSpec::new(BatchManifestFormat::CosBatchOperationsCsvV1)
            .fields(BatchManifestFields::new(columns));
        let list = format!("qcs::cos:{REGION}::{BUCKET}/{LIST}");
        let manifest = BatchManifest::new(BatchManifestLocation::new(etag.clone(), list), spec);
        let bucket = format!("qcs::cos:{REGION}::{BUCKET}");
        let copy = BatchOperation::new().copy(BatchCopy::new(bucket.clone()));
        let (format, scope) = (BatchReportFormat::ReportCsvV1, BatchReportScope::AllTasks);
        let report = BatchReport::new(bucket, false, format, scope);
        let role = format!("qcs::cam::uin/{UIN}:roleName/COS_Batch_QcsRole");
        let client = fixture.client_of(key, NOW);
        client
            .create_job(UIN, APP_ID, manifest, copy, 1, report, role)
            .send()
            .await
    };
    let error = job(makes).await.unwrap_err();
    assert_eq!(error.code(), Some("AccessDenied"));
    assert!(error.to_string().contains("cam:PassRole"), "{error}");
    assert!(job(passes).await.is_ok());
}
