//! Every name and shape that is hard to make Rust of, as the generator writes it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

use std::fs;
use std::path::Path;

use tcloud_codegen::load::{SourceFile, Spec, load};
use tcloud_codegen::lower::lower;
use tcloud_codegen::peer::serde_types;
use tcloud_codegen::{Error, GeneratedFile, generate};

fn course() -> Spec {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/obstacle-course");
    let files = [
        "course/service.yaml",
        "course/operations/sdr_to_hdr_names.yaml",
        "course/operations/list_shapes.yaml",
        "course/operations/select.yaml",
        "course/operations/start_upload.yaml",
        "course/operations/upload.yaml",
        "course/operations/wide.yaml",
        "course/structures/recursion.yaml",
        "course/pictures/turn.yaml",
        "course/pictures/words.yaml",
    ];
    let sources = files.map(|path| SourceFile {
        path: path.to_owned(),
        text: fs::read_to_string(root.join(path)).unwrap(),
    });
    load(sources.into()).unwrap_or_else(|found| panic!("{}", found[0].render()))
}

fn generated() -> Vec<GeneratedFile> {
    generate(&course()).unwrap().remove("course").unwrap()
}

#[test]
fn every_file_is_as_it_was() {
    for file in generated() {
        // Sixty fields show no more than a few: it counts that they are all there.
        if file.path == "operation/wide.rs" {
            assert_eq!(file.text.matches("Field::new(").count(), 60);
            continue;
        }
        let name = file.path.trim_end_matches(".rs").replace('/', "-");
        insta::assert_snapshot!(name, file.text);
    }
}

#[test]
fn generating_twice_gives_the_same_bytes() {
    assert_eq!(generated(), generated());
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    let mut spec = course();
    let forward = generate(&spec).unwrap();
    spec.sources.reverse();
    let reversed = load(spec.sources).unwrap_or_else(|found| panic!("{}", found[0].render()));
    assert_eq!(generate(&reversed).unwrap(), forward);
}

#[test]
fn a_type_that_no_table_has_is_told() {
    let mut spec = course();
    for file in &mut spec.sources {
        file.text = file.text.replace("type: Shape,", "type: Shpae,");
    }
    let spec = load(spec.sources).unwrap_or_else(|found| panic!("{}", found[0].render()));
    let error = generate(&spec).unwrap_err().to_string();
    assert!(error.contains("operations/list_shapes.yaml"), "{error}");
    assert!(
        error.contains("row `Best` has the unknown type `Shpae`"),
        "{error}"
    );
}

fn peer(roots: Option<&[&str]>) -> Result<String, Error> {
    let spec = course();
    let service = lower(&spec.sources, &spec.services[0]).unwrap();
    serde_types(&service, roots)
}

#[test]
fn peers_of_one_operation_are_what_its_messages_hold() {
    insta::assert_snapshot!("peer", peer(Some(&["ListShapes"])).unwrap());
}

#[test]
fn peers_of_all_operations_hold_those_of_one() {
    let all = peer(None).unwrap();
    let some = peer(Some(&["ListShapes"])).unwrap();
    assert!(all.len() > some.len());
    for line in some.lines() {
        assert!(all.contains(line), "{line}");
    }
}

#[test]
fn peers_of_an_operation_that_no_table_has_are_refused() {
    let error = peer(Some(&["ListForms"])).unwrap_err().to_string();
    assert!(error.contains("no operation `ListForms`"), "{error}");
}
