//! Documents of S3 as those of Object Storage that say the same.

use http::StatusCode;
use tcloud_core::server::Fault;

use super::checksum::Algorithm;
use super::document::{Element, malformed};
use super::operation::Operation;
use super::words;

/// The document of a request as Object Storage has it, and the region that it names for a bucket.
///
/// # Errors
///
/// It cannot be read, or says what is not here.
pub(crate) fn document(
    operation: &Operation,
    sent: &[u8],
) -> Result<(String, Option<String>), Fault> {
    let Some(mut root) = Element::read(sent)? else {
        return Ok((String::new(), None));
    };
    match operation.name {
        "CreateBucket" => return Ok((String::new(), region(&root)?)),
        "CompleteMultipartUpload" => parts(&mut root)?,
        "PutBucketLifecycleConfiguration" => lifecycle(&mut root)?,
        "RestoreObject" => restore(&mut root),
        "SelectObjectContent" => select(&mut root),
        "PutBucketAcl" | "PutObjectAcl" => root.each(&mut |element| {
            if element.name == "URI" {
                element.text = words::group_asked(&element.text).to_owned();
            }
            Ok::<(), Fault>(())
        })?,
        _ => {}
    }
    Ok((root.written(), None))
}

/// Where a bucket is to be.
fn region(root: &Element) -> Result<Option<String>, Fault> {
    if root.name != "CreateBucketConfiguration" {
        return Err(malformed(
            "its root element is not CreateBucketConfiguration",
        ));
    }
    let mut others = root.children.iter();
    if let Some(other) = others.find(|child| child.name != "LocationConstraint") {
        let name = other.name.escape_debug();
        let message = format!("CreateBucketConfiguration: {name} is not implemented here");
        return Err(super::operation::not_implemented(message));
    }
    let named = root
        .text_of("LocationConstraint")
        .unwrap_or_default()
        .trim();
    let is_name = named
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !is_name {
        let message = format!(
            "The specified location constraint is not valid: `{}`",
            named.escape_debug()
        );
        let code = "InvalidLocationConstraint";
        return Err(Fault::new(StatusCode::BAD_REQUEST, code, message));
    }
    Ok((!named.is_empty()).then(|| named.to_owned()))
}

/// Parts are known by their numbers and tags. Their checksums were compared when they came; here it
/// is only seen to that they are some.
fn parts(root: &mut Element) -> Result<(), Fault> {
    for part in &mut root.children {
        for child in &part.children {
            let algorithm = child
                .name
                .strip_prefix("Checksum")
                .and_then(Algorithm::named);
            if algorithm.is_some_and(|algorithm| algorithm.read(&child.text).is_none()) {
                return Err(malformed(&format!("{} has no checksum", child.name)));
            }
        }
        part.children.retain(|child| {
            let kind = child.name.strip_prefix("Checksum");
            kind.and_then(Algorithm::named).is_none()
        });
    }
    Ok(())
}

/// Classes have other names, and the beginning of the keys once stood outside of the filter.
fn lifecycle(root: &mut Element) -> Result<(), Fault> {
    for rule in &mut root.children {
        if rule.name != "Rule" {
            continue;
        }
        if let Some(prefix) = rule.take("Prefix") {
            if rule.child("Filter").is_some() {
                return Err(malformed("a Rule has a Prefix and a Filter"));
            }
            let prefix = Element::with_text("Prefix", prefix.text);
            rule.children
                .push(Element::with_children("Filter", vec![prefix]));
        }
    }
    root.each(&mut |element| {
        if element.name == "StorageClass" {
            element.text = words::class_asked(&element.text)?.to_owned();
        }
        Ok::<(), Fault>(())
    })
}

/// How fast is said under another name, and need not be said.
fn restore(root: &mut Element) {
    let mut parameters = root.take("GlacierJobParameters").unwrap_or_else(|| {
        Element::with_children("", vec![Element::with_text("Tier", "Standard")])
    });
    "CASJobParameters".clone_into(&mut parameters.name);
    root.children.push(parameters);
}

/// The document has another name, and so has a format in it.
fn select(root: &mut Element) {
    if root.name == "SelectObjectContentRequest" {
        "SelectRequest".clone_into(&mut root.name);
    }
    for child in root.children.iter_mut().flat_map(|it| &mut it.children) {
        if child.name == "Parquet" {
            "PARQUET".clone_into(&mut child.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::super::operation::{Scope, find};
    use super::document;

    fn asked(line: &str, sent: &str) -> Result<(String, Option<String>), String> {
        let (method, uri) = line.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let scope = if path == "/" {
            Scope::Bucket
        } else {
            Scope::Object
        };
        let query = tcloud_core::sign::encode::decode_query(query).unwrap();
        let operation = find(&method, scope, &query, &HeaderMap::new()).unwrap();
        let (text, region) = document(operation, sent.as_bytes()).map_err(|fault| fault.code)?;
        let text = text
            .split_once('\n')
            .map_or("", |(_, text)| text)
            .to_owned();
        Ok((text, region))
    }

    #[test]
    fn documents_get_their_other_names() {
        for (line, sent, translated) in [
            (
                "POST /k?uploadId=a",
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag>\
                 <ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part></CompleteMultipartUpload>",
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part>\
                 </CompleteMultipartUpload>",
            ),
            (
                "PUT /?lifecycle",
                "<LifecycleConfiguration><Rule><Prefix>a</Prefix><Transition><StorageClass>GLACIER\
                 </StorageClass></Transition></Rule></LifecycleConfiguration>",
                "<LifecycleConfiguration><Rule><Transition><StorageClass>ARCHIVE</StorageClass>\
                 </Transition><Filter><Prefix>a</Prefix></Filter></Rule></LifecycleConfiguration>",
            ),
            (
                "POST /k?restore",
                "<RestoreRequest><Days>1</Days><GlacierJobParameters><Tier>Bulk</Tier>\
                 </GlacierJobParameters></RestoreRequest>",
                "<RestoreRequest><Days>1</Days><CASJobParameters><Tier>Bulk</Tier>\
                 </CASJobParameters></RestoreRequest>",
            ),
            (
                "POST /k?restore",
                "<RestoreRequest><Days>1</Days></RestoreRequest>",
                "<RestoreRequest><Days>1</Days><CASJobParameters><Tier>Standard</Tier>\
                 </CASJobParameters></RestoreRequest>",
            ),
            (
                "POST /k?select&select-type=2",
                "<SelectObjectContentRequest><InputSerialization><Parquet/></InputSerialization>\
                 </SelectObjectContentRequest>",
                "<SelectRequest><InputSerialization><PARQUET></PARQUET></InputSerialization></SelectRequest>",
            ),
            (
                "PUT /?acl",
                "<A><URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></A>",
                "<A><URI>http://cam.qcloud.com/groups/global/AllUsers</URI></A>",
            ),
        ] {
            assert_eq!(asked(line, sent), Ok((translated.to_owned(), None)));
        }
    }

    #[test]
    fn where_a_bucket_is_to_be() {
        let at = |place: &str| {
            let sent = format!(
                "<CreateBucketConfiguration><LocationConstraint>{place}</LocationConstraint>\
                 </CreateBucketConfiguration>"
            );
            asked("PUT /", &sent).map(|(_, region)| region)
        };
        assert_eq!(at("ap-beijing"), Ok(Some("ap-beijing".into())));
        assert_eq!(at(""), Ok(None));
        assert_eq!(at("a b"), Err("InvalidLocationConstraint".into()));
        assert_eq!(asked("PUT /", "").unwrap().1, None);
        assert_eq!(asked("PUT /", "<A/>"), Err("MalformedXML".into()));
        let other = "<CreateBucketConfiguration><Bucket/></CreateBucketConfiguration>";
        assert_eq!(asked("PUT /", other), Err("NotImplemented".into()));
    }

    #[test]
    fn wrong_documents_are_refused() {
        for (line, sent, code) in [
            (
                "PUT /?lifecycle",
                "<LifecycleConfiguration>",
                "MalformedXML",
            ),
            (
                "PUT /?lifecycle",
                "<L><Rule><Prefix>a</Prefix><Filter/></Rule></L>",
                "MalformedXML",
            ),
            (
                "PUT /?lifecycle",
                "<L><Rule><Transition><StorageClass>SNOW</StorageClass></Transition></Rule></L>",
                "NotImplemented",
            ),
            (
                "POST /k?uploadId=a",
                "<C><Part><ChecksumCRC32>x</ChecksumCRC32></Part></C>",
                "MalformedXML",
            ),
        ] {
            assert_eq!(asked(line, sent), Err(code.to_owned()), "{sent}");
        }
    }
}
