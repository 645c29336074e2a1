//! What the README shows: the commands of daily use, and an operation that has no handler yet.

use std::fs;

use tcloud_guide::pages::root;

use super::{page, shell};
use crate::storage::cloud::Cloud;

const README: &str = include_str!("../../../../../README.md");

#[test]
fn the_commands_of_daily_use_run_as_printed() {
    let before = README.split("<!-- daily use: ").next().unwrap();
    let line = before.lines().count();
    let readme = page("README.md");
    let block = readme.blocks.iter().find(|it| it.line > line).unwrap();
    let ours = block.text.lines().filter(|it| it.contains("tcloud "));
    assert!(ours.count() >= 10, "{}", block.text);
    // Its first command makes the bucket.
    let (_, wrong) = shell::run("README.md", std::slice::from_ref(block), None);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The operation by which "Add an API" shows what comes of a table has no handler in the local cloud,
/// and its table is the one that is printed.
#[test]
fn the_added_operation_is_called_and_not_implemented() {
    let (_, part) = README.split_once("\n## Add an API\n").unwrap();
    let (part, _) = part.split_once("\n## ").unwrap();
    let (_, printed) = part.split_once("```yaml\n# ").unwrap();
    let (printed, _) = printed.split_once("```").unwrap();
    let (path, table) = printed.split_once('\n').unwrap();
    assert_eq!(table, fs::read_to_string(root().join(path)).unwrap());
    let call = part
        .lines()
        .find_map(|line| line.strip_prefix("tcloud cos "))
        .unwrap();
    let cloud = Cloud::start();
    let call = call.replace("http://127.0.0.1:9000", cloud.address());
    let words: Vec<&str> = ["cos"].into_iter().chain(call.split_whitespace()).collect();
    let failed = cloud.run(&words);
    assert_ne!(failed.code, 0, "{}", failed.out);
    assert!(failed.err.contains("NotImplemented"), "{}", failed.err);
}
