//! Documents become tables: five pages beside the committed tables, made-up documents of every
//! form and oddity, newer editions, refusals.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use insta::{Settings as Snapshots, assert_snapshot};
use tcloud_codegen::check::check;
use tcloud_codegen::generate;
use tcloud_codegen::import::doc::{Given, Import, Reading, Settings, import};
use tcloud_codegen::load::{SourceFile, Spec, load};
use tcloud_codegen::spec::{Message, OperationFile, Row, Values};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/documents");

fn document(name: &str) -> Vec<u8> {
    fs::read(Path::new(FOLDER).join(name)).unwrap()
}

fn reading(name: &str, service: Option<&str>) -> Reading {
    Reading::of(
        name,
        &document(name),
        &Given {
            service,
            name: None,
        },
    )
}

fn imported(name: &str, present: Vec<SourceFile>, draft: bool) -> Import {
    let settings = Settings {
        named: false,
        draft,
    };
    import(vec![reading(name, None)], present, None, &settings).unwrap()
}

/// All files of a service below `api-spec`.
fn committed(service: &str) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../api-spec");
    let mut open = vec![root.join(service)];
    let mut files = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let own = path.strip_prefix(&root).unwrap();
                files.push(SourceFile {
                    path: own.to_str().unwrap().replace('\\', "/"),
                    text: fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    files
}

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
        "CreateImageInspectJob",
        "response Response.JobsDetail.Operation.JobLevel",
        "String",
        "String, as Int",
        "The response does not say what the request does.",
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
    assert_eq!(compared, 80);
}

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
            );
    }
    files
}

/// After documentation is added, the imported tables have no errors, and code is made of them.
#[test]
fn imported_tables_lint_once_they_are_completed() {
    for (document, service, _) in FIVE.into_iter().filter(|(_, service, _)| *service != "mps") {
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

/// YAML and report of every made-up document.
#[test]
fn made_up_documents() {
    let mut snapshots = Snapshots::clone_current();
    snapshots.set_prepend_module_to_snapshot(false);
    snapshots.set_snapshot_path("snapshots/documents");
    snapshots.set_omit_expression(true);
    for name in [
        "oddities.md",
        "chinese.md",
        "page.html",
        "tabs.txt",
        "several.md",
        "action.md",
    ] {
        let import = imported(name, Vec::new(), false);
        let mut text = String::new();
        for outcome in import.documents[0].outcome.as_ref().unwrap() {
            let _ = writeln!(text, "{}: {} rows", outcome.operation, outcome.rows);
            for remark in &outcome.remarks {
                let _ = writeln!(text, "{remark}");
            }
        }
        for file in &import.files {
            let _ = write!(text, "--- {}\n{}", file.path, file.text);
        }
        snapshots.bind(|| assert_snapshot!(name.replace('.', "_"), text));
    }
}

/// A newer edition changes what the service changed, and nothing that a person wrote.
#[test]
fn a_newer_edition_is_merged() {
    let first = imported("chinese.md", Vec::new(), false).files;
    let path = "ci/operations/describe_lamp_queues.yaml";
    let written: Vec<SourceFile> = first
        .into_iter()
        .map(|mut file| {
            if file.path == path {
                file.text = file
                    .text
                    .replace("summary: to be completed", "summary: Lists lamps.   # ours")
                    .replace(
                        "{ name: ids, type: String, doc: \"\" }",
                        "{ name: ids,   type: String, doc: \"Ids, by commas.\" } # kept",
                    )
                    .replace(
                        "{ name: pageSize, type: Int,",
                        "{ name: pageSize, type: String, fix: \"It travels as a text.\",",
                    )
                    .replace(
                        "    - { name: TotalCount, parent: Response, type: Int, doc: \"\" }\n",
                        "",
                    );
            }
            file
        })
        .collect();
    let before = written
        .iter()
        .find(|file| file.path == path)
        .unwrap()
        .text
        .clone();
    let mut again = imported("chinese.md", written, false);
    let outcome = &again.documents.remove(0).outcome.unwrap()[0];
    let after = again
        .files
        .into_iter()
        .find(|file| file.path == path)
        .unwrap()
        .text;
    let new = "    - { name: TotalCount, parent: Response, type: Int, doc: \"\" }\n";
    assert_eq!(after.replace(new, ""), before);
    assert_eq!(after.matches(new).count(), 1);
    let report = outcome.changes.as_ref().unwrap().to_string();
    assert!(
        report.contains("added    DescribeLampQueues response Response.TotalCount"),
        "{report}"
    );
    assert!(
        report.contains("kept     DescribeLampQueues request pageSize: It travels as a text."),
        "{report}"
    );
    // Once more, nothing is left to do.
    let unchanged = imported(
        "chinese.md",
        vec![
            SourceFile {
                path: "ci/service.yaml".to_owned(),
                text: service(),
            },
            SourceFile {
                path: path.to_owned(),
                text: after.clone(),
            },
        ],
        false,
    );
    assert_eq!(
        unchanged
            .files
            .iter()
            .find(|file| file.path == path)
            .unwrap()
            .text,
        after
    );
}

fn service() -> String {
    let files = imported("chinese.md", Vec::new(), false).files;
    files
        .into_iter()
        .find(|file| file.path == "ci/service.yaml")
        .unwrap()
        .text
}

/// A container whose rows are those of a structure is that structure; one that is nearly so is
/// named.
#[test]
fn containers_become_structures_that_are_there() {
    let structures = "structures:\n  - name: Lamp\n    doc: A lamp.\n    rows:\n      \
        - { name: LampId, type: String, doc: Id. }\n      - { name: CreateTime, type: String, doc: Time. }\n      \
        - { name: Owner, type: Owner, doc: Whose it is. }\n  - name: Owner\n    doc: Who.\n    rows:\n      \
        - { name: Name, type: String, doc: Name. }\n";
    let present = vec![
        SourceFile {
            path: "ci/service.yaml".to_owned(),
            text: service(),
        },
        SourceFile {
            path: "ci/structures/lamp.yaml".to_owned(),
            text: structures.to_owned(),
        },
    ];
    let import = imported("chinese.md", present, false);
    let file = import
        .files
        .iter()
        .find(|file| file.path.ends_with("describe_lamp_queues.yaml"))
        .unwrap();
    assert!(
        file.text
            .contains("{ name: LampList, parent: Response, type: Lamp array, fix:"),
        "{}",
        file.text
    );
    assert!(!file.text.contains("LampId,"), "{}", file.text);
}

/// What is no document of an API says what it is and what to do.
#[test]
fn refusals_say_what_to_do() {
    let refusal = |bytes: &[u8]| {
        let given = Given {
            service: Some("ci"),
            name: None,
        };
        Reading::of("page", bytes, &given)
            .operations
            .unwrap_err()
            .to_string()
    };
    let prose = refusal(b"# A poem\n\nRoses are red.\n");
    assert!(prose.starts_with("page: this describes no API:"), "{prose}");
    let table =
        refusal(b"| Node Name | Parent Node | Type |\n|---|---|---|\n| A | None | Container |\n");
    assert!(
        table.contains("there is a table of parameters but no request"),
        "{table}"
    );
    let picture = refusal(b"## Request\n```\nGET /<ObjectKey>?imageMogr2/thumbnail/<Width> HTTP/1.1\nHost: <BucketName-APPID>.cos.<Region>.myqcloud.com\n```\n");
    assert!(picture.contains("`pictures/*.yaml`"), "{picture}");
    assert!(refusal(b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00").contains("no text in UTF-8"));
    let large = vec![b'a'; 9 << 20];
    assert!(refusal(&large).contains("9 MB"));
}
