//! No two files of the generator, or of the tasks around it, use each other, however far about.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::UseTree;
use syn::visit::{self, Visit};

/// A module, by its path from the crate on.
type Module = Vec<String>;

/// What each file names of the others.
type Uses = BTreeMap<Module, BTreeSet<Module>>;

#[test]
fn the_files_of_the_generator_and_of_the_tasks_use_each_other_in_one_direction() {
    for sources in ["src", "../xtask/src", "../crates/core/src"] {
        let uses = uses(&read(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(sources),
            &[],
        ));
        assert!(uses.values().any(|used| !used.is_empty()), "{sources}");
        assert_eq!(circles(&uses), Vec::<Module>::new(), "{sources}");
    }
}

#[test]
fn a_circle_is_found_through_a_third_file_and_through_a_path_without_an_import() {
    let file = |module: &[&str], text: &str| {
        let module: Module = module.iter().map(ToString::to_string).collect();
        (module, syn::parse_file(text).unwrap())
    };
    let files = BTreeMap::from([
        file(&[], "mod a; mod c; fn main() { a::run() }"),
        file(&["a"], "mod b; use self::b::{B, other}; pub fn run() {}"),
        file(&["a", "b"], "use crate::c; pub struct B(c::C);"),
        file(&["c"], "pub struct C; fn f() { crate::a::run() }"),
    ]);
    let circle: Vec<Module> = circles(&uses(&files));
    assert_eq!(circle, [vec!["a"], vec!["a", "b"], vec!["c"]]);
}

/// The files below `folder`, by module.
fn read(folder: &Path, module: &[String]) -> BTreeMap<Module, syn::File> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut own = module.to_vec();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if !matches!(name.as_str(), "lib" | "main" | "mod") {
            own.push(name);
        }
        if path.is_dir() {
            files.extend(read(&path, &own));
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            files.insert(own, syn::parse_file(&text).unwrap());
        }
    }
    files
}

/// Which files each file names.
fn uses(files: &BTreeMap<Module, syn::File>) -> Uses {
    let known: BTreeSet<&Module> = files.keys().collect();
    files
        .iter()
        .map(|(module, file)| {
            let mut found = Found::default();
            found.visit_file(file);
            // An imported module begins paths of its own.
            let imported: BTreeMap<String, Module> = found
                .imports
                .iter()
                .filter_map(|path| {
                    let full = full(module, path)?;
                    let name = full.last()?.clone();
                    known.contains(&full).then_some((name, full))
                })
                .collect();
            let paths = found.paths.iter().filter_map(|path| {
                let first = path.first()?;
                if let Some(module) = imported.get(first) {
                    return Some([module, &path[1..]].concat());
                }
                let child = [module.as_slice(), &path[..1]].concat();
                if known.contains(&child) {
                    return Some([module.as_slice(), path].concat());
                }
                full(module, path)
            });
            let imports = found.imports.iter().filter_map(|path| full(module, path));
            let used = imports
                .chain(paths)
                .filter_map(|full| {
                    let ends = (0..=full.len()).rev();
                    ends.map(|end| full[..end].to_vec())
                        .find(|start| known.contains(start))
                })
                .filter(|used| used != module)
                .collect();
            (module.clone(), used)
        })
        .collect()
}

/// A path of `module` as seen from the crate; `None` if it is of another crate.
fn full(module: &[String], path: &[String]) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    let rest_after = |start: &[String]| [start, rest].concat();
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some(rest_after(module)),
        "super" => {
            let around = &module[..module.len().saturating_sub(1)];
            if rest.first().is_some_and(|it| it == "super") {
                full(around, rest)
            } else {
                Some(rest_after(around))
            }
        }
        _ => None,
    }
}

/// The modules that are reached from themselves.
fn circles(uses: &Uses) -> Vec<Module> {
    let reached = |from: &Module| {
        let mut seen: BTreeSet<&Module> = BTreeSet::new();
        let mut open: Vec<&Module> = uses[from].iter().collect();
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                open.extend(&uses[next]);
            }
        }
        seen.contains(from)
    };
    uses.keys().filter(|it| reached(it)).cloned().collect()
}

/// The paths of a file, without those of its tests.
#[derive(Default)]
struct Found {
    imports: Vec<Module>,
    paths: Vec<Module>,
}

impl Visit<'_> for Found {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        expand(&item.tree, &[], &mut self.imports);
    }

    fn visit_path(&mut self, path: &syn::Path) {
        if path.segments.len() > 1 {
            let names = path.segments.iter().map(|it| it.ident.to_string());
            self.paths.push(names.collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }
}

/// Each path that a `use` imports.
fn expand(tree: &UseTree, before: &[String], found: &mut Vec<Module>) {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => expand(&path.tree, &with(&path.ident), found),
        UseTree::Group(group) => {
            for tree in &group.items {
                expand(tree, before, found);
            }
        }
        UseTree::Name(name) if name.ident == "self" => found.push(before.to_vec()),
        UseTree::Name(name) => found.push(with(&name.ident)),
        UseTree::Rename(rename) => found.push(with(&rename.ident)),
        UseTree::Glob(_) => found.push(before.to_vec()),
    }
}
