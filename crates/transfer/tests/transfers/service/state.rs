//! What the model holds, and which operation answers.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use hyper::Response;
use md5::{Digest, Md5};
use tcloud_core::body::crc64;

use super::answer::{Content, refuse};
use super::faults::Fault;
use super::objects;

/// Objects, uploads, and what was asked.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) objects: BTreeMap<(String, String), Stored>,
    pub(crate) uploads: BTreeMap<String, Upload>,
    pub(crate) faults: Vec<Fault>,
    /// Methods and paths with queries, in their order.
    pub(crate) log: Vec<String>,
    /// Bytes of bodies that came, whether or not their requests were finished.
    pub(crate) received: u64,
    /// Bytes of objects that were asked for.
    pub(crate) sent: u64,
    /// Items on a page of a list, if fewer than a thousand.
    pub(crate) page: Option<usize>,
    /// Whether content is forgotten.
    pub(crate) forgets: bool,
    /// Called when bytes come.
    pub(crate) on_receive: Option<Arc<dyn Fn(u64) + Send + Sync>>,
    /// Called when bytes go.
    pub(crate) on_send: Option<Arc<dyn Fn(u64) + Send + Sync>>,
    /// Bytes of answers that were a part, and what is called when they are asked for.
    pub(crate) parts_sent: u64,
    pub(crate) on_part: Option<Arc<dyn Fn(u64) + Send + Sync>>,
    /// The sources of copies, as they were named.
    pub(crate) sources: Vec<String>,
    /// What an object becomes when so many bytes have been asked for.
    pub(crate) becomes: Option<(u64, Vec<u8>)>,
    pub(super) next: u64,
}

/// An object, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stored {
    pub(crate) bytes: Bytes,
    pub(crate) length: u64,
    pub(crate) etag: String,
    pub(crate) crc64: Option<u64>,
    pub(crate) headers: BTreeMap<String, String>,
    /// Unix seconds.
    pub(crate) modified: i64,
}

/// An upload that has begun.
#[derive(Clone)]
pub(crate) struct Upload {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) parts: BTreeMap<u32, Stored>,
    pub(crate) begun: i64,
}

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: BTreeMap<String, String>,
    path: String,
}

/// What the model's clock shows: 2023-11-14T22:13:20Z.
pub(crate) const NOW: i64 = 1_700_000_000;

impl Asked {
    pub(crate) fn of(head: &http::request::Parts) -> Self {
        let decode = |text: &str| {
            percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned()
        };
        let headers: BTreeMap<String, String> = head
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let query = head
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|it| !it.is_empty());
        let host = headers.get("host").cloned().unwrap_or_default();
        Self {
            method: head.method.to_string(),
            bucket: host.split('.').next().unwrap_or_default().to_owned(),
            key: decode(head.uri.path().trim_start_matches('/')),
            query: query
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
            headers,
            path: head
                .uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
        }
    }

    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// What is stored with an object.
    pub(crate) fn settings(&self) -> BTreeMap<String, String> {
        let kept = [
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "content-type",
            "expires",
            "x-cos-storage-class",
            "x-cos-acl",
            "x-cos-tagging",
        ];
        let mut settings = self.headers.clone();
        settings.retain(|name, _| kept.contains(&name.as_str()) || name.starts_with("x-cos-meta-"));
        settings
    }
}

impl Stored {
    pub(crate) fn of(bytes: Vec<u8>, headers: BTreeMap<String, String>) -> Self {
        Self {
            length: bytes.len() as u64,
            etag: format!("\"{}\"", hex(&Md5::digest(&bytes))),
            crc64: Some(crc64(&bytes)),
            bytes: bytes.into(),
            headers,
            modified: NOW,
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

impl State {
    pub(super) fn receive(&mut self, length: usize) {
        self.received += length as u64;
        if let Some(notice) = &self.on_receive {
            notice(self.received);
        }
    }

    pub(super) fn send(&mut self, length: u64) {
        self.sent += length;
        if let Some(notice) = &self.on_send {
            notice(self.sent);
        }
    }

    /// A part of an object goes.
    pub(super) fn send_part(&mut self, length: u64) {
        self.send(length);
        self.parts_sent += length;
        if let Some(notice) = &self.on_part {
            notice(self.parts_sent);
        }
    }

    /// Something stored from what came.
    pub(super) fn stored(
        &mut self,
        bytes: Vec<u8>,
        length: usize,
        headers: BTreeMap<String, String>,
    ) -> Stored {
        if !self.forgets {
            return Stored::of(bytes, headers);
        }
        self.next += 1;
        Stored {
            bytes: Bytes::new(),
            length: length as u64,
            etag: format!("\"forgotten-{}\"", self.next),
            crc64: None,
            headers,
            modified: NOW,
        }
    }

    pub(crate) fn put(&mut self, bucket: &str, key: &str, bytes: impl Into<Vec<u8>>) {
        let stored = Stored::of(bytes.into(), BTreeMap::new());
        self.objects
            .insert((bucket.to_owned(), key.to_owned()), stored);
    }

    pub(crate) fn object(&self, bucket: &str, key: &str) -> &Stored {
        let name = (bucket.to_owned(), key.to_owned());
        self.objects
            .get(&name)
            .unwrap_or_else(|| panic!("{key} is not stored"))
    }

    /// The keys of a bucket.
    pub(crate) fn keys(&self, bucket: &str) -> Vec<String> {
        let of_bucket = self.objects.keys().filter(|(name, _)| name == bucket);
        of_bucket.map(|(_, key)| key.clone()).collect()
    }

    /// How many requests contained `asked`.
    pub(crate) fn asked(&self, asked: &str) -> usize {
        self.log.iter().filter(|line| line.contains(asked)).count()
    }

    pub(super) fn answer(
        &mut self,
        asked: &Asked,
        bytes: Vec<u8>,
        length: usize,
    ) -> Response<Content> {
        let has = |name| asked.query.contains_key(name);
        match (asked.method.as_str(), asked.key.is_empty()) {
            ("GET", true) if has("uploads") => objects::list_uploads(self, asked),
            ("GET", true) => objects::list(self, asked),
            ("POST", true) if has("delete") => objects::delete_many(self, asked, &bytes),
            ("PUT", false) if has("partNumber") && asked.header("x-cos-copy-source").is_some() => {
                objects::copy_part(self, asked)
            }
            ("PUT", false) if has("partNumber") => objects::put_part(self, asked, bytes, length),
            ("PUT", false) if asked.header("x-cos-copy-source").is_some() => {
                objects::copy(self, asked)
            }
            ("PUT", false) => objects::put(self, asked, bytes, length),
            ("POST", false) if has("uploads") => objects::initiate(self, asked),
            ("POST", false) if has("uploadId") => objects::complete(self, asked, &bytes),
            ("DELETE", false) if has("uploadId") => objects::abort(self, asked),
            ("GET", false) if has("uploadId") => objects::list_parts(self, asked),
            ("GET" | "HEAD", false) => objects::get(self, asked),
            _ => refuse(501, "NotImplemented"),
        }
    }
}
