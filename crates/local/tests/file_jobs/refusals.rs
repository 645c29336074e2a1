//! Requests that are refused, and why.

use tcloud_local::{AuthMode, Settings};

use crate::fixture::{BUCKET, Fixture, REGION};

async fn fixture() -> Fixture {
    Fixture::with(Settings::default().auth(AuthMode::Off).workers(0)).await
}

fn compress(config: &str, output: &str) -> String {
    format!(
        "<Request><Tag>FileCompress</Tag><Operation><FileCompressConfig><Flatten>0</Flatten>\
         <Format>zip</Format>{config}</FileCompressConfig><Output><Region>{REGION}</Region>\
         <Bucket>{BUCKET}</Bucket>{output}</Output></Operation></Request>"
    )
}

fn hash(rest: &str) -> String {
    format!(
        "<Request><Tag>FileHashCode</Tag><Input><Object>a</Object></Input><Operation>\
         <FileHashCodeConfig><Type>MD5</Type></FileHashCodeConfig></Operation>{rest}</Request>"
    )
}

#[tokio::test]
async fn what_is_missing_wrong_or_not_built_is_named() {
    let fixture = fixture().await;
    let key = "<Key>a</Key>";
    let to = "<Object>x.zip</Object>";
    for (body, status, sign) in [
        (compress("", to), 400, "one of UrlList, Prefix and Key"),
        (compress(key, ""), 400, "Output.Object"),
        (
            compress("<CompressKey>hunter2</CompressKey>", to),
            501,
            "CompressKey",
        ),
        (
            compress("<KeyConfig><Key>a</Key></KeyConfig>", to),
            501,
            "KeyConfig",
        ),
        (
            compress(key, &format!("{to}<Force>true</Force>")),
            501,
            "Output.Force",
        ),
        (compress(&format!("{key}<Else>1</Else>"), to), 501, "Else"),
        (hash("<QueueId>pnone</QueueId>"), 400, "QueueNotFound"),
        (hash("<CallBack>ftp://x</CallBack>"), 400, "CallBack"),
        (hash("<CallBackType>TDMQ</CallBackType>"), 501, "TDMQ"),
        (hash("").replace("MD5", "CRC"), 400, "Type"),
        (
            hash("").replace("FileHashCode", "FileElse"),
            501,
            "FileElse",
        ),
    ] {
        let (got, answer) = fixture.raw("POST", "/file_jobs", &body).await;
        assert_eq!(got, status, "{body}: {answer}");
        assert!(answer.contains(sign), "{body}: {answer}");
        assert!(!answer.contains("hunter2"), "{answer}");
    }
}

#[tokio::test]
async fn a_bucket_without_file_processing_is_told_what_to_do() {
    let fixture = Fixture::start(Settings::default()).await;
    fixture.cos.put_bucket(BUCKET).send().await.unwrap();
    fixture.put("a", "abc").await;
    let hash = || fixture.ci.get_file_hash(BUCKET, "a", "md5").send();
    let error = hash().await.unwrap_err();
    assert_eq!(error.code(), Some("MediaBucketUnBinded"));
    fixture.ci.create_pic_bucket(BUCKET).send().await.unwrap();
    let error = hash().await.unwrap_err();
    assert_eq!(error.code(), Some("AccessDenied"));
    assert!(error.to_string().contains("POST /file_bucket"), "{error}");
}

#[tokio::test]
async fn a_file_job_is_found_by_its_own_call_alone() {
    let fixture = fixture().await;
    fixture.put("a", "abc").await;
    let (status, answer) = fixture.raw("POST", "/file_jobs", &hash("")).await;
    assert_eq!(status, 200, "{answer}");
    let (_, rest) = answer.split_once("<JobId>").unwrap();
    let (id, _) = rest.split_once("</JobId>").unwrap();
    let found = fixture
        .ci
        .describe_file_job(BUCKET, id)
        .send()
        .await
        .unwrap();
    assert_eq!(found.jobs_detail.len(), 1);
    let other = fixture.ci.describe_job(BUCKET, id).send().await.unwrap();
    assert!(other.jobs_detail.is_empty());
    assert_eq!(other.non_exist_job_ids, [id]);
}
