//! The page of a list that a request asks for.

use http::StatusCode;
use serde_json::Value;
use tcloud_core::paging::Paging;
use tcloud_core::server::Fault;

/// The parameters by which services let a page's size be chosen.
const SIZES: [&str; 4] = ["Limit", "PageSize", "MaxResults", "PerPage"];
/// How the name of a page begins where the service gives pages names.
const TOKEN: &str = "page-";

/// Leaves of the list in `answer` the page that `sent` asks for, and says how many items there are and
/// where the list goes on.
///
/// # Errors
///
/// The page has a name that no answer gave it.
pub(super) fn cut(answer: &mut Value, paging: &Paging, sent: &Value) -> Result<(), Fault> {
    let Some(members) = answer.as_object_mut() else {
        return Ok(());
    };
    // Deeper lists stay whole: their count is not among the members of the answer.
    let Some(items) = members.get_mut(paging.items).and_then(Value::as_array_mut) else {
        return Ok(());
    };
    let all = items.len();
    let size = SIZES.iter().find_map(|name| count(sent.get(name)?));
    let size = size.unwrap_or(all).max(1);
    let start = start(paging, sent, size)?.min(all);
    let end = start.saturating_add(size).min(all);
    *items = items.drain(start..end).collect();
    let is_more = end < all;
    if let Some(total) = paging.total.filter(|it| members.contains_key(*it)) {
        members.insert(total.to_owned(), all.into());
    }
    if let Some(more) = paging.more.filter(|it| members.contains_key(*it)) {
        members.insert(more.to_owned(), is_more.into());
    }
    if let Some(next) = paging.output {
        let is_number = members.get(next).is_some_and(Value::is_number);
        let token = match (is_number, is_more) {
            (true, true) => end.into(),
            (true, false) => 0.into(),
            (false, true) => format!("{TOKEN}{end}").into(),
            (false, false) => String::new().into(),
        };
        members.insert(next.to_owned(), token);
    }
    Ok(())
}

/// The number of items before the page.
fn start(paging: &Paging, sent: &Value, size: usize) -> Result<usize, Fault> {
    let Some(asked) = sent.get(paging.input) else {
        return Ok(0);
    };
    if paging.output.is_none() {
        let number = count(asked).unwrap_or_default();
        return Ok(if paging.by_items {
            number
        } else {
            number.saturating_sub(1).saturating_mul(size)
        });
    }
    let named = asked.as_str().map(|text| match text.strip_prefix(TOKEN) {
        Some(number) => number.parse().ok(),
        None => text.is_empty().then_some(0),
    });
    named.unwrap_or_else(|| count(asked)).ok_or_else(|| {
        let message = format!(
            "{}: `{asked}` names no page; send what the page before answered as {}",
            paging.input,
            paging.output.unwrap_or_default()
        );
        Fault::new(StatusCode::OK, "InvalidParameterValue", message)
    })
}

/// A number of items, also as a text.
fn count(value: &Value) -> Option<usize> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    usize::try_from(number).ok()
}
