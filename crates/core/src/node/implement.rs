//! What all structures and all enumerations have: written here once, named by generated crates.

/// Implements [`Node`](crate::node::Node), `Default`, `Clone`, `PartialEq` and `Debug` for a
/// structure: its name, its table, and what each row of the table holds, in the order of the table.
/// What a row holds is a function of [`Ref`](crate::node::Ref) and of [`Slot`](crate::node::Slot),
/// with the field; a `fixed` row has no field.
///
/// The last three go by the table. Code that the compiler derives would be checked and compiled for
/// every field of every type.
#[macro_export]
macro_rules! node {
    ($structure:ident, $table:ident: $($kind:ident$(($field:ident))?),* $(,)?) => {
        impl $crate::node::Node for $structure {
            #[inline]
            fn structure(&self) -> &'static $crate::schema::Structure {
                &$table
            }

            #[inline]
            fn refs(&self, visitor: $crate::node::RefVisitor<'_>) {
                visitor.visit(&[$($crate::node::Ref::$kind($(&self.$field)?)),*]);
            }

            #[inline]
            fn slots(&mut self, visitor: $crate::node::SlotVisitor<'_>) {
                visitor.visit(&mut [$($crate::node::Slot::$kind($(&mut self.$field)?)),*]);
            }

            #[inline]
            fn unknown(&self) -> &$crate::node::Unknown {
                &self.unknown
            }

            #[inline]
            fn unknown_mut(&mut self) -> &mut $crate::node::Unknown {
                &mut self.unknown
            }
        }

        impl ::std::default::Default for $structure {
            #[inline]
            fn default() -> Self {
                Self {
                    $($($field: ::std::default::Default::default(),)?)*
                    unknown: $crate::node::Unknown::new(),
                }
            }
        }

        impl ::std::clone::Clone for $structure {
            #[inline]
            fn clone(&self) -> Self {
                $crate::codec::copy(self)
            }
        }

        impl ::std::cmp::PartialEq for $structure {
            #[inline]
            fn eq(&self, other: &Self) -> bool {
                $crate::codec::equal(self, other)
            }
        }

        impl ::std::fmt::Debug for $structure {
            #[inline]
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                $crate::codec::debug(self, f)
            }
        }
    };
}

/// Implements [`Word`](crate::node::Word), its texts and its conversions for an open enumeration:
/// its name, and each variant with its text.
#[macro_export]
macro_rules! words {
    ($enumeration:ident: $($variant:ident = $text:literal),* $(,)?) => {
        impl $enumeration {
            /// The words this version knows.
            pub const WORDS: &'static [&'static str] = &[$($text),*];

            /// The word as it is sent.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(text) => text,
                }
            }
        }

        impl $crate::node::Word for $enumeration {
            fn as_str(&self) -> &str {
                self.as_str()
            }

            fn from_text(text: ::std::string::String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)*
                    _ => Self::Unknown(text),
                }
            }

            fn is_known(&self) -> bool {
                !::std::matches!(self, Self::Unknown(_))
            }
        }

        impl ::std::convert::From<::std::string::String> for $enumeration {
            fn from(text: ::std::string::String) -> Self {
                $crate::node::Word::from_text(text)
            }
        }

        impl ::std::convert::From<&str> for $enumeration {
            fn from(text: &str) -> Self {
                $crate::node::Word::from_text(text.to_owned())
            }
        }

        impl ::std::fmt::Display for $enumeration {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
