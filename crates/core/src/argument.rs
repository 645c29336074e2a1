//! What setters take: a value, or an `Option` of one.

/// What becomes the value of a field that need not be there: anything that becomes a `T`, or an
/// `Option` of it.
///
/// `.name("a")`, `.name(text)` and `.name(args.name.as_deref())` all set a text. `None` leaves the
/// field out, or takes away what was there; a bare `None` needs a type:
/// `None::<String>`.
///
/// `By` says which of the two it is, and is never written: the compiler finds it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for this field: `{T}` is wanted, or an `Option` of it",
    label = "this becomes no `{T}`"
)]
pub trait Given<T, By> {
    /// The value of the field.
    fn given(self) -> Option<T>;
}

/// The value itself is given.
#[derive(Debug)]
pub enum ByValue {}

/// An `Option` of the value is given.
#[derive(Debug)]
pub enum ByOption {}

impl<T, V: Into<T>> Given<T, ByValue> for V {
    #[inline]
    fn given(self) -> Option<T> {
        Some(self.into())
    }
}

impl<T, V: Into<T>> Given<T, ByOption> for Option<V> {
    #[inline]
    fn given(self) -> Option<T> {
        self.map(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<By>(value: impl Given<String, By>) -> Option<String> {
        value.given()
    }

    #[test]
    fn a_value_or_an_option_of_it_is_given() {
        let some = Some("a".to_owned());
        let owned = "a".to_owned();
        assert_eq!(text("a"), some);
        assert_eq!(text(&owned), some);
        assert_eq!(text('a'), some);
        assert_eq!(text(Some("a")), some);
        assert_eq!(text(some.as_deref()), some);
        assert_eq!(text(Some(owned)), some);
        assert_eq!(text(None::<&str>), None);
        assert_eq!(text(None::<String>), None);
    }

    /// A function that passes on what becomes a text needs to know nothing of fields.
    #[test]
    fn what_is_generic_is_given_as_well() {
        fn passed_on(value: impl Into<String>) -> Option<String> {
            text(value)
        }
        assert_eq!(passed_on("a").as_deref(), Some("a"));
    }
}
