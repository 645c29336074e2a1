//! What each rule of the lint says: the fixtures are read, checked and compared with the findings
//! kept beside them.
//!
//! A fixture is one or more spec files, each after a line `=== <path>`. Its name is the
//! rule's, with what distinguishes it from others of the rule behind a `-`.

use std::fs;
use std::path::Path;

use insta::{Settings, assert_snapshot};
use tcloud_codegen::check::check;
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::load::{SourceFile, load};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/lints");

/// The service of fixtures that bring none.
const SERVICE: &str = "\
service: demo
title: Demo
doc: A service for tests.
protocol: ci
document: https://example.com/
host_labels:
  - { name: bucket, type: String, required: true, doc: Name of the bucket. }
";

/// An operation without faults.
const SOUND: &str = "\
=== demo/operations/start_job.yaml
operation: StartJob
summary: Starts a job.
document: { url: 'https://example.com/' }
http: POST /jobs/{jobId}
host: '{bucket}.ci.{region}.example.com'
request:
  path:
    - { name: jobId, type: String, required: true, doc: The job. }
  root: Request
  rows:
    - { name: Tag, parent: Request, type: String, required: true, fixed: Start, doc: Kind. }
    - { name: Input, parent: Request, type: Container array, doc: What to read. }
    - { name: Level, parent: Request.Input, type: String, as: Int, range: [0, 2], default: '0', doc: Priority. }
response:
  root: Response
  rows:
    - { name: State, parent: Response, type: String, values: [Running, Done], doc: How far it is. }
waiter: { name: wait_job, state: State, success: [Done], interval: 1, timeout: 9 }
samples:
  - name: start
    request: <Request><Tag>Start</Tag><Input><Level>1</Level></Input><Input/></Request>
    response: <Response><State>Halted</State></Response>
    drift: { Response.State: The sample is older than the table. }
";

fn files(fixture: &str) -> Vec<SourceFile> {
    let mut files: Vec<_> = fixture
        .split("=== ")
        .skip(1)
        .filter_map(|part| part.split_once('\n'))
        .map(|(path, text)| SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        })
        .collect();
    if !fixture.contains("=== demo/service.yaml") {
        files.push(SourceFile {
            path: "demo/service.yaml".to_owned(),
            text: SERVICE.to_owned(),
        });
    }
    files
}

fn findings(fixture: &str) -> Vec<Diagnostic> {
    load(files(fixture)).map_or_else(|problems| problems, |spec| check(&spec))
}

#[test]
fn each_rule_shows_the_place_and_says_what_to_write() {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(FOLDER);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for entry in fs::read_dir(Path::new(FOLDER)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let rule = name.split('-').next().unwrap();
        let findings = findings(&fs::read_to_string(&path).unwrap());
        let code = format!("tcloud::{rule}");
        assert!(
            findings.iter().any(|finding| finding.code == code),
            "{rule}: {findings:#?}"
        );
        let report: String = findings.iter().map(Diagnostic::render).collect();
        settings.bind(|| assert_snapshot!(name, report));
    }
}

#[test]
fn a_sound_spec_has_no_findings() {
    let found = findings(SOUND);
    let report: String = found.iter().map(Diagnostic::render).collect();
    assert!(found.is_empty(), "{report}");
}

#[test]
fn advice_is_no_error() {
    let fixture = fs::read_to_string(Path::new(FOLDER).join("unfinished_doc.txt")).unwrap();
    assert!(findings(&fixture).iter().all(|finding| !finding.is_error()));
}

#[test]
fn a_file_that_ends_early_is_told_and_never_panics() {
    for (end, _) in SOUND.char_indices().skip(1) {
        let Some(fixture) = SOUND.get(..end).filter(|text| text.contains('\n')) else {
            continue;
        };
        for finding in findings(fixture) {
            assert!(
                finding.line <= fixture.lines().count(),
                "{}",
                finding.render()
            );
        }
    }
}

#[test]
fn a_file_that_lacks_a_line_is_told_and_never_panics() {
    let lines: Vec<_> = SOUND.lines().collect();
    for missing in 1..lines.len() {
        let fixture = [&lines[..missing], &lines[missing + 1..]]
            .concat()
            .join("\n");
        for finding in findings(&fixture) {
            assert!(finding.render().contains("help: "), "{}", finding.render());
        }
    }
}

#[test]
fn operations_that_a_request_tells_apart_are_no_finding() {
    let operation = |name: &str, file: &str, request: &str| {
        format!(
            "=== demo/operations/{file}.yaml
operation: {name}
summary: Does something.
document: {{ url: 'https://example.com/' }}
http: POST /jobs
host: example.com
request:
{request}
"
        )
    };
    let tag = |text: &str| {
        format!(
            "  rows:\n    - {{ name: Tag, parent: Request, type: String, fixed: {text}, doc: Kind. }}"
        )
    };
    let header =
        "  headers: [{ name: x-cos-copy-source, type: String, required: true, doc: Source. }]";
    let fixtures = [
        operation("StartJob", "start_job", &tag("Start")),
        operation("StopJob", "stop_job", &tag("Stop")),
        operation("CopyJob", "copy_job", header).replace("request:", "quiet: true\nrequest:"),
    ];
    let report: String = findings(&fixtures.concat())
        .iter()
        .map(Diagnostic::render)
        .collect();
    assert!(report.is_empty(), "{report}");
}
