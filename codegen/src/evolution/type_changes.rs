//! What happened to structures and enumerations.

use super::pairs::joined_or_renamed;
use super::report::Report;
use super::types::{Type, Types};
use super::{fields, rust};
use crate::model::{Enumeration, Word};

/// Reports what happened to every type.
pub(super) fn compare(report: &mut Report, types: &Types<'_>) {
    for (path, old) in &types.before {
        let item = rust::path(path);
        let Some(target) = types.became.get(path) else {
            report.removed(item, "code that names the type no longer builds");
            continue;
        };
        if target != path && types.aliases.get(path) != Some(target) {
            let what = format!("is called `{}`", rust::path(target));
            report.reshaped(&item, what, "code that names the type no longer builds");
        }
        match (old, types.after.get(target)) {
            (Type::Structure(old), Some(Type::Structure(new))) => {
                fields::compare(report, &item, old, new, types);
                fields::compare_constructor(report, &item, old, new);
            }
            (Type::Enumeration(old), Some(Type::Enumeration(new))) => {
                compare_words(report, &item, old, new);
            }
            (_, None) => {}
            (_, Some(new)) => {
                let what = format!("is {} now", describe(new));
                report.reshaped(item, what, "code that makes or reads it no longer builds");
            }
        }
    }
    for (path, new) in &types.after {
        if !types.became.values().any(|target| target == path) {
            report.added(rust::path(path), describe(new));
        }
    }
}

const fn describe(of: &Type<'_>) -> &'static str {
    match of {
        Type::Structure(_) => "a structure",
        Type::Enumeration(_) => "an enumeration",
    }
}

fn compare_words(report: &mut Report, item: &str, before: &Enumeration, after: &Enumeration) {
    const NAMES: &str = "code that matches or makes it no longer builds";
    report.item(|_| (), before.doc != after.doc);
    let words = joined_or_renamed(
        &before.words,
        &after.words,
        |word| &word.variant,
        |old, new| old.text == new.text,
    );
    for (old, new) in words {
        let variant = |word: &Word| format!("{item}::{}", word.variant);
        match (old, new) {
            (Some(old), Some(new)) => {
                let compare = |report: &mut Report| {
                    if new.variant != old.variant {
                        let what = format!("is called `{}`", new.variant);
                        report.reshaped(variant(old), what, NAMES);
                    } else if new.text != old.text {
                        let what = format!("is `{}`, was `{}`", new.text, old.text);
                        report.behaves(variant(old), what, "another word travels");
                    }
                };
                report.item(compare, new.doc != old.doc);
            }
            (Some(old), None) => report.removed(variant(old), NAMES),
            (None, Some(new)) => report.added(variant(new), format!("the word `{}`", new.text)),
            (None, None) => {}
        }
    }
}
