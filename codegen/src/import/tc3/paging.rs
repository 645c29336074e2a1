//! How lists of API 3.0 are paged.

use super::table::{Operation, Tables};
use crate::spec::{Counted, PagingRule};

/// Parameters by which lists are paged, in the order in which they are looked for: a token goes
/// before a number.
const TOKENS: [(&str, &str); 8] = [
    ("NextToken", "NextToken"),
    ("PageToken", "NextPageToken"),
    ("PageToken", "PageToken"),
    ("ScrollToken", "ScrollToken"),
    ("PaginationToken", "PaginationToken"),
    ("Cursor", "NextCursor"),
    ("Marker", "NextMarker"),
    ("Context", "Context"),
];
const NUMBERS: [(&str, Counted); 5] = [
    ("Offset", Counted::Items),
    ("PageNumber", Counted::Pages),
    ("PageNo", Counted::Pages),
    ("PageNum", Counted::Pages),
    ("Page", Counted::Pages),
];
const TOTALS: [&str; 4] = ["TotalCount", "Total", "TotalNum", "TotalCounts"];

/// The rules that any operation of the service has a use for.
pub(super) fn rules(tables: &Tables) -> Vec<PagingRule> {
    let tokens = TOKENS.iter().map(|(input, output)| PagingRule {
        input: (*input).to_owned(),
        output: Some((*output).to_owned()),
        by: Counted::Pages,
        total: Vec::new(),
    });
    let numbers = NUMBERS.iter().map(|(input, by)| PagingRule {
        input: (*input).to_owned(),
        output: None,
        by: *by,
        total: TOTALS.map(str::to_owned).to_vec(),
    });
    let mut rules: Vec<_> = tokens
        .chain(numbers)
        .filter(|rule| is_used(tables, rule))
        .collect();
    for rule in &mut rules {
        let input = rule.input.clone();
        rule.total
            .retain(|total| lists(tables, &input).any(|it| answers(it, total)));
    }
    rules
}

fn is_used(tables: &Tables, rule: &PagingRule) -> bool {
    lists(tables, &rule.input)
        .any(|operation| rule.output.as_ref().is_none_or(|it| answers(operation, it)))
}

/// The operations that take `input` and answer with a list.
fn lists<'t>(tables: &'t Tables, input: &str) -> impl Iterator<Item = &'t Operation> {
    tables.operations.values().filter(move |operation| {
        operation.request.iter().any(|row| row.name == input)
            && operation
                .response
                .iter()
                .any(|row| row.kind.ends_with(" array"))
    })
}

fn answers(operation: &Operation, name: &str) -> bool {
    operation.response.iter().any(|row| row.name == name)
}
