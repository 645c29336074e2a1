//! Tables in, files out.

use std::error::Error;
use std::path::{Path, PathBuf};

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use tcloud_codegen::emit::emit;
use tcloud_codegen::load::Spec;
use tcloud_codegen::lower::lower;
use tcloud_codegen::schema;

use crate::arguments::Regenerate;
use crate::print;
use crate::{files, lint, peers};

/// What ends one of several threads.
type Failure = Box<dyn Error + Send + Sync>;

/// Brings every generated file up to date, or with `check` fails if one is not. Of tables with
/// errors nothing is made.
pub(crate) fn run(arguments: &Regenerate) -> Result<(), Box<dyn Error>> {
    let check = arguments.check;
    let spec = lint::spec().map_err(|error| format!("{error}; nothing was written"))?;
    lint::checked(&spec).map_err(|error| format!("{error}; nothing was written"))?;
    let root = files::workspace();
    let (services, others) = rayon::join(
        || services(&spec, &root, check),
        || others(&spec, &root, check),
    );
    let changed: Result<Vec<_>, Failure> = [services, others].into_iter().collect();
    let changed = changed
        .map_err(|failure| -> Box<dyn Error> { failure })?
        .concat();

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

/// The sources of the service crates; which of them changed. Nothing is written before all are made.
fn services(spec: &Spec, root: &Path, check: bool) -> Result<Vec<PathBuf>, Failure> {
    let made: Result<Vec<_>, Failure> = spec
        .services
        .par_iter()
        .map(|service| {
            let model = lower(&spec.sources, service)?;
            let files = emit(&model)?.into_iter().map(|file| (file.path, file.text));
            Ok((model.name, files.collect()))
        })
        .collect();
    let changed: Result<Vec<_>, Failure> = made?
        .par_iter()
        .map(|(name, wanted)| {
            let folder = root.join("crates").join(name).join("src/generated");
            Ok(files::replace(&folder, "rs", wanted, check)?)
        })
        .collect();
    Ok(changed?.concat())
}

/// The schemas of the tables and the types of the benches; which of them changed.
fn others(spec: &Spec, root: &Path, check: bool) -> Result<Vec<PathBuf>, Failure> {
    let schemas = schema::schemas()
        .into_iter()
        .map(|(path, text)| (path.replace("schema/", ""), text))
        .collect();
    let mut changed = files::replace(&root.join("api-spec/schema"), "json", &schemas, check)?;
    let folder = root.join("tests/benches/codec/peers");
    changed.extend(files::replace(&folder, "rs", &peers::files(spec)?, check)?);
    Ok(changed)
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
