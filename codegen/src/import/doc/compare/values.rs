//! What rows say of their values, beside the committed tables: defaults, words, ranges.

use std::collections::BTreeSet;

use crate::import::doc::facts::Row;
use crate::spec;

/// How many facts of a kind a document has of rows that the tables have, too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Facts that the document says.
    pub compared: usize,
    /// Those that the table says alike.
    pub right: usize,
    /// Facts that the table alone says: another document has them, or a person.
    pub alone: usize,
}

/// How the values of rows compare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// What is taken if nothing is said.
    pub defaults: Tally,
    /// The words that a row may have.
    pub words: Tally,
    /// Ranges of numbers, and greatest lengths.
    pub ranges: Tally,
    /// Facts that differ: item and difference.
    pub different: Vec<String>,
}

/// The values of a row of the committed tables.
pub(super) struct Known {
    default: Option<String>,
    words: BTreeSet<String>,
    range: Option<[Option<i64>; 2]>,
    length: Option<u32>,
}

impl Known {
    pub(super) fn of(row: &spec::Row) -> Self {
        let listed = row.values.iter().flat_map(spec::Values::words);
        Self {
            default: row.default.clone(),
            words: listed
                .chain(row.fixed.as_deref())
                .map(str::to_owned)
                .collect(),
            range: row.range,
            length: row.max_length,
        }
    }
}

impl Values {
    /// Adds the values of a row. A structure has the words and the range of all its uses, a document
    /// those of one.
    pub(super) fn add(&mut self, item: &str, row: &Row, known: &Known, shared: bool) {
        let words: BTreeSet<String> = row.values.iter().chain(&row.fixed).cloned().collect();
        let (own_range, words) = numbers(row.range, words);
        let (known_range, known_words) = numbers(known.range, known.words.clone());
        let some = !words.is_empty();
        let alike = words == known_words || shared && some && words.is_subset(&known_words);
        let show = |words: &BTreeSet<String>| {
            (!words.is_empty()).then(|| {
                words
                    .iter()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(", ")
            })
        };
        let range = |range: Option<[Option<i64>; 2]>| {
            range.map(|ends| {
                ends.map(|end| end.map_or("open".to_owned(), |end| end.to_string()))
                    .join(" to ")
            })
        };
        let length = |length: Option<u32>| length.map(|length| length.to_string());
        let different = &mut self.different;
        let mut tally =
            |tally: &mut Tally, what, own: Option<String>, table: Option<String>, alike| {
                if own.is_none() && table.is_none() {
                    return;
                }
                if own.is_none() {
                    tally.alone += 1;
                } else {
                    tally.compared += 1;
                    if alike {
                        tally.right += 1;
                        return;
                    }
                }
                let side = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
                different.push(format!(
                    "{item}: {what} {} here, {} there",
                    side(own),
                    side(table)
                ));
            };
        let default = row.default == known.default;
        tally(
            &mut self.defaults,
            "default",
            row.default.clone(),
            known.default.clone(),
            default,
        );
        tally(
            &mut self.words,
            "words",
            show(&words),
            show(&known_words),
            alike,
        );
        // An end that the table alone has says nothing against the one that the document says.
        let alike = own_range.zip(known_range).is_some_and(|(own, known)| {
            let mut ends = own.iter().zip(&known);
            ends.clone()
                .all(|(own, known)| own.is_none() || own == known)
                || shared
                    && ends.all(|(own, known)| own.is_some() && known.is_some())
                    && own[0] >= known[0]
                    && own[1] <= known[1]
        });
        tally(
            &mut self.ranges,
            "range",
            range(own_range),
            range(known_range),
            alike,
        );
        let own = row.max_length;
        tally(
            &mut self.ranges,
            "length",
            length(own),
            length(known.length),
            own == known.length,
        );
    }
}

/// Words that are the whole numbers of a range are that range.
fn numbers(
    range: Option<[Option<i64>; 2]>,
    words: BTreeSet<String>,
) -> (Option<[Option<i64>; 2]>, BTreeSet<String>) {
    let numbers: Option<BTreeSet<i64>> = words.iter().map(|word| word.parse().ok()).collect();
    let Some(numbers) = numbers.filter(|_| range.is_none()) else {
        return (range, words);
    };
    match (numbers.first(), numbers.last()) {
        (Some(low), Some(high))
            if high.checked_sub(*low) == i64::try_from(numbers.len() - 1).ok() =>
        {
            (Some([Some(*low), Some(*high)]), BTreeSet::new())
        }
        _ => (range, words),
    }
}
