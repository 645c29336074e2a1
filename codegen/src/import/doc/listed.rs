//! Containers that the description calls lists, though the type does not say so and no body repeats them.

use std::collections::BTreeMap;

use super::facts::Row;
use super::remark::{RemarkKind, Remarks};

/// Makes lists of containers that the document describes as such. One that only holds another container
/// is what is around a list: it is none itself.
pub(super) fn read(side: &str, rows: &mut [Row], remarks: &mut Remarks) {
    let mut inside: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for row in rows.iter() {
        let (all, containers) = inside.entry(row.parent.clone()).or_default();
        *all += 1;
        *containers += usize::from(row.kind.is_container());
    }
    for row in rows.iter_mut() {
        if !row.kind.is_container() || row.kind.list || !says_list(&row.description) {
            continue;
        }
        let path = row.path();
        match inside.get(&path) {
            None | Some((1, 1)) => continue,
            Some(_) => {}
        }
        row.kind.list = true;
        row.explain("The document says Container and describes a list.");
        remarks.add(
            row.line,
            RemarkKind::Inferred,
            format!("{side} {path}"),
            "the type is Container, and the description calls it a list: it is one",
        );
    }
}

/// Whether a description begins by calling a node a list.
fn says_list(description: &str) -> bool {
    let first = description
        .split(['\n', '。', '.', '，', ',', ';', '；'])
        .next()
        .unwrap_or_default()
        .trim();
    let lower = first.to_lowercase();
    ["list of ", "array of ", "a list of ", "an array of "]
        .iter()
        .any(|lead| lower.starts_with(lead))
        || ["数组", "列表", "array"]
            .iter()
            .any(|end| lower.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_that_call_a_node_a_list() {
        for text in [
            "List of lamps.",
            "灯的数组",
            "灯列表。最多 10 个",
            "Lamp array",
        ] {
            assert!(says_list(text), "{text}");
        }
        for text in [
            "A lamp",
            "Where the list of lamps is kept",
            "数组的第一个灯",
        ] {
            assert!(!says_list(text), "{text}");
        }
    }
}
