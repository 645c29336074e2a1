//! The five seeds beside the committed tables, and from page to samples.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use tcloud_codegen::check::check;
use tcloud_codegen::generate;
use tcloud_codegen::load::{SourceFile, Spec, load};
use tcloud_codegen::spec::{Message, OperationFile, Row, Values};

use super::{committed, imported};

const FIVE: [(&str, &str, &str); 5] = [
    ("create_pic_bucket.txt", "ci", "CreatePicBucket"),
    ("describe_pic_buckets.txt", "ci", "DescribePicBuckets"),
    ("bind_bucket.txt", "ci", "BindBucket"),
    (
        "create_image_inspect_job.txt",
        "ci",
        "CreateImageInspectJob",
    ),
    ("process_image.txt", "mps", "ProcessImage"),
];

/// What a row says, without its description.
fn told(row: &Row) -> String {
    let mut text = row.kind.text().to_owned();
    let mut add = |key: &str, value: String| {
        let _ = write!(text, ", {key} {value}");
    };
    if let Some(really) = &row.really {
        add("as", really.text().to_owned());
    }
    if row.required {
        add("required", String::new());
    }
    if let Some(default) = &row.default {
        add("default", default.clone());
    }
    if let Some(values) = &row.values {
        let mut words: Vec<&str> = match values {
            Values::Plain(words) => words.iter().map(String::as_str).collect(),
            Values::Described(words) => words.keys().map(String::as_str).collect(),
        };
        words.sort_unstable();
        add("words", words.join(" "));
    }
    if let Some(range) = row.range {
        add("range", format!("{range:?}"));
    }
    if let Some(length) = row.max_length {
        add("length", length.to_string());
    }
    if let Some(fixed) = &row.fixed {
        add("fixed", fixed.clone());
    }
    text
}

/// All rows of an operation by side, list and path, those of structures among them.
fn rows(spec: &Spec, file: &OperationFile) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (side, message) in [("request", &file.request), ("response", &file.response)] {
        side_rows(spec, side, message, &mut found);
    }
    found
}

fn side_rows(spec: &Spec, side: &str, message: &Message, found: &mut BTreeMap<String, String>) {
    for rows in [&message.path, &message.query, &message.headers] {
        for row in rows {
            found.insert(format!("{side} {}", row.value.name), told(&row.value));
        }
    }
    let mut open: Vec<(String, Row)> = message
        .rows
        .iter()
        .map(|row| (join(&row.value.parent, &row.value.name), row.value.clone()))
        .collect();
    while let Some((path, row)) = open.pop() {
        let kind = row.kind.text().trim_end_matches(" array").to_owned();
        let structure = spec.services[0]
            .structures()
            .find(|(_, it)| it.value.name == kind);
        if let Some((_, structure)) = structure.filter(|_| path.matches('.').count() < 8) {
            for inner in &structure.value.rows {
                let own = inner
                    .value
                    .parent
                    .strip_prefix(&kind)
                    .unwrap_or(&inner.value.parent);
                let around = join(&path, own.trim_start_matches('.'));
                open.push((join(&around, &inner.value.name), inner.value.clone()));
            }
        }
        let in_operation = spec.services[0]
            .operations
            .iter()
            .flat_map(|(_, file)| file.request.rows.iter().chain(&file.response.rows));
        let published = in_operation
            .clone()
            .find(|it| it.value.structure.as_deref() == Some(kind.as_str()));
        if let Some(published) = published {
            let base = join(&published.value.parent, &published.value.name);
            for inner in in_operation.filter(|it| it.value.parent == base) {
                open.push((join(&path, &inner.value.name), inner.value.clone()));
            }
        }
        found
            .entry(format!("{side} {path}"))
            .or_insert_with(|| told(&row));
    }
}

/// The rows that the file of an operation has itself.
fn written(file: &OperationFile) -> BTreeSet<String> {
    let of = |side: &str, message: &Message| -> Vec<String> {
        let lists = [
            &message.path,
            &message.query,
            &message.headers,
            &message.rows,
        ];
        let rows = lists.into_iter().flatten();
        rows.map(|row| format!("{side} {}", join(&row.value.parent, &row.value.name)))
            .collect()
    };
    [of("request", &file.request), of("response", &file.response)]
        .concat()
        .into_iter()
        .collect()
}

fn join(one: &str, other: &str) -> String {
    match (one, other) {
        ("", it) | (it, "") => it.to_owned(),
        (one, other) => format!("{one}.{other}"),
    }
}

/// Where the five documents and the committed tables differ: operation, row, the document's word,
/// the table's, and the reason.
const DIFFERENCES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "CreateImageInspectJob",
        "request Request.CallBackMqConfig",
        "Container",
        "CallBackMqConfig",
        "The document has its rows on a page of their own.",
    ),
    (
        "CreateImageInspectJob",
        "response Response.JobsDetail",
        "Container array",
        "Job array",
        "All documents of jobs repeat the rows of Job.",
    ),
    (
        "CreateImageInspectJob",
        "response Response.JobsDetail.Input",
        "Container",
        "JobInput",
        "Part of Job.",
    ),
    (
        "CreateImageInspectJob",
        "response Response.JobsDetail.Operation",
        "Container",
        "JobOperation",
        "Part of Job.",
    ),
    (
        "CreateImageInspectJob",
        "response Response.JobsDetail.Operation.ImageInspect",
        "Container",
        "ImageInspect",
        "Part of Job: the container of the request.",
    ),
    (
        "CreateImageInspectJob",
        "response Response.JobsDetail.Operation.ImageInspectResult",
        "Container",
        "ImageInspectResult",
        "Part of Job.",
    ),
    (
        "CreateImageInspectJob",
        "response Response.JobsDetail.Operation.ImageInspectResult.ProcessResult.Suspicious",
        "String",
        "String, as Boolean",
        "A person has read that it is a truth value.",
    ),
    (
        "DescribePicBuckets",
        "request pageNumber",
        "Int, default 1",
        "Int, default 1, range [Some(1), None]",
        "A person knows that pages count from 1.",
    ),
    (
        "DescribePicBuckets",
        "response Response.PicBucketList",
        "Container array",
        "PicBucket array",
        "The rows are those of PicBucket in CreatePicBucket.",
    ),
    (
        "ProcessImage",
        "request Definition",
        "",
        "",
        "The metadata has it, the document does not.",
    ),
    (
        "ProcessImage",
        "request ResourceId",
        "",
        "",
        "The metadata has it, the document does not.",
    ),
    (
        "ProcessImage",
        "request OutputPath",
        "",
        "",
        "The metadata has it, the document does not.",
    ),
    (
        "ProcessImage",
        "request ScheduleId",
        "",
        "",
        "The metadata has it, the document does not.",
    ),
    (
        "ProcessImage",
        "request AddOnParameter",
        "",
        "",
        "The metadata has it, the document does not.",
    ),
    (
        "ProcessImage",
        "request StdExtInfo",
        "",
        "",
        "The metadata has it, the document does not.",
    ),
    (
        "ProcessImage",
        "request ImageTask.EncodeConfig.Format",
        "String",
        "String, words BMP JPEG PNG WebP",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request ImageTask.EncodeConfig.Quality",
        "Int",
        "Integer, range [Some(1), Some(100)]",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request ImageTask.EncodeConfig",
        "Container",
        "ImageEncodeConfig",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request ImageTask.EnhanceConfig.SuperResolution.Switch",
        "String",
        "String, default ON, words OFF ON",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request ImageTask.EnhanceConfig.SuperResolution",
        "Container",
        "SuperResolutionConfig",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request ImageTask.EnhanceConfig",
        "Container",
        "ImageEnhanceConfig",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request InputInfo.CosInputInfo.Bucket",
        "String",
        "String, required ",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request InputInfo.CosInputInfo.Object",
        "String",
        "String, required ",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request InputInfo.CosInputInfo.Region",
        "String",
        "String, required ",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request InputInfo.CosInputInfo",
        "Container",
        "CosInputInfo",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request InputInfo.Type",
        "String",
        "String, required , words AWS-S3 COS URL VOD",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request OutputStorage.CosOutputStorage",
        "Container",
        "CosOutputStorage",
        "Its table is on the page of structures; a sample shows this much.",
    ),
    (
        "ProcessImage",
        "request OutputStorage.Type",
        "String",
        "String, required , words AWS-S3 COS VOD",
        "Its table is on the page of structures; a sample shows this much.",
    ),
];

/// The rows of the five documents, imported into an empty folder, beside the committed ones.
#[test]
fn five_documents_give_the_committed_rows() {
    let mut found = Vec::new();
    let mut compared = 0;
    for (document, service, operation) in FIVE {
        let import = imported(document, Vec::new(), false);
        let outcome = import.documents[0].outcome.as_ref().unwrap();
        assert_eq!(outcome.len(), 1, "{document}");
        assert_eq!(outcome[0].operation, operation);
        let own = load(import.files).unwrap();
        let known = load(committed(service)).unwrap();
        let file = |spec: &Spec| -> (BTreeMap<String, String>, BTreeSet<String>) {
            let (_, file) = spec.services[0]
                .operations
                .iter()
                .find(|(_, it)| it.operation.value == operation)
                .unwrap();
            (rows(spec, file), written(file))
        };
        let ((own, _), (known, written)) = (file(&own), file(&known));
        compared += own.len();
        for (row, told) in &own {
            let other = known.get(row).map_or("", String::as_str);
            if other != told {
                found.push(format!("{operation} {row}: {told} | {other}"));
            }
        }
        for row in written.iter().filter(|row| !own.contains_key(*row)) {
            found.push(format!("{operation} {row}: not in the document"));
        }
    }
    let listed: Vec<String> = DIFFERENCES
        .iter()
        .map(|(operation, row, own, other, reason)| {
            assert!(!reason.is_empty());
            if own.is_empty() {
                format!("{operation} {row}: not in the document")
            } else {
                format!("{operation} {row}: {own} | {other}")
            }
        })
        .collect();
    let (found, listed): (BTreeSet<_>, BTreeSet<_>) =
        (found.into_iter().collect(), listed.into_iter().collect());
    assert_eq!(found, listed);
    assert_eq!(compared, 95);
}

/// What a person does after an import: descriptions, and decisions where the import made none.
fn completed(mut files: Vec<SourceFile>) -> Vec<SourceFile> {
    for file in &mut files {
        file.text = file
            .text
            .replace("summary: to be completed", "summary: Does something.")
            .replace("url: to be completed", "url: https://example.com/")
            .replace(
                "document: to be completed",
                "document: https://example.com/",
            )
            .replace("doc: to be completed", "doc: A service.")
            .replace(
                "type: Container, fix: \"to be completed: no table has its rows.\"",
                "type: Map, fix: \"Its rows are elsewhere.\"",
            )
            .replace("to be completed: no page has", "No page here has");
    }
    files
}

/// After documentation is added, the imported tables have no errors, and code is made of them.
#[test]
fn imported_tables_lint_once_they_are_completed() {
    for (document, service, _) in FIVE {
        let import = imported(document, Vec::new(), true);
        let undone = load(import.files.clone()).unwrap();
        assert!(
            check(&undone)
                .iter()
                .any(|it| it.code == "tcloud::to_be_completed"),
            "{document}"
        );
        let spec = load(completed(import.files)).unwrap();
        let found: Vec<String> = check(&spec)
            .iter()
            .filter(|it| it.is_error())
            .map(|it| format!("{}:{}: {it}", it.file, it.line))
            .collect();
        assert_eq!(found, Vec::<String>::new(), "{document}");
        assert!(!generate(&spec).unwrap()[service].is_empty());
    }
}
