//! Texts, and words: texts with a meaning of their own.

use crate::time::Timestamp;

/// A text with a meaning of its own: an enumeration's word, a timestamp.
pub trait Word: Sized {
    /// The text.
    fn as_str(&self) -> &str;

    /// Takes any text.
    fn from_text(text: String) -> Self;

    /// Whether the text is one the type knows.
    fn is_known(&self) -> bool;
}

impl Word for Timestamp {
    fn as_str(&self) -> &str {
        Timestamp::as_str(self)
    }

    fn from_text(text: String) -> Self {
        Timestamp::from_text(text)
    }

    fn is_known(&self) -> bool {
        self.is_well_formed()
    }
}

/// Where a word is to be put: a single place or the end of a list.
pub trait WordSlot {
    /// Puts `text` there and returns whether the type knows it.
    fn put(&mut self, text: String) -> bool;

    /// Takes away what is there.
    fn clear(&mut self);

    /// How many words the place holds.
    fn count(&self) -> usize;
}

impl<W: Word> WordSlot for Option<W> {
    fn put(&mut self, text: String) -> bool {
        self.insert(W::from_text(text)).is_known()
    }

    fn clear(&mut self) {
        *self = None;
    }

    fn count(&self) -> usize {
        usize::from(self.is_some())
    }
}

impl<W: Word> WordSlot for Vec<W> {
    fn put(&mut self, text: String) -> bool {
        let word = W::from_text(text);
        let known = word.is_known();
        self.push(word);
        known
    }

    fn clear(&mut self) {
        Vec::clear(self);
    }

    fn count(&self) -> usize {
        self.len()
    }
}

/// A list of texts, seen through its items.
pub trait TextList {
    /// How many there are.
    fn count(&self) -> usize;
    /// The item at `index`.
    fn item(&self, index: usize) -> Option<&str>;
}

impl dyn TextList + '_ {
    /// The items, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.count()).filter_map(|index| self.item(index))
    }
}

impl TextList for Vec<String> {
    fn count(&self) -> usize {
        self.len()
    }

    fn item(&self, index: usize) -> Option<&str> {
        self.get(index).map(String::as_str)
    }
}

impl<W: Word> TextList for Vec<W> {
    fn count(&self) -> usize {
        self.len()
    }

    fn item(&self, index: usize) -> Option<&str> {
        self.get(index).map(Word::as_str)
    }
}
