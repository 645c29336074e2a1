//! What setters make of their arguments.

use std::collections::BTreeMap;

/// The value of a field, from anything that becomes one. Setters are generic and there are
/// thousands: one call is checked in a fraction of the time that adapters take.
pub fn one<T>(value: impl Into<T>) -> Option<T> {
    Some(value.into())
}

/// The values of a list.
pub fn many<T>(values: impl IntoIterator<Item = impl Into<T>>) -> Vec<T> {
    values.into_iter().map(Into::into).collect()
}

/// The structures of a map.
pub fn entries<T>(
    entries: impl IntoIterator<Item = (impl Into<String>, T)>,
) -> BTreeMap<String, T> {
    entries
        .into_iter()
        .map(|(name, node)| (name.into(), node))
        .collect()
}

/// The entries of a map.
pub fn pairs(
    pairs: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
) -> BTreeMap<String, String> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}
