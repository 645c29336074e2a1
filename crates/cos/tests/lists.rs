//! Lists of the generated client, over a transport in memory: how they go on, and keys that XML
//! cannot carry.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use tcloud_cos::runtime::transport::Memory;
use tcloud_cos::{Client, Config, Credentials, ErrorKind};

const BUCKET: &str = "examplebucket-1250000000";

fn client(transport: &Memory) -> Client {
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .transport(transport.clone())
        .build()
        .unwrap();
    Client::new(&config)
}

fn queries(transport: &Memory) -> Vec<String> {
    let requests = transport.requests();
    let queries = requests.iter().map(|it| it.uri.query().unwrap_or_default());
    queries.map(str::to_owned).collect()
}

/// The sample is not ours: Python has encoded it.
#[tokio::test]
async fn keys_arrive_as_they_are_stored() {
    let sample = include_str!("data/encoded_listing.xml");
    let transport = Memory::answering([(200, sample)]);
    let reply = client(&transport).get_bucket(BUCKET).send().await.unwrap();
    let keys: Vec<_> = reply
        .contents
        .iter()
        .map(|object| object.key.as_deref().unwrap())
        .collect();
    assert_eq!(
        keys,
        [
            "a b",
            "a+b",
            "100%",
            "100%25",
            "a%2Fb",
            "tab\there",
            "bell\u{7}",
            "unit\u{1f}",
            "<&>\"'",
            "中文/图片.png",
            "été",
            "😀",
            "dir//..//x",
            "~-_.!*()",
            "\u{85}next",
            "line\nbreak\r",
        ]
    );
    assert_eq!(reply.prefix.as_deref(), Some("p+/%中"));
    assert_eq!(reply.delimiter.as_deref(), Some("/"));
    let prefix = reply.common_prefixes.first().unwrap().prefix.as_deref();
    assert_eq!(prefix, Some("p+/%中\u{1}/"));
    // What is undone is told no longer, so that nobody undoes it again.
    assert_eq!(reply.encoding_type, None);
    assert_eq!(queries(&transport), ["encoding-type=url"]);
}

#[tokio::test]
async fn what_is_not_told_to_be_encoded_stays_as_it_came() {
    let listing = "<ListBucketResult><EncodingType/><Contents><Key>100%25</Key></Contents></ListBucketResult>";
    let transport = Memory::answering([(200, listing)]);
    let call = client(&transport).get_bucket(BUCKET).encoding_type("none");
    let reply = call.send().await.unwrap();
    let key = reply.contents.first().unwrap().key.as_deref();
    assert_eq!(key, Some("100%25"));
    // Who asks for something else gets it.
    assert_eq!(queries(&transport), ["encoding-type=none"]);
}

/// Both nodes by which the answer tells of it count.
#[tokio::test]
async fn the_key_of_an_upload_arrives_as_it_is() {
    for node in ["Encoding-type", "EncodingType"] {
        let listing =
            format!("<ListPartsResult><{node}>url</{node}><Key>a%2B%01</Key></ListPartsResult>");
        let transport = Memory::answering([(200, listing)]);
        let call = client(&transport).list_parts(BUCKET, "a+\u{1}", "u");
        let reply = call.send().await.unwrap();
        assert_eq!(reply.key.as_deref(), Some("a+\u{1}"), "{node}");
    }
}

fn versions(next: &str, versions: &[&str]) -> String {
    let items: Vec<_> = versions
        .iter()
        .map(|id| format!("<Version><Key>k%01</Key><VersionId>{id}</VersionId></Version>"))
        .collect();
    let more = !next.is_empty();
    let items = items.concat();
    format!(
        "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>{more}</IsTruncated>\
         {next}{items}</ListVersionsResult>"
    )
}

#[tokio::test]
async fn a_list_with_two_markers_is_followed_to_its_end() {
    let within =
        "<NextKeyMarker>k%01</NextKeyMarker><NextVersionIdMarker>v+2</NextVersionIdMarker>";
    let behind = "<NextKeyMarker>k%02</NextKeyMarker>";
    let transport = Memory::answering([
        (200, versions(within, &["v1", "v+2"])),
        (200, versions(behind, &["v3"])),
        (200, versions("", &["v4"])),
    ]);
    let items = client(&transport)
        .get_bucket_object_versions(BUCKET)
        .items();
    let ids: Vec<_> = items
        .collect()
        .await
        .unwrap()
        .into_iter()
        .map(|version| version.version_id.unwrap())
        .collect();
    assert_eq!(ids, ["v1", "v+2", "v3", "v4"]);
    assert_eq!(
        queries(&transport),
        [
            "versions=&encoding-type=url",
            "versions=&key-marker=k%01&version-id-marker=v%2B2&encoding-type=url",
            // A marker that the answer leaves out goes, too.
            "versions=&key-marker=k%02&encoding-type=url",
        ]
    );
}

#[tokio::test]
async fn another_version_of_the_same_key_is_another_page() {
    let page = |id: &str| {
        let next = format!(
            "<NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>{id}</NextVersionIdMarker>"
        );
        (200, versions(&next, &[id]))
    };
    let transport = Memory::answering([page("1"), page("2"), page("2")]);
    let mut pages = client(&transport)
        .get_bucket_object_versions(BUCKET)
        .pages();
    assert!(pages.next().await.unwrap().is_ok());
    assert!(pages.next().await.unwrap().is_ok());
    let error = pages.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Response);
    assert!(error.to_string().contains("the same page again"), "{error}");
    assert!(pages.next().await.is_none());
}

#[tokio::test]
async fn parts_go_on_by_their_numbers() {
    let page = |more: &str, number: u8| {
        let text = format!(
            "<ListPartsResult>{more}<Part><PartNumber>{number}</PartNumber></Part></ListPartsResult>"
        );
        (200, text)
    };
    let transport = Memory::answering([
        page(
            "<IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>",
            1,
        ),
        page("<IsTruncated>false</IsTruncated>", 2),
    ]);
    let items = client(&transport).list_parts(BUCKET, "k", "u").items();
    let parts = items.collect().await.unwrap();
    let numbers: Vec<_> = parts.iter().map(|part| part.part_number).collect();
    assert_eq!(numbers, [Some(1), Some(2)]);
    assert_eq!(
        queries(&transport),
        [
            "uploadId=u&encoding-type=url",
            "uploadId=u&part-number-marker=1&encoding-type=url"
        ]
    );
}

#[tokio::test]
async fn uploads_go_on_by_key_and_id() {
    let first = "<ListMultipartUploadsResult><Encoding-Type>url</Encoding-Type>\
        <IsTruncated>true</IsTruncated><NextKeyMarker>a%20b</NextKeyMarker>\
        <NextUploadIdMarker>1</NextUploadIdMarker>\
        <Upload><Key>a%20b</Key><UploadId>1</UploadId></Upload></ListMultipartUploadsResult>";
    let last = "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>\
        </ListMultipartUploadsResult>";
    let transport = Memory::answering([(200, first), (200, last)]);
    let items = client(&transport).list_multipart_uploads(BUCKET).items();
    let uploads = items.collect().await.unwrap();
    assert_eq!(uploads.first().unwrap().key.as_deref(), Some("a b"));
    assert_eq!(
        queries(&transport),
        [
            "uploads=&encoding-type=url",
            "uploads=&key-marker=a%20b&upload-id-marker=1&encoding-type=url"
        ]
    );
}

/// The service keeps the connection alive by spaces while it works.
#[tokio::test]
async fn an_upload_is_completed_behind_spaces() {
    let answer = "  \n <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<CompleteMultipartUploadResult>\
        <ETag>\"e-1\"</ETag></CompleteMultipartUploadResult>";
    let refusal = "  \n <?xml version='1.0' encoding='utf-8' ?>\n<Error><Code>InternalError</Code>\
        <Message>Try again.</Message></Error>";
    let transport = Memory::answering([(200, answer), (200, refusal)]);
    let client = client(&transport);
    let complete = || {
        let parts = [tcloud_cos::CompletedPart::new(1, "\"e\"")];
        client.complete_multipart_upload(BUCKET, "k", "u", parts)
    };
    let reply = complete().send().await.unwrap();
    assert_eq!(reply.etag.as_deref(), Some("\"e-1\""));
    let error = complete().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InternalError"));
}
