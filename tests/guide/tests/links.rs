//! Links of the guide and of the other pages lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use tcloud_guide::markdown::{self, Page};
use tcloud_guide::pages;

/// `path`, without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

fn all() -> BTreeMap<PathBuf, Page> {
    let read = |path: String| {
        let page = markdown::read(&pages::text(&path));
        (PathBuf::from(path), page)
    };
    pages::all().into_iter().map(read).collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let all = all();
    let mut wrong = Vec::new();
    let mut looked_at = 0;
    for (path, page) in &all {
        for (line, link) in &page.links {
            let place = format!("{}:{line}: {link}", path.display());
            // `crate::item` is a link of rustdoc, which checks it.
            if link.contains("://") || link.contains("::") || link.starts_with("mailto:") {
                continue;
            }
            looked_at += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = path.parent().unwrap();
            let target = if file.is_empty() {
                path.clone()
            } else {
                plain(&folder.join(file))
            };
            if !pages::root().join(&target).exists() {
                wrong.push(format!("{place}: there is no {}", target.display()));
            } else if !anchor.is_empty() {
                let anchors = all.get(&target).map(|it| it.anchors.as_slice());
                if !anchors.unwrap_or_default().iter().any(|it| it == anchor) {
                    wrong.push(format!("{place}: there is no such heading"));
                }
            }
            if path.starts_with("docs") && !target.starts_with("docs/src") {
                wrong.push(format!("{place}: no part of the book; name it instead"));
            }
        }
    }
    assert!(looked_at > 100, "{looked_at}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A page that is not in the summary is in no book.
#[test]
fn every_page_is_in_the_summary() {
    let summary = markdown::read(&pages::text("docs/src/SUMMARY.md"));
    let named: BTreeSet<String> = summary
        .links
        .iter()
        .map(|(_, link)| format!("docs/src/{link}"))
        .collect();
    let there: BTreeSet<String> = pages::of_guide()
        .into_iter()
        .filter(|it| !it.ends_with("/SUMMARY.md"))
        .collect();
    assert_eq!(named, there);
}
