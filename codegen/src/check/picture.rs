//! The grammar of picture processing: every form can be read, each text fits one form alone, and
//! every slot is known.

use std::collections::{BTreeMap, BTreeSet};

use serde_saphyr::Spanned;

use super::service::key;
use crate::diagnostic::{Diagnostic, value_of};
use crate::load::{ServiceSpec, SourceFile, Spec};
use crate::model::picture::Kind;
use crate::names::{camel, snake};
use crate::picture::{Pattern, Piece, head, kind, overlap};
use crate::spec::{PictureFile, PictureForm, PictureParameter, PictureSlot, PictureWords};

/// What has been seen of the grammar so far.
struct Checker<'a> {
    file: &'a SourceFile,
    words: BTreeSet<&'a str>,
    /// The first parameter of each type of forms.
    types: BTreeMap<&'a str, &'a PictureParameter>,
    found: &'a mut Vec<Diagnostic>,
}

pub(super) fn check(spec: &Spec, service: &ServiceSpec, found: &mut Vec<Diagnostic>) {
    let mut words = BTreeSet::new();
    if let Some((source, file)) = &service.picture_words
        && let Some(source) = spec.sources.get(*source)
    {
        words.extend(file.words.iter().map(|it| it.value.name.as_str()));
        for list in &file.words {
            check_words(source, list, found);
        }
    }
    let Some(file) = spec.sources.get(service.source) else {
        return;
    };
    let mut checker = Checker {
        file,
        words,
        types: BTreeMap::new(),
        found,
    };
    let mut heads = BTreeMap::new();
    for (source, operation) in &service.pictures {
        let Some(file) = spec.sources.get(*source) else {
            continue;
        };
        checker.file = file;
        checker.operation(operation);
        if let Some(other) = heads.insert(&operation.head.value, &operation.operation.value) {
            checker.at_key(
                "head",
                "tcloud::picture_head",
                format!("{other} begins with `{}` as well", operation.head.value),
                "let one of the two begin in another way, or make them one".to_owned(),
            );
        }
    }
}

/// The words of a list are documented and have names of their own.
fn check_words(file: &SourceFile, list: &Spanned<PictureWords>, found: &mut Vec<Diagnostic>) {
    let mut variants = BTreeSet::new();
    for row in &list.value.words {
        let word = &row.value;
        let variant = word.name.clone().unwrap_or_else(|| camel(&word.word));
        if !variants.insert(variant.clone()) {
            let range = value_of(&file.text, row, "word");
            let message = format!("a second word of {} called `{variant}`", list.value.name);
            let help = "give one of the two another `name`";
            let code = "tcloud::picture_word";
            found.push(Diagnostic::error(file, range, code, message, help));
        }
        if word.doc.trim().is_empty() {
            let range = value_of(&file.text, row, "word");
            found.push(undocumented(file, range, &word.word));
        }
    }
}

fn undocumented(file: &SourceFile, range: std::ops::Range<usize>, what: &str) -> Diagnostic {
    Diagnostic::error(
        file,
        range,
        "tcloud::missing_doc",
        format!("`{what}` does not say what it is"),
        "add `doc:` with a sentence in your own words",
    )
}

impl<'a> Checker<'a> {
    fn at_key(&mut self, name: &str, code: &'static str, message: String, help: String) {
        let range = key(&self.file.text, &[name]);
        let finding = Diagnostic::error(self.file, range, code, message, help);
        self.found.push(finding);
    }

    fn at_row<T>(&mut self, row: &Spanned<T>, name: &str, code: &'static str, text: [String; 2]) {
        let range = value_of(&self.file.text, row, name);
        let [message, help] = text;
        let finding = Diagnostic::error(self.file, range, code, message, help);
        self.found.push(finding);
    }

    fn operation(&mut self, operation: &'a PictureFile) {
        let name = &operation.operation.value;
        if operation.doc.trim().is_empty() {
            let range = key(&self.file.text, &["operation"]);
            self.found.push(undocumented(self.file, range, name));
        }
        match head(&operation.head.value) {
            None => self.at_key(
                "head",
                "tcloud::picture_head",
                format!("`{}` is not the head of an operation", operation.head.value),
                "write segments with `/` between them, each a word or a `<Slot>`".to_owned(),
            ),
            Some(pieces) => {
                let names = slots(&pieces);
                self.slots(&operation.slots, &names);
                for name in names.iter().filter(|it| !has(&operation.slots, it)) {
                    self.at_key(
                        "head",
                        "tcloud::picture_slot",
                        format!("no row says what `<{name}>` holds"),
                        format!("add `- {{ name: {name}, type: … }}` to `slots`"),
                    );
                }
            }
        }
        let mut methods = BTreeSet::new();
        for row in &operation.parameters {
            let parameter = &row.value;
            let method = parameter
                .rename
                .clone()
                .unwrap_or_else(|| snake(&parameter.name));
            if !methods.insert(method.clone()) {
                let message = format!("a second parameter of {name} is called `{method}`");
                let help = "remove it, or give it another `rename`".to_owned();
                self.at_row(row, "name", "tcloud::picture_parameter", [message, help]);
            }
            self.parameter(row);
        }
    }

    fn parameter(&mut self, row: &'a Spanned<PictureParameter>) {
        let parameter = &row.value;
        if parameter.doc.trim().is_empty() {
            let range = value_of(&self.file.text, row, "doc");
            self.found
                .push(undocumented(self.file, range, &parameter.name));
        }
        let mut patterns = Vec::new();
        let mut named = Vec::new();
        for form in &parameter.forms {
            let Some(pattern) = self.form(form, parameter) else {
                return;
            };
            named.extend(pattern.slots().map(str::to_owned));
            patterns.push(pattern);
        }
        self.slots(&parameter.slots, &named);
        self.choice(row, &patterns);
        for (index, (form, pattern)) in parameter.forms.iter().zip(&patterns).enumerate() {
            let numeric = |name: &str| {
                let slot = parameter.slots.iter().find(|it| it.value.name == name);
                let kind = slot.and_then(|it| kind(&it.value));
                matches!(kind, Some(Kind::Integer(_) | Kind::Decimal | Kind::Switch))
            };
            let before = pattern
                .pieces
                .split_last()
                .map_or(&[][..], |(_, before)| before);
            if let Some(name) = slots(before).iter().find(|name| !numeric(name)) {
                let message = format!("`<{name}>` takes all that follows, and more follows");
                let help = "let a slot of text be the last piece of the form".to_owned();
                self.at_row(form, "form", "tcloud::picture_form", [message, help]);
            }
            for other in patterns.iter().take(index) {
                if overlap(&pattern.pieces, &other.pieces, &numeric) {
                    let message = format!("a text may fit `{}` and a form above", form.value.form);
                    let help = "tell them apart by a literal".to_owned();
                    self.at_row(form, "form", "tcloud::picture_form", [message, help]);
                }
            }
        }
    }

    /// A form, taken apart, with its slots known.
    fn form(
        &mut self,
        form: &Spanned<PictureForm>,
        parameter: &PictureParameter,
    ) -> Option<Pattern> {
        let text = &form.value.form;
        let pattern = Pattern::parse(text).filter(|it| it.name == parameter.name);
        let Some(pattern) = pattern else {
            let message = format!("`{text}` is not a form of `{}`", parameter.name);
            let help = format!("write `/{0}` or `/{0}/` and a value", parameter.name);
            self.at_row(form, "form", "tcloud::picture_form", [message, help]);
            return None;
        };
        for name in pattern.slots().filter(|it| !has(&parameter.slots, it)) {
            let message = format!("no row says what `<{name}>` holds");
            let help = format!("add `{{ name: {name}, type: … }}` to `slots`");
            self.at_row(form, "form", "tcloud::picture_slot", [message, help]);
        }
        Some(pattern)
    }

    /// Several forms are variants of a type, the same wherever the type is used.
    fn choice(&mut self, row: &'a Spanned<PictureParameter>, patterns: &[Pattern]) {
        let parameter = &row.value;
        let code = "tcloud::picture_type";
        let several = parameter.forms.len() > 1;
        if several != parameter.kind.is_some() {
            let (what, help) = if several {
                (
                    "several forms and no type",
                    "add `type:`, the name of the enum of its forms",
                )
            } else {
                ("a type and only one form", "remove `type:`")
            };
            let message = format!("`{}` has {what}", parameter.name);
            self.at_row(row, "name", code, [message, help.to_owned()]);
        }
        let whole = parameter.forms.len() == 1 && patterns.iter().all(|it| it.slots().count() == 1);
        if parameter.required && !whole {
            let message = format!("`{}` is required and is not one value", parameter.name);
            let help = "let its only form have one slot, which the constructor asks for";
            self.at_row(row, "required", code, [message, help.to_owned()]);
        }
        for (form, pattern) in parameter.forms.iter().zip(patterns) {
            if several && (form.value.name.is_none() || form.value.doc.trim().is_empty()) {
                let message = format!("`{}` is one of several forms", form.value.form);
                let help = "add `name:`, that of its variant, and `doc:`";
                self.at_row(form, "form", code, [message, help.to_owned()]);
            }
            if form.value.bare && pattern.slots().count() != 1 {
                let message = format!("`{}` cannot take a bare value", form.value.form);
                let help = "remove `bare`: only a form of one slot takes one";
                self.at_row(form, "bare", code, [message, help.to_owned()]);
            }
        }
        let Some(name) = &parameter.kind else {
            return;
        };
        match self.types.get(name.as_str()) {
            Some(first) if shape(first) != shape(parameter) => {
                let message = format!("`{name}` has other forms elsewhere");
                let help = "let names and slots of the forms agree, or use another type";
                self.at_row(row, "type", code, [message, help.to_owned()]);
            }
            Some(_) => {}
            None => {
                self.types.insert(name, parameter);
            }
        }
    }

    /// The rows of slots: each is used, of a known type, and bounded only if it is a number.
    fn slots(&mut self, rows: &[Spanned<PictureSlot>], used: &[String]) {
        let code = "tcloud::picture_slot";
        for row in rows {
            let slot = &row.value;
            let built_in = kind(slot);
            if !used.contains(&slot.name) {
                let message = format!("no form has a slot `<{}>`", slot.name);
                let help = "remove the row, or write the slot into a form".to_owned();
                self.at_row(row, "name", code, [message, help]);
            }
            if built_in.is_none() && !self.words.contains(slot.kind.as_str()) {
                let message = format!("`{}` is not a type of slot", slot.kind);
                let help = "use Int, Float, Switch, Text, Base64, or a list of `words.yaml`";
                self.at_row(row, "type", code, [message, help.to_owned()]);
            }
            let number = matches!(built_in, Some(Kind::Integer(_) | Kind::Decimal));
            if slot.range.is_some() && !number {
                let message = format!("`{}` has a range but is not a number", slot.name);
                let help = "remove `range`, or use Int or Float".to_owned();
                self.at_row(row, "range", code, [message, help]);
            }
            if rows.len() > 1 && slot.doc.trim().is_empty() {
                let range = value_of(&self.file.text, row, "name");
                self.found.push(undocumented(self.file, range, &slot.name));
            }
        }
    }
}

/// What parameters of one type must agree in: the variants and the types in them.
fn shape(parameter: &PictureParameter) -> Vec<(Option<&str>, bool, Vec<String>)> {
    let forms = parameter.forms.iter().map(|form| {
        let form = &form.value;
        let pattern = Pattern::parse(&form.form);
        let slots = pattern.iter().flat_map(Pattern::slots);
        let slots = slots.map(|name| {
            let slot = parameter.slots.iter().find(|it| it.value.name == name);
            format!(
                "{name}: {:?}",
                slot.map(|it| (&it.value.kind, it.value.range))
            )
        });
        (form.name.as_deref(), form.bare, slots.collect())
    });
    forms.collect()
}

fn slots(pieces: &[Piece]) -> Vec<String> {
    let names = pieces.iter().filter_map(|piece| match piece {
        Piece::Slot(name) => Some(name.clone()),
        Piece::Literal(_) => None,
    });
    names.collect()
}

fn has(rows: &[Spanned<PictureSlot>], name: &str) -> bool {
    rows.iter().any(|row| row.value.name == name)
}
