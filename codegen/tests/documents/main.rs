//! Documents become tables: five pages beside the committed tables, made-up documents of every
//! form and oddity, newer editions, refusals.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

mod editions;
mod five;
mod made_up;
mod refusals;

use std::fs;
use std::path::Path;

use tcloud_codegen::import::doc::{Given, Import, Reading, Settings, import};
use tcloud_codegen::load::SourceFile;

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

fn service() -> String {
    let files = imported("chinese.md", Vec::new(), false).files;
    files
        .into_iter()
        .find(|file| file.path == "ci/service.yaml")
        .unwrap()
        .text
}
