//! Reads the files of `api-spec` into the types of [`crate::spec`].

use std::collections::BTreeMap;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use serde::de::DeserializeOwned;
use serde_saphyr::{Error, SnippetMode, Spanned, UserMessageFormatter};

use crate::diagnostic::{Diagnostic, rest_of_line};
use crate::names::snake;
pub use crate::source::SourceFile;
use crate::spec;

/// Edits by which a word may differ from the one that was meant.
const NEAR: usize = 3;

/// Shows every action of API 3.0 by its name.
const EXPLORER: &str = "https://console.cloud.tencent.com/api/explorer";

/// All services, in the order of their paths.
#[derive(Debug)]
pub struct Spec {
    /// The files, sorted by path.
    pub sources: Vec<SourceFile>,
    /// The services.
    pub services: Vec<ServiceSpec>,
}

/// The files of a service. Numbers are indices into [`Spec::sources`].
#[derive(Debug)]
pub struct ServiceSpec {
    /// Where `service.yaml` lies.
    pub source: usize,
    /// `service.yaml`.
    pub service: spec::ServiceFile,
    /// `index.yaml`, if there is one.
    pub index: Option<(usize, spec::IndexFile)>,
    /// `structures/*.yaml`.
    pub structures: Vec<(usize, spec::StructuresFile)>,
    /// `operations/*.yaml` and `operations/*/*.yaml`.
    pub operations: Vec<(usize, spec::OperationFile)>,
    /// `pictures/*.yaml`: the operations of the grammar of picture processing.
    pub pictures: Vec<(usize, spec::PictureFile)>,
    /// `pictures/words.yaml`.
    pub picture_words: Option<(usize, spec::PictureWordsFile)>,
}

impl ServiceSpec {
    /// Every structure with a table of its own, and the file it is in.
    pub fn structures(&self) -> impl Iterator<Item = (usize, &Spanned<spec::StructureTable>)> {
        let shared = self
            .structures
            .iter()
            .flat_map(|(source, file)| file.structures.iter().map(|it| (*source, it)));
        let own = self
            .operations
            .iter()
            .flat_map(|(source, file)| file.structures.iter().map(|it| (*source, it)));
        shared.chain(own)
    }
}

/// What a file holds, by its path.
enum Kind {
    Service,
    Index,
    Structures,
    Operation,
    Picture,
    PictureWords,
}

/// A file, read.
enum Read {
    Service(Box<spec::ServiceFile>),
    Index(Box<spec::IndexFile>),
    Structures(Box<spec::StructuresFile>),
    Operation(Box<spec::OperationFile>),
    Picture(Box<spec::PictureFile>),
    PictureWords(Box<spec::PictureWordsFile>),
}

/// A folder of `api-spec` while it is read.
#[derive(Default)]
struct Folder {
    service: Option<(usize, spec::ServiceFile)>,
    index: Option<(usize, spec::IndexFile)>,
    structures: Vec<(usize, spec::StructuresFile)>,
    operations: Vec<(usize, spec::OperationFile)>,
    pictures: Vec<(usize, spec::PictureFile)>,
    picture_words: Option<(usize, spec::PictureWordsFile)>,
}

/// Reads all spec files; of each file that cannot be read the first problem is reported.
pub fn load(mut files: Vec<SourceFile>) -> Result<Spec, Vec<Diagnostic>> {
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut problems = Vec::new();
    let mut folders: BTreeMap<&str, Folder> = BTreeMap::new();
    let all: Vec<_> = files.par_iter().map(read).collect();
    for (index, (file, read)) in files.iter().zip(all).enumerate() {
        let (name, read) = match read {
            Ok(read) => read,
            Err(problem) => {
                // That of a folder whose service cannot be read is there all the same.
                if let Some((name, _)) = place(&file.path) {
                    folders.entry(name).or_default();
                }
                problems.push(*problem);
                continue;
            }
        };
        let folder = folders.entry(name).or_default();
        match read {
            Read::Service(read) => folder.service = Some((index, *read)),
            Read::Index(read) => folder.index = Some((index, *read)),
            Read::Structures(read) => folder.structures.push((index, *read)),
            Read::Operation(read) => folder.operations.push((index, *read)),
            Read::Picture(read) => folder.pictures.push((index, *read)),
            Read::PictureWords(read) => folder.picture_words = Some((index, *read)),
        }
    }

    let mut services = Vec::new();
    for (name, mut folder) in folders {
        match folder.service {
            Some((source, mut service)) => {
                complete_service(&mut service);
                for (index, operation) in &mut folder.operations {
                    let missing = complete_operation(&service, operation);
                    let file = files.get(*index);
                    problems.extend(missing.zip(file).map(|(key, file)| incomplete(file, key)));
                }
                services.push(ServiceSpec {
                    source,
                    service,
                    index: folder.index,
                    structures: folder.structures,
                    operations: folder.operations,
                    pictures: folder.pictures,
                    picture_words: folder.picture_words,
                });
            }
            None => problems.extend(without_service(&files, name)),
        }
    }
    if problems.is_empty() {
        Ok(Spec {
            sources: files,
            services,
        })
    } else {
        Err(problems)
    }
}

/// What a file holds, with the name of its folder.
fn read(file: &SourceFile) -> Result<(&str, Read), Box<Diagnostic>> {
    let (name, kind) = place(&file.path).ok_or_else(|| Box::new(misplaced(file)))?;
    let read = match kind {
        Kind::Service => Read::Service(parse(file)?),
        Kind::Index => Read::Index(parse(file)?),
        Kind::Structures => Read::Structures(parse(file)?),
        Kind::Operation => Read::Operation(parse(file)?),
        Kind::Picture => Read::Picture(parse(file)?),
        Kind::PictureWords => Read::PictureWords(parse(file)?),
    };
    Ok((name, read))
}

/// The folder of a path and what a file there holds.
fn place(path: &str) -> Option<(&str, Kind)> {
    let (folder, rest) = path.split_once('/')?;
    let stem = rest.strip_suffix(".yaml")?;
    match stem.split_once('/') {
        None if stem == "service" => Some((folder, Kind::Service)),
        None if stem == "index" => Some((folder, Kind::Index)),
        Some(("structures", name)) if !name.contains('/') => Some((folder, Kind::Structures)),
        Some(("operations", name)) if name.matches('/').count() <= 1 => {
            Some((folder, Kind::Operation))
        }
        Some(("pictures", "words")) => Some((folder, Kind::PictureWords)),
        Some(("pictures", name)) if !name.contains('/') => Some((folder, Kind::Picture)),
        _ => None,
    }
}

fn misplaced(file: &SourceFile) -> Diagnostic {
    Diagnostic::error(
        file,
        0..0,
        "tcloud::misplaced_file",
        format!("`{}` is not a place for a spec file", file.path),
        "move it to `<service>/service.yaml`, `<service>/operations/<operation>.yaml` (also in a \
         folder for its subject), `<service>/structures/<subject>.yaml` or \
         `<service>/pictures/<operation>.yaml`",
    )
}

/// Fills in what API 3.0 says of every service.
fn complete_service(service: &mut spec::ServiceFile) {
    if service.protocol == spec::Protocol::Tc3 && service.document.is_empty() {
        service.document = format!(
            "{EXPLORER}?Product={}&Version={}",
            service.service, service.version
        );
    }
}

/// Fills in what API 3.0 says of every operation, or reports which key the file lacks.
fn complete_operation(
    service: &spec::ServiceFile,
    operation: &mut spec::OperationFile,
) -> Option<&'static str> {
    let name = &operation.operation.value;
    if service.protocol == spec::Protocol::Tc3 {
        let fill = |text: &mut String, filling: &dyn Fn() -> String| {
            if text.is_empty() {
                *text = filling();
            }
        };
        fill(&mut operation.http.value, &|| "POST /".to_owned());
        fill(&mut operation.host, &|| {
            format!("{}.tencentcloudapi.com", service.service)
        });
        fill(&mut operation.summary, &|| words_of(name));
        fill(&mut operation.document.url, &|| {
            format!(
                "{EXPLORER}?Product={}&Version={}&Action={name}",
                service.service, service.version
            )
        });
        return None;
    }
    [
        ("summary", &operation.summary),
        ("document", &operation.document.url),
        ("http", &operation.http.value),
        ("host", &operation.host),
    ]
    .into_iter()
    .find_map(|(key, text)| text.is_empty().then_some(key))
}

/// The words of an operation's name as a sentence, where none is written.
fn words_of(name: &str) -> String {
    let words = snake(name).replace('_', " ");
    let mut chars = words.trim().chars();
    chars.next().map_or_else(String::new, |first| {
        format!("{}{}.", first.to_uppercase(), chars.as_str())
    })
}

fn incomplete(file: &SourceFile, key: &str) -> Diagnostic {
    Diagnostic::error(
        file,
        0..0,
        "tcloud::missing_key",
        format!("the key `{key}` is missing"),
        format!("add `{key}:`; only operations of API 3.0 do without"),
    )
}

/// Reports a folder whose `service.yaml` is missing; one that cannot be read is reported already.
fn without_service(files: &[SourceFile], folder: &str) -> Option<Diagnostic> {
    let own = format!("{folder}/service.yaml");
    if files.iter().any(|file| file.path == own) {
        return None;
    }
    let first = files
        .iter()
        .find(|file| place(&file.path).is_some_and(|(name, _)| name == folder))?;
    Some(Diagnostic::error(
        first,
        0..0,
        "tcloud::missing_service",
        format!("`{own}` is missing"),
        format!("add `{own}` with `service`, `title`, `protocol` and `document`"),
    ))
}

fn parse<T: DeserializeOwned>(file: &SourceFile) -> Result<Box<T>, Box<Diagnostic>> {
    serde_saphyr::from_str(&file.text)
        .map(Box::new)
        .map_err(|error| Box::new(unreadable(file, error.without_snippet())))
}

fn unreadable(file: &SourceFile, error: &Error) -> Diagnostic {
    let range = error
        .location()
        .map_or(0..0, |location| rest_of_line(&file.text, location));
    let (code, message, help) = match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => (
            "tcloud::unknown_key",
            format!("there is no key `{field}` here"),
            instead(field, expected),
        ),
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => (
            "tcloud::unknown_word",
            format!("`{variant}` is not among the words this key takes"),
            instead(variant, expected),
        ),
        Error::SerdeMissingField { field, .. } => (
            "tcloud::missing_key",
            format!("the key `{field}` is missing"),
            format!("add `{field}:`"),
        ),
        other => {
            let message = plain(other);
            let help = advice(other, &message, before_on_line(&file.text, range.start));
            ("tcloud::yaml", message, help.to_owned())
        }
    };
    Diagnostic::error(file, range, code, message, help)
}

/// The reader's message without the place, which the diagnostic shows itself.
fn plain(error: &Error) -> String {
    let formatter = UserMessageFormatter;
    let text = error.render_with_options(serde_saphyr::render_options! {
        formatter: &formatter,
        snippets: SnippetMode::Off,
    });
    match text.rsplit_once(" at line ") {
        Some((message, _)) => message.to_owned(),
        None => text,
    }
}

/// What to write instead, where the reader's own words name a rule of YAML and no mistake. `before`
/// is what the line holds before the place.
fn advice(error: &Error, message: &str, before: &str) -> &'static str {
    let says = |part: &str| message.contains(part);
    match error {
        Error::DuplicateMappingKey { .. } => "keep one of the two",
        Error::Message { .. } | Error::SerdeInvalidType { .. } => {
            "compare the value with the JSON Schema that the first line names"
        }
        _ if says("expected ','") || says("trailing content after") => {
            "put a comma between two keys of a row; a text that holds `: `, `, ` or a bracket goes \
             between quotes"
        }
        _ if says("tab") || says("expected key") || says("indent") => INDENTATION,
        // After the first colon of a line, a second one is a text that wants quotes.
        _ if says("mapping values are not allowed") && !before.contains(": ") => INDENTATION,
        _ => "put a text that holds `: `, ` #`, `, ` or a bracket between quotes",
    }
}

const INDENTATION: &str = "mend the indentation: keys of one mapping and items of one list begin in \
    the same column, two spaces further in than the key above them, and never with a tab";

/// What the line of the byte `at` holds before it.
fn before_on_line(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    before.rsplit('\n').next().unwrap_or_default()
}

/// Proposes the nearest of `known`, or all of them.
fn instead(word: &str, known: &[&'static str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of `{}`", known.join("`, `")),
    }
}

/// The one of `known` that `word` is most likely to mean, if any is near enough.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&word, &candidate.to_lowercase()),
                candidate,
            )
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| *distance <= NEAR && distance * 2 < candidate.len().max(3))
        .map(|(_, candidate)| candidate)
}
