//! Documents into tables that exist: newer editions, and structures that are there.

use tcloud_codegen::load::SourceFile;

use tcloud_codegen::import::doc::{Given, Import, Reading, RemarkKind, Settings, import};

use super::{imported, service};

/// An edition of a document: its rows below the request's root.
fn edition(rows: &str) -> String {
    format!(
        "# Lighting\n\nThe API (`CreateLampJob`).\n\n## Request\n\n```\nPOST /lamp_jobs HTTP/1.1\n\
         Host: <BucketName-APPID>.ci.<Region>.myqcloud.com\n```\n\n#### Request body\n\n\
         | Node Name | Parent Node | Description | Type | Required |\n|---|---|---|---|---|\n\
         | Request | None | All | Container | Yes |\n{rows}"
    )
}

fn run(documents: &[&str], present: Vec<SourceFile>) -> Import {
    let readings = documents
        .iter()
        .map(|text| {
            let given = Given {
                service: None,
                name: Some("CreateLampJob"),
            };
            Reading::of("page", text.as_bytes(), &given)
        })
        .collect();
    import(readings, present, None, &Settings::default()).unwrap()
}

/// The table that `chinese.md` becomes.
fn queues(import: &Import) -> &SourceFile {
    let mut files = import.files.iter();
    files
        .find(|file| file.path.ends_with("describe_lamp_queues.yaml"))
        .unwrap()
}

/// What a newer edition says of defaults, ranges, lengths and words is reported. What a person
/// wrote of them stays.
#[test]
fn changed_values_are_reported_and_not_written() {
    let old = edition(
        "| Level | Request | Value range: [1, 10]. Default value: `3` | Int | No |\n\
         | Colour | Request | Valid values: `Red`, `Blue` | String | No |\n\
         | Note | Request | Up to 64 characters | String | No |\n\
         | Plain | Request | A text | String | No |\n",
    );
    let new = edition(
        "| Level | Request | Value range: [1, 20]. Default value: `5` | Int | Yes |\n\
         | Colour | Request | Valid values: `Red`, `Green` | String | No |\n\
         | Note | Request | Up to 128 characters | String | No |\n",
    );
    let files = run(&[&old], Vec::new()).files;
    let path = "ci/operations/create_lamp_job.yaml";
    let text = |files: &[SourceFile]| {
        files
            .iter()
            .find(|file| file.path == path)
            .unwrap()
            .text
            .clone()
    };
    let before = text(&files);
    let mut again = run(&[&new], files);
    assert_eq!(text(&again.files), before);
    let outcome = again.documents.remove(0).outcome.unwrap().remove(0);
    let report = outcome.changes.unwrap().to_string();
    let item = "CreateLampJob request Request";
    for line in [
        format!("note     {item}.Level: the document has the default `5`, the file `3`"),
        format!("note     {item}.Level: the document has the range `1 to 20`, the file `1 to 10`"),
        format!("note     {item}.Colour: the document has the words `Green`, the file `Red, Blue`"),
        format!("note     {item}.Colour: the document does not have the words `Blue` of the file"),
        format!("note     {item}.Note: the document has the greatest length `128`, the file `64`"),
        format!("removed  {item}.Plain: kept; remove it by hand"),
    ] {
        assert!(report.contains(&line), "{line}\n{report}");
    }
}

/// Two documents of one operation are two editions of it, though the first has made the file.
#[test]
fn two_documents_of_one_run_are_merged() {
    let one = edition("| Level | Request | How bright | Int | No |\n");
    let two = edition(
        "| Level | Request | How bright | Int | Yes |\n| Colour | Request | Which | String | No |\n",
    );
    let import = run(&[&one, &two, &two], Vec::new());
    let file = &import.files[0].text;
    assert!(
        file.contains("{ name: Level, parent: Request, type: Int, required: true"),
        "{file}"
    );
    assert_eq!(file.matches("name: Colour").count(), 1, "{file}");
    let outcomes: Vec<_> = import
        .documents
        .iter()
        .map(|it| &it.outcome.as_ref().unwrap()[0])
        .collect();
    assert!(outcomes.iter().all(|it| it.path == import.files[0].path));
    assert_eq!(outcomes[2].changes.as_ref().unwrap().written(), 0);
}

/// Two requests of one name are two operations: the second is refused, and says what to do.
#[test]
fn two_requests_of_one_name_are_refused() {
    let one = edition("| Level | Request | How bright | Int | No |\n");
    let other = one.replace("/lamp_jobs", "/lamp/other");
    let import = run(&[&one, &other], Vec::new());
    let second = &import.documents[1].outcome.as_ref().unwrap()[0];
    assert_eq!(second.path, "");
    let text = second.remarks.iter().map(|it| it.text.as_str());
    assert!(
        text.clone()
            .any(|it| it.contains("import it alone, with `--name`"))
    );
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
    let file = queues(&import);
    assert!(
        file.text
            .contains("{ name: LampList, parent: Response, type: Lamp array, fix:"),
        "{}",
        file.text
    );
    assert!(!file.text.contains("LampId,"), "{}", file.text);
}

/// A page that is imported again is no news, whatever the first import mended.
#[test]
fn the_same_page_again_changes_nothing() {
    for name in [
        "oddities.md",
        "slips.md",
        "several.md",
        "two_containers.md",
        "access.md",
        "queries.md",
        "merged.html",
        "rowspan.html",
        "stacked.txt",
        "tabs.txt",
    ] {
        let first = imported(name, Vec::new(), false).files;
        let again = imported(name, first.clone(), false);
        assert_eq!(again.files, first, "{name}");
        for outcome in again.documents[0].outcome.as_ref().unwrap() {
            let changes = outcome.changes.as_ref().unwrap();
            assert!(changes.changes.is_empty(), "{name}: {changes}");
        }
    }
}

/// What the rows of the same name in three other operations say otherwise is doubted, and nothing is
/// changed.
#[test]
fn rows_unlike_those_of_other_operations_are_doubted() {
    let mut present = vec![SourceFile {
        path: "ci/service.yaml".to_owned(),
        text: service(),
    }];
    for name in ["shade", "bulb", "socket"] {
        let text = format!(
            "operation: Describe{name}s\nsummary: Finds them.\ndocument: {{ url: https://example.com }}\n\
             http: GET /{name}\nhost: \"{{bucket}}.ci.{{region}}.myqcloud.com\"\nidempotent: true\n\
             request:\n  query:\n    - {{ name: pageNumber, type: String, required: true, doc: Page. }}\n    \
             - {{ name: pageSize, type: Float, doc: Size. }}\n"
        );
        present.push(SourceFile {
            path: format!("ci/operations/describe_{name}s.yaml"),
            text,
        });
    }
    let import = imported("chinese.md", present, false);
    let outcome = &import.documents[0].outcome.as_ref().unwrap()[0];
    let doubted: Vec<String> = outcome
        .remarks
        .iter()
        .filter(|remark| remark.kind == RemarkKind::Doubted)
        .map(|remark| format!("{}: {}", remark.item, remark.text))
        .collect();
    assert_eq!(
        doubted,
        [
            "request pageNumber: the type is Int, and String in 3 of 3 other rows of this name: look \
             which it is",
            "request pageSize: the type is Int, and Float in 3 of 3 other rows of this name: look which \
             it is",
        ]
    );
    let file = queues(&import);
    assert!(
        file.text.contains("{ name: pageNumber, type: Int,"),
        "{}",
        file.text
    );
}
