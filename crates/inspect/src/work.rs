//! The work of an inspection, counted in bytes looked at, and the bound it stays within.
//!
//! Passes over the file are linear by themselves and only counted. Checks follow what the file
//! claims, and thousands of false starts could each lead to its end: they ask before they look.
//! What is refused to them is reported as unsearched.

use std::cell::Cell;

use memchr::{memchr, memmem};

/// What checks may look at for each byte of the file.
const CHECKS_PER_BYTE: usize = 8;
/// What they may look at besides, so that small files are never short of it.
const CHECKS_AT_LEAST: usize = 1 << 20;
/// What all passes together look at for each byte of the file, at most.
const PASSES_PER_BYTE: u64 = 24;
/// How much is looked at between two questions whether the inspection is still wanted.
const UNASKED: u64 = 64 * 1024;

/// The most work an inspection of `size` bytes does, in bytes looked at.
pub(crate) const fn limit(size: u64) -> u64 {
    size.saturating_mul(PASSES_PER_BYTE + CHECKS_PER_BYTE as u64)
        .saturating_add(2 * CHECKS_AT_LEAST as u64)
}

/// Counts the work of one inspection.
pub(crate) struct Work<'c> {
    /// What checks may still look at; 0 for good once something was refused.
    left: Cell<usize>,
    refusals: Cell<usize>,
    done: Cell<u64>,
    /// The amount of work at which the caller is asked again.
    ask_at: Cell<u64>,
    is_cancelled: &'c dyn Fn() -> bool,
    cancelled: Cell<bool>,
    barren: Cell<Barren>,
}

/// Bytes known not to hold a certain one: the last `length` before the address `end`.
#[derive(Clone, Copy, Default)]
struct Barren {
    needle: u8,
    end: usize,
    length: usize,
}

impl<'c> Work<'c> {
    pub(crate) fn new(size: usize, is_cancelled: &'c dyn Fn() -> bool) -> Self {
        let checks = size
            .saturating_mul(CHECKS_PER_BYTE)
            .saturating_add(CHECKS_AT_LEAST);
        Self {
            left: Cell::new(checks),
            refusals: Cell::new(0),
            done: Cell::new(0),
            ask_at: Cell::new(0),
            is_cancelled,
            cancelled: Cell::new(false),
            barren: Cell::default(),
        }
    }

    /// Counts what a linear pass looks at. `None` if the inspection is no longer wanted.
    pub(crate) fn pass(&self, bytes: usize) -> Option<()> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.done.set(self.done.get().saturating_add(bytes));
        if self.done.get() >= self.ask_at.get() {
            self.ask_at.set(self.done.get().saturating_add(UNASKED));
            if (self.is_cancelled)() {
                self.cancelled.set(true);
                self.left.set(0);
            }
        }
        (!self.cancelled.get()).then_some(())
    }

    /// Asks to look at `bytes` bytes for a check. Once refused, it is always refused.
    pub(crate) fn spend(&self, bytes: usize) -> Option<()> {
        let left = self.left.get().checked_sub(bytes);
        self.left.set(left.unwrap_or(0));
        if left.is_none() {
            self.refuse();
        }
        left?;
        self.pass(bytes)
    }

    fn refuse(&self) {
        self.left.set(0);
        self.refusals.set(self.refusals.get().saturating_add(1));
    }

    /// Finds `needle`, looking no further than it may.
    pub(crate) fn find(&self, content: &[u8], needle: &[u8]) -> Option<usize> {
        self.look(content.len(), |most| {
            let at = memmem::find(content.get(..most)?, needle)?;
            Some((at, at.saturating_add(needle.len())))
        })
    }

    /// Finds the last `needle`, looking no further than it may.
    pub(crate) fn rfind(&self, content: &[u8], needle: &[u8]) -> Option<usize> {
        self.look(content.len(), |most| {
            let hidden = content.len().checked_sub(most)?;
            let at = hidden + memmem::rfind(content.get(hidden..)?, needle)?;
            Some((at, content.len() - at))
        })
    }

    /// Finds `needle`, looking no further than it may, and never twice at an end without it.
    pub(crate) fn find_byte(&self, content: &[u8], needle: u8) -> Option<usize> {
        let end = content.as_ptr_range().end.addr();
        let barren = self.barren.get();
        if barren.needle == needle && barren.end == end && content.len() <= barren.length {
            return None;
        }
        let refusals = self.refusals();
        let found = self.look(content.len(), |most| {
            let at = memchr(needle, content.get(..most)?)?;
            Some((at, at + 1))
        });
        if found.is_none() && self.refusals() == refusals {
            let length = content.len();
            self.barren.set(Barren {
                needle,
                end,
                length,
            });
        }
        found
    }

    /// Lets `search` look at most at as many of `length` bytes as it may. It returns what it found
    /// and how many bytes it looked at.
    fn look(
        &self,
        length: usize,
        search: impl FnOnce(usize) -> Option<(usize, usize)>,
    ) -> Option<usize> {
        let most = length.min(self.left.get());
        let Some((found, looked)) = search(most) else {
            self.spend(length);
            return None;
        };
        self.spend(looked.min(most)).map(|()| found)
    }

    /// The CRC-32 of `content`.
    pub(crate) fn crc32(&self, content: &[u8]) -> Option<usize> {
        self.spend(content.len())?;
        usize::try_from(crc32fast::hash(content)).ok()
    }

    /// How often a check was refused; if that grew during a check, its answer means nothing.
    pub(crate) fn refusals(&self) -> usize {
        self.refusals.get()
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.get()
    }

    /// All that was looked at.
    pub(crate) fn done(&self) -> u64 {
        self.done.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn searches_look_no_further_than_they_may() {
        let text = vec![b'a'; 4 << 20];
        let work = Work::new(0, &|| false);
        assert_eq!(work.find(&text, b"b"), None);
        assert_eq!(work.refusals(), 1);
        assert!(work.done() <= CHECKS_AT_LEAST as u64);
        assert_eq!(work.find(b"b", b"b"), None, "refused for good");
    }

    #[test]
    fn an_end_without_a_byte_is_looked_at_once() {
        let text = vec![b'a'; 1000];
        let work = Work::new(text.len(), &|| false);
        for start in 0..text.len() {
            assert_eq!(work.find_byte(&text[start..], 0), None);
        }
        assert_eq!(work.done(), 1000);
        let other = &text[..500];
        assert_eq!(work.find_byte(other, 0), None);
        assert_eq!(work.find_byte(&text, b'a'), Some(0));
        assert_eq!(work.done(), 1501);
    }

    #[test]
    fn positions_are_those_of_the_whole_content() {
        let work = Work::new(0, &|| false);
        assert_eq!(work.find(b"..ab..ab.", b"ab"), Some(2));
        assert_eq!(work.rfind(b"..ab..ab.", b"ab"), Some(6));
        assert_eq!(work.done(), 4 + 3);
    }

    #[test]
    fn the_caller_is_asked_at_intervals() {
        let asked = Cell::new(0u64);
        let cancelled = || {
            asked.set(asked.get() + 1);
            asked.get() > 3
        };
        let work = Work::new(1 << 20, &cancelled);
        while work.spend(1000).is_some() {}
        assert!(work.is_cancelled());
        assert!(work.done() < 4 * (UNASKED + 1000));
    }
}
