//! Pictures: the grammar of their processing, one pipeline in all its forms, and an inspection.

use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tcloud_ci::picture::grammar::{Form, Kind, Operation, Piece, Slot};
use tcloud_ci::picture::{GRAMMAR, PicOperations, Pipeline, Rule};
use tcloud_core::body::Body;
use tcloud_inspect::{BenignKind, Confidence, PictureType, RegionKind, Report, inspect_until};

use super::super::Gateway;
use super::super::pages::{failed, json_page};
use super::sent::document;
use crate::jobs::on_thread;
use crate::picture_limits::BYTES;
#[cfg(feature = "pictures")]
use crate::pictures::Recipe;
use crate::store::ObjectName;

/// A pipeline, and the object that it is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    rule: String,
    bucket: String,
    key: String,
    /// Where an upload is to store what is made.
    #[serde(default = "unnamed")]
    file_id: String,
}

fn unnamed() -> String {
    "result".to_owned()
}

/// An object.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    bucket: String,
    key: String,
}

/// The grammar, for the controls of an editor.
pub(super) fn grammar() -> Response<Body> {
    let operations: Vec<_> = GRAMMAR.iter().map(|it| operation(it)).collect();
    json_page(StatusCode::OK, &json!({ "operations": operations }))
}

fn operation(operation: &Operation) -> Value {
    let parameters = operation.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "required": parameter.required,
            "forms": parameter.forms.iter().map(form).collect::<Vec<_>>(),
        })
    });
    json!({
        "name": operation.name,
        "head": operation.head.iter().map(piece).collect::<Vec<_>>(),
        "parameters": parameters.collect::<Vec<_>>(),
    })
}

fn form(form: &Form) -> Value {
    json!({ "text": form.text, "pieces": form.pieces.iter().map(piece).collect::<Vec<_>>() })
}

fn piece(piece: &Piece) -> Value {
    let Slot {
        name,
        kind,
        min,
        max,
        ..
    } = match piece {
        Piece::Literal(text) => return json!({ "text": text }),
        Piece::Slot(slot) => slot,
    };
    let (kind, words): (_, &[&str]) = match kind {
        Kind::Integer => ("integer", &[]),
        Kind::Decimal => ("decimal", &[]),
        Kind::Switch => ("switch", &[]),
        Kind::Word(words) => ("word", words),
        Kind::Base64 => ("base64", &[]),
        _ => ("text", &[]),
    };
    json!({ "slot": name, "kind": kind, "words": words, "min": min, "max": max })
}

/// One pipeline as the query of a download, as the header of an upload and as Rust.
pub(super) async fn rule(body: Body) -> Response<Body> {
    let wish: Wish = match document(body).await {
        Ok(wish) => wish,
        Err(why) => return failed(&why),
    };
    let read = wish.rule.parse::<Pipeline>();
    let written = read.and_then(|pipeline| {
        let (rule, query) = (pipeline.rule()?, pipeline.query()?);
        let refused = refused(&pipeline);
        let operations = PicOperations::new().rule(Rule::new(&wish.file_id, pipeline));
        Ok((rule, query, operations.to_header()?, refused))
    });
    match written {
        Ok((rule, query, header, refused)) => json_page(
            StatusCode::OK,
            &json!({
                "rust": rust(&wish, &rule),
                "rule": rule,
                "query": query,
                "pic_operations": header,
                "refused": refused,
            }),
        ),
        Err(error) => failed(&error.to_string()),
    }
}

/// Why this local cloud does not do what a pipeline says, if it does not.
#[cfg(feature = "pictures")]
fn refused(pipeline: &Pipeline) -> Option<String> {
    Recipe::new(pipeline).err().map(|error| error.to_string())
}

/// As with the feature, of which nothing is here.
#[cfg(not(feature = "pictures"))]
fn refused(_: &Pipeline) -> Option<String> {
    Some("this local cloud was built without pictures".to_owned())
}

/// A program's part that reads the picture.
fn rust(wish: &Wish, rule: &str) -> String {
    let Wish { bucket, key, .. } = wish;
    format!(
        "use tcloud_ci::picture::Pipeline;\n\
         use tcloud_cos::runtime::call::CallOptions;\n\n\
         let pipeline: Pipeline = {rule:?}.parse()?;\n\
         let picture = cos\n    \
             .get_object({bucket:?}, {key:?})\n    \
             .options(CallOptions::new().query(pipeline.rule()?, \"\"))\n    \
             .send()\n    \
             .await?;\n"
    )
}

impl Gateway {
    /// Says of every byte of an object what it is.
    pub(super) async fn inspect(&self, body: Body) -> Response<Body> {
        let which: Which = match document(body).await {
            Ok(which) => which,
            Err(why) => return failed(&why),
        };
        match self.report(ObjectName::new(which.bucket, which.key)).await {
            Ok(report) => json_page(StatusCode::OK, &shown(&report)),
            Err(why) => failed(&why),
        }
    }

    async fn report(&self, name: ObjectName) -> Result<Report, String> {
        let reader = self.state.store.get_object(&name, None).await;
        let reader = reader.map_err(|error| error.to_string())?;
        let size = reader.object.size;
        if size > BYTES {
            return Err(format!(
                "the object has {size} bytes; at most {BYTES} are inspected"
            ));
        }
        let content = reader.bytes().await.map_err(|error| error.to_string())?;
        let profile = self.settings().inspect_profile;
        let report = on_thread(move |is_cancelled| inspect_until(&content, profile, is_cancelled));
        let report = report.await.map_err(|error| error.to_string())?;
        report.map_err(|error| error.to_string())
    }
}

fn shown(report: &Report) -> Value {
    let regions = report.regions.iter().map(|region| {
        let (kind, what) = region_kind(region.kind);
        json!({
            "begin": region.begin,
            "end": region.end,
            "kind": kind,
            "what": what,
            "label": region.label,
        })
    });
    let findings = report.findings.iter().map(|finding| {
        json!({
            "begin": finding.begin,
            "end": finding.end,
            "what": finding.payload.as_str(),
            "confidence": match finding.confidence {
                Confidence::Low => "low",
                Confidence::Medium => "medium",
                Confidence::High => "high",
            },
        })
    });
    json!({
        "picture": report.picture.map(PictureType::as_str),
        "dimensions": report.dimensions,
        "size": report.size,
        "suspicious": report.is_suspicious(),
        "regions": regions.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
    })
}

const fn region_kind(kind: RegionKind) -> (&'static str, &'static str) {
    match kind {
        RegionKind::Picture => ("picture", "picture"),
        RegionKind::Metadata => ("picture", "metadata"),
        RegionKind::Benign(kind) => (
            "extra",
            match kind {
                BenignKind::Padding => "padding",
                BenignKind::MultiPicture => "second picture",
                BenignKind::MotionPhoto => "motion photo",
                BenignKind::SamsungTrailer => "Samsung trailer",
                BenignKind::MetadataTrailer => "metadata trailer",
                _ => "known extra",
            },
        ),
        RegionKind::Payload(payload) => ("foreign", payload.as_str()),
        _ => ("gap", "gap"),
    }
}
