//! Inventories are written as the clock goes on.

use std::io::Read;

use flate2::read::GzDecoder;
use md5::{Digest, Md5};
use tcloud_cos::Client;
use tcloud_local::AuthMode;

use crate::fixture::{Answered, BUCKET, Fixture, bucket_host, request};

const REPORTS: &str = "reports-1250000000";
/// The cloud begins at 06:13:20 in Beijing, on Wednesday, 15 November 2023.
const UNTIL_MIDNIGHT: u64 = 64_000;
const DAY: u64 = 86_400;

async fn open() -> (Fixture, Client) {
    let fixture = Fixture::mode(AuthMode::Off).await;
    let client = fixture.client();
    for bucket in [BUCKET, REPORTS] {
        client.put_bucket(bucket).send().await.unwrap();
    }
    (fixture, client)
}

fn document(frequency: &str, versions: &str, rest: &str) -> String {
    format!(
        "<InventoryConfiguration><Id>list1</Id><IsEnabled>true</IsEnabled><Destination>\
         <COSBucketDestination><Format>CSV</Format><Bucket>qcs::cos:ap-chongqing::{REPORTS}</Bucket>\
         <Prefix>all</Prefix></COSBucketDestination></Destination>\
         <Schedule><Frequency>{frequency}</Frequency></Schedule>\
         <IncludedObjectVersions>{versions}</IncludedObjectVersions>{rest}</InventoryConfiguration>"
    )
}

async fn set(fixture: &Fixture, document: String) -> Answered {
    let mut put = request("PUT /?inventory&id=list1", &bucket_host());
    *put.body_mut() = document.into();
    fixture.send(put).await
}

/// Lets `seconds` pass, and returns how many reports were written.
async fn advance(fixture: &Fixture, seconds: u64) -> u64 {
    let line = format!("POST /_local/clock?advance={seconds}");
    let answer = fixture.send(request(&line, "localhost")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let page: serde_json::Value = serde_json::from_str(&answer.text).unwrap();
    let written = page.pointer("/done/inventories").unwrap();
    written.as_u64().unwrap()
}

async fn keys(client: &Client) -> Vec<String> {
    let listed = client.get_bucket(REPORTS).send().await.unwrap();
    let contents = listed.contents.iter();
    contents.map(|object| object.key.clone().unwrap()).collect()
}

async fn read(client: &Client, key: &str) -> Vec<u8> {
    let mut got = client.get_object(REPORTS, key).send().await.unwrap();
    let body = std::mem::take(got.body_mut());
    body.collect(1 << 20).await.unwrap().to_vec()
}

fn md5(content: &[u8]) -> String {
    format!("{:032x}", u128::from_be_bytes(Md5::digest(content).into()))
}

/// The manifest of the report in `folder` and its lines, once both are what they say.
async fn report(client: &Client, folder: &str) -> (serde_json::Value, Vec<String>) {
    let manifest = read(client, &format!("{folder}/manifest.json")).await;
    let checksum = read(client, &format!("{folder}/manifest.checksum")).await;
    assert_eq!(String::from_utf8(checksum).unwrap(), md5(&manifest));
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let mut lines = Vec::new();
    for file in manifest.get("files").unwrap().as_array().unwrap() {
        let said = |name: &str| file.get(name).unwrap().clone();
        let packed = read(client, said("key").as_str().unwrap()).await;
        assert_eq!(said("size"), packed.len());
        assert_eq!(said("md5Checksum"), md5(&packed));
        let mut text = String::new();
        let mut unpacked = GzDecoder::new(packed.as_slice());
        unpacked.read_to_string(&mut text).unwrap();
        lines.extend(text.lines().map(ToOwned::to_owned));
    }
    (manifest, lines)
}

#[tokio::test]
async fn a_daily_report_lists_what_its_filter_says() {
    let (fixture, client) = open().await;
    let fields = "<Filter><Prefix>a/</Prefix></Filter><OptionalFields><Field>Size</Field>\
                  <Field>LastModifiedDate</Field><Field>StorageClass</Field><Field>ETag</Field>\
                  <Field>IsMultipartUploaded</Field><Field>Tag</Field><Field>x-cos-meta-own</Field>\
                  </OptionalFields>";
    let set = set(&fixture, document("Daily", "Current", fields)).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let put = client.put_object(BUCKET, "a/eins zwei", "content");
    let put = put.tagging("kind=log").metadata([("own", "say \"hi\"")]);
    put.send().await.unwrap();
    client.put_object(BUCKET, "b", "x").send().await.unwrap();
    assert_eq!(advance(&fixture, UNTIL_MIDNIGHT - 1).await, 0);
    assert!(keys(&client).await.is_empty());
    assert_eq!(advance(&fixture, 1).await, 1);
    let (manifest, lines) = report(&client, "all/1250000000/album/list1/20231116").await;
    assert_eq!(manifest["sourceBucket"], "album");
    assert_eq!(manifest["destinationBucket"], "reports");
    assert_eq!(manifest["fileFormat"], "CSV");
    assert_eq!(manifest["filterObjectCount"], 1);
    assert_eq!(
        manifest["fileSchema"],
        "Appid, Bucket, Key, Size, LastModifiedDate, StorageClass, ETag, IsMultipartUploaded, Tag, \
         x-cos-meta-own"
    );
    let line = "\"1250000000\",\"album\",\"a%2Feins%20zwei\",\"7\",\"2023-11-14T22:13:20.000Z\",\
                \"STANDARD\",\"9a0364b9e99bb480dd25e1f0284c8555\",\"False\",\"kind=log\",\
                \"say \"\"hi\"\"\"";
    assert_eq!(lines, [line]);
    // Once a day.
    assert_eq!(advance(&fixture, 3600).await, 0);
    assert_eq!(advance(&fixture, DAY).await, 1);
    assert_eq!(keys(&client).await.len(), 6);
}

#[tokio::test]
async fn all_versions_are_told_apart() {
    let (fixture, client) = open().await;
    let enabled = client.put_bucket_versioning(BUCKET, "Enabled").send().await;
    enabled.unwrap();
    for content in ["old", "new"] {
        client
            .put_object(BUCKET, "k", content)
            .send()
            .await
            .unwrap();
    }
    client.delete_object(BUCKET, "k").send().await.unwrap();
    let fields = "<OptionalFields><Field>Size</Field></OptionalFields>";
    assert_eq!(
        set(&fixture, document("Weekly", "All", fields))
            .await
            .status,
        200
    );
    // Until Monday.
    assert_eq!(advance(&fixture, UNTIL_MIDNIGHT + 4 * DAY - 1).await, 0);
    assert_eq!(advance(&fixture, 1).await, 1);
    let (manifest, lines) = report(&client, "all/1250000000/album/list1/20231120").await;
    assert_eq!(
        manifest["fileSchema"],
        "Appid, Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size"
    );
    let ends: Vec<_> = lines
        .iter()
        .map(|line| line.splitn(5, ',').last().unwrap())
        .collect();
    assert_eq!(
        ends,
        [
            "\"True\",\"True\",\"\"",
            "\"False\",\"False\",\"3\"",
            "\"False\",\"False\",\"3\"",
        ]
    );
}

#[tokio::test]
async fn a_report_needs_its_bucket_and_a_rule_that_is_enabled() {
    let (fixture, client) = open().await;
    let disabled = document("Daily", "Current", "").replace("true", "false");
    assert_eq!(set(&fixture, disabled).await.status, 200);
    assert_eq!(advance(&fixture, 2 * DAY).await, 0);
    assert_eq!(
        set(&fixture, document("Daily", "Current", "")).await.status,
        200
    );
    client.delete_bucket(REPORTS).send().await.unwrap();
    advance(&fixture, DAY).await;
    client.put_bucket(REPORTS).send().await.unwrap();
    assert!(keys(&client).await.is_empty());
    advance(&fixture, DAY).await;
    assert_eq!(
        keys(&client).await.len(),
        2,
        "an empty bucket has a manifest"
    );
}

#[tokio::test]
async fn other_formats_and_encryption_are_refused_by_name() {
    let (fixture, _client) = open().await;
    let good = document("Daily", "Current", "");
    for (from, to, named) in [
        ("CSV", "ORC", "Format"),
        (
            "</COSBucketDestination>",
            "<Encryption><SSE-COS/></Encryption></COSBucketDestination>",
            "Encryption",
        ),
    ] {
        let refused = set(&fixture, good.replace(from, to)).await;
        assert_eq!(
            refused.element("Code"),
            "NotImplemented",
            "{}",
            refused.text
        );
        assert!(refused.element("Message").contains(named));
    }
}
