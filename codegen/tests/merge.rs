//! Equal containers become one type, and nearly equal ones are reported.
#![expect(clippy::unwrap_used, reason = "a test that cannot continue has failed")]

use tcloud_codegen::generate;
use tcloud_codegen::load::{SourceFile, Spec, load};
use tcloud_codegen::lower::merges;

fn spec(third: &str) -> Spec {
    load(sources(third)).unwrap()
}

fn sources(third: &str) -> Vec<SourceFile> {
    let service = "service: x\ntitle: X\nprotocol: ci\ndocument: https://example.com\n";
    let operation = |name: &str, tag: &str, input: &str| SourceFile {
        path: format!("x/operations/{}.yaml", name.to_lowercase()),
        text: format!(
            "operation: {name}\nsummary: Does it.\ndocument: {{ url: \"https://example.com\" }}\n\
             http: POST /jobs\nhost: x.example.com\nrequest:\n  root: Request\n  rows:\n\
             \x20   - {{ name: Tag, parent: Request, type: String, fixed: {tag}, doc: \"D.\" }}\n\
             \x20   - {{ name: Input, parent: Request, type: Container, doc: \"D.\" }}\n\
             \x20   - {{ name: Part, parent: Request.Input, type: Container, doc: \"D {tag}.\" }}\n\
             \x20   - {{ name: A, parent: Request.Input.Part, type: String, doc: \"D.\" }}\n\
             \x20   - {{ name: B, parent: Request.Input.Part, type: Int, doc: \"D.\" }}\n\
             \x20   - {{ name: C, parent: Request.Input, type: String, doc: \"D.\" }}\n\
             \x20   - {{ name: D, parent: Request.Input, type: {input}, doc: \"D.\" }}\n"
        ),
    };
    vec![
        SourceFile {
            path: "x/service.yaml".to_owned(),
            text: service.to_owned(),
        },
        operation("CreateOneJob", "One", "String"),
        operation("CreateTwoJob", "Two", "String"),
        operation("CreateThreeJob", "Three", third),
    ]
}

#[test]
fn equal_containers_become_one_type() {
    let spec = spec("String");
    let files = generate(&spec).unwrap().remove("x").unwrap();
    let text = |path: &str| -> String {
        let file = files.iter().find(|file| file.path == path);
        file.map_or_else(String::new, |file| file.text.clone())
    };
    assert!(text("types/input.rs").contains("pub struct Input {"));
    // What nothing else distinguishes from others of its name is named after its few rows.
    assert!(text("types/part.rs").contains("pub struct ABPart {"));
    for name in ["one", "two", "three"] {
        let own = text(&format!("operation/create_{name}_job.rs"));
        assert!(!own.contains("pub struct Input {"), "{own}");
        assert!(own.contains("pub use crate::types::Input;"), "{own}");
        assert!(
            own.contains("pub use crate::types::ABPart as Part;"),
            "{own}"
        );
    }
    let (merged, nearly) = merges(&spec.sources, &spec.services[0]).unwrap();
    let counts: Vec<_> = merged
        .iter()
        .map(|it| (it.name.as_str(), it.places.len()))
        .collect();
    assert_eq!(counts, [("Input", 3), ("Part", 3)]);
    assert_eq!(nearly, []);
}

#[test]
fn a_row_of_another_type_keeps_containers_apart() {
    let spec = spec("Int");
    let (merged, nearly) = merges(&spec.sources, &spec.services[0]).unwrap();
    let names: Vec<_> = merged.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["Input", "Part"]);
    let rows: Vec<_> = nearly.iter().flat_map(|it| &it.rows).collect();
    assert_eq!(rows, ["D: Integer", "D: Text"]);
}

#[test]
fn a_number_that_only_one_body_has_in_quotes_keeps_containers_apart() {
    let mut sources = sources("String");
    for source in &mut sources {
        let column = "name: D, parent: Request.Input, type: String";
        source.text = source.text.replace(column, &format!("{column}, as: Int"));
        if source.path.ends_with("createthreejob.yaml") {
            source.text = source
                .text
                .replace("request:\n", "request:\n  body: json\n");
        }
    }
    let spec = load(sources).unwrap();
    let (merged, nearly) = merges(&spec.sources, &spec.services[0]).unwrap();
    let counts: Vec<_> = merged
        .iter()
        .map(|it| (it.name.as_str(), it.places.len()))
        .collect();
    assert_eq!(counts, [("Input", 2), ("Part", 3)]);
    let rows: Vec<_> = nearly.iter().flat_map(|it| &it.rows).collect();
    assert_eq!(rows, ["D: Integer", "D: Integer, in quotes"]);
}
