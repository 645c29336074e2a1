//! The public interface of a generated crate as a list that can be read, one line an item.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::{FnArg, ImplItem, Item, Pat, Visibility};

use crate::Failure;

/// What a module has for others.
#[derive(Default)]
struct Module {
    /// Structures: the names of their public fields.
    structures: BTreeMap<String, Vec<String>>,
    /// Enumerations: their variants.
    enumerations: BTreeMap<String, Vec<String>>,
    /// Methods and associated functions by type: name, arguments, result.
    methods: BTreeMap<String, Vec<(String, String, String)>>,
    /// Functions, statics, aliases and traits.
    others: Vec<String>,
}

/// The interface of the crate whose sources are in `folder`; `operations` are the subject and
/// the function of each operation.
///
/// # Errors
/// A file cannot be read, or is no Rust.
pub fn list(folder: &Path, operations: &[(&str, &str)]) -> Result<String, Failure> {
    let generated = folder.join("generated");
    let mut text = String::new();
    let client = module(&generated.join("client.rs"))?;
    let mut subject = "";
    for (own, function) in operations {
        if *own != subject {
            subject = own;
            write!(text, "\n# {subject}\n\n")?;
        }
        operation(&mut text, &generated, &client, function)?;
    }
    text.push_str("\n# waiters\n\n");
    for (name, arguments, result) in client.methods.get("Client").into_iter().flatten() {
        if result.starts_with("Wait<") {
            writeln!(text, "{name}({arguments})")?;
        }
    }
    for (title, path) in [
        ("types", "generated/types"),
        ("picture", "generated/picture"),
    ] {
        if !folder.join(path).exists() {
            continue;
        }
        write!(text, "\n# {title}\n\n")?;
        for file in files(&folder.join(path))? {
            module(&file)?.write(&mut text, "", true)?;
        }
    }
    for title in ["picture", "callback"] {
        let file = folder.join(format!("{title}.rs"));
        let paths = if file.exists() {
            vec![file]
        } else if folder.join(title).exists() {
            files(&folder.join(title))?
        } else {
            continue;
        };
        write!(text, "\n# {title}, by hand\n\n")?;
        for path in paths {
            module(&path)?.write(&mut text, "", true)?;
        }
    }
    Ok(text)
}

/// The interface of a crate that is written by hand, file by file; its sources are in `folder`.
///
/// # Errors
/// A file cannot be read, or is no Rust.
pub fn list_by_file(folder: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    for path in below(folder)? {
        let mut own = String::new();
        module(&path)?.write(&mut own, "", true)?;
        if !own.is_empty() {
            let shown = path.strip_prefix(folder)?.display();
            write!(text, "\n# {shown}\n\n{own}")?;
        }
    }
    Ok(text)
}

/// The sources below `folder`, tests aside, in the order of their names.
fn below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let stem = path.file_stem().unwrap_or_default();
        if stem == "tests" || stem == "fixture" {
            continue;
        }
        if path.is_dir() {
            found.extend(below(&path)?);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

/// One operation: what it needs, what it takes, what it answers, and its own containers.
fn operation(
    text: &mut String,
    generated: &Path,
    client: &Module,
    function: &str,
) -> Result<(), Failure> {
    let own = module(&generated.join(format!("operation/{function}.rs")))?;
    let methods = client.methods.get("Client").map_or(&[][..], Vec::as_slice);
    let (_, arguments, name) = methods
        .iter()
        .find(|(name, ..)| name == function)
        .ok_or_else(|| format!("no method {function}"))?;
    write!(text, "{function}({arguments})")?;
    let needed: Vec<&str> = arguments
        .split(", ")
        .filter_map(|argument| argument.split(':').next())
        .collect();
    let setters = own.methods.get(name).map_or(&[][..], Vec::as_slice);
    for (setter, ..) in setters {
        let is_own = ![
            "new", "options", "send", "sign", "presign", "pages", "items", "body", "wait",
        ]
        .contains(&setter.as_str());
        if is_own && !needed.contains(&setter.as_str()) {
            write!(text, " .{setter}")?;
        }
    }
    let response = own.structures.get(&format!("{name}Response"));
    let fields = response.map_or_else(String::new, |fields| fields.join(", "));
    writeln!(text, " -> {{ {fields} }}")?;
    let mut rest = own;
    for part in ["", "Request", "Response"] {
        rest.structures.remove(&format!("{name}{part}"));
    }
    rest.write(text, &format!("    {function}::"), false)
}

impl Module {
    fn write(&self, text: &mut String, prefix: &str, all: bool) -> Result<(), Failure> {
        for (name, fields) in &self.structures {
            let methods = self.methods.get(name).map_or(&[][..], Vec::as_slice);
            let new = methods.iter().find(|(name, ..)| name == "new");
            let arguments =
                new.map_or_else(String::new, |(_, arguments, _)| format!("({arguments})"));
            write!(text, "{prefix}{name}{arguments}")?;
            if !fields.is_empty() {
                write!(text, " {{ {} }}", fields.join(", "))?;
            }
            // What sets a field is called like it, and what reads it has a `get_` before.
            for (method, arguments, _) in methods.iter().filter(|_| all) {
                let plain = method.trim_end_matches('_');
                let of_field = fields
                    .iter()
                    .any(|field| field.trim_end_matches('_') == plain);
                if method != "new" && !of_field && !method.starts_with("get_") {
                    write!(text, " .{method}({arguments})")?;
                }
            }
            text.push('\n');
        }
        for (name, variants) in &self.enumerations {
            writeln!(text, "{prefix}{name} = {}", variants.join(" | "))?;
        }
        for item in self.others.iter().filter(|_| all) {
            writeln!(text, "{prefix}{item}")?;
        }
        Ok(())
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    Ok(files)
}

fn module(path: &Path) -> Result<Module, Failure> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut module = Module::default();
    for item in syn::parse_file(&text)?.items {
        module.add(&item);
    }
    Ok(module)
}

impl Module {
    fn add(&mut self, item: &Item) {
        match item {
            Item::Struct(item) if is_public(&item.vis) => {
                let fields = item.fields.iter().filter(|field| is_public(&field.vis));
                let names =
                    fields.filter_map(|field| field.ident.as_ref().map(ToString::to_string));
                self.structures
                    .insert(item.ident.to_string(), names.collect());
            }
            Item::Enum(item) if is_public(&item.vis) => {
                let variants = item.variants.iter().map(|it| it.ident.to_string());
                self.enumerations
                    .insert(item.ident.to_string(), variants.collect());
            }
            Item::Impl(item) if item.trait_.is_none() => {
                let name = item.self_ty.to_token_stream().to_string();
                let methods = item.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(method) if is_public(&method.vis) => Some(signature(&method.sig)),
                    _ => None,
                });
                self.methods.entry(name).or_default().extend(methods);
            }
            Item::Fn(item) if is_public(&item.vis) => {
                let (name, arguments, _) = signature(&item.sig);
                self.others.push(format!("fn {name}({arguments})"));
            }
            Item::Static(item) if is_public(&item.vis) => {
                self.others.push(format!("static {}", item.ident));
            }
            Item::Trait(item) if is_public(&item.vis) => {
                self.others.push(format!("trait {}", item.ident));
            }
            _ => {}
        }
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Name, arguments with the types that say something, and result.
fn signature(signature: &syn::Signature) -> (String, String, String) {
    let arguments: Vec<_> = signature.inputs.iter().filter_map(argument).collect();
    let result = match &signature.output {
        syn::ReturnType::Default => String::new(),
        syn::ReturnType::Type(_, kind) => plain(kind),
    };
    (signature.ident.to_string(), arguments.join(", "), result)
}

fn argument(argument: &FnArg) -> Option<String> {
    let FnArg::Typed(argument) = argument else {
        return None;
    };
    let Pat::Ident(name) = &*argument.pat else {
        return None;
    };
    let kind = plain(&argument.ty);
    let text = matches!(kind.as_str(), "impl Into<String>" | "impl Into<Body>");
    Some(if text {
        name.ident.to_string()
    } else {
        format!("{}: {kind}", name.ident)
    })
}

fn plain(kind: &syn::Type) -> String {
    let mut text = kind.to_token_stream().to_string();
    for (from, to) in [
        (" :: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        (" ,", ","),
        ("& ", "&"),
    ] {
        text = text.replace(from, to);
    }
    text
}
