//! Samples against their tables: a document that contradicts itself is seen, and said so in the
//! sample's `drift`.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_saphyr::Spanned;

use super::service::{Names, Operation, Service, Table};
use super::walk::{Difference, differences};
use crate::diagnostic::{Diagnostic, rest_of_line};
use crate::rows::join;
use crate::spec::{Body, Protocol, Sample};

pub(super) fn check(service: &Service<'_>, known: &Names<'_, '_>, found: &mut Vec<Diagnostic>) {
    let wrapper = (service.spec.protocol == Protocol::Tc3).then_some("Response");
    for operation in &service.operations {
        for sample in &operation.spec.samples {
            let mut used = BTreeSet::new();
            let sides = [
                Side::of(
                    "request",
                    sample.value.request.as_deref(),
                    &operation.request,
                    None,
                ),
                Side::of(
                    "response",
                    sample.value.response.as_deref(),
                    &operation.response,
                    wrapper,
                ),
            ];
            for side in sides.into_iter().flatten() {
                for difference in differences(known, side.table, side.text, side.wrapper) {
                    match side.excuse(&sample.value, &difference) {
                        Some(path) => {
                            used.insert(path);
                        }
                        None => found.push(side.error(operation, sample, &difference)),
                    }
                }
            }
            let stale = sample
                .value
                .drift
                .keys()
                .filter(|path| !used.contains(path.as_str()));
            found.extend(stale.map(|path| self::stale(operation, sample, path)));
        }
    }
}

/// One body of a sample.
struct Side<'s, 'a> {
    key: &'static str,
    text: &'s str,
    table: &'s Table<'a>,
    /// What the protocol puts around the body.
    wrapper: Option<&'static str>,
}

impl<'s, 'a> Side<'s, 'a> {
    fn of(
        key: &'static str,
        text: Option<&'s str>,
        table: &'s Table<'a>,
        wrapper: Option<&'static str>,
    ) -> Option<Self> {
        let text = text.filter(|_| table.format != Body::Raw)?;
        Some(Self {
            key,
            text,
            table,
            wrapper,
        })
    }

    /// The path in `drift` that names the difference, with or without the root.
    fn excuse<'d>(&self, sample: &'d Sample, difference: &Difference) -> Option<&'d str> {
        let side = if self.key == "request" {
            "Request"
        } else {
            "Response"
        };
        [
            difference.path.clone(),
            self.table.shown(&difference.path),
            join(side, &difference.path),
        ]
        .iter()
        .find_map(|path| sample.drift.get_key_value(path))
        .map(|(path, _)| path.as_str())
    }

    fn error(
        &self,
        operation: &Operation<'_>,
        sample: &Spanned<Sample>,
        difference: &Difference,
    ) -> Diagnostic {
        let text = &operation.file.text;
        let path = self.table.shown(&difference.path);
        let range = place(text, start(text, sample, self.key), path.split('.'));
        let help = match path.as_str() {
            "" => difference.help.to_owned(),
            path => format!(
                "{}; if the document prints it so, add `{path}: …` with the reason to the \
                 sample's `drift`",
                difference.help
            ),
        };
        let message = format!(
            "{} of sample `{}`: {}",
            self.key, sample.value.name, difference.problem
        );
        Diagnostic::error(operation.file, range, "tcloud::sample", message, help)
    }
}

/// A line of `drift` that excuses nothing.
fn stale(operation: &Operation<'_>, sample: &Spanned<Sample>, path: &str) -> Diagnostic {
    let text = &operation.file.text;
    let from = start(text, sample, "drift");
    let rest = text.get(from..).unwrap_or_default();
    let at = from + rest.find(path).unwrap_or_default();
    Diagnostic::error(
        operation.file,
        at..at + path.len(),
        "tcloud::stale_drift",
        format!(
            "sample `{}` does not depart from its table at `{path}`",
            sample.value.name
        ),
        "remove the line from `drift`",
    )
}

/// Where `key` of the sample begins.
fn start(text: &str, sample: &Spanned<Sample>, key: &str) -> usize {
    let from = rest_of_line(text, sample.defined).start;
    let rest = text.get(from..).unwrap_or_default();
    from + rest.find(&format!("{key}:")).unwrap_or_default()
}

/// The name of the last node of `path` that the sample text after `from` has, in either notation.
fn place<'p>(text: &str, from: usize, path: impl Iterator<Item = &'p str>) -> Range<usize> {
    let mut range = from..from;
    for name in path {
        let rest = text.get(range.end..).unwrap_or_default();
        let named = |at: &usize| {
            let before = rest.get(..*at).unwrap_or_default();
            let after = rest.get(at + name.len()..).unwrap_or_default();
            before.ends_with(['<', '"', ' ']) && after.starts_with(['>', '"', ' ', '/', '='])
        };
        match rest.match_indices(name).map(|(at, _)| at).find(named) {
            Some(at) => range = range.end + at..range.end + at + name.len(),
            None => break,
        }
    }
    range
}
