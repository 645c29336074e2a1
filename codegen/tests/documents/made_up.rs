//! Made-up documents of every form and oddity: YAML and report.

use std::fmt::Write as _;

use insta::{Settings as Snapshots, assert_snapshot};

use super::imported;

/// YAML and report of every made-up document.
#[test]
fn made_up_documents() {
    let mut snapshots = Snapshots::clone_current();
    snapshots.set_prepend_module_to_snapshot(false);
    snapshots.set_snapshot_path("../snapshots/documents");
    snapshots.set_omit_expression(true);
    for name in [
        "oddities.md",
        "chinese.md",
        "page.html",
        "tabs.txt",
        "several.md",
        "action.md",
        "optional.md",
        "marks.txt",
        "stacked.txt",
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
