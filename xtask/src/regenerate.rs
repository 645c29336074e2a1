//! Tables in, files out.

use std::error::Error;
use std::path::{Path, PathBuf};

use tcloud_codegen::check::check;
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::load::{SourceFile, Spec, load};
use tcloud_codegen::{generate, schema};

use crate::{files, peers};

/// Brings every generated file up to date, or with `check` fails if one is not.
pub(crate) fn run(check: bool) -> Result<(), Box<dyn Error>> {
    let spec = spec()?;
    let root = files::workspace();
    let mut changed = Vec::new();
    for (service, generated) in generate(&spec)? {
        let folder = root.join("crates").join(&service).join("src/generated");
        let wanted = generated
            .into_iter()
            .map(|file| (file.path, file.text))
            .collect();
        changed.extend(files::replace(&folder, "rs", &wanted, check)?);
    }
    let folder = root.join("api-spec/schema");
    let schemas = schema::schemas()
        .into_iter()
        .map(|(path, text)| (path.replace("schema/", ""), text))
        .collect();
    changed.extend(files::replace(&folder, "json", &schemas, check)?);
    let folder = root.join("tests/benches/codec/peers");
    changed.extend(files::replace(&folder, "rs", &peers::files(&spec)?, check)?);

    let list = list(&root, &changed);
    if check && !changed.is_empty() {
        return Err(format!(
            "not as generated from the tables:\n{list}run `cargo xtask regenerate` and commit the \
             result"
        )
        .into());
    }
    print!("{list}");
    Ok(())
}

/// Shows all that is wrong with the tables.
pub(crate) fn lint() -> Result<(), Box<dyn Error>> {
    let found = check(&spec()?);
    show(&found);
    let errors = found.iter().filter(|it| it.is_error()).count();
    if errors > 0 {
        return Err(format!("{errors} errors in the tables").into());
    }
    Ok(())
}

/// The tables of the working tree; what is wrong with them is shown.
pub(crate) fn spec() -> Result<Spec, Box<dyn Error>> {
    let files = files::read(&files::workspace().join("api-spec"), "yaml")?;
    let sources = files
        .into_iter()
        .map(|(path, text)| SourceFile { path, text });
    load(sources.collect()).map_err(|found| {
        show(&found);
        format!("{} errors in the tables", found.len()).into()
    })
}

/// Shows `found` in a terminal.
pub(crate) fn show(found: &[Diagnostic]) {
    for diagnostic in found {
        eprintln!("{}", diagnostic.render_colored());
    }
}

/// The paths, a line each, as seen from the workspace.
fn list(root: &Path, paths: &[PathBuf]) -> String {
    let mut list = String::new();
    for path in paths {
        list.push_str("  ");
        list.push_str(&path.strip_prefix(root).unwrap_or(path).to_string_lossy());
        list.push('\n');
    }
    list
}
