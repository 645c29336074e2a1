//! "Adding an API" as its reader would do it: the page is imported, the finished table is checked and
//! generated.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use std::fs;
use std::path::Path;

use tcloud_codegen::check::check;
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::generate;
use tcloud_codegen::import::doc::{Given, Reading, Settings, import};
use tcloud_codegen::load::{SourceFile, load};
use tcloud_guide::markdown::{self, Block};
use tcloud_guide::pages;

const PAGE: &str = "docs/src/adding-an-api.md";

/// The blocks of `language`, in order.
fn blocks(language: &str) -> Vec<Block> {
    let page = markdown::read(&pages::text(PAGE));
    let blocks = page.blocks.into_iter();
    blocks.filter(|it| it.language() == language).collect()
}

/// The tables of Object Storage.
fn tables() -> Vec<SourceFile> {
    fn read(root: &Path, folder: &Path, files: &mut Vec<SourceFile>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(root, &path, files);
            } else {
                let own = path.strip_prefix(root).unwrap();
                files.push(SourceFile {
                    path: own.to_str().unwrap().replace('\\', "/"),
                    text: fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    let root = pages::root().join("api-spec");
    let mut files = Vec::new();
    read(&root, &root.join("cos"), &mut files);
    files
}

#[test]
fn the_page_becomes_the_table_that_is_printed() {
    let page = &blocks("text")[0];
    let given = Given {
        service: Some("cos"),
        name: None,
    };
    let reading = Reading::of("page.txt", page.text.as_bytes(), &given);
    let settings = Settings {
        named: false,
        draft: true,
    };
    let import = import(vec![reading], tables(), None, &settings).unwrap();
    let outcome = &import.documents[0].outcome;
    assert!(outcome.is_ok(), "{:?}", outcome.as_ref().err());
    let mut files = import.files.iter();
    let table = files.find(|file| file.path.ends_with("/put_object_note.yaml"));
    let table = table.unwrap();
    let printed = &blocks("yaml")[0].text;
    assert_eq!(printed, &table.text, "the first table of {PAGE}");
}

#[test]
fn the_finished_table_is_sound_and_becomes_a_method() {
    let block = &blocks("yaml")[1];
    let (path, text) = block.text.split_once('\n').unwrap();
    let mut files = tables();
    files.push(SourceFile {
        path: path.trim_start_matches("# ").to_owned(),
        text: text.to_owned(),
    });
    let told = |found: &[Diagnostic]| found.iter().map(Diagnostic::render).collect::<String>();
    let spec = load(files).unwrap_or_else(|found| panic!("{}", told(&found)));
    let found = check(&spec);
    assert!(found.is_empty(), "{}", told(&found));
    let made = generate(&spec).unwrap();
    let client = made["cos"]
        .iter()
        .find(|it| it.path == "client.rs")
        .unwrap();
    for part in ["pub fn put_object_note(", "#[doc(alias = \"set_note\")]"] {
        assert!(client.text.contains(part), "there is no {part}");
    }
}
