//! Objects are packed.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use flate2::read::GzDecoder;
use tcloud_ci::types::{FileCompressConfig, FileUncompressConfig, Job, JobState};

use crate::fixture::{BUCKET, Fixture, REGION};

async fn fixture() -> Fixture {
    let fixture = Fixture::ready().await;
    for key in [
        "test/a.txt",
        "test/sub/b.txt",
        "test/folder/",
        "other/c.txt",
    ] {
        fixture.put(key, key).await;
    }
    fixture
}

fn from_zip(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    files
}

fn from_tar(reader: impl Read) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for entry in tar::Archive::new(reader).entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let mut content = String::new();
        entry.read_to_string(&mut content).unwrap();
        files.insert(path, content);
    }
    files
}

fn expected(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = files
        .iter()
        .map(|(path, key)| ((*path).to_owned(), (*key).to_owned()));
    owned.collect()
}

fn count(job: Job) -> i64 {
    assert_eq!(job.state, Some(JobState::Success), "{:?}", job.message);
    let result = job.operation.unwrap().file_compress_result.unwrap();
    assert_eq!(result.bucket.as_deref(), Some(BUCKET));
    assert_eq!(result.region.as_deref(), Some(REGION));
    result.compress_file_count.unwrap()
}

#[tokio::test]
async fn a_prefix_is_packed_in_each_format() {
    let fixture = fixture().await;
    let files = expected(&[
        ("test/a.txt", "test/a.txt"),
        ("test/sub/b.txt", "test/sub/b.txt"),
    ]);
    for format in ["zip", "tar", "tar.gz"] {
        let config = FileCompressConfig::new("0", format).prefix("test/");
        let job = fixture.compressed(config, "out/x.${ext}").await;
        let key = format!("out/x.{format}");
        let result = job.operation.clone().unwrap().file_compress_result.unwrap();
        assert_eq!(result.object.as_deref(), Some(key.as_str()));
        assert!(job.input.is_none(), "the request has none");
        assert_eq!(count(job), 2);
        let archive = fixture.get(&key).await.unwrap();
        let packed = match format {
            "zip" => from_zip(&archive),
            "tar" => from_tar(archive.as_slice()),
            _ => from_tar(GzDecoder::new(archive.as_slice())),
        };
        assert_eq!(packed, files, "{format}");
    }
}

#[tokio::test]
async fn what_is_packed_can_be_unpacked() {
    let fixture = fixture().await;
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    fixture.put("test/large", large).await;
    for format in ["zip", "tar.gz"] {
        let config = FileCompressConfig::new("0", format).prefix("test/");
        assert_eq!(count(fixture.compressed(config, "packed").await), 3);
        let config = FileUncompressConfig::new().prefix(format!("{format}/"));
        let job = fixture.uncompressed("packed", config).await;
        assert_eq!(job.state, Some(JobState::Success), "{:?}", job.message);
        let head = |key: String| async {
            let reply = fixture.cos.head_object(BUCKET, key).send().await.unwrap();
            reply.into_output().crc64
        };
        let unpacked = head(format!("{format}/test/large")).await;
        assert_eq!(unpacked, head("test/large".to_owned()).await);
    }
}

#[tokio::test]
async fn keys_are_packed_side_by_side() {
    let fixture = fixture().await;
    let config = FileCompressConfig::new("1", "zip").key(["test/sub/b.txt", "other/c.txt"]);
    assert_eq!(count(fixture.compressed(config, "x.zip").await), 2);
    let packed = from_zip(&fixture.get("x.zip").await.unwrap());
    let files = [("b.txt", "test/sub/b.txt"), ("c.txt", "other/c.txt")];
    assert_eq!(packed, expected(&files));

    fixture.put("other/b.txt", "").await;
    let config = FileCompressConfig::new("1", "zip").key(["test/sub/b.txt", "other/b.txt"]);
    let job = fixture.compressed(config, "y.zip").await;
    assert_eq!(job.code.as_deref(), Some("InvalidContent"));
    assert_eq!(fixture.get("y.zip").await, None);
}

#[tokio::test]
async fn a_list_of_addresses_goes_before_a_prefix() {
    let fixture = fixture().await;
    let address = |key| format!("https://{BUCKET}.cos.{REGION}.myqcloud.com/{key}");
    let list = format!(
        "{},1\r\n{}\r\n",
        address("other/c.txt"),
        address("test/a.txt")
    );
    fixture.put("list/index.csv", list).await;
    let config = || FileCompressConfig::new("0", "tar").url_list("/list/index.csv");
    let job = fixture.compressed(config().prefix("test/"), "x.tar").await;
    assert_eq!(count(job), 2);
    let packed = from_tar(fixture.get("x.tar").await.unwrap().as_slice());
    let files = [("other/c.txt", "other/c.txt"), ("test/a.txt", "test/a.txt")];
    assert_eq!(packed, expected(&files));

    fixture
        .put("list/index.csv", "https://elsewhere.example/a")
        .await;
    let job = fixture.compressed(config(), "y.tar").await;
    assert_eq!(job.code.as_deref(), Some("InvalidContent"));
    assert!(job.message.unwrap().contains("not of this bucket"));
}

#[tokio::test]
async fn an_object_that_is_missing_fails_the_job() {
    let fixture = fixture().await;
    for config in [
        FileCompressConfig::new("0", "zip").key(["test/a.txt", "none"]),
        FileCompressConfig::new("0", "zip").prefix("none/"),
        FileCompressConfig::new("0", "zip").url_list("none.csv"),
    ] {
        let job = fixture.compressed(config, "x.zip").await;
        assert_eq!(
            job.code.as_deref(),
            Some("ResourceNotFound"),
            "{:?}",
            job.message
        );
    }
    assert_eq!(fixture.get("x.zip").await, None);
}

#[tokio::test]
async fn a_key_that_unpacking_would_refuse_is_not_packed() {
    let fixture = fixture().await;
    fixture.put("bad/../x", "").await;
    let config = FileCompressConfig::new("0", "zip").prefix("bad/");
    let job = fixture.compressed(config, "x.zip").await;
    assert_eq!(job.code.as_deref(), Some("InvalidContent"));
}
