//! Styles by the other way: behind the object's key, `cat.jpg!small`.

use super::Style;
use super::error::{Error, ErrorKind};

/// The separator between an object's key and the name of a style. A bucket chooses which it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Separator {
    /// `-`
    Hyphen,
    /// `_`
    Underscore,
    /// `/`
    Slash,
    /// `!`
    Exclamation,
}

impl Separator {
    /// The character.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hyphen => "-",
            Self::Underscore => "_",
            Self::Slash => "/",
            Self::Exclamation => "!",
        }
    }
}

impl Style {
    /// The path that downloads `key` in this style, without a query: `cat.jpg!small`. It is not
    /// percent-encoded.
    ///
    /// ```
    /// use tcloud_ci::picture::{Separator, Style};
    ///
    /// let style = Style::new("small");
    /// assert_eq!(style.key("cat.jpg", Separator::Exclamation).unwrap(), "cat.jpg!small");
    /// ```
    ///
    /// # Errors
    ///
    /// The style's name is empty or cannot be used there.
    pub fn key(&self, key: &str, separator: Separator) -> Result<String, Error> {
        match self.get_name() {
            Some(name) if !name.is_empty() && !name.contains(['/', '|']) => {
                Ok(format!("{key}{}{name}", separator.as_str()))
            }
            _ => {
                let problem = "Name must be a text without `/` and `|`";
                Err(Error::new(ErrorKind::Value, problem).of("Style", ""))
            }
        }
    }
}
