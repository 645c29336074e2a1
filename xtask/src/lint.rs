//! Reads the tables of the workspace and shows what is wrong with them.

use std::error::Error;
use std::io::{self, IsTerminal};

use tcloud_codegen::check::check;
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::load::{ServiceSpec, SourceFile, Spec, load};
use tcloud_codegen::spec::Message;

use crate::files;
use crate::print::say;

/// Shows all that is wrong with the tables, and says what was looked at.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let spec = spec()?;
    let advice = checked(&spec)?;
    say!("{}: no errors{}", looked_at(&spec), of_advice(advice));
    Ok(())
}

/// The tables of the working tree; what is wrong with them is shown.
pub(crate) fn spec() -> Result<Spec, Box<dyn Error>> {
    let files = files::read(&files::workspace().join("api-spec"), "yaml")?;
    let sources = files
        .into_iter()
        .map(|(path, text)| SourceFile { path, text });
    load(sources.collect()).map_err(|found| refused(&found).into())
}

/// Shows what the rules find in `spec`, which must not be an error; how much of it is advice.
pub(crate) fn checked(spec: &Spec) -> Result<usize, String> {
    let found = check(spec);
    if found.iter().any(Diagnostic::is_error) {
        return Err(refused(&found));
    }
    show(&found);
    Ok(found.len())
}

/// Shows `found`, and gives the sentence that ends the task.
pub(crate) fn refused(found: &[Diagnostic]) -> String {
    show(found);
    let errors = found.iter().filter(|it| it.is_error()).count();
    format!("{} in the tables", count(errors, "error"))
}

/// Shows `found`, in colours only to a terminal that wants them.
pub(crate) fn show(found: &[Diagnostic]) {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || !io::stderr().is_terminal();
    for diagnostic in found {
        let text = if plain {
            diagnostic.render()
        } else {
            diagnostic.render_colored()
        };
        eprintln!("{text}");
    }
}

/// `1 error`, `2 errors`.
fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn of_advice(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => ", 1 piece of advice".to_owned(),
        count => format!(", {count} pieces of advice"),
    }
}

/// What the tables hold, in numbers.
fn looked_at(spec: &Spec) -> String {
    let operations: usize = spec.services.iter().map(|it| it.operations.len()).sum();
    let rows = spec.services.iter().map(rows).sum();
    [
        count(spec.services.len(), "service"),
        count(operations, "operation"),
        count(rows, "row"),
        count(spec.sources.len(), "file"),
    ]
    .join(", ")
}

fn rows(service: &ServiceSpec) -> usize {
    let of_message = |message: &Message| {
        message.path.len() + message.query.len() + message.headers.len() + message.rows.len()
    };
    let operations: usize = service
        .operations
        .iter()
        .map(|(_, file)| of_message(&file.request) + of_message(&file.response))
        .sum();
    let structures: usize = service
        .structures()
        .map(|(_, it)| it.value.rows.len())
        .sum();
    operations + structures + service.service.host_labels.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: &str = "service: demo\ntitle: Demo\ndoc: A service.\nprotocol: ci\n\
        document: https://example.com/\n";

    fn read(operation: &str) -> Result<Spec, Vec<Diagnostic>> {
        let file = |path: &str, text: &str| SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        load(vec![
            file("demo/service.yaml", SERVICE),
            file("demo/operations/start_job.yaml", operation),
        ])
    }

    #[test]
    fn what_was_looked_at_is_counted() {
        let spec = read(
            "operation: StartJob\nsummary: Starts.\ndocument: { url: 'https://example.com/' }\n\
             http: POST /jobs\nhost: example.com\nrequest:\n  rows:\n    \
             - { name: Tag, parent: Request, type: String, doc: Kind. }\n",
        )
        .unwrap();
        assert_eq!(looked_at(&spec), "1 service, 1 operation, 1 row, 2 files");
        assert_eq!(checked(&spec), Ok(0));
    }

    #[test]
    fn one_error_is_one_error() {
        let found = read("operation: 'StartJob").unwrap_err();
        assert_eq!(refused(&found), "1 error in the tables");
        assert_eq!(count(2, "error"), "2 errors");
    }
}
