//! From the page of a document to decoded samples, as a person does it: `import doc --draft-doc` into
//! an empty folder, the marked places completed, `import doc --try`.

#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FIXTURES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../codegen/tests/fixtures/documents"
);

/// What the command prints, and whether it succeeded.
fn import(document: &Path, service: &str, out: &Path, more: &[&str]) -> (bool, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["import", "doc"])
        .arg(document)
        .args(["--service", service, "--out"])
        .arg(out)
        .args(more)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let printed = text(&done.stdout) + &text(&done.stderr);
    (done.status.success(), printed)
}

/// The YAML files below a folder.
fn tables(folder: &Path) -> Vec<PathBuf> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}

/// What a person does after an import: a summary, addresses, and decisions where it made none.
fn complete(folder: &Path) {
    for path in tables(folder) {
        let text = fs::read_to_string(&path).unwrap();
        let text = text
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
        fs::write(path, text).unwrap();
    }
}

/// A page becomes tables, these are completed, and the samples of the page are decoded by them.
fn page_to_samples(document: &str, service: &str, bodies: usize) {
    let folder = tempfile::tempdir().unwrap();
    let page = Path::new(FIXTURES).join(document);
    let (_, first) = import(&page, service, folder.path(), &["--draft-doc"]);
    let (done, undone) = import(&page, service, folder.path(), &["--try"]);
    assert!(
        !done && undone.contains("to be completed"),
        "{first}{undone}"
    );
    complete(folder.path());
    let before: Vec<String> = tables(folder.path())
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let (done, tried) = import(&page, service, folder.path(), &["--try"]);
    assert!(done, "{document}: {tried}");
    let line = format!("samples: {bodies} decoded and encoded to the same");
    assert!(
        tried.contains("lint: no errors") && tried.contains(&line),
        "{document}: {tried}"
    );
    // The page once more is an edition without news.
    let after = tables(folder.path());
    for (path, before) in after.iter().zip(&before) {
        assert_eq!(&fs::read_to_string(path).unwrap(), before, "{document}");
    }
}

#[test]
fn pages_become_tables_that_decode_their_samples() {
    page_to_samples("create_pic_bucket.txt", "ci", 1);
    page_to_samples("describe_pic_buckets.txt", "ci", 1);
    page_to_samples("bind_bucket.txt", "ci", 1);
    page_to_samples("create_image_inspect_job.txt", "ci", 2);
    page_to_samples("process_image.txt", "mps", 2);
}

/// A page of API 3.0 names structures that are on another page: it says which are missing, and what
/// its samples show of them is to be completed.
#[test]
fn a_page_of_api_3_wants_the_structures_that_it_names() {
    let folder = tempfile::tempdir().unwrap();
    let page = Path::new(FIXTURES).join("process_image.txt");
    let (done, printed) = import(&page, "mps", folder.path(), &["--draft-doc", "--try"]);
    assert!(!done, "{printed}");
    for (name, row) in [
        ("MediaInputInfo", "InputInfo"),
        ("TaskOutputStorage", "OutputStorage"),
        ("ImageTaskInput", "ImageTask"),
    ] {
        let says = format!("`{name}` is a structure of another page");
        let open = format!("row `{row}` is not decided");
        assert!(
            printed.contains(&says) && printed.contains(&open),
            "{printed}"
        );
    }
}

/// With the page of structures in the same command nothing is left to complete: page to samples in one
/// step.
#[test]
fn structures_come_with_the_actions_that_need_them() {
    let folder = tempfile::tempdir().unwrap();
    let structures = Path::new(FIXTURES).join("data_types.md");
    let page = Path::new(FIXTURES).join("copied_action.txt");
    let structures = structures.to_str().unwrap();
    let more = ["--draft-doc", "--try", structures];
    let (done, printed) = import(&page, "lamp", folder.path(), &more);
    assert!(done, "{printed}");
    let line = "samples: 2 decoded and encoded to the same";
    assert!(
        printed.contains("lint: no errors") && printed.contains(line),
        "{printed}"
    );
}

/// A page is read from the standard input, and `--dry-run` prints the files and writes none.
#[test]
fn a_page_comes_from_the_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("spec");
    let page = fs::File::open(Path::new(FIXTURES).join("create_pic_bucket.txt")).unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args([
            "import",
            "doc",
            "-",
            "--service",
            "ci",
            "--dry-run",
            "--out",
        ])
        .arg(&spec)
        .stdin(page)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success() && printed.contains("standard input: CreatePicBucket:"),
        "{printed}"
    );
    let file = "--- ci/operations/create_pic_bucket.yaml\n";
    assert!(printed.contains(file), "{printed}");
    assert!(!spec.exists());
}

/// What is left to a person says what to do, once for each place.
#[test]
fn open_places_say_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let page = Path::new(FIXTURES).join("oddities.md");
    let (done, printed) = import(&page, "ci", folder.path(), &["--draft-doc", "--try"]);
    assert!(!done, "{printed}");
    for line in [
        "row `CallBackLamp` is not decided: no table has its rows: compare it with the document",
        "the `summary` of CreateLampSwitchJob is not written: ",
        "5 places are to be completed before a client can be generated",
    ] {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
    assert_eq!(
        printed.matches("create_lamp_switch_job.yaml:").count(),
        3,
        "{printed}"
    );
}

/// Every document of the folder has a line in a report, which writes nothing.
#[test]
fn a_report_counts_rows_and_values_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("spec");
    let page = Path::new(FIXTURES).join("create_image_inspect_job.txt");
    let (done, printed) = import(&page, "ci", &spec, &["--report"]);
    assert!(done, "{printed}");
    let last = printed.lines().last().unwrap();
    for word in [
        "rows;",
        "right,",
        "0 wrong;",
        "defaults ",
        "words ",
        "ranges ",
    ] {
        assert!(last.contains(word), "{printed}");
    }
    assert!(!spec.exists());
}
