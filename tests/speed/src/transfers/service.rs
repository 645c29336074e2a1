//! As much of Object Storage as transfers ask for, at next to no cost: content is zeros, so it is
//! checked, counted and forgotten, and made when it is read.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tcloud_core::body::{Crc64, crc64_combine};
use tcloud_core::sign::encode::decode_query;
use tokio::net::TcpListener;

use super::case::{FILES, LARGE, LARGE_SIZE, SMALL_SIZE, TREE_FILES};
use super::spelling;
use crate::case::Zeros;
use crate::server::Large;

/// Where the objects are that are there from the beginning.
pub(super) const TREE: &str = "tree/";
/// A time after that of any file.
const MODIFIED: (&str, &str) = ("Sat, 01 Jan 2050 00:00:00 GMT", "2050-01-01T00:00:00.000Z");
const ETAG: &str = "\"b5cf0b9c8cb1b2f1\"";
const PAGE: usize = 1000;

/// Size and checksum.
type Content = (u64, u64);

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Content>,
    /// The parts of uploads, by the key: of one there is one at a time.
    parts: BTreeMap<String, BTreeMap<u32, Content>>,
}

/// Serves for ever what is downloaded and compared. Its address is the one line that it writes.
pub(super) async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut output = std::io::stdout();
    writeln!(output, "http://{}", listener.local_addr().unwrap()).unwrap();
    output.flush().unwrap();
    let large = (LARGE.to_owned(), zeros(LARGE_SIZE));
    let one = zeros(SMALL_SIZE);
    let small = (0..FILES).map(|number| (format!("small/{}", super::small_name(number)), one));
    let tree =
        (0..TREE_FILES).map(|number| (format!("{TREE}{}", super::tree_name(number)), (0, 0)));
    let state = Arc::new(Mutex::new(State {
        objects: small.chain(tree).chain([large]).collect(),
        ..State::default()
    }));
    // coscmd looks for names to the letter.
    let spelling = spelling::learn().await;
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (state, spelling) = (Arc::clone(&state), spelling.clone());
        tokio::spawn(async move {
            let service = service_fn(async |request| {
                let mut answer = answer(request, &state).await?;
                answer.extensions_mut().extend(spelling.clone());
                Ok::<_, hyper::Error>(answer)
            });
            let mut connection = hyper::server::conn::http1::Builder::new();
            connection.preserve_header_case(true);
            // A client that has gone is no failure.
            let _ = connection
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Zeros, as many as `size`, and their checksum, by halves.
fn zeros(size: u64) -> Content {
    if size < 4096 {
        let mut sum = Crc64::new();
        (0..size).for_each(|_| sum.update(&[0]));
        return (size, sum.value());
    }
    let (half, odd) = (zeros(size / 2).1, zeros(size % 2));
    let even = crc64_combine(half, half, size / 2);
    (size, crc64_combine(even, odd.1, odd.0))
}

type Answer = Response<BoxBody<Bytes, Infallible>>;

async fn answer(request: Request<Incoming>, state: &Mutex<State>) -> Result<Answer, hyper::Error> {
    let (parts, mut body) = request.into_parts();
    let mut sum = Crc64::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            sum.update(&data);
            size += u64::try_from(data.len()).unwrap();
        }
    }
    let received = (size, sum.value());
    let key = parts.uri.path().trim_start_matches('/').to_owned();
    let query = decode_query(parts.uri.query().unwrap_or_default()).unwrap();
    let query: BTreeMap<_, _> = query.into_iter().collect();
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    let has = |name: &str| query.contains_key(name);
    Ok(match parts.method {
        Method::PUT if has("partNumber") => {
            let number = query.get("partNumber").unwrap().parse().unwrap();
            let of_key = state.parts.entry(key).or_default();
            of_key.insert(number, received);
            stored(received)
        }
        Method::PUT => {
            state.objects.insert(key, received);
            stored(received)
        }
        Method::POST if has("uploads") => {
            state.parts.insert(key.clone(), BTreeMap::new());
            let id = "<Bucket>b</Bucket><UploadId>one</UploadId>";
            let begun = format!("{id}<Key>{key}</Key>");
            document("InitiateMultipartUploadResult", &begun)
        }
        Method::POST if has("uploadId") => {
            let of_key = state.parts.remove(&key).unwrap_or_default();
            let whole = of_key
                .into_values()
                .reduce(|(size, sum), (more, next)| (size + more, crc64_combine(sum, next, more)));
            let whole = whole.unwrap_or_default();
            state.objects.insert(key.clone(), whole);
            let completed = format!("<Key>{key}</Key><ETag>{ETAG}</ETag>");
            let mut answer = document("CompleteMultipartUploadResult", &completed);
            checksum(&mut answer, whole);
            answer
        }
        Method::GET if has("uploads") => {
            let none = "<IsTruncated>false</IsTruncated>";
            document("ListMultipartUploadsResult", none)
        }
        Method::GET if key.is_empty() => state.list(&query),
        Method::GET | Method::HEAD => match state.objects.get(&key) {
            Some(content) => read(*content, &parts.headers, parts.method == Method::HEAD),
            None => empty(StatusCode::NOT_FOUND),
        },
        Method::DELETE => empty(StatusCode::NO_CONTENT),
        _ => empty(StatusCode::NOT_IMPLEMENTED),
    })
}

impl State {
    /// A page of keys that need no encoding.
    fn list(&self, query: &BTreeMap<String, String>) -> Answer {
        let text = |name: &str| query.get(name).map_or("", String::as_str);
        let (prefix, marker) = (text("prefix"), text("marker"));
        let from = if marker > prefix { marker } else { prefix };
        let behind = self.objects.range(from.to_owned()..);
        let mut found = behind
            .filter(|(key, _)| key.as_str() > marker)
            .take_while(|(key, _)| key.starts_with(prefix));
        let mut rows = String::new();
        let mut last = "";
        for (key, (size, _)) in found.by_ref().take(PAGE) {
            let modified = MODIFIED.1;
            write!(
                rows,
                "<Contents><Key>{key}</Key><LastModified>{modified}</LastModified>\
                 <ETag>{ETAG}</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass>\
                 <Owner><ID>1</ID></Owner></Contents>"
            )
            .unwrap();
            last = key;
        }
        let more = found.next().is_some();
        let mut head = format!("<Name>b</Name><Prefix>{prefix}</Prefix><Marker>{marker}</Marker>");
        if query.contains_key("encoding-type") {
            head += "<EncodingType>url</EncodingType>";
        }
        if more {
            write!(head, "<NextMarker>{last}</NextMarker>").unwrap();
        }
        write!(head, "<IsTruncated>{more}</IsTruncated>").unwrap();
        document("ListBucketResult", &format!("{head}{rows}"))
    }
}

/// An object, or the part of it that `headers` ask for.
fn read((size, sum): Content, headers: &HeaderMap, describes: bool) -> Answer {
    let range = headers.get("range").and_then(|value| value.to_str().ok());
    let range = range.and_then(|text| text.strip_prefix("bytes=")?.split_once('-'));
    let asked = range.map(|(first, last)| {
        let first: u64 = first.parse().unwrap();
        let last = last.parse().unwrap_or(u64::MAX).min(size.saturating_sub(1));
        (first, last)
    });
    let length = asked.map_or(size, |(first, last)| last + 1 - first);
    let mut answer = empty(StatusCode::OK);
    if !describes {
        *answer.body_mut() = Large(Zeros { left: length }).boxed();
    }
    let headers = answer.headers_mut();
    headers.insert("content-length", length.into());
    headers.insert("content-type", "application/octet-stream".parse().unwrap());
    headers.insert("accept-ranges", "bytes".parse().unwrap());
    headers.insert("last-modified", MODIFIED.0.parse().unwrap());
    if let Some((first, last)) = asked {
        let range = format!("bytes {first}-{last}/{size}");
        headers.insert("content-range", range.parse().unwrap());
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    checksum(&mut answer, (size, sum));
    answer
}

fn stored(content: Content) -> Answer {
    let mut answer = empty(StatusCode::OK);
    checksum(&mut answer, content);
    answer
}

fn checksum(answer: &mut Answer, (_, sum): Content) {
    let sum = sum.to_string().parse().unwrap();
    answer.headers_mut().insert("x-cos-hash-crc64ecma", sum);
}

fn document(root: &str, inner: &str) -> Answer {
    let text = format!("<{root}>{inner}</{root}>");
    let mut answer = empty(StatusCode::OK);
    let kind = "application/xml".parse().unwrap();
    answer.headers_mut().insert("content-type", kind);
    *answer.body_mut() = Full::from(text).boxed();
    answer
}

fn empty(status: StatusCode) -> Answer {
    Response::builder()
        .status(status)
        .header("x-cos-request-id", "NjU0MzIx")
        .header("etag", ETAG)
        .body(Full::default().boxed())
        .unwrap()
}
