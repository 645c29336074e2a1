//! Documents of Object Storage as those of S3 that say the same.

use http::StatusCode;
use tcloud_core::server::Fault;
use tcloud_core::sign::encode;

use super::document::Element;
use super::operation::Operation;
use super::request::{Asked, token};
use super::words;

/// The namespace of S3's documents.
const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// The document of S3; `None` where there is none.
///
/// # Errors
///
/// The document of Object Storage cannot be read, which is a mistake of this cloud.
pub(super) fn document(
    operation: &Operation,
    asked: &Asked,
    answered: &[u8],
) -> Result<Option<String>, Fault> {
    let read = Element::read(answered).map_err(|fault| {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Fault::new(status, "InternalError", fault.message)
    })?;
    let Some(mut root) = read else {
        return Ok(None);
    };
    match operation.name {
        "ListBuckets" => buckets(&mut root, asked),
        "ListObjects" => objects(&mut root, asked),
        "ListObjectsV2" => objects_of_version_2(&mut root, asked),
        "ListObjectVersions" => {
            none_wanted(&mut root, asked, "max-keys", "MaxKeys");
            echo(&mut root, asked, "max-keys", "MaxKeys");
        }
        "ListMultipartUploads" => {
            rename(&mut root, "Encoding-Type", "EncodingType");
            none_wanted(&mut root, asked, "max-uploads", "MaxUploads");
            echo(&mut root, asked, "max-uploads", "MaxUploads");
        }
        "ListParts" => {
            rename(&mut root, "Encoding-type", "EncodingType");
            none_wanted(&mut root, asked, "max-parts", "MaxParts");
            echo(&mut root, asked, "max-parts", "MaxParts");
        }
        "CopyObject" | "UploadPartCopy" => {
            for name in ["CRC64", "VersionId"] {
                root.take(name);
            }
        }
        "GetBucketAcl" | "GetObjectAcl" => {
            root.take("ACL");
        }
        "GetBucketCors" => {
            root.take("ResponseVary");
        }
        _ => {}
    }
    let Ok(()) = root.each(&mut |element| {
        match element.name.as_str() {
            "StorageClass" => element.text = words::class_answered(&element.text).to_owned(),
            "URI" => element.text = words::group_answered(&element.text).to_owned(),
            _ => {}
        }
        Ok::<(), std::convert::Infallible>(())
    });
    let namespace = ("xmlns".to_owned(), NAMESPACE.to_owned());
    root.attributes.insert(0, namespace);
    Ok(Some(root.written()))
}

fn rename(root: &mut Element, from: &str, to: &str) {
    for child in root.children.iter_mut().filter(|child| child.name == from) {
        to.clone_into(&mut child.name);
    }
}

fn buckets(root: &mut Element, asked: &Asked) {
    if let Some(buckets) = root.children.iter_mut().find(|it| it.name == "Buckets") {
        for bucket in &mut buckets.children {
            rename(bucket, "Location", "BucketRegion");
            bucket
                .children
                .retain(|it| !matches!(it.name.as_str(), "Type" | "BucketType"));
        }
    } else {
        root.children
            .push(Element::with_children("Buckets", Vec::new()));
    }
    let next = root.take("NextMarker");
    for name in ["IsTruncated", "Marker"] {
        root.take(name);
    }
    if let (Some(next), Some(_)) = (next, asked.parameter("max-buckets")) {
        root.children
            .push(Element::with_text("ContinuationToken", token(&next.text)));
    }
}

/// What S3 does not say of an object in a list.
fn summaries(root: &mut Element) {
    for object in root.children.iter_mut().filter(|it| it.name == "Contents") {
        for name in ["StorageTier", "RestoreStatus"] {
            object.take(name);
        }
    }
}

fn objects(root: &mut Element, asked: &Asked) {
    summaries(root);
    none_wanted(root, asked, "max-keys", "MaxKeys");
    // Whoever gathers no keys goes on behind the last one.
    if asked.parameter("delimiter").is_none_or(str::is_empty) {
        root.take("NextMarker");
    }
    echo(root, asked, "max-keys", "MaxKeys");
}

fn objects_of_version_2(root: &mut Element, asked: &Asked) {
    summaries(root);
    none_wanted(root, asked, "max-keys", "MaxKeys");
    root.take("Marker");
    let is_encoded = root.text_of("EncodingType") == Some("url");
    let next = root.take("NextMarker").map(|next| {
        let decoded = is_encoded
            .then(|| encode::decode_path(&next.text))
            .flatten();
        token(&decoded.unwrap_or(next.text))
    });
    if let Some(next) = next {
        root.children
            .push(Element::with_text("NextContinuationToken", next));
    }
    for (parameter, name) in [
        ("continuation-token", "ContinuationToken"),
        ("start-after", "StartAfter"),
    ] {
        if let Some(value) = asked.parameter(parameter) {
            let value = match (parameter, is_encoded) {
                ("start-after", true) => encode::component(value),
                _ => value.to_owned(),
            };
            root.children.push(Element::with_text(name, value));
        }
    }
    if asked.parameter("fetch-owner") != Some("true") {
        for object in root.children.iter_mut().filter(|it| it.name == "Contents") {
            object.take("Owner");
        }
    }
    let is_item = |it: &&Element| matches!(it.name.as_str(), "Contents" | "CommonPrefixes");
    let count = root.children.iter().filter(is_item).count();
    root.children
        .push(Element::with_text("KeyCount", count.to_string()));
    echo(root, asked, "max-keys", "MaxKeys");
}

/// What lists have.
const ITEMS: [&str; 6] = [
    "CommonPrefixes",
    "Contents",
    "DeleteMarker",
    "Part",
    "Upload",
    "Version",
];

/// Takes all items away, if nobody wanted one.
fn none_wanted(root: &mut Element, asked: &Asked, parameter: &str, name: &str) {
    if asked
        .parameter(parameter)
        .is_none_or(|most| !most.trim_start_matches('0').is_empty())
    {
        return;
    }
    root.children
        .retain(|it| !ITEMS.contains(&it.name.as_str()) && !it.name.starts_with("Next"));
    for child in &mut root.children {
        if child.name == "IsTruncated" {
            "false".clone_into(&mut child.text);
        }
        if child.name == name {
            "0".clone_into(&mut child.text);
        }
    }
}

/// S3 names the bound that it keeps to, which is that of the request up to 1000.
fn echo(root: &mut Element, asked: &Asked, parameter: &str, name: &str) {
    let most = asked
        .parameter(parameter)
        .and_then(|most| most.parse::<u32>().ok());
    let Some(most) = most else { return };
    for child in root.children.iter_mut().filter(|it| it.name == name) {
        child.text = most.min(1000).to_string();
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use tcloud_core::sign::encode;

    use super::super::operation::{Scope, find};
    use super::super::request::Asked;
    use super::document;

    /// The children of the document, without its beginning and its end.
    fn answered(query: &str, text: &str) -> String {
        let scope = if query == "service" {
            Scope::Service
        } else {
            Scope::Bucket
        };
        let query = if query == "service" {
            "max-buckets=1"
        } else {
            query
        };
        let query = encode::decode_query(query).unwrap();
        let operation = find(&Method::GET, scope, &query, &HeaderMap::new()).unwrap();
        let asked = Asked {
            query,
            checksum: None,
        };
        let text = document(operation, &asked, text.as_bytes())
            .unwrap()
            .unwrap();
        let (start, rest) = text
            .split_once("<R xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">")
            .unwrap();
        assert!(start.starts_with("<?xml"));
        rest.strip_suffix("</R>").unwrap().to_owned()
    }

    const LIST: &str = "<R><EncodingType>url</EncodingType><Marker>m</Marker><MaxKeys>2</MaxKeys>\
        <IsTruncated>true</IsTruncated><NextMarker>a%20b</NextMarker>\
        <Contents><Key>k</Key><Owner><ID>1</ID></Owner><StorageClass>ARCHIVE</StorageClass>\
        <StorageTier>FREQUENT</StorageTier></Contents></R>";

    #[test]
    fn lists_of_both_versions() {
        assert_eq!(
            answered("list-type=2&start-after=a b&max-keys=2", LIST),
            "<EncodingType>url</EncodingType><MaxKeys>2</MaxKeys><IsTruncated>true</IsTruncated>\
             <Contents><Key>k</Key><StorageClass>GLACIER</StorageClass></Contents>\
             <NextContinuationToken>YSBi</NextContinuationToken><StartAfter>a%20b</StartAfter>\
             <KeyCount>1</KeyCount>"
        );
        assert_eq!(
            answered("max-keys=2", LIST),
            "<EncodingType>url</EncodingType><Marker>m</Marker><MaxKeys>2</MaxKeys>\
             <IsTruncated>true</IsTruncated><Contents><Key>k</Key><Owner><ID>1</ID></Owner>\
             <StorageClass>GLACIER</StorageClass></Contents>"
        );
        assert!(answered("delimiter=/", LIST).contains("<NextMarker>a%20b</NextMarker>"));
        assert!(answered("list-type=2&fetch-owner=true", LIST).contains("<Owner>"));
        assert_eq!(
            answered("list-type=2&max-keys=0", LIST),
            "<EncodingType>url</EncodingType><MaxKeys>0</MaxKeys><IsTruncated>false</IsTruncated>\
             <KeyCount>0</KeyCount>"
        );
    }

    #[test]
    fn buckets_and_groups() {
        let list = "<R><Owner/><Buckets><Bucket><Name>b</Name><Location>r</Location>\
            <BucketType>cos</BucketType></Bucket></Buckets><NextMarker>b</NextMarker>\
            <IsTruncated>true</IsTruncated></R>";
        assert_eq!(
            answered("service", list),
            "<Owner></Owner><Buckets><Bucket><Name>b</Name><BucketRegion>r</BucketRegion></Bucket>\
             </Buckets><ContinuationToken>Yg</ContinuationToken>"
        );
        let acl = "<R><URI>http://cam.qcloud.com/groups/global/AllUsers</URI></R>";
        let wanted = "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>";
        assert_eq!(answered("acl", acl), wanted);
    }
}
