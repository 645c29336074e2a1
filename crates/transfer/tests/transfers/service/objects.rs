//! The operations, as the service's documents describe them.

use std::collections::BTreeMap;
use std::fmt::Write;

use hyper::Response;
use md5::{Digest, Md5};
use tcloud_core::body::crc64_combine;
use tcloud_core::time::{format_http_date, format_iso_utc};

use super::answer::{Content, refuse, xml};
use super::state::{Asked, NOW, State, Stored, Upload, hex};

/// The service takes no smaller part but the last.
const SMALLEST: u64 = 1024 * 1024;

fn name(asked: &Asked) -> (String, String) {
    (asked.bucket.clone(), asked.key.clone())
}

fn empty(stored: &Stored) -> Response<Content> {
    let mut answer = Response::builder().header("etag", &stored.etag);
    if let Some(crc64) = stored.crc64 {
        answer = answer.header("x-cos-hash-crc64ecma", crc64);
    }
    answer.body(Content::of("")).unwrap()
}

pub(crate) fn put(
    state: &mut State,
    asked: &Asked,
    bytes: Vec<u8>,
    length: usize,
) -> Response<Content> {
    let stored = state.stored(bytes, length, asked.settings());
    let answer = empty(&stored);
    state.objects.insert(name(asked), stored);
    answer
}

pub(crate) fn get(state: &mut State, asked: &Asked) -> Response<Content> {
    let sent = state.sent;
    if let Some((_, bytes)) = state.becomes.take_if(|(after, _)| *after <= sent) {
        state.put(&asked.bucket, &asked.key, bytes);
    }
    let Some(stored) = state.objects.get(&name(asked)).cloned() else {
        return refuse(404, "NoSuchKey");
    };
    if asked
        .header("if-match")
        .is_some_and(|etag| etag != stored.etag)
    {
        return refuse(412, "PreconditionFailed");
    }
    let mut answer = Response::builder()
        .header("etag", &stored.etag)
        .header("last-modified", format_http_date(stored.modified))
        .header("accept-ranges", "bytes");
    if let Some(crc64) = stored.crc64 {
        answer = answer.header("x-cos-hash-crc64ecma", crc64);
    }
    for (name, value) in &stored.headers {
        answer = answer.header(name, value);
    }
    if asked.method == "HEAD" {
        let answer = answer.header("content-length", stored.length);
        return answer.body(Content::of("")).unwrap();
    }
    let Some(range) = asked.header("range") else {
        state.send(stored.length);
        return answer.body(Content::of(stored.bytes)).unwrap();
    };
    let (first, last) = range
        .strip_prefix("bytes=")
        .unwrap()
        .split_once('-')
        .unwrap();
    let first: u64 = first.parse().unwrap();
    if first >= stored.length {
        return refuse(416, "InvalidRange");
    }
    let end = last.parse().unwrap_or(u64::MAX).min(stored.length - 1) + 1;
    state.send_part(end - first);
    answer
        .status(206)
        .header(
            "content-range",
            format!("bytes {first}-{}/{}", end - 1, stored.length),
        )
        .body(Content::of(
            stored.bytes.slice(first as usize..end as usize),
        ))
        .unwrap()
}

pub(crate) fn initiate(state: &mut State, asked: &Asked) -> Response<Content> {
    state.next += 1;
    let id = format!("upload-{}", state.next);
    let upload = Upload {
        bucket: asked.bucket.clone(),
        key: asked.key.clone(),
        headers: asked.settings(),
        parts: BTreeMap::default(),
        begun: NOW + state.next as i64,
    };
    state.uploads.insert(id.clone(), upload);
    xml(format!(
        "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
    ))
}

fn upload<'a>(state: &'a mut State, asked: &Asked) -> Option<&'a mut Upload> {
    let upload = state.uploads.get_mut(asked.parameter("uploadId")?)?;
    (upload.key == asked.key && upload.bucket == asked.bucket).then_some(upload)
}

fn number(asked: &Asked) -> u32 {
    asked.parameter("partNumber").unwrap().parse().unwrap()
}

pub(crate) fn put_part(
    state: &mut State,
    asked: &Asked,
    bytes: Vec<u8>,
    length: usize,
) -> Response<Content> {
    let part = state.stored(bytes, length, BTreeMap::default());
    let Some(upload) = upload(state, asked) else {
        return refuse(404, "NoSuchUpload");
    };
    let answer = empty(&part);
    upload.parts.insert(number(asked), part);
    answer
}

/// The source of a copy, if it fits the conditions.
fn source(state: &State, asked: &Asked) -> Result<Stored, (u16, &'static str)> {
    let (host, key) = asked
        .header("x-cos-copy-source")
        .unwrap()
        .split_once('/')
        .unwrap();
    let key = percent_encoding::percent_decode_str(key)
        .decode_utf8()
        .unwrap();
    let mut labels = host.split('.');
    let bucket = labels.next().unwrap();
    // In full: bucket, service, region, domain.
    if labels.next() != Some("cos") || labels.next().is_none() {
        return Err((400, "InvalidCopySource"));
    }
    let Some(stored) = state.objects.get(&(bucket.to_owned(), key.to_string())) else {
        return Err((404, "NoSuchCopySource"));
    };
    if asked
        .header("x-cos-copy-source-if-match")
        .is_some_and(|etag| etag != stored.etag)
    {
        return Err((412, "PreconditionFailed"));
    }
    Ok(stored.clone())
}

fn note(state: &mut State, asked: &Asked) {
    state
        .sources
        .push(asked.header("x-cos-copy-source").unwrap().to_owned());
}

pub(crate) fn copy_part(state: &mut State, asked: &Asked) -> Response<Content> {
    let stored = match source(state, asked) {
        Ok(stored) => stored,
        Err((status, code)) => return refuse(status, code),
    };
    note(state, asked);
    let range = asked.header("x-cos-copy-source-range").unwrap();
    let (first, last) = range
        .strip_prefix("bytes=")
        .unwrap()
        .split_once('-')
        .unwrap();
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    let part = Stored::of(stored.bytes[first..=last].to_vec(), BTreeMap::default());
    let Some(upload) = upload(state, asked) else {
        return refuse(404, "NoSuchUpload");
    };
    let etag = part.etag.clone();
    upload.parts.insert(number(asked), part);
    xml(format!(
        "<CopyPartResult><ETag>{etag}</ETag></CopyPartResult>"
    ))
}

pub(crate) fn copy(state: &mut State, asked: &Asked) -> Response<Content> {
    let mut stored = match source(state, asked) {
        Ok(stored) => stored,
        Err((status, code)) => return refuse(status, code),
    };
    note(state, asked);
    if asked.header("x-cos-metadata-directive") == Some("Replaced") {
        stored.headers = asked.settings();
    }
    stored.modified = NOW + 1;
    let text = format!(
        "<CopyObjectResult><ETag>{}</ETag><CRC64>{}</CRC64></CopyObjectResult>",
        stored.etag,
        stored.crc64.unwrap_or_default()
    );
    state.objects.insert(name(asked), stored);
    xml(text)
}

pub(crate) fn complete(state: &mut State, asked: &Asked, body: &[u8]) -> Response<Content> {
    let forgets = state.forgets;
    let Some(upload) = upload(state, asked).cloned() else {
        return refuse(404, "NoSuchUpload");
    };
    let body = String::from_utf8(body.to_vec()).unwrap();
    let named: Vec<(u32, String)> = elements(&body, "Part")
        .map(|part| {
            let number = elements(part, "PartNumber")
                .next()
                .unwrap()
                .parse()
                .unwrap();
            (number, text(elements(part, "ETag").next().unwrap()))
        })
        .collect();
    if named.is_empty() {
        return refuse(400, "MalformedXML");
    }
    if !named.windows(2).all(|pair| pair[0].0 < pair[1].0) {
        return refuse(400, "InvalidPartOrder");
    }
    let (mut bytes, mut digests) = (Vec::new(), Vec::new());
    let (mut length, mut sum) = (0, 0);
    for (at, (number, etag)) in named.iter().enumerate() {
        let Some(part) = upload.parts.get(number).filter(|part| part.etag == *etag) else {
            return refuse(400, "InvalidPart");
        };
        if part.length < SMALLEST && at + 1 < named.len() {
            return refuse(400, "EntityTooSmall");
        }
        bytes.extend_from_slice(&part.bytes);
        digests.extend_from_slice(part.etag.as_bytes());
        length += part.length;
        sum = crc64_combine(sum, part.crc64.unwrap_or_default(), part.length);
    }
    let stored = Stored {
        bytes: bytes.into(),
        length,
        etag: format!("\"{}-{}\"", hex(&Md5::digest(&digests)), named.len()),
        crc64: (!forgets).then_some(sum),
        headers: upload.headers,
        modified: NOW,
    };
    let etag = stored.etag.clone();
    state.uploads.remove(asked.parameter("uploadId").unwrap());
    state.objects.insert(name(asked), stored);
    let mut answer = xml(format!(
        "<CompleteMultipartUploadResult><ETag>{etag}</ETag></CompleteMultipartUploadResult>"
    ));
    if !forgets {
        answer
            .headers_mut()
            .insert("x-cos-hash-crc64ecma", sum.to_string().parse().unwrap());
    }
    answer
}

pub(crate) fn abort(state: &mut State, asked: &Asked) -> Response<Content> {
    if upload(state, asked).is_none() {
        return refuse(404, "NoSuchUpload");
    }
    state.uploads.remove(asked.parameter("uploadId").unwrap());
    Response::builder()
        .status(204)
        .body(Content::of(""))
        .unwrap()
}

pub(crate) fn list_parts(state: &mut State, asked: &Asked) -> Response<Content> {
    let page = state.page.unwrap_or(1000);
    let Some(upload) = upload(state, asked) else {
        return refuse(404, "NoSuchUpload");
    };
    let marker: u32 = asked
        .parameter("part-number-marker")
        .map_or(0, |it| it.parse().unwrap());
    let mut left = upload.parts.range(marker + 1..);
    let mut text = String::from("<ListPartsResult>");
    let mut last = marker;
    for (number, part) in left.by_ref().take(page) {
        last = *number;
        write!(
            text,
            "<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag><Size>{}</Size></Part>",
            part.etag, part.length
        )
        .unwrap();
    }
    if left.next().is_some() {
        write!(
            text,
            "<NextPartNumberMarker>{last}</NextPartNumberMarker><IsTruncated>true</IsTruncated>"
        )
        .unwrap();
    } else {
        text.push_str("<IsTruncated>false</IsTruncated>");
    }
    xml(text + "</ListPartsResult>")
}

pub(crate) fn list_uploads(state: &mut State, asked: &Asked) -> Response<Content> {
    let prefix = asked.parameter("prefix").unwrap_or_default();
    let mut uploads: Vec<_> = state
        .uploads
        .iter()
        .filter(|(_, upload)| upload.bucket == asked.bucket && upload.key.starts_with(prefix))
        .collect();
    uploads.sort_by(|a, b| (&a.1.key, a.1.begun).cmp(&(&b.1.key, b.1.begun)));
    let mut text = String::from("<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>");
    for (id, upload) in uploads {
        write!(
            text,
            "<Upload><Key>{}</Key><UploadId>{id}</UploadId><Initiated>{}</Initiated></Upload>",
            escaped(&upload.key),
            format_iso_utc(upload.begun)
        )
        .unwrap();
    }
    xml(text + "</ListMultipartUploadsResult>")
}

pub(crate) fn list(state: &mut State, asked: &Asked) -> Response<Content> {
    let prefix = asked.parameter("prefix").unwrap_or_default();
    let marker = asked.parameter("marker").unwrap_or_default();
    let mut objects = state.objects.iter().filter(|((bucket, key), _)| {
        *bucket == asked.bucket && key.starts_with(prefix) && key.as_str() > marker
    });
    let mut text = String::from("<ListBucketResult>");
    let mut last = "";
    for ((_, key), stored) in objects.by_ref().take(state.page.unwrap_or(1000)) {
        last = key;
        write!(
            text,
            "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>{}</ETag>\
             <Size>{}</Size></Contents>",
            escaped(key),
            format_iso_utc(stored.modified),
            escaped(&stored.etag),
            stored.length
        )
        .unwrap();
    }
    if objects.next().is_some() {
        let marker = escaped(last);
        write!(
            text,
            "<NextMarker>{marker}</NextMarker><IsTruncated>true</IsTruncated>"
        )
        .unwrap();
    } else {
        text.push_str("<IsTruncated>false</IsTruncated>");
    }
    xml(text + "</ListBucketResult>")
}

pub(crate) fn delete_many(state: &mut State, asked: &Asked, body: &[u8]) -> Response<Content> {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let keys: Vec<String> = elements(&body, "Key").map(text).collect();
    if keys.is_empty() || keys.len() > 1000 {
        return refuse(400, "MalformedXML");
    }
    let mut answer = String::from("<DeleteResult>");
    for key in keys {
        if key.starts_with("locked/") {
            write!(
                answer,
                "<Error><Key>{}</Key><Code>ObjectLocked</Code><Message>It is locked.</Message></Error>",
                escaped(&key)
            )
            .unwrap();
        } else {
            state.objects.remove(&(asked.bucket.clone(), key));
        }
    }
    xml(answer + "</DeleteResult>")
}

/// The contents of the elements of a name, none of which lies in another.
fn elements<'a>(text: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&open)?;
        let (content, after) = after.split_once(&close)?;
        rest = after;
        Some(content)
    })
}

fn text(escaped: &str) -> String {
    escaped
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
