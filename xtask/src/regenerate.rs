//! Tables in, files out.

use std::error::Error;
use std::path::{Path, PathBuf};

use tcloud_codegen::{generate, schema};

use crate::arguments::Regenerate;
use crate::print;
use crate::{files, lint, peers};

/// Brings every generated file up to date, or with `check` fails if one is not. Of tables with
/// errors nothing is made.
pub(crate) fn run(arguments: &Regenerate) -> Result<(), Box<dyn Error>> {
    let check = arguments.check;
    let spec = lint::spec().map_err(|error| format!("{error}; nothing was written"))?;
    lint::checked(&spec).map_err(|error| format!("{error}; nothing was written"))?;
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
    print::text(format_args!("{list}"));
    Ok(())
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
