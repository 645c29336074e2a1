//! Lists that are paged by a rule of their service.

use std::collections::BTreeMap;

use crate::spec::{OperationFile, Paging, PagingRule};
use crate::words::Type;

/// How the list of an operation is paged by the first rule that fits: the request has the
/// parameter, the response has the node of the next page and one list alone, which holds the items.
pub(super) fn by_rule(rules: &[PagingRule], file: &OperationFile) -> Option<Paging> {
    let request = || file.request.rows.iter().map(|row| &row.value);
    let response = || file.response.rows.iter().map(|row| &row.value);
    let mut lists = response().filter(|row| row.typed().1);
    let items = lists.next().filter(|_| lists.next().is_none())?;
    let has = |name: &str| response().any(|row| row.name == name);
    rules.iter().find_map(|rule| {
        let input = request().find(|row| row.name == rule.input)?;
        let fits = match &rule.output {
            Some(output) => has(output),
            None => input.typed() == (Type::Integer, false),
        };
        fits.then(|| Paging {
            input: rule.input.clone(),
            output: rule.output.clone(),
            also: BTreeMap::new(),
            by: rule.by,
            more: None,
            total: rule.total.iter().find(|total| has(total)).cloned(),
            items: items.name.clone(),
        })
    })
}
