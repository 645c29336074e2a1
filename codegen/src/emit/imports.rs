//! Full paths into short ones, and the `use` lines they need.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};

use super::tokens::ident;

/// An item's full path: the segments from the crate on.
type Full = Vec<String>;

/// Shortens every path of `file` that starts with `::` or `crate`. A name that the file defines
/// itself, or that two paths end in, stays behind the name of its module.
pub(super) fn shorten(file: &mut syn::File, module: &[String]) {
    let mut found = Found::default();
    found.visit_file(file);
    let defined = defined(file);
    let reexported = reexported(file);
    let mut home = vec!["crate".to_owned()];
    home.extend(module.iter().cloned());

    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for full in &found.0 {
        if let Some(name) = full.last() {
            *last.entry(name).or_default() += 1;
        }
    }
    let mut imports = BTreeSet::new();
    let mut rewrite = Rewrite(BTreeMap::new());
    for full in &found.0 {
        let Some((name, module)) = full.split_last() else {
            continue;
        };
        let own = *module == *home && defined.contains(name) || reexported.contains(full);
        let alone = is_item(name) && !defined.contains(name) && last.get(name.as_str()) == Some(&1);
        let keep = if own || alone && !is_fmt(module) {
            1
        } else {
            2
        };
        if !own {
            let imported = full.len() + 1 - keep;
            imports.insert(full.iter().take(imported).cloned().collect::<Full>());
        }
        rewrite.0.insert(full.clone(), keep);
    }
    rewrite.visit_file_mut(file);

    let mut groups: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for mut full in imports {
        if let Some(name) = full.pop() {
            groups.entry(full).or_default().push(name);
        }
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_cached_key(|(module, names)| rank(module, names));
    let uses = groups.into_iter().map(|(module, names)| {
        let module = module.iter().map(|name| ident(name));
        let names: Vec<_> = names.iter().map(|name| ident(name)).collect();
        match names.as_slice() {
            [name] => syn::parse_quote!(use #(#module)::* :: #name;),
            names => syn::parse_quote!(use #(#module)::* :: {#(#names),*};),
        }
    });
    file.items.splice(0..0, uses.collect::<Vec<syn::Item>>());
}

/// The order of `use` lines: the standard library, the runtime, the crate; a list comes last.
fn rank(module: &[String], names: &[String]) -> (u8, Vec<String>) {
    let rank = match module.first().map(String::as_str) {
        Some("std") => 0,
        Some("crate") => 2,
        _ => 1,
    };
    let last = match names {
        [name] => name.as_str(),
        _ => "{",
    };
    let path = module.iter().map(String::as_str).chain([last]);
    (rank, path.map(str::to_owned).collect())
}

/// Where an item's path ends: the first segment that is not a module, or the last of all.
fn full_path(path: &syn::Path) -> Option<Full> {
    // Most paths are short already; a look at their first segment costs no text.
    if path.leading_colon.is_none() && path.segments.first()?.ident != "crate" {
        return None;
    }
    let mut segments: Full = path
        .segments
        .iter()
        .map(|it| it.ident.to_string())
        .collect();
    let end = segments
        .iter()
        .position(|name| is_item(name))
        .unwrap_or(segments.len() - 1);
    segments.truncate(end + 1);
    (end > 0).then_some(segments)
}

/// Types and statics; functions are called through their module.
fn is_item(name: &str) -> bool {
    !name.starts_with(char::is_lowercase)
}

/// `fmt::Result` is what everybody writes.
fn is_fmt(module: &[String]) -> bool {
    module == ["std", "fmt"]
}

fn defined(file: &syn::File) -> BTreeSet<String> {
    file.items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Struct(item) => Some(item.ident.to_string()),
            syn::Item::Enum(item) => Some(item.ident.to_string()),
            syn::Item::Trait(item) => Some(item.ident.to_string()),
            syn::Item::Static(item) => Some(item.ident.to_string()),
            syn::Item::Use(item) => renamed(&item.tree),
            _ => None,
        })
        .collect()
}

/// The name that `pub use … as Name` gives.
fn renamed(tree: &syn::UseTree) -> Option<String> {
    match tree {
        syn::UseTree::Path(path) => renamed(&path.tree),
        syn::UseTree::Rename(rename) => Some(rename.rename.to_string()),
        _ => None,
    }
}

/// What the file names for others, and so has for itself.
fn reexported(file: &syn::File) -> BTreeSet<Full> {
    let uses = file.items.iter().filter_map(|item| match item {
        syn::Item::Use(item) => Some(&item.tree),
        _ => None,
    });
    uses.map(|tree| {
        let mut full = Full::new();
        let mut rest = tree;
        loop {
            match rest {
                syn::UseTree::Path(path) => {
                    full.push(path.ident.to_string());
                    rest = &path.tree;
                }
                syn::UseTree::Name(name) => {
                    full.push(name.ident.to_string());
                    return full;
                }
                _ => return full,
            }
        }
    })
    .collect()
}

#[derive(Default)]
struct Found(BTreeSet<Full>);

impl<'ast> Visit<'ast> for Found {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.extend(full_path(path));
        syn::visit::visit_path(self, path);
    }
}

/// How many segments of a full path stay.
struct Rewrite(BTreeMap<Full, usize>);

impl VisitMut for Rewrite {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        visit_mut::visit_path_mut(self, path);
        let Some(full) = full_path(path) else { return };
        if let Some(keep) = self.0.get(&full) {
            path.leading_colon = None;
            let segments = std::mem::take(&mut path.segments);
            path.segments = segments.into_iter().skip(full.len() - keep).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn shortened(tokens: proc_macro2::TokenStream, module: &[&str]) -> String {
        let mut file = syn::parse2(tokens).unwrap();
        let module: Vec<String> = module.iter().map(|&name| name.to_owned()).collect();
        shorten(&mut file, &module);
        prettyplease::unparse(&file)
    }

    #[test]
    fn a_name_is_imported_and_a_taken_one_keeps_its_module() {
        let text = shortened(
            quote! {
                pub struct Operation { field: ::std::collections::BTreeMap<String, crate::types::Job> }
                pub static OPERATION: ::tcloud_core::operation::Operation =
                    ::tcloud_core::operation::Operation::new(&crate::operation::a::B);
                impl ::std::fmt::Debug for Operation {
                    fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        ::tcloud_core::codec::debug(self, f)
                    }
                }
            },
            &["operation", "a"],
        );
        insta::assert_snapshot!(text);
    }

    #[test]
    fn an_item_of_the_file_itself_needs_no_path() {
        let text = shortened(
            quote!(
                struct A;
                struct B(crate::types::A, crate::types::C);
            ),
            &["types"],
        );
        assert_eq!(text, "use crate::types::C;\nstruct A;\nstruct B(A, C);\n");
    }
}
