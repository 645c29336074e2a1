//! Tables in, files out.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Args;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use tcloud_codegen::emit::{self, emit};
use tcloud_codegen::load::{ServiceSpec, SourceFile, Spec};
use tcloud_codegen::lower::lower;
use tcloud_codegen::{reference, schema};

use crate::print;
use crate::stamps::Stamps;
use crate::{files, lint, peers};

/// What is generated.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Writes nothing; fails if a file is not what it would be generated as.
    #[arg(long)]
    pub(crate) check: bool,
}

/// What ends one of several threads.
type Failure = Box<dyn Error + Send + Sync>;

/// The texts of a folder, by their paths.
type Texts = BTreeMap<String, String>;

/// A folder of generated files.
struct Part<'a> {
    name: String,
    folder: PathBuf,
    extension: &'static str,
    /// What it is made of, besides this program.
    sources: Vec<&'a SourceFile>,
    make: Box<dyn Fn() -> Result<Texts, tcloud_codegen::Error> + Send + Sync + 'a>,
}

/// Brings every generated file up to date, or with `check` fails if one is not. Of tables with
/// errors nothing is made, and nothing is written before all is.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let check = arguments.check;
    let spec = lint::spec().map_err(|error| format!("{error}; nothing was written"))?;
    lint::checked(&spec).map_err(|error| format!("{error}; nothing was written"))?;
    let root = files::workspace();
    // A check trusts nothing that is kept.
    let stamps = if check { None } else { Some(Stamps::read()?) };
    let parts = parts(&spec, &root);
    let changed = brought_up_to_date(&parts, stamps.as_ref(), check)
        .map_err(|failure| -> Box<dyn Error> { failure })?;

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

/// The sources of the service crates and their front pages, the schemas of the tables and the guide's
/// page of their keys, the types of the benches.
fn parts<'a>(spec: &'a Spec, root: &Path) -> Vec<Part<'a>> {
    let generated_of = |name: &str| root.join("crates").join(name).join("src/generated");
    let of = |name: &str| {
        let own = format!("{name}/");
        let files = spec.sources.iter();
        files.filter(|it| it.path.starts_with(&own)).collect()
    };
    let service = |service: &'a ServiceSpec| {
        let name = service.service.service.as_str();
        let make = move || {
            let generated = emit(&lower(&spec.sources, service)?)?;
            Ok(generated
                .into_iter()
                .map(|file| (file.path, file.text))
                .collect())
        };
        Part {
            name: name.to_owned(),
            folder: generated_of(name),
            extension: "rs",
            sources: of(name),
            make: Box::new(make),
        }
    };
    let front = |service: &'a ServiceSpec| {
        let name = service.service.service.as_str();
        let make = move || {
            let page = emit::front(&lower(&spec.sources, service)?);
            Ok(Texts::from([(emit::FRONT.to_owned(), page)]))
        };
        Part {
            name: format!("{name}-front"),
            folder: generated_of(name),
            extension: "md",
            sources: of(name),
            make: Box::new(make),
        }
    };
    let schemas = || {
        let schemas = schema::schemas().into_iter();
        Ok(schemas
            .map(|(path, text)| (path.replace("schema/", ""), text))
            .collect())
    };
    let mut parts: Vec<_> = spec.services.iter().map(service).collect();
    parts.extend(spec.services.iter().map(front));
    parts.push(Part {
        name: "guide".to_owned(),
        folder: root.join("docs/src/spec"),
        extension: "md",
        sources: Vec::new(),
        make: Box::new(|| Ok(reference::pages())),
    });
    parts.push(Part {
        name: "schema".to_owned(),
        folder: root.join("api-spec/schema"),
        extension: "json",
        sources: Vec::new(),
        make: Box::new(schemas),
    });
    parts.push(Part {
        name: "peers".to_owned(),
        folder: root.join("tests/benches/codec/peers"),
        extension: "rs",
        sources: spec.sources.iter().collect(),
        make: Box::new(move || peers::files(spec)),
    });
    parts
}

/// Makes what is not as it was the last time, and returns the paths that changed.
fn brought_up_to_date(
    parts: &[Part<'_>],
    stamps: Option<&Stamps>,
    check: bool,
) -> Result<Vec<PathBuf>, Failure> {
    let made = parts.par_iter().map(|part| {
        if let Some(stamps) = stamps {
            let present = files::read(&part.folder, part.extension)?;
            if stamps.is(&part.name, &stamps.of(&part.sources, &present)) {
                return Ok(None);
            }
        }
        Ok(Some((part, (part.make)()?)))
    });
    let made: Vec<_> = made.collect::<Result<_, Failure>>()?;
    let changed = made.par_iter().flatten().map(|(part, wanted)| {
        let changed = files::replace(&part.folder, part.extension, wanted, check)?;
        if let Some(stamps) = stamps {
            stamps.keep(&part.name, &stamps.of(&part.sources, wanted));
        }
        Ok(changed)
    });
    Ok(changed.collect::<Result<Vec<_>, Failure>>()?.concat())
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
