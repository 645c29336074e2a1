//! From the files of `pictures/` to the model.

use serde_saphyr::Spanned;

use super::pattern::{Pattern, Piece, head};
use crate::error::Error;
use crate::load::{ServiceSpec, SourceFile};
use crate::model::picture::{Choice, Form, Grammar, Kind, Operation, Parameter, Part, Slot};
use crate::model::{Enumeration, Word};
use crate::names::{camel, snake};
use crate::spec::{PictureFile, PictureParameter, PictureSlot, PictureWords};
use crate::text::{markdown, sentence};

/// The grammar of one service; empty if it has none.
///
/// # Errors
///
/// A form that is none, or a slot of an unknown type.
pub fn lower(sources: &[SourceFile], spec: &ServiceSpec) -> Result<Grammar, Error> {
    let path = |index: usize| sources.get(index).map_or("", |file| file.path.as_str());
    let mut grammar = Grammar::default();
    if let Some((source, file)) = &spec.picture_words {
        path(*source).clone_into(&mut grammar.words_source);
        grammar.words = file.words.iter().map(|it| words(&it.value)).collect();
    }
    for (source, file) in &spec.pictures {
        let operation = operation(path(*source), file, &grammar.words)?;
        for parameter in &operation.parameters {
            choose(&mut grammar.choices, &operation.source, parameter);
        }
        grammar.operations.push(operation);
    }
    Ok(grammar)
}

fn doc(text: &str) -> String {
    markdown(&sentence(text))
}

fn words(list: &PictureWords) -> Enumeration {
    let words = list.words.iter().map(|word| {
        let word = &word.value;
        Word {
            text: word.word.clone(),
            variant: word.name.clone().unwrap_or_else(|| camel(&word.word)),
            doc: format!("`{}`: {}", word.word, doc(&word.doc)),
        }
    });
    Enumeration {
        name: list.name.clone(),
        doc: doc(&list.doc),
        words: words.collect(),
    }
}

fn operation(source: &str, file: &PictureFile, words: &[Enumeration]) -> Result<Operation, Error> {
    let name = &file.operation.value;
    let wrong = |problem: String| Error::new(source, format!("{name}: {problem}"));
    let pieces = head(&file.head.value).ok_or_else(|| {
        wrong(format!(
            "`{}` is not the head of an operation",
            file.head.value
        ))
    })?;
    let mut text = doc(&file.doc);
    if !file.document.url.is_empty() {
        let url = &file.document.url;
        text.push_str("\n\n[Document of the service](");
        text.push_str(url);
        text.push_str(").");
    }
    Ok(Operation {
        name: name.clone(),
        module: snake(name),
        source: source.to_owned(),
        doc: text,
        head_text: file.head.value.clone(),
        head: parts(pieces, &file.slots, words).map_err(wrong)?,
        parameters: file
            .parameters
            .iter()
            .map(|it| parameter(&it.value, words).map_err(wrong))
            .collect::<Result<_, _>>()?,
    })
}

fn parameter(row: &PictureParameter, words: &[Enumeration]) -> Result<Parameter, String> {
    let forms = row.forms.iter().map(|form| {
        let form = &form.value;
        let pattern = Pattern::parse(&form.form)
            .ok_or_else(|| format!("`{}` is not a form of a parameter", form.form))?;
        Ok(Form {
            text: form.form.clone(),
            variant: form.name.clone().unwrap_or_default(),
            bare: form.bare,
            doc: doc(&form.doc),
            parts: parts(pattern.pieces, &row.slots, words)?,
        })
    });
    Ok(Parameter {
        name: row.name.clone(),
        method: row.rename.clone().unwrap_or_else(|| snake(&row.name)),
        required: row.required,
        choice: row.kind.clone(),
        forms: forms.collect::<Result<_, String>>()?,
        doc: doc(&row.doc),
    })
}

fn parts(
    pieces: Vec<Piece>,
    slots: &[Spanned<PictureSlot>],
    words: &[Enumeration],
) -> Result<Vec<Part>, String> {
    let part = |piece| match piece {
        Piece::Literal(text) => Ok(Part::Literal(text)),
        Piece::Slot(name) => slots
            .iter()
            .find(|slot| slot.value.name == name)
            .ok_or_else(|| format!("no slot `{name}`"))
            .and_then(|slot| self::slot(&slot.value, words).map(Part::Slot)),
    };
    pieces.into_iter().map(part).collect()
}

fn slot(row: &PictureSlot, words: &[Enumeration]) -> Result<Slot, String> {
    let range = row.range.unwrap_or_default();
    let kind = kind(row)
        .or_else(|| {
            let known = words.iter().any(|it| it.name == row.kind);
            known.then(|| Kind::Word(row.kind.clone()))
        })
        .ok_or_else(|| format!("no words `{}`", row.kind))?;
    Ok(Slot {
        name: row.name.clone(),
        argument: snake(&row.name),
        kind,
        range,
        doc: doc(&row.doc),
    })
}

/// What a slot of a built-in type holds; `None` for the name of a list of words.
pub(crate) fn kind(row: &PictureSlot) -> Option<Kind> {
    Some(match row.kind.as_str() {
        // Without a lower bound a number may well be negative.
        "Int" => Kind::Integer(
            row.range
                .is_none_or(|[low, _]| low.is_none_or(|low| low < 0)),
        ),
        "Float" => Kind::Decimal,
        "Switch" => Kind::Switch,
        "Text" => Kind::Text,
        "Base64" => Kind::Base64,
        _ => return None,
    })
}

/// Adds the type of a parameter's forms, made from the first parameter that has it.
fn choose(choices: &mut Vec<Choice>, source: &str, parameter: &Parameter) {
    let Some(name) = &parameter.choice else {
        return;
    };
    match choices.iter_mut().find(|it| it.name == *name) {
        Some(known) => {
            if !known.sources.iter().any(|it| it == source) {
                known.sources.push(source.to_owned());
            }
        }
        None => choices.push(Choice {
            name: name.clone(),
            doc: parameter.doc.clone(),
            sources: vec![source.to_owned()],
            forms: parameter.forms.clone(),
        }),
    }
}
