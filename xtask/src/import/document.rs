//! Documents into the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use tcloud_codegen::import::doc::{
    self, Given, Import, Imported, Outcome, Reading, RemarkKind, Settings, Tally, Values,
};
use tcloud_codegen::load::{SourceFile, load};

use super::attempt;
use crate::arguments::ImportDoc;
use crate::files;
use crate::print::{self, say};

/// Bytes of a file that are read: more than any document has.
const MOST: u64 = 9 << 20;

/// Imports documents.
pub(super) fn run(arguments: &ImportDoc) -> Result<(), Box<dyn Error>> {
    if arguments.name.is_some() && arguments.files.len() > 1 {
        return Err("`--name` is for one document".into());
    }
    let readings = readings(arguments)?;
    let spec = arguments
        .spec
        .clone()
        .unwrap_or_else(|| files::workspace().join("api-spec"));
    let target = arguments.out.as_ref().unwrap_or(&spec);
    let services: BTreeSet<String> = readings
        .iter()
        .flat_map(Reading::services)
        .map(str::to_owned)
        .collect();
    for service in &services {
        if let Some(problem) = unfit(service) {
            return Err(problem.into());
        }
    }
    let present = sources(target, &services)?;
    let known = match &arguments.out {
        Some(_) => load(sources(&spec, &services)?).ok(),
        None => None,
    };
    let settings = Settings {
        named: arguments.name.is_some(),
        draft: arguments.draft_doc,
    };
    let before: BTreeMap<String, String> = present
        .iter()
        .map(|file| (file.path.clone(), file.text.clone()))
        .collect();
    let import = doc::import(readings, present, known.as_ref(), &settings)?;
    let changed: Vec<&SourceFile> = import
        .files
        .iter()
        .filter(|file| before.get(&file.path) != Some(&file.text))
        .collect();
    for document in &import.documents {
        tell(document, arguments);
    }
    if arguments.report {
        total(&import);
    } else if arguments.dry_run {
        for file in &changed {
            say!("--- {}\n{}", file.path, file.text);
        }
    } else {
        for file in &changed {
            write(&target.join(&file.path), &file.text)?;
        }
        if arguments.go_on {
            attempt::run(target, &import)?;
        } else if !changed.is_empty() {
            say!("now run `cargo xtask lint` and `cargo xtask regenerate`");
        }
    }
    let refused = import
        .documents
        .iter()
        .filter(|it| it.outcome.is_err())
        .count();
    if refused > 0 {
        let of = import.documents.len();
        return Err(format!("{refused} of {of} documents could not be imported").into());
    }
    Ok(())
}

/// Reads and interprets the documents.
fn readings(arguments: &ImportDoc) -> Result<Vec<Reading>, Box<dyn Error>> {
    let given = Given {
        service: arguments.service.as_deref(),
        name: arguments.name.as_deref(),
    };
    arguments
        .files
        .iter()
        .map(|path| {
            let mut bytes = Vec::new();
            if path == Path::new("-") {
                io::stdin().lock().take(MOST).read_to_end(&mut bytes)?;
                return Ok(Reading::of("standard input", &bytes, &given));
            }
            let cannot = |cause: io::Error| format!("cannot read {}: {cause}", path.display());
            let file = File::open(path).map_err(cannot)?;
            file.take(MOST).read_to_end(&mut bytes).map_err(cannot)?;
            Ok(Reading::of(&path.display().to_string(), &bytes, &given))
        })
        .collect()
}

/// Why a text cannot be the folder of a service.
fn unfit(service: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (service.is_empty() || !service.chars().all(plain))
        .then(|| format!("`{service}` cannot be the folder of a service: give one by `--service`"))
}

/// The files of services below a folder of tables.
fn sources(spec: &Path, services: &BTreeSet<String>) -> Result<Vec<SourceFile>, Box<dyn Error>> {
    let mut sources = Vec::new();
    for service in services {
        let found = files::read(&spec.join(service), "yaml")?;
        // What an import has nothing to do with is not read.
        let own = |path: &str| path != "index.yaml" && !path.starts_with("pictures/");
        sources.extend(
            found
                .into_iter()
                .filter(|(path, _)| own(path))
                .map(|(path, text)| SourceFile {
                    path: format!("{service}/{path}"),
                    text,
                }),
        );
    }
    Ok(sources)
}

fn write(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
        .map_err(|cause| format!("cannot write {}: {cause}", path.display()).into())
}

/// Prints what became of a document.
fn tell(document: &Imported, arguments: &ImportDoc) {
    let name = PathBuf::from(&document.name);
    let name = name.file_name().map_or_else(
        || document.name.clone(),
        |name| name.to_string_lossy().into_owned(),
    );
    let outcomes = match &document.outcome {
        Ok(outcomes) => outcomes,
        Err(refusal) => {
            say!("{name}: not imported");
            eprintln!("{refusal}");
            return;
        }
    };
    for outcome in outcomes {
        say!("{name}: {}", line(outcome));
        if arguments.report {
            if let Some(comparison) = &outcome.comparison {
                for wrong in &comparison.wrong {
                    say!("       wrong        {wrong}");
                }
                for explained in &comparison.explained {
                    say!("       explained    {explained}");
                }
                for different in &comparison.values.different {
                    say!("       value        {different}");
                }
            }
        } else {
            for remark in &outcome.remarks {
                say!("{remark}");
            }
        }
        if let Some(changes) = outcome
            .changes
            .as_ref()
            .filter(|it| !it.changes.is_empty() && !arguments.report)
        {
            print::text(format_args!("{changes}"));
        }
    }
}

/// A line of the report.
fn line(outcome: &Outcome) -> String {
    let count = |kind| outcome.count(kind);
    let compared = match &outcome.comparison {
        Some(it) => format!(
            "{} right of {} that the tables have, {} explained, {} wrong; {}",
            it.right,
            it.compared,
            it.explained.len(),
            it.wrong.len(),
            values([it.values.defaults, it.values.words, it.values.ranges])
        ),
        None => "new".to_owned(),
    };
    format!(
        "{}: {} rows, {compared}; {} repaired, {} inferred, {} contradicted, {} doubted, {} refused",
        outcome.operation,
        outcome.rows,
        count(RemarkKind::Repaired),
        count(RemarkKind::Inferred),
        count(RemarkKind::Contradicted),
        count(RemarkKind::Doubted),
        count(RemarkKind::Refused),
    )
}

/// Facts of values that are right, of those that the document says; and those of the tables alone.
fn values(tallies: [Tally; 3]) -> String {
    let [defaults, words, ranges] = tallies.map(|it| {
        format!(
            "{} of {} (+{} of the tables)",
            it.right, it.compared, it.alone
        )
    });
    format!("defaults {defaults}, words {words}, ranges {ranges}")
}

/// Prints the sums of a report.
fn total(import: &Import) {
    let outcomes = || {
        import
            .documents
            .iter()
            .filter_map(|it| it.outcome.as_ref().ok())
            .flatten()
    };
    let rows: usize = outcomes().map(|it| it.rows).sum();
    let comparisons = || outcomes().filter_map(|it| it.comparison.as_ref());
    let compared: usize = comparisons().map(|it| it.compared).sum();
    let right: usize = comparisons().map(|it| it.right).sum();
    let explained: usize = comparisons().map(|it| it.explained.len()).sum();
    let wrong: usize = comparisons().map(|it| it.wrong.len()).sum();
    let sum = |of: fn(&Values) -> Tally| {
        comparisons()
            .map(|it| of(&it.values))
            .fold(Tally::default(), |sum, it| Tally {
                compared: sum.compared + it.compared,
                right: sum.right + it.right,
                alone: sum.alone + it.alone,
            })
    };
    say!(
        "{} documents, {} operations, {rows} rows; of {compared} that the tables have: {right} right, {explained} explained, {wrong} wrong; {}",
        import.documents.len(),
        outcomes().count(),
        values([
            sum(|it| it.defaults),
            sum(|it| it.words),
            sum(|it| it.ranges)
        ]),
    );
}
