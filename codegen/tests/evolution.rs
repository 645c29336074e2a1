//! What the comparison of two specs reports of each kind of edit.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

use std::fmt::Write as _;

use tcloud_codegen::evolution::{Change, Evolution, Level, compare};
use tcloud_codegen::load::{SourceFile, load};
use tcloud_codegen::lower::lower;
use tcloud_codegen::model::Service;

const BEFORE: &str = "\
=== demo/service.yaml
service: demo
title: Demo
doc: A service for tests.
protocol: ci
document: https://example.com/
host_labels:
  - { name: bucket, type: String, required: true, doc: Name of the bucket. }
=== demo/structures/job.yaml
structures:
  - name: Job
    doc: A job.
    rows:
      - { name: JobId, type: String, doc: Its ID. }
      - { name: State, type: String, values: { Running: It runs., Done: It ended. }, doc: How far it is. }
      - { name: Place, type: Container, doc: Where it writes. }
      - { name: Object, parent: Job.Place, type: String, required: true, doc: Name of the object. }
      - { name: Region, parent: Job.Place, type: String, required: true, doc: Region of the bucket. }
=== demo/operations/start_job.yaml
operation: StartJob
summary: Starts a job.
document: { url: 'https://example.com/start' }
permission: demo:StartJob
http: POST /jobs
host: '{bucket}.demo.{region}.example.com'
request:
  root: Request
  rows:
    - { name: Tag, parent: Request, type: String, required: true, fixed: Start, doc: Kind. }
    - { name: Input, parent: Request, type: Container, required: true, lift: true, doc: What to read. }
    - { name: Object, parent: Request.Input, type: String, doc: Name of the object. }
    - { name: Level, parent: Request, type: String, as: Int, range: [0, 2], default: '0', doc: Priority. }
    - { name: Token, parent: Request, type: String, doc: A token. }
response:
  root: Response
  rows:
    - { name: Job, parent: Response, type: Job, doc: The job. }
=== demo/operations/list_jobs.yaml
operation: ListJobs
summary: Lists jobs.
document: { url: 'https://example.com/list' }
http: GET /jobs
host: '{bucket}.demo.{region}.example.com'
idempotent: true
request:
  query:
    - { name: nextToken, type: String, doc: Where to go on. }
response:
  root: Response
  rows:
    - { name: Jobs, parent: Response, type: Job array, doc: The jobs. }
    - { name: State, parent: Response, type: String, doc: How far they are. }
    - { name: NextToken, parent: Response, type: String, doc: The next page. }
paging: { input: nextToken, output: NextToken, items: Jobs }
waiter: { name: wait_jobs, state: State, success: [Done], interval: 1, timeout: 9 }
";

const OPERATION: &str = "\
=== demo/operations/stop_job.yaml
operation: StopJob
summary: Stops a job.
document: { url: 'https://example.com/stop' }
http: PUT /jobs?stop
host: '{bucket}.demo.{region}.example.com'
response:
  rows:
    - { name: Reason, parent: Response, type: Container, doc: Why. }
    - { name: Code, parent: Response.Reason, type: String, values: [Late, Wrong], doc: The code. }
";

const SERVICE: &str = "\
=== other/service.yaml
service: other
title: Other
doc: Another service for tests.
protocol: tc3
version: 2020-01-01
document: https://example.com/
";

fn models(spec: &str) -> Vec<Service> {
    let files = spec
        .split("=== ")
        .filter_map(|part| part.split_once('\n'))
        .map(|(path, text)| SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        });
    let spec = load(files.collect()).unwrap_or_else(|found| panic!("{}", found[0].render()));
    let services = spec.services.iter();
    services
        .map(|service| lower(&spec.sources, service).unwrap())
        .collect()
}

/// The spec with the text of each edit replaced.
fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(BEFORE.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old:?} is not in the spec");
        text.replace(old, new)
    })
}

fn evolution(before: &str, after: &str) -> Evolution {
    compare(&models(before), &models(after))
}

/// What each edit leads to, and what undoing it would.
fn told(edits: &[(&str, &str, &str)]) -> String {
    let mut text = String::new();
    for (title, old, new) in edits {
        let after = edited(&[(old, new)]);
        write!(text, "# {title}\n{}", evolution(BEFORE, &after)).unwrap();
        write!(text, "# undone\n{}\n", evolution(&after, BEFORE)).unwrap();
    }
    text
}

#[test]
fn a_spec_has_not_changed_from_itself() {
    let same = evolution(BEFORE, BEFORE);
    assert!(same.changes.is_empty() && same.documentation.is_empty());
}

#[test]
fn rows() {
    insta::assert_snapshot!(told(&[
        (
            "an optional row",
            "    - { name: Token,",
            "    - { name: Speed, parent: Request, type: Float, doc: How fast. }\n    - { name: Token,",
        ),
        (
            "a required row",
            "    - { name: Token,",
            "    - { name: Speed, parent: Request, type: Float, required: true, doc: How fast. }\n    - { name: Token,",
        ),
        (
            "another name in Rust",
            "type: String, doc: A token.",
            "type: String, rename: secret, doc: A token.",
        ),
        (
            "another name on the wire",
            "{ name: JobId,",
            "{ name: jobID, rename: JobId,"
        ),
        ("another type", "as: Int, range: [0, 2], default: '0', ", ""),
        (
            "a list",
            "name: Token, parent: Request, type: String",
            "name: Token, parent: Request, type: String array"
        ),
        (
            "a circle",
            "type: String, doc: Its ID.",
            "type: Job, doc: Its ID."
        ),
        (
            "a secret",
            "doc: A token.",
            "sensitive: true, doc: A token."
        ),
        (
            "a digest that is computed",
            "doc: A token.",
            "computed: md5, doc: A token."
        ),
        (
            "a token that is known again",
            "doc: A token.",
            "idempotency_token: true, doc: A token."
        ),
        (
            "a deprecation",
            "doc: A token.",
            "deprecated: true, doc: A token."
        ),
        (
            "another limit and default",
            "range: [0, 2], default: '0'",
            "range: [0, 3], default: '1'"
        ),
        ("a default that was not known", ", default: '0'", ""),
        ("another fixed text", "fixed: Start", "fixed: Begin"),
        (
            "a fixed text that goes",
            "required: true, fixed: Start, ",
            ""
        ),
        ("another description", "doc: A token.", "doc: A word."),
    ]));
}

#[test]
fn constructors() {
    let swapped = edited(&[
        ("name: Object, parent: Job", "name: First, parent: Job"),
        ("name: Region, parent: Job", "name: Object, parent: Job"),
        ("name: First, parent: Job", "name: Region, parent: Job"),
    ]);
    let optional = edited(&[("required: true, doc: Region", "doc: Region")]);
    let waited = edited(&[(
        "type: String, doc: Where",
        "type: String, required: true, doc: Where",
    )]);
    insta::assert_snapshot!(format!(
        "# swapped\n{}\n# required no longer\n{}\n# required from now on\n{}",
        evolution(BEFORE, &swapped),
        evolution(BEFORE, &optional),
        evolution(BEFORE, &waited)
    ));
}

#[test]
fn types() {
    insta::assert_snapshot!(told(&[
        (
            "a word",
            "Done: It ended. }",
            "Done: It ended., Failed: It failed. }"
        ),
        ("another word", "Running: It runs.", "running: It runs."),
        ("another variant", "Running: It runs.", "Active: It runs."),
        (
            "a name of its own",
            "values: { Running",
            "enum: JobState, values: { Running"
        ),
        (
            "text instead of words",
            "values: { Running: It runs., Done: It ended. }, ",
            ""
        ),
        ("a container's name", "Input", "Source"),
        (
            "a published container",
            "required: true, lift: true,",
            "required: true, lift: true, structure: Input,"
        ),
    ]));
}

#[test]
fn a_type_is_followed_to_its_new_name() {
    let after = edited(&[
        ("- name: Job\n", "- name: Task\n"),
        ("parent: Job.", "parent: Task."),
        ("type: Job", "type: Task"),
        ("doc: Its ID.", "deprecated: true, doc: Its ID."),
    ]);
    insta::assert_snapshot!(evolution(BEFORE, &after));
}

/// Its operation still has it under the name it had.
#[test]
fn a_container_becomes_a_shared_type() {
    let alike = "\
request:
  root: Request
  rows:
    - { name: Input, parent: Request, type: Container, required: true, lift: true, doc: What to read. }
    - { name: Object, parent: Request.Input, type: String, doc: Name of the object. }
";
    insta::assert_snapshot!(evolution(BEFORE, &format!("{BEFORE}{OPERATION}{alike}")));
}

#[test]
fn operations() {
    insta::assert_snapshot!(told(&[
        (
            "another request",
            "http: POST /jobs",
            "http: PUT /jobs?start&kind=Job"
        ),
        ("no repetition", "idempotent: true", "idempotent: false"),
        (
            "a header that forbids repetition",
            "idempotent: true\n",
            "idempotent: true\nidempotent_unless: x-demo-once\n"
        ),
        ("another host", ".demo.{region}", ".new.{region}"),
        ("another permission", "demo:StartJob", "demo:CreateJobs"),
        (
            "a permission that was not known",
            "permission: demo:StartJob\n",
            "",
        ),
        (
            "no signature",
            "idempotent: true",
            "idempotent: true\nunsigned: true",
        ),
        (
            "silence",
            "idempotent: true",
            "idempotent: true\nquiet: true"
        ),
        (
            "a stream of events",
            "idempotent: true",
            "idempotent: true\nevents: { error: Fault }",
        ),
        (
            "a deprecation",
            "idempotent: true",
            "idempotent: true\nstatus: deprecated",
        ),
        ("another root", "Request", "Start"),
        (
            "a body of bytes",
            "request:\n  root: Request\n",
            "request:\n  body: raw\n  root: Request\n"
        ),
        (
            "an answer of bytes",
            "response:\n  root: Response\n  rows:\n    - { name: Job,",
            "response:\n  body: raw\n  root: Response\n  rows:\n    - { name: Job,"
        ),
        ("another paging", "output: NextToken, ", "by: items, "),
        (
            "another marker",
            "output: NextToken, ",
            "output: NextToken, also: { level: NextToken }, "
        ),
        (
            "no paging",
            "paging: { input: nextToken, output: NextToken, items: Jobs }\n",
            ""
        ),
        ("another wait", "timeout: 9", "timeout: 10"),
        ("another waiter", "wait_jobs", "wait_list"),
        ("no waiter", "waiter: {", "# waiter: {"),
        ("nothing lifted", "lift: true, ", ""),
        (
            "another name",
            "operation: ListJobs",
            "operation: DescribeJobs"
        ),
        ("another title", "title: Demo", "title: Demonstration"),
    ]));
}

/// `StartJob` starts what this describes, by the rule of the service or by its own file.
const DESCRIBE_JOB: &str = "\
=== demo/operations/describe_job.yaml
operation: DescribeJob
summary: Describes a job.
document: { url: 'https://example.com/describe' }
http: GET /jobs/{jobId}
host: '{bucket}.demo.{region}.example.com'
request:
  path:
    - { name: jobId, type: String, required: true, doc: The job. }
response:
  root: Response
  rows:
    - { name: State, parent: Response, type: String, doc: How far it is. }
waiter: { name: wait_job, state: State, success: [Done], interval: 1, timeout: 9 }
";

#[test]
fn jobs() {
    let started = "    - { name: Job, parent: Response, type: Job, doc: The job. }\n";
    let with = |job: &str| BEFORE.replace(started, &format!("{started}{job}")) + DESCRIBE_JOB;
    let none = with("");
    let alone = with("job: { id: Job.JobId }\n");
    let own = with("job: { id: Job.JobId, described_by: DescribeJob }\n");
    let rule = "document: https://example.com/\njobs: [Job.JobId]\n";
    let by_rule = none.replace("document: https://example.com/\n", rule);
    // The rule says what the file said.
    assert_eq!(evolution(&own, &by_rule).changes, []);
    insta::assert_snapshot!(format!(
        "# known\n{}\n# waited for\n{}\n# waited for no longer\n{}\n# forgotten\n{}",
        evolution(&none, &alone),
        evolution(&alone, &own),
        evolution(&by_rule, &alone),
        evolution(&own, &none),
    ));
}

#[test]
fn services_and_operations_come_and_go() {
    let more = format!("{BEFORE}{OPERATION}{SERVICE}");
    insta::assert_snapshot!(format!(
        "{}\n{}",
        evolution(BEFORE, &more),
        evolution(&more, BEFORE)
    ));
}

#[test]
fn the_changelog_has_a_section_for_each_kind() {
    let after = edited(&[
        ("range: [0, 2]", "range: [0, 3]"),
        ("Running: It runs., ", "Failed: It failed., "),
        ("doc: A token.", "deprecated: true, doc: A token."),
        (
            "name: State, parent: Response, type: String",
            "name: State, parent: Response, type: String array",
        ),
    ]);
    let after = format!("{after}{OPERATION}{SERVICE}");
    insta::assert_snapshot!(evolution(BEFORE, &after).changelog());
}

#[test]
fn additions_break_nothing() {
    let after = edited(&[
        ("Done: It ended. }", "Done: It ended., Failed: It failed. }"),
        (
            "    - { name: Token,",
            "    - { name: Speed, parent: Request, type: Container, doc: How fast. }
    - { name: Unit, parent: Request.Speed, type: String, required: true, doc: Its unit. }
    - { name: Token,",
        ),
        (
            "    - { name: NextToken,",
            "    - { name: Total, parent: Response, type: Int, doc: How many. }\n    - { name: NextToken,",
        ),
    ]);
    let after = format!("{after}{OPERATION}{SERVICE}");
    let changes = evolution(BEFORE, &after).changes;
    let levels: Vec<_> = changes.iter().map(Change::level).collect();
    assert_eq!(levels, vec![Level::Added; changes.len()], "{changes:#?}");
    assert_eq!(changes.len(), 6, "{changes:#?}");
}
