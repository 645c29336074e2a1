//! The name of an operation, from all that the document says.

use super::facts::{Given, Operation, Row};
use super::model::Document;
use super::name::{self, Route};
use super::page::{self, Page};
use super::remark::{RemarkKind, Remarks};

#[expect(
    clippy::too_many_arguments,
    reason = "a name is made of all that is known"
)]
pub(super) fn naming(
    page: &Page<'_>,
    own: &page::Operation<'_>,
    operation: &mut Operation,
    path: &str,
    selectors: &[(String, Option<String>)],
    document: &Document,
    given: &Given<'_>,
    remarks: &mut Remarks,
) {
    if let Some(name) = given.name {
        name.clone_into(&mut operation.name);
        return;
    }
    let title = page.title.as_ref().map_or("", |(_, text)| text.as_str());
    let has = |names: &[&str]| {
        operation
            .request
            .query
            .iter()
            .any(|row| names.iter().any(|name| row.name.eq_ignore_ascii_case(name)))
    };
    if operation.host.contains(".ci.")
        || operation.host.starts_with("ci.")
        || operation.service == "ci"
    {
        let fixed = operation
            .request
            .rows
            .iter()
            .find(|row| row.name == "Tag")
            .and_then(|row| row.fixed.clone());
        let id = |row: &Row| {
            row.name.len() > 2
                && (row.name.ends_with("Id") || row.name.ends_with("ID"))
                && row.name != "RequestId"
        };
        let route = Route {
            method: &operation.method,
            path,
            query: selectors,
            tag: fixed.as_deref(),
            by_token: has(&["nextToken", "marker", "next-token"]),
            by_number: has(&["pageNumber", "pageNum", "page"]),
            makes: operation.response.rows.iter().any(id),
            title,
            elsewhere: false,
        };
        let (name, sure) = name::infinite(&route);
        operation.name = name;
        if !sure {
            remarks.add(own.line, RemarkKind::Inferred, "operation", format!("the document does not say what it does in a word; it is called {}: `--name` gives another name", operation.name));
        }
        return;
    }
    let first = page
        .preface
        .iter()
        .take(3)
        .find_map(|(_, text)| name::printed(text));
    let titled = || name::titled(title, &operation.method);
    let mut printed = name::printed(title).or_else(titled).or(first);
    if printed.is_none() {
        let links = document.links.iter().filter_map(|link| {
            let (_, rest) = link.split_once("Action=")?;
            rest.split('&').next()
        });
        let words = own
            .words
            .iter()
            .take(12)
            .flat_map(|words| quoted(&words.text));
        let of_method = name::printed_with(&operation.method);
        let subjects = page
            .preface
            .iter()
            .take(4)
            .filter_map(|(_, text)| subject(text));
        let candidates = links
            .chain(subjects)
            .chain(words)
            .filter_map(of_method)
            .take(20);
        // The one that fits the request best; of equals the first.
        let sub = selectors
            .first()
            .map(|(name, _)| name.replace('-', "").to_lowercase())
            .unwrap_or_default();
        let fits = |name: &String| {
            let lower = name.to_lowercase();
            let selects = !sub.is_empty() && lower.contains(&sub);
            u8::from(selects) * 2 + u8::from(lower.starts_with(&operation.method.to_lowercase()))
        };
        printed = candidates.reduce(|best, other| {
            if fits(&other) > fits(&best) {
                other
            } else {
                best
            }
        });
    }
    operation.name = name::storage(&operation.method, path, selectors, printed.as_deref());
    if printed.is_none() {
        remarks.add(own.line, RemarkKind::Inferred, "operation", format!("the document does not print its name; it is called {}: `--name` gives another name", operation.name));
    }
}

/// What the first sentence of a page is about: `Upload Part` of `Upload Part 接口请求实现…`.
fn subject(text: &str) -> Option<&str> {
    let marks = [
        "接口", "用于", "请求", " request", " API", " api", " is used",
    ];
    let end = marks.iter().filter_map(|mark| text.find(mark)).min()?;
    let name = text.get(..end)?.trim();
    (!name.is_empty() && name.is_ascii() && name.len() < 60).then_some(name)
}

/// Texts between backticks or parentheses.
fn quoted(text: &str) -> Vec<&str> {
    let code = text.split('`').skip(1).step_by(2);
    let brackets = text
        .split(['(', '（'])
        .skip(1)
        .filter_map(|rest| rest.split([')', '）']).next());
    code.chain(brackets).collect()
}
