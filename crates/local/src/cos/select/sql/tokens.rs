//! The tokens of an expression, read one after the other.

use std::borrow::Cow;

use sqlparser::dialect::Dialect;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer, Word};

use super::words::is_reserved;
use crate::cos::select::failure::{Failure, shortened};

/// What is a word, and what is in quotes: names, and times between backticks.
#[derive(Debug)]
struct Marks;

impl Dialect for Marks {
    fn is_delimited_identifier_start(&self, letter: char) -> bool {
        matches!(letter, '"' | '`')
    }

    fn is_identifier_start(&self, letter: char) -> bool {
        letter.is_alphabetic() || letter == '_'
    }

    fn is_identifier_part(&self, letter: char) -> bool {
        letter.is_alphanumeric() || letter == '_'
    }
}

/// A name: of a column, of a part of a document, of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cos::select) struct Name {
    pub(in crate::cos::select) text: String,
    /// Whether it was in quotes, and its case counts.
    pub(in crate::cos::select) exact: bool,
}

impl Name {
    pub(in crate::cos::select) fn fits(&self, other: &str) -> bool {
        if self.exact {
            self.text == other
        } else {
            self.text.eq_ignore_ascii_case(other)
        }
    }
}

/// `expression` with a space where a name that begins with `_` follows a bracket and a period, as in
/// `items[0]._id`: without it the tokenizer takes the period for the beginning of a number.
fn spaced(expression: &str) -> Cow<'_, str> {
    let mut text = String::new();
    // Where what was not copied yet begins.
    let mut from = 0_usize;
    let mut last = ' ';
    let mut rest = expression;
    while let Some(sign) = rest.chars().next() {
        let length = undivided(rest).unwrap_or(sign.len_utf8());
        if last == ']' && rest.starts_with("._") {
            let behind = expression
                .len()
                .saturating_sub(rest.len())
                .saturating_add(1);
            text.push_str(expression.get(from..behind).unwrap_or_default());
            text.push(' ');
            from = behind;
        }
        last = sign;
        rest = rest.get(length..).unwrap_or_default();
    }
    if from == 0 {
        return Cow::Borrowed(expression);
    }
    text.push_str(expression.get(from..).unwrap_or_default());
    Cow::Owned(text)
}

/// The length of what is in quotes, or of a comment, at the beginning of `text`.
fn undivided(text: &str) -> Option<usize> {
    let end = match text.chars().next()? {
        '-' if text.starts_with("--") => "\n",
        '/' if text.starts_with("/*") => "*/",
        '\'' => "'",
        '"' => "\"",
        '`' => "`",
        _ => return None,
    };
    // What is doubled within quotes ends them and begins them again.
    let inside = text.get(end.len()..)?;
    let length = inside.find(end).map(|at| at.saturating_add(end.len()));
    Some(length.unwrap_or(inside.len()).saturating_add(end.len()))
}

/// Tokens, from a place on.
#[derive(Debug)]
pub(super) struct Tokens {
    all: Vec<TokenWithSpan>,
    pub(super) at: usize,
}

impl Tokens {
    /// Cuts an expression into tokens. White space and comments are left out.
    pub(super) fn of(expression: &str) -> Result<Self, Failure> {
        let expression = spaced(expression);
        let all = Tokenizer::new(&Marks, &expression)
            .tokenize_with_location()
            .map_err(|error| {
                let message = format!("Encountered an error parsing the SQL expression: {error}");
                Failure::sql(message)
            })?;
        let all = all.into_iter();
        let all = all.filter(|it| !matches!(it.token, Token::Whitespace(_)));
        Ok(Self {
            all: all.collect(),
            at: 0,
        })
    }

    fn after(&self, count: usize) -> Option<&Token> {
        self.all
            .get(self.at.saturating_add(count))
            .map(|it| &it.token)
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.after(0)
    }

    /// The word that comes, unless it is in quotes.
    pub(super) fn word(&self) -> Option<&str> {
        self.word_after(0)
    }

    pub(super) fn word_after(&self, count: usize) -> Option<&str> {
        match self.after(count)? {
            Token::Word(Word {
                value,
                quote_style: None,
                ..
            }) => Some(value),
            _ => None,
        }
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.word()
            .is_some_and(|own| own.eq_ignore_ascii_case(word))
    }

    /// Whether `token` comes behind the next one.
    pub(super) fn is_followed_by(&self, token: &Token) -> bool {
        self.after(1) == Some(token)
    }

    pub(super) fn skip(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Goes on behind `token` if it comes.
    pub(super) fn passes(&mut self, token: &Token) -> bool {
        let comes = self.peek() == Some(token);
        if comes {
            self.skip();
        }
        comes
    }

    pub(super) fn passes_word(&mut self, word: &str) -> bool {
        let comes = self.is_word(word);
        if comes {
            self.skip();
        }
        comes
    }

    pub(super) fn require(&mut self, token: &Token) -> Result<(), Failure> {
        if self.passes(token) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`{token}`")))
    }

    pub(super) fn require_word(&mut self, word: &str) -> Result<(), Failure> {
        if self.passes_word(word) {
            return Ok(());
        }
        Err(self.unexpected(word))
    }

    /// A name; one that is a reserved word has to be in quotes.
    pub(super) fn name(&mut self, wanted: &str) -> Result<Name, Failure> {
        let (text, exact) = match self.peek() {
            Some(Token::Word(word)) if word.quote_style.is_none() => (word.value.clone(), false),
            Some(Token::Word(word)) if word.quote_style == Some('"') => (word.value.clone(), true),
            _ => return Err(self.unexpected(wanted)),
        };
        if !exact && is_reserved(&text) {
            let message = format!(
                "Encountered an error parsing the SQL expression{}: {} is a reserved word; put it in \
                 double quotes to use it as a name",
                self.place(),
                text.to_uppercase()
            );
            return Err(Failure::sql(message));
        }
        self.skip();
        Ok(Name { text, exact })
    }

    /// Where the next token is, for a message.
    pub(super) fn place(&self) -> String {
        match self.all.get(self.at) {
            Some(token) => {
                let start = token.span.start;
                format!(" at line {}, column {}", start.line, start.column)
            }
            None => " at its end".to_owned(),
        }
    }

    /// Something else than `wanted` comes.
    pub(super) fn unexpected(&self, wanted: &str) -> Failure {
        let found = match self.peek() {
            Some(token) => shortened(&token.to_string()),
            None => "nothing".to_owned(),
        };
        Failure::sql(format!(
            "Encountered an error parsing the SQL expression{}: expected {wanted}, found {found}",
            self.place()
        ))
    }

    /// What comes is no part of the service's SQL.
    pub(super) fn unsupported(&self, what: &str) -> Failure {
        let message = format!(
            "{what} is not supported in the SQL expression{}",
            self.place()
        );
        Failure::sql(message)
    }

    /// The place of the word `word` outside of all brackets, from here on.
    pub(super) fn find_word(&self, word: &str) -> Option<usize> {
        let mut depth = 0_usize;
        for at in self.at..self.all.len() {
            match &self.all.get(at)?.token {
                Token::LParen | Token::LBracket => depth += 1,
                Token::RParen | Token::RBracket => depth = depth.saturating_sub(1),
                Token::Word(own)
                    if depth == 0
                        && own.quote_style.is_none()
                        && own.value.eq_ignore_ascii_case(word) =>
                {
                    return Some(at);
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::spaced;

    #[test]
    fn names_that_begin_with_a_line_stand_behind_brackets() {
        for (text, wanted) in [
            ("s.items[0]._id, s[*]._b", "s.items[0]. _id, s[*]. _b"),
            ("s._id, s.a[0].b", "s._id, s.a[0].b"),
            ("']._a' \"]._a\" `]._a`", "']._a' \"]._a\" `]._a`"),
            ("'it''s]._a'", "'it''s]._a'"),
            ("/* ]._a */ a[1]._é", "/* ]._a */ a[1]. _é"),
            ("--]._a\n]._a", "--]._a\n]. _a"),
            ("]._a '", "]. _a '"),
            ("-- ]._a", "-- ]._a"),
        ] {
            assert_eq!(spaced(text), wanted);
        }
    }
}
