//! The items of an authorization, whatever its method.

use super::rejection::Rejection;

/// The longest signature that is read, in bytes; real ones stay below 2 KiB.
pub(super) const MAX_AUTHORIZATION: usize = 16 * 1024;

/// The value of the item `name` of an authorization, which has to be there once.
pub(super) fn single<'a>(
    items: impl Iterator<Item = (&'a str, &'a str)>,
    name: &str,
) -> Result<&'a str, Rejection> {
    let mut values = items
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (Some(_), Some(_)) => Err(Rejection::invalid(format!("`{name}` occurs twice"))),
        (None, _) => Err(Rejection::invalid(format!("`{name}` is missing"))),
    }
}
