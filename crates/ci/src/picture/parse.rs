//! Text into calls.

use super::call::{Call, Entry};
use super::error::{Error, ErrorKind};
use super::grammar::{Operation, Piece};
use super::value::{expected, expected_forms, fit};

/// What a step of a pipeline turned out to be.
pub(crate) enum Parsed {
    /// An operation of the grammar.
    Call(Call),
    /// One that the grammar does not know.
    Unknown,
}

/// How a text begins, seen from an operation.
enum Head {
    /// As the operation does; with the texts of its slots.
    Same(Vec<String>),
    /// As the operation does, but for a slot.
    Broken(Error),
    /// In another way.
    Other,
}

/// A segment and its place in the whole text.
#[derive(Clone, Copy)]
struct Segment<'a> {
    text: &'a str,
    offset: usize,
}

/// Reads one step, which begins `offset` bytes from the start of the whole text.
pub(crate) fn step(
    grammar: &[&'static Operation],
    text: &str,
    offset: usize,
) -> Result<Parsed, Error> {
    let segments = segments(text, offset);
    let name = segments.first().map_or("", |it| it.text);
    if !is_name(name) {
        let problem = format!("expected the name of an operation, got `{name}`");
        return Err(Error::new(ErrorKind::Syntax, problem).at(offset));
    }
    let mut broken = None;
    for &operation in grammar {
        match head(operation, &segments, offset + text.len()) {
            Head::Same(texts) => {
                let rest = segments.get(operation.head.len()..).unwrap_or_default();
                return parameters(operation, texts, rest).map(Parsed::Call);
            }
            Head::Broken(error) => broken = Some(error),
            Head::Other => {}
        }
    }
    broken.map_or(Ok(Parsed::Unknown), Err)
}

/// Whether an operation may be called so, in this version or a later one.
pub(crate) fn is_name(text: &str) -> bool {
    let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.chars().all(sound)
}

fn segments(text: &str, mut offset: usize) -> Vec<Segment<'_>> {
    text.split('/')
        .map(|text| {
            let segment = Segment { text, offset };
            offset += text.len() + 1;
            segment
        })
        .collect()
}

fn head(operation: &'static Operation, segments: &[Segment<'_>], end: usize) -> Head {
    let mut texts = Vec::new();
    for (index, piece) in operation.head.iter().enumerate() {
        let segment = segments.get(index);
        match piece {
            Piece::Literal(literal) if segment.is_some_and(|it| it.text == *literal) => {}
            Piece::Literal(_) => return Head::Other,
            Piece::Slot(slot) => {
                let text = segment.map_or("", |it| it.text);
                // `imageView2/format/png`, which a document prints, is no head without its mode.
                if operation.parameters.iter().any(|it| it.name == text) {
                    return Head::Other;
                }
                if let Some(own) = fit(std::slice::from_ref(piece), text) {
                    texts.extend(own);
                    continue;
                }
                let problem = format!("expected {} as {}, got `{text}`", expected(slot), slot.name);
                let error = Error::new(ErrorKind::Syntax, problem)
                    .of(operation.name, "")
                    .at(segment.map_or(end, |it| it.offset));
                return Head::Broken(error);
            }
        }
    }
    Head::Same(texts)
}

fn parameters(
    operation: &'static Operation,
    head: Vec<String>,
    segments: &[Segment<'_>],
) -> Result<Call, Error> {
    let mut call = Call::new(operation);
    call.head = head;
    let mut rest = segments;
    // Segments that are no parameter stay together with those after them.
    let mut unknown: Option<String> = None;
    while let Some((segment, after)) = rest.split_first() {
        rest = after;
        let known = operation
            .parameters
            .iter()
            .position(|it| it.name == segment.text)
            .and_then(|index| Some((index, operation.parameters.get(index)?)));
        let Some((index, parameter)) = known else {
            if segment.text.is_empty() && after.is_empty() {
                call.slash = true;
                continue;
            }
            match &mut unknown {
                Some(text) => {
                    text.push('/');
                    text.push_str(segment.text);
                }
                None => unknown = Some(segment.text.to_owned()),
            }
            continue;
        };
        call.entries.extend(unknown.take().map(Entry::Unknown));
        let (form, texts) = if parameter.is_flag() {
            (0, Vec::new())
        } else {
            let value = after.first();
            rest = after.get(1..).unwrap_or_default();
            let text = value.map_or("", |it| it.text);
            let mut forms = parameter.forms.iter().enumerate();
            forms
                .find_map(|(form, it)| Some((form, fit(it.pieces, text)?)))
                .ok_or_else(|| {
                    let problem =
                        format!("expected {}, got `{text}`", expected_forms(parameter.forms));
                    let end = segment.offset + segment.text.len();
                    Error::new(ErrorKind::Syntax, problem)
                        .of(operation.name, parameter.name)
                        .at(value.map_or(end, |it| it.offset))
                })?
        };
        call.entries.push(Entry::Known {
            parameter: index,
            form,
            texts,
        });
    }
    call.entries.extend(unknown.map(Entry::Unknown));
    Ok(call)
}
