//! What two states have in common.

use crate::model::Field;

/// What one state has beside what the other has.
pub(super) type Pair<'m, T> = (Option<&'m T>, Option<&'m T>);

/// Joins what has one name: first all of `before`, then what only `after` has.
pub(super) fn joined<'m, T>(
    before: &'m [T],
    after: &'m [T],
    name: impl Fn(&'m T) -> &'m str,
) -> Vec<Pair<'m, T>> {
    let find = |list: &'m [T], wanted| list.iter().find(|it| name(it) == wanted);
    let known = before.iter().map(|old| (Some(old), find(after, name(old))));
    let new = after.iter().filter(|new| find(before, name(new)).is_none());
    known.chain(new.map(|new| (None, Some(new)))).collect()
}

/// Joins what has one name, then of the rest what is the same under another.
pub(super) fn joined_or_renamed<'m, T>(
    before: &'m [T],
    after: &'m [T],
    name: impl Fn(&'m T) -> &'m str,
    same: impl Fn(&T, &T) -> bool,
) -> Vec<Pair<'m, T>> {
    let (mut pairs, mut new): (Vec<_>, Vec<_>) = joined(before, after, name)
        .into_iter()
        .partition(|(old, _)| old.is_some());
    for (old, found) in &mut pairs {
        let renamed = new.iter().position(|(_, new)| {
            found.is_none() && old.zip(*new).is_some_and(|(old, new)| same(old, new))
        });
        if let Some(position) = renamed {
            *found = new.remove(position).1;
        }
    }
    pairs.extend(new);
    pairs
}

/// Joins the fields of two states: by the name that users write, else by the name on the wire.
pub(super) fn matched<'m>(before: &'m [Field], after: &'m [Field]) -> Vec<Pair<'m, Field>> {
    joined_or_renamed(
        before,
        after,
        |field| &field.name,
        |old, new| (old.place, &old.wire) == (new.place, &new.wire),
    )
}
