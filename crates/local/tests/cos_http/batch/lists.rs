//! Which objects a job is about.

use tcloud_cos::types::BatchJobStatus;

use super::{
    APP_ID, LIST, REPORTS, TARGET, copy, counts, create, document, list, open, refused, report,
    until,
};
use crate::fixture::{BUCKET, REGION, bucket_host, request};

/// The cloud begins at 06:13:20 in Beijing.
const UNTIL_MIDNIGHT: u64 = 64_000;

#[tokio::test]
async fn an_inventory_is_a_list() {
    let (fixture, client) = open().await;
    let enabled = client.put_bucket_versioning(BUCKET, "Enabled").send().await;
    enabled.unwrap();
    let mut first = String::new();
    for (key, content) in [("a b", "old"), ("a b", "new"), ("gone", "x")] {
        let put = client
            .put_object(BUCKET, key, content)
            .send()
            .await
            .unwrap();
        if content == "old" {
            first = put.version_id.clone().unwrap();
        }
    }
    client.delete_object(BUCKET, "gone").send().await.unwrap();
    let rule = format!(
        "<InventoryConfiguration><Id>list1</Id><IsEnabled>true</IsEnabled><Destination>\
         <COSBucketDestination><Format>CSV</Format><Bucket>qcs::cos:{REGION}::{REPORTS}</Bucket>\
         <Prefix>all</Prefix></COSBucketDestination></Destination>\
         <Schedule><Frequency>Daily</Frequency></Schedule>\
         <IncludedObjectVersions>All</IncludedObjectVersions></InventoryConfiguration>"
    );
    let mut put = request("PUT /?inventory&id=list1", &bucket_host());
    *put.body_mut() = rule.into();
    assert_eq!(fixture.send(put).await.status, 200);
    let line = format!("POST /_local/clock?advance={UNTIL_MIDNIGHT}");
    assert_eq!(fixture.send(request(&line, "localhost")).await.status, 200);
    let manifest = format!("all/{APP_ID}/album/list1/20231116/manifest.json");
    let head = client.head_object(REPORTS, &manifest).send().await.unwrap();
    let etag = head.etag.clone().unwrap();
    let fields = "<Fields><member>Bucket</member><member>Key</member></Fields>";
    let inventory = document(&etag, &copy(""))
        .replace(fields, "")
        .replace("COSBatchOperations_CSV_V1", "COSInventoryReport_CSV_V1")
        .replace(
            &format!("{BUCKET}/{LIST}"),
            &format!("{REPORTS}/{manifest}"),
        );
    let id = create(&fixture, &inventory).await;
    let ended = until(&client, &id, BatchJobStatus::Complete).await;
    // The delete marker is left out.
    assert_eq!(counts(&ended), (3, 0));
    let copies = client
        .get_bucket_object_versions(TARGET)
        .send()
        .await
        .unwrap();
    let keys: Vec<_> = copies
        .versions
        .iter()
        .map(|it| it.key.clone().unwrap())
        .collect();
    assert_eq!(keys, ["a b", "a b", "gone"]);
    let lines = report(&client, &id).await;
    assert!(
        lines
            .iter()
            .any(|line| line.contains(&format!("\"a%20b\",\"{first}\"")))
    );
    let twice = inventory.replace("<Spec>", &format!("<Spec>{fields}"));
    assert_eq!(
        refused(&fixture, &twice.replace("token", "x")).await,
        "InvalidRequest"
    );
}

#[tokio::test]
async fn a_list_that_cannot_be_used_fails_the_job() {
    let (fixture, client) = open().await;
    let etag = list(&client, &format!("{BUCKET},k\n{BUCKET}\n")).await;
    let good = document(&etag, &copy(""));
    for (number, (document, wanted)) in [
        (good.clone(), "InvalidManifest"),
        (document("\"0\"", &copy("")), "PreconditionFailed"),
        (good.replace(LIST, "lists/none.csv"), "NoSuchKey"),
        (
            good.replace(&format!("{BUCKET}/"), "none-1250000000/"),
            "NoSuchBucket",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let id = create(&fixture, &document.replace("token", &number.to_string())).await;
        let failed = until(&client, &id, BatchJobStatus::Failed).await;
        let failure = failed.failure_reasons.unwrap().failure.unwrap();
        assert_eq!(failure.code.as_deref(), Some(wanted));
        assert!(failure.reason.is_some() && failed.termination_date.is_some());
    }
}
