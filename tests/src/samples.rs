//! The samples: requests and responses as the documents of the services print them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::load::{SourceFile, load};
use tcloud_core::codec::{CodecError, Document, Drift, json, xml};
use tcloud_core::operation::{BodyFormat, Catalog, Operation, Protocol};
use tcloud_core::schema::Structure;

use crate::Failure;

/// A request, a response, or both.
#[derive(Debug)]
pub struct Sample {
    /// Where it is: file and name.
    pub label: String,
    /// Its bodies.
    pub messages: Vec<Message>,
    /// Where it departs from its table and why, as the table lists it.
    pub drift: BTreeMap<String, String>,
}

/// One body, and the table that should describe it.
#[derive(Debug)]
pub struct Message {
    /// The operation.
    pub operation: &'static Operation,
    /// What it is.
    pub side: Side,
    /// The body, without what the protocol puts around it.
    pub text: String,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What is sent.
    Request,
    /// What comes back.
    Response,
}

impl Message {
    fn new(operation: &'static Operation, side: Side, text: &str) -> Result<Self, Failure> {
        let wrapped = operation.service.protocol == Protocol::Tc3 && side == Side::Response;
        let text = if wrapped {
            let whole: Value = serde_json::from_str(text)?;
            whole
                .get("Response")
                .ok_or("the wrapper `Response` is missing")?
                .to_string()
        } else {
            text.to_owned()
        };
        Ok(Self {
            operation,
            side,
            text,
        })
    }

    /// The table.
    pub fn structure(&self) -> &'static Structure {
        match self.side {
            Side::Request => self.operation.request,
            Side::Response => self.operation.response,
        }
    }

    /// How the body is encoded.
    pub fn format(&self) -> BodyFormat {
        match self.side {
            Side::Request => self.operation.request_body,
            Side::Response => self.operation.response_body,
        }
    }

    /// Reads `text` by this message's table.
    ///
    /// # Errors
    /// As the codec's.
    pub fn decode(&self, text: &str) -> Result<(Document, Vec<Drift>), CodecError> {
        let mut document = Document::new(self.structure());
        let drift = match self.format() {
            BodyFormat::Xml(root) => xml::decode(text, root, &mut document)?,
            BodyFormat::Json => json::decode(text, "", &mut document)?,
            _ => Vec::new(),
        };
        Ok((document, drift))
    }

    /// Writes `document`, which is one of this message's table.
    ///
    /// # Errors
    /// As the codec's.
    pub fn encode(&self, document: &Document) -> Result<String, CodecError> {
        match self.format() {
            BodyFormat::Xml(root) => xml::encode(root, document),
            BodyFormat::Json => json::encode(document, json::Style::Typed),
            _ => Ok(String::new()),
        }
    }

    /// Whether the list of accepted departures names the one at `path`: with or without the root,
    /// and without the numbers of items.
    pub fn excuse<'d>(&self, drift: &'d BTreeMap<String, String>, path: &str) -> Option<&'d str> {
        let path = without_numbers(path);
        let with_side = format!("{:?}.{path}", self.side);
        drift
            .get_key_value(&path)
            .or_else(|| drift.get_key_value(&with_side))
            .map(|(key, _)| key.as_str())
    }
}

/// `Response.JobsDetail[0].State` without `[0]`.
fn without_numbers(path: &str) -> String {
    path.split('[')
        .map(|part| part.split_once(']').map_or(part, |(_, rest)| rest))
        .collect()
}

/// The operations of all services.
pub fn catalogs() -> [&'static Catalog; 6] {
    [
        &tcloud_ci::CATALOG,
        &tcloud_cos::CATALOG,
        &tcloud_ims::CATALOG,
        &tcloud_mps::CATALOG,
        &tcloud_sts::CATALOG,
        &tcloud_tiia::CATALOG,
    ]
}

/// The samples beside the tables of `api-spec`.
///
/// # Errors
/// A file cannot be read, or has an operation that no crate has.
pub fn of_specs() -> Result<Vec<Sample>, Failure> {
    let folder = root().join("../api-spec");
    let mut files = Vec::new();
    read_yaml(&folder, "", &mut files)?;
    let spec =
        load(files).map_err(|found| found.iter().map(Diagnostic::render).collect::<String>())?;
    let mut samples = Vec::new();
    for service in &spec.services {
        for (source, file) in &service.operations {
            let operation = operation(Some(&service.service.service), &file.operation.value)?;
            for sample in file.samples.iter().map(|sample| &sample.value) {
                let bodies = [
                    (Side::Request, sample.request.as_deref()),
                    (Side::Response, sample.response.as_deref()),
                ];
                let mut messages = Vec::new();
                for (side, text) in bodies {
                    if let Some(text) = text {
                        messages.push(Message::new(operation, side, text)?);
                    }
                }
                let path = spec.sources.get(*source).map_or("", |file| &file.path);
                samples.push(Sample {
                    label: format!("{path} ({})", sample.name),
                    messages,
                    drift: sample.drift.clone(),
                });
            }
        }
    }
    Ok(samples)
}

/// The samples of the five documents the project started from, copied out of them by hand:
/// `<operation>.<side>.<number>.<format>`. Of them nothing went through our tables.
///
/// # Errors
/// As [`of_specs`].
pub fn of_seeds() -> Result<Vec<Sample>, Failure> {
    let mut samples = Vec::new();
    for entry in fs::read_dir(root().join("data/seeds"))? {
        let path = entry?.path();
        let label = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut parts = label.split('.');
        let operation = operation(None, parts.next().unwrap_or_default())?;
        let side = match parts.next() {
            Some("request") => Side::Request,
            Some("response") => Side::Response,
            other => return Err(format!("{label}: {other:?} is no side of a call").into()),
        };
        samples.push(Sample {
            messages: vec![Message::new(operation, side, &fs::read_to_string(&path)?)?],
            label,
            drift: BTreeMap::new(),
        });
    }
    samples.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(samples)
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The operation of a service, or the first of that name of any.
fn operation(service: Option<&str>, name: &str) -> Result<&'static Operation, Failure> {
    catalogs()
        .iter()
        .filter(|catalog| service.is_none_or(|service| service == catalog.service.name))
        .find_map(|catalog| catalog.operation(name))
        .ok_or_else(|| format!("no crate has the operation {name}").into())
}

fn read_yaml(folder: &Path, prefix: &str, found: &mut Vec<SourceFile>) -> Result<(), Failure> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            read_yaml(&path, &format!("{name}/"), found)?;
        } else if path.extension().is_some_and(|it| it == "yaml") {
            found.push(SourceFile {
                text: fs::read_to_string(&path)?,
                path: name,
            });
        }
    }
    Ok(())
}
