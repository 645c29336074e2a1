//! No two files of a folder use each other, however far about.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot continue has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, UseTree, Visibility};

/// The folders in which it holds, from here. Generated files are not read.
const FOLDERS: [&str; 11] = [
    "src",
    "../xtask/src",
    "../crates/ci/src",
    "../crates/cli/src",
    "../crates/core/src",
    "../crates/credentials/src",
    "../crates/imaging/src",
    "../crates/inspect/src",
    "../crates/local/src",
    "../crates/networks/src",
    "../crates/transfer/src",
];

/// A module, or an item in one, by its path from the crate on.
type Module = Vec<String>;

/// The files that each file uses, and a path by which it names each.
type Uses = BTreeMap<Module, BTreeMap<Module, Module>>;

#[test]
fn files_use_each_other_in_one_direction() {
    let mut report = String::new();
    for folder in FOLDERS {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let uses = uses(&read(&path, &[]));
        assert!(uses.values().any(|used| !used.is_empty()), "{folder}");
        let members = circles(&uses);
        for (from, to, path) in links(&uses, &members) {
            writeln!(report, "{folder}: {from} uses {to} by {path}").unwrap();
        }
    }
    assert_eq!(report, "");
}

#[test]
fn a_circle_is_found_whatever_way_it_takes() {
    let found = |files: &[(&[&str], &str)]| {
        let files = files.iter().map(|(module, text)| {
            let module: Module = module.iter().map(ToString::to_string).collect();
            (module, syn::parse_file(text).unwrap())
        });
        let members = circles(&uses(&files.collect()));
        let names = members.iter().map(|module| module.join("::"));
        names.collect::<Vec<_>>()
    };
    // Through a third file, and by a path without an import.
    assert_eq!(
        found(&[
            (&[], "mod a; mod c; fn main() { a::run() }"),
            (&["a"], "mod b; use self::b::{B, other}; pub fn run() {}"),
            (&["a", "b"], "use crate::c; pub struct B(c::C);"),
            (&["c"], "pub struct C; fn f() { crate::a::run() }"),
        ]),
        ["a", "a::b", "c"]
    );
    // By names that another file exports, and within a macro.
    assert_eq!(
        found(&[
            (&[], "mod a; mod b; pub use a::A; pub use b::*;"),
            (&["a"], "use crate::B; pub struct A(B);"),
            (
                &["b"],
                "pub struct B; fn f() { println!(\"{}\", crate::A::new()); }"
            ),
        ]),
        ["a", "b"]
    );
    // By a single name. What is only exported, or visible somewhere, is no use.
    assert_eq!(
        found(&[
            (&[], "mod a; mod b;"),
            (
                &["a"],
                "mod c; use c::C; pub(in crate::b) fn f() -> C { C }"
            ),
            (&["a", "c"], "pub struct C;"),
            (&["b"], "mod d; pub(crate) use self::d::D; fn f(_: D) {}"),
            (&["b", "d"], "pub struct D; fn f() { super::g() }"),
        ]),
        ["b", "b::d"]
    );
}

/// The files below `folder`, by module; not those of tests.
fn read(folder: &Path, module: &[String]) -> BTreeMap<Module, syn::File> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let mut own = module.to_vec();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if matches!(name.as_str(), "generated" | "tests") {
            continue;
        }
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

/// Which files each file uses.
fn uses(files: &BTreeMap<Module, syn::File>) -> Uses {
    let names: BTreeMap<&Module, Names> = files
        .iter()
        .map(|(module, file)| (module, Names::new(module, file, files)))
        .collect();
    let used = |module: &Module, own: &Names| {
        let mut used = BTreeMap::new();
        for path in own.used() {
            let file = file_of(&path, &names, 0);
            if file != *module {
                used.entry(file).or_insert(path);
            }
        }
        used
    };
    let all = names.iter();
    all.map(|(module, own)| ((*module).clone(), used(module, own)))
        .collect()
}

/// The modules that are reached from themselves.
fn circles(uses: &Uses) -> BTreeSet<Module> {
    let reached = |from: &Module| {
        let mut seen: BTreeSet<&Module> = BTreeSet::new();
        let mut open: Vec<&Module> = uses[from].keys().collect();
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                open.extend(uses[next].keys());
            }
        }
        seen.contains(from)
    };
    uses.keys().filter(|it| reached(it)).cloned().collect()
}

/// What `members` use of each other, as text.
fn links(uses: &Uses, members: &BTreeSet<Module>) -> Vec<(String, String, String)> {
    let text = |module: &Module| {
        format!(
            "`{}`",
            [&["crate".to_owned()], module.as_slice()]
                .concat()
                .join("::")
        )
    };
    let of = |from| {
        uses[from]
            .iter()
            .filter(|(to, _)| members.contains(*to))
            .map(move |(to, path)| (text(from), text(to), text(path)))
    };
    members.iter().flat_map(of).collect()
}

/// The file that has what `path` names, through whatever exports it on the way.
fn file_of(path: &[String], names: &BTreeMap<&Module, Names>, depth: usize) -> Module {
    const DEEPEST: usize = 16;
    let ends = (0..=path.len()).rev();
    let file = ends
        .map(|end| path[..end].to_vec())
        .find(|it| names.contains_key(it));
    let file = file.unwrap_or_default();
    let Some((name, rest)) = path[file.len()..].split_first() else {
        return file;
    };
    let Some(own) = names.get(&file).filter(|_| depth < DEEPEST) else {
        return file;
    };
    if let Some(full) = own.exported.get(name).or_else(|| own.imported.get(name)) {
        return file_of(&[full, rest].concat(), names, depth + 1);
    }
    if !own.items.contains(name) {
        for glob in &own.globs {
            let found = file_of(
                &[glob.as_slice(), &path[file.len()..]].concat(),
                names,
                depth + 1,
            );
            if names.get(&found).is_some_and(|it| it.items.contains(name)) {
                return found;
            }
        }
    }
    file
}

/// The names of one file, without those of its tests.
#[derive(Default)]
struct Names {
    module: Module,
    /// The files right below.
    children: BTreeSet<String>,
    items: BTreeSet<String>,
    /// What a name in the file means elsewhere.
    imported: BTreeMap<String, Module>,
    /// The same of what others may use by this file.
    exported: BTreeMap<String, Module>,
    /// The modules of which everything is exported.
    globs: Vec<Module>,
    /// The modules of which everything is imported.
    opened: Vec<Module>,
    paths: Vec<Module>,
}

impl Names {
    fn new(module: &Module, file: &syn::File, files: &BTreeMap<Module, syn::File>) -> Self {
        let below = files
            .keys()
            .filter(|it| it.len() == module.len() + 1 && it.starts_with(module));
        let mut names = Self {
            module: module.clone(),
            children: below.filter_map(|it| it.last().cloned()).collect(),
            ..Self::default()
        };
        names.visit_file(file);
        names
    }

    /// What the file uses of others: its imports, and the paths and names in its code.
    fn used(&self) -> Vec<Module> {
        let imports = self.imported.values().chain(&self.opened).cloned();
        let paths = self.paths.iter().filter_map(|path| self.full(path));
        imports.chain(paths).collect()
    }

    /// A path as seen from the crate; `None` if it is of another crate, or of this file.
    fn full(&self, path: &[String]) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        let below = |start: &[String], rest: &[String]| Some([start, rest].concat());
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => below(&self.module, rest),
            "super" => {
                let up = path.iter().take_while(|it| *it == "super").count();
                let around = self.module.len().saturating_sub(up);
                below(&self.module[..around], &path[up..])
            }
            name => match self.imported.get(name).or_else(|| self.exported.get(name)) {
                Some(full) => below(full, rest),
                None if !rest.is_empty() && self.children.contains(name) => {
                    below(&self.module, path)
                }
                None => None,
            },
        }
    }
}

impl Visit<'_> for Names {
    fn visit_item(&mut self, item: &Item) {
        let name = match item {
            Item::Const(it) => Some(&it.ident),
            Item::Enum(it) => Some(&it.ident),
            Item::Fn(it) => Some(&it.sig.ident),
            Item::Static(it) => Some(&it.ident),
            Item::Struct(it) => Some(&it.ident),
            Item::Trait(it) => Some(&it.ident),
            Item::Type(it) => Some(&it.ident),
            _ => None,
        };
        self.items.extend(name.map(ToString::to_string));
        visit::visit_item(self, item);
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        let mut found = Vec::new();
        expand(&item.tree, &[], &mut found);
        let is_private = matches!(item.vis, Visibility::Inherited);
        for (name, path) in found {
            let is_of_crate = matches!(path[0].as_str(), "crate" | "self" | "super");
            let full = if is_of_crate {
                self.full(&path)
            } else if self.children.contains(&path[0]) {
                Some([self.module.as_slice(), &path].concat())
            } else {
                None
            };
            let Some(full) = full else { continue };
            match (name.as_str(), is_private) {
                ("*", true) => self.opened.push(full),
                ("*", false) => self.globs.push(full),
                (_, true) => drop(self.imported.insert(name, full)),
                (_, false) => drop(self.exported.insert(name, full)),
            }
        }
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let names = path.segments.iter().map(|it| it.ident.to_string());
        self.paths.push(names.collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, it: &syn::Macro) {
        // What is quoted is the code of other files.
        let name = it.path.segments.last().map(|it| it.ident.to_string());
        if !matches!(name.as_deref(), Some("quote" | "parse_quote")) {
            paths_in(it.tokens.clone(), &mut self.paths);
        }
        visit::visit_macro(self, it);
    }

    fn visit_attribute(&mut self, _: &syn::Attribute) {}

    fn visit_visibility(&mut self, _: &Visibility) {}

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }
}

/// The paths among `tokens`, which no grammar is known for.
fn paths_in(tokens: TokenStream, found: &mut Vec<Module>) {
    let mut path = Module::new();
    let mut colons = 0;
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                if colons != 2 {
                    found.push(std::mem::take(&mut path));
                }
                path.push(name.to_string());
                colons = 0;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
            other => {
                // `pub(super)` says who may use what comes, and uses nothing.
                let is_visibility = path == ["pub"];
                found.push(std::mem::take(&mut path));
                colons = 0;
                if let TokenTree::Group(group) = other
                    && !is_visibility
                {
                    paths_in(group.stream(), found);
                }
            }
        }
    }
    found.push(path);
    found.retain(|path| !path.is_empty());
}

/// Each name that a `use` brings, `*` for all of a module, and its path.
fn expand(tree: &UseTree, before: &[String], found: &mut Vec<(String, Module)>) {
    let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
    match tree {
        UseTree::Path(path) => expand(&path.tree, &with(&path.ident), found),
        UseTree::Group(group) => {
            for tree in &group.items {
                expand(tree, before, found);
            }
        }
        UseTree::Name(name) if name.ident == "self" => {
            found.extend(before.last().map(|it| (it.clone(), before.to_vec())));
        }
        UseTree::Name(name) => found.push((name.ident.to_string(), with(&name.ident))),
        UseTree::Rename(rename) if rename.ident == "self" => {
            found.push((rename.rename.to_string(), before.to_vec()));
        }
        UseTree::Rename(rename) => found.push((rename.rename.to_string(), with(&rename.ident))),
        UseTree::Glob(_) => found.push(("*".to_owned(), before.to_vec())),
    }
}
