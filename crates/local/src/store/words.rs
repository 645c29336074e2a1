//! Enumerations that are kept as words.

/// Gives an enumeration its words: [`Display`](std::fmt::Display), and the way into the database
/// and back.
macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// The word that is kept.
            pub(crate) const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl TryFrom<String> for $type {
            type Error = String;

            fn try_from(word: String) -> std::result::Result<Self, String> {
                match word.as_str() {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("{word:?} is no {}", stringify!($type))),
                }
            }
        }

        impl From<$type> for $crate::store::value::Value {
            fn from(value: $type) -> Self {
                value.word().into()
            }
        }
    };
}
pub(super) use words;
