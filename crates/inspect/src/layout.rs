//! The account of a file's bytes while it is being drawn up.

use std::ops::Range;

use crate::report::{BenignKind, RegionKind};

/// More parts than any real picture has; an account stays small whatever the file says.
const MAX_PIECES: usize = 65_536;

/// How much to search for in a piece, from the least to the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Search {
    /// Only transport streams that prove themselves by a checksum.
    Proven,
    /// Payloads with a verifiable structure.
    Structured,
    /// Everything.
    Full,
}

/// A run of bytes of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) range: Range<usize>,
    pub(crate) kind: RegionKind,
    pub(crate) label: &'static str,
    pub(crate) search: Search,
}

/// The pieces a parser has accounted for. What it leaves out is a gap.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pieces: Vec<Piece>,
}

impl Layout {
    /// Bytes the picture needs.
    pub(crate) fn picture(&mut self, range: Range<usize>, label: &'static str) {
        self.add(range, RegionKind::Picture, label, Search::Proven);
    }

    /// Bytes in the place of picture data that are cut short or fail their checksum.
    pub(crate) fn damaged(&mut self, range: Range<usize>, label: &'static str) {
        self.add(range, RegionKind::Picture, label, Search::Structured);
    }

    /// Bytes of a known metadata part.
    pub(crate) fn metadata(&mut self, range: Range<usize>, label: &'static str) {
        self.add(range, RegionKind::Metadata, label, Search::Structured);
    }

    /// Bytes of a known harmless extra.
    pub(crate) fn benign(&mut self, range: Range<usize>, kind: BenignKind, label: &'static str) {
        self.add(range, RegionKind::Benign(kind), label, Search::Structured);
    }

    /// Bytes nothing accounts for, though the format frames them.
    pub(crate) fn gap(&mut self, range: Range<usize>, label: &'static str, search: Search) {
        self.add(range, RegionKind::Gap, label, search);
    }

    fn add(&mut self, range: Range<usize>, kind: RegionKind, label: &'static str, search: Search) {
        if range.is_empty() {
            return;
        }
        if let Some(last) = self.pieces.last_mut() {
            let same = (last.kind, last.label, last.search) == (kind, label, search);
            if same && last.range.end == range.start {
                last.range.end = range.end;
                return;
            }
        }
        if !self.is_full() {
            self.pieces.push(Piece {
                range,
                kind,
                label,
                search,
            });
        }
    }

    /// Whether no further piece is taken; parsers stop then and the rest is a gap.
    pub(crate) fn is_full(&self) -> bool {
        self.pieces.len() >= MAX_PIECES
    }

    /// Takes over the account of a picture that starts at `offset`, as a benign extra.
    pub(crate) fn absorb(&mut self, other: Layout, offset: usize, kind: BenignKind) {
        for piece in other.pieces {
            let range = piece.range.start + offset..piece.range.end + offset;
            match piece.kind {
                RegionKind::Gap => self.gap(range, piece.label, piece.search),
                _ => self.benign(range, kind, piece.label),
            }
        }
    }

    /// The position behind the last piece.
    pub(crate) fn end(&self) -> usize {
        self.pieces
            .iter()
            .map(|piece| piece.range.end)
            .max()
            .unwrap_or(0)
    }

    /// Accounts for all `size` bytes: pieces in order, of two that overlap the later one cut,
    /// holes filled as gaps.
    pub(crate) fn into_pieces(mut self, size: usize) -> Vec<Piece> {
        self.pieces.sort_by_key(|piece| piece.range.start);
        let mut all = Vec::with_capacity(self.pieces.len() + 1);
        let mut at = 0;
        for mut piece in self.pieces {
            piece.range.start = piece.range.start.max(at);
            piece.range.end = piece.range.end.min(size);
            if piece.range.is_empty() {
                continue;
            }
            if piece.range.start > at {
                all.push(hole(at..piece.range.start));
            }
            at = piece.range.end;
            all.push(piece);
        }
        if at < size {
            all.push(hole(at..size));
        }
        all
    }
}

fn hole(range: Range<usize>) -> Piece {
    Piece {
        range,
        kind: RegionKind::Gap,
        label: "unaccounted bytes",
        search: Search::Full,
    }
}
