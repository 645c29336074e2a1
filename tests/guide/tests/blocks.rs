//! Every block of code of the guide is compiled, run or read by something.

use std::collections::BTreeSet;

use tcloud_guide::markdown::{self, Block};
use tcloud_guide::{PAGES, pages};

fn blocks() -> Vec<(String, Block)> {
    let all = pages::of_guide().into_iter().flat_map(|path| {
        let page = markdown::read(&pages::text(&path));
        page.blocks
            .into_iter()
            .map(move |block| (path.clone(), block))
    });
    all.collect()
}

#[test]
fn each_block_says_what_it_is() {
    let known = [
        // Tests of documentation.
        "rust",
        "rust,no_run",
        // `crates/cli/tests/cli/printed`.
        "console",
        "console,fails",
        "sh",
        "sh,checked",
        // Below, and `adding.rs`.
        "json",
        "toml",
        "yaml",
        // What is read, not run.
        "text",
    ];
    for (path, block) in blocks() {
        let info = block.info.as_str();
        let is_known = known.contains(&info) || is_file(&block);
        assert!(is_known, "{path}:{}: `{info}`", block.line);
    }
}

/// Whether a block is a file of another language's program: `python,conftest.py`.
fn is_file(block: &Block) -> bool {
    matches!(
        (block.language(), block.info.rsplit('.').next()),
        ("python", Some("py")) | ("js", Some("mjs"))
    )
}

/// They are run by the official SDKs.
#[test]
fn pages_with_files_of_other_languages_are_quick_starts() {
    let program = pages::text("tests/clients/quickstarts/main.py");
    let with_files: BTreeSet<String> = blocks()
        .into_iter()
        .filter(|(_, block)| is_file(block))
        .map(|(path, _)| path)
        .collect();
    assert!(with_files.len() >= 2);
    for path in with_files {
        let name = path.rsplit('/').next().unwrap();
        assert!(
            program.contains(&format!("unpack(\"{name}\")")),
            "{path} is not run"
        );
    }
}

#[test]
fn each_page_with_programs_is_a_test() {
    let with_programs: BTreeSet<String> = blocks()
        .into_iter()
        .filter(|(_, block)| block.language() == "rust")
        .map(|(path, _)| path)
        .collect();
    let of_guide = PAGES.iter().filter(|it| it.starts_with("docs/src/"));
    let tested: BTreeSet<String> = of_guide.map(|&it| it.to_owned()).collect();
    assert_eq!(with_programs, tested);
}

/// Manifests are as cargo reads them, and the crates of ours that they name are where they say.
#[test]
fn manifests_name_crates_that_are_there() {
    let mut named = 0;
    for (path, block) in blocks() {
        if block.language() != "toml" {
            continue;
        }
        let place = format!("{path}:{}", block.line);
        let table: toml::Table = block
            .text
            .parse()
            .unwrap_or_else(|it| panic!("{place}: {it}"));
        let dependencies = table.values().filter_map(toml::Value::as_table).flatten();
        for (name, dependency) in dependencies {
            let Some(folder) = dependency.get("path").and_then(toml::Value::as_str) else {
                continue;
            };
            let folder = folder
                .strip_prefix("../tcloud/")
                .unwrap_or_else(|| panic!("{place}"));
            let manifest = pages::root().join(folder).join("Cargo.toml");
            let manifest: toml::Table =
                std::fs::read_to_string(&manifest).unwrap().parse().unwrap();
            assert_eq!(
                manifest["package"]["name"].as_str(),
                Some(name.as_str()),
                "{place}"
            );
            named += 1;
        }
    }
    assert!(named > 0);
}

#[test]
fn json_is_json() {
    for (path, block) in blocks() {
        if block.language() == "json" {
            let read = serde_json::from_str::<serde_json::Value>(&block.text);
            assert!(read.is_ok(), "{path}:{}: {read:?}", block.line);
        }
    }
}

#[test]
fn the_cookbook_has_thirty_tasks_and_each_has_names() {
    let text = pages::text("docs/src/cookbook.md");
    let page = markdown::read(&text);
    let tasks: Vec<_> = page
        .headings
        .iter()
        .filter(|(level, _)| *level == 3)
        .collect();
    assert!(tasks.len() >= 30, "{}", tasks.len());
    for (_, task) in tasks {
        let (_, after) = text.split_once(&format!("### {task}\n\n")).unwrap();
        assert!(after.starts_with('*'), "{task} has no names");
    }
}
