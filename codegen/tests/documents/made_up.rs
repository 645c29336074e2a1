//! Made-up documents of every form and oddity: YAML and report.

use std::fmt::Write as _;

use insta::{Settings as Snapshots, assert_snapshot};

use tcloud_codegen::check::check;
use tcloud_codegen::generate;
use tcloud_codegen::import::doc::{Import, Settings, import};
use tcloud_codegen::load::load;

use super::{imported, reading};

/// The report of an import, and its files.
fn printed(import: &Import) -> String {
    let mut text = String::new();
    for document in &import.documents {
        for outcome in document.outcome.as_ref().unwrap() {
            let _ = writeln!(text, "{}: {} rows", outcome.operation, outcome.rows);
            for remark in &outcome.remarks {
                let _ = writeln!(text, "{remark}");
            }
        }
    }
    for file in &import.files {
        let _ = write!(text, "--- {}\n{}", file.path, file.text);
    }
    text
}

/// A page of structures with the page of an action: those that the action needs are written, wherever
/// their page stands, and the action names them.
#[test]
fn structures_and_the_actions_that_need_them() {
    let names = ["copied_action.txt", "data_types.md"];
    let readings = || names.map(|name| reading(name, None));
    let settings = Settings {
        named: false,
        draft: true,
    };
    let import_of = |readings| import(readings, Vec::new(), None, &settings).unwrap();
    let own = import_of(readings().into());
    let mut turned: Vec<_> = readings().into();
    turned.reverse();
    assert_eq!(own.files, import_of(turned).files);
    let mut snapshots = Snapshots::clone_current();
    snapshots.set_prepend_module_to_snapshot(false);
    snapshots.set_snapshot_path("../snapshots/documents");
    snapshots.set_omit_expression(true);
    let text = printed(&own);
    snapshots.bind(|| assert_snapshot!("data_types_md", text));
    let spec = load(own.files).unwrap();
    let errors: Vec<String> = check(&spec)
        .iter()
        .filter(|it| it.is_error())
        .map(ToString::to_string)
        .collect();
    assert_eq!(errors, Vec::<String>::new());
    assert!(!generate(&spec).unwrap()["lamp"].is_empty());
}

/// A page of structures alone needs to be told of which service it is, and is written whole.
#[test]
fn structures_alone() {
    let import_of = |service| {
        let readings = vec![reading("data_types.md", service)];
        import(readings, Vec::new(), None, &Settings::default()).unwrap()
    };
    let refusal = import_of(None).documents[0]
        .outcome
        .as_ref()
        .unwrap_err()
        .to_string();
    assert!(
        refusal.contains("LampInfo, LampFilter") && refusal.contains("`--service`"),
        "{refusal}"
    );
    let own = import_of(Some("lamp"));
    let paths: Vec<&str> = own.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(
        paths,
        ["lamp/service.yaml", "lamp/structures/data_types.yaml"]
    );
    assert_eq!(own.files[1].text.matches("  - name: ").count(), 5);
    // Once more they are known.
    let readings = vec![reading("data_types.md", Some("lamp"))];
    let mut present = own.files.clone();
    present[0].text = present[0].text.replace("to be completed", "2024-02-03");
    let again = import(readings, present.clone(), None, &Settings::default()).unwrap();
    assert_eq!(again.files, present);
}

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
        "copied_action.txt",
        "rowspan.html",
        "access.md",
        "queries.md",
        "two_containers.md",
        "page_footnotes.txt",
        "slips.md",
        "kinds.md",
        "address.md",
        "address.txt",
        "merged.html",
        "channel.txt",
    ] {
        let text = printed(&imported(name, Vec::new(), false));
        snapshots.bind(|| assert_snapshot!(name.replace('.', "_"), text));
    }
}
