//! What this local cloud does, and by which engines.

use http::{Response, StatusCode};
use serde_json::{Value, json};
use tcloud_core::body::Body;

use super::super::pages::json_page;
use crate::picture_rules::picture_rules;
use crate::services::{self, implements, only_keeps, support};
use crate::support::Support;

/// The features that engines are, with what each is for.
const FEATURES: [(&str, bool, &str); 9] = [
    ("pictures", cfg!(feature = "pictures"), "changing pictures"),
    ("text", cfg!(feature = "text"), "text on pictures"),
    ("avif", cfg!(feature = "avif"), "writing AVIF"),
    ("jxl", cfg!(feature = "jxl"), "reading JPEG XL"),
    ("codes", cfg!(feature = "codes"), "QR codes and bar codes"),
    (
        "networks",
        cfg!(feature = "networks"),
        "making pictures larger and better by neural networks",
    ),
    (
        "postgres",
        cfg!(feature = "postgres"),
        "state in PostgreSQL",
    ),
    ("s3", cfg!(feature = "s3"), "content in an S3 bucket"),
    (
        "select",
        cfg!(feature = "select"),
        "selecting rows of objects by SQL",
    ),
];

/// The table of `tcloud local --list`.
pub(super) fn answer() -> Response<Body> {
    let services = services::all().iter().map(|service| {
        let catalog = service.catalog;
        let operations = catalog.operations.iter().map(|operation| {
            let (engine, reason) = said(support(operation));
            json!({
                "name": operation.name,
                "summary": operation.summary,
                "document": operation.document,
                "implemented": implements(operation),
                "kept": only_keeps(operation),
                "engine": engine,
                "why_not": reason,
            })
        });
        json!({
            "name": catalog.service.name,
            "title": catalog.service.title,
            "operations": operations.collect::<Vec<Value>>(),
        })
    });
    let engines = FEATURES
        .iter()
        .map(|(name, built, purpose)| json!({ "name": name, "built": built, "purpose": purpose }));
    let rules = picture_rules().map(|(rule, support)| {
        let (engine, reason) = said(Some(support));
        json!({ "rule": rule, "engine": engine, "why_not": reason })
    });
    let answer = json!({
        "rules": rules.collect::<Vec<_>>(),
        "services": services.collect::<Vec<_>>(),
        "engines": engines.collect::<Vec<_>>(),
    });
    json_page(StatusCode::OK, &answer)
}

/// The engine that does it, or why it is refused or only kept.
fn said(support: Option<Support>) -> (Option<&'static str>, Option<&'static str>) {
    match support {
        Some(Support::By(engine)) => (Some(engine), None),
        Some(Support::Kept(reason) | Support::Refused(reason)) => (None, Some(reason)),
        None => (None, None),
    }
}
