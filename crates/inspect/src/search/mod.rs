//! The search for payloads in bytes that are no picture.

mod archive;
mod audio;
mod found;
mod media;
mod mpeg_ts;
mod program;
mod signature;
mod text;
mod zip;

use std::ops::Range;

use crate::layout::Search;
use crate::profile::Profile;
use crate::report::{Confidence, PayloadType};
use crate::trailer;
use crate::work::Work;

pub(crate) use self::found::Found;

/// The least size of unrecognised data worth reporting, in bytes.
const UNKNOWN_BYTES: usize = 4096;
/// Bits a byte: compressed and encrypted data exceed this, text and tables do not.
const UNKNOWN_ENTROPY: f64 = 7.0;

/// Searches one file.
pub(crate) struct Searcher<'a> {
    bytes: &'a [u8],
    profile: Profile,
    enabled: bool,
    work: &'a Work<'a>,
    streams: mpeg_ts::Counters,
}

impl<'a> Searcher<'a> {
    pub(crate) fn new(bytes: &'a [u8], profile: Profile, work: &'a Work<'a>) -> Self {
        Self {
            bytes,
            profile,
            enabled: true,
            work,
            streams: mpeg_ts::Counters::default(),
        }
    }

    /// Finds nothing from now on.
    pub(crate) fn disable(&mut self) {
        self.enabled = false;
    }

    /// The payloads in `range`: in byte order, without overlap.
    ///
    /// Each kind of search is given what the more reliable ones before it left over, so that a
    /// chance match inside a payload cannot displace it.
    pub(crate) fn search(&mut self, range: Range<usize>, search: Search) -> Vec<Found> {
        if !self.enabled || range.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let extended = self.profile == Profile::Extended;
        if extended && search >= Search::Structured {
            found = zip::find(self.bytes, range.clone(), self.work);
        }
        let proven = search == Search::Proven;
        self.pass(&mut found, &range, |this, free| {
            let rare = extended && search == Search::Full;
            mpeg_ts::find(this.bytes, free, proven, rare, this.work, &mut this.streams)
        });
        if extended && search >= Search::Structured {
            let full = search == Search::Full;
            self.pass(&mut found, &range, |this, free| {
                signature::find(this.bytes, free, full, this.work)
            });
            self.pass(&mut found, &range, |this, free| {
                text::find(this.bytes, free, full, this.work)
            });
        }
        if extended && search == Search::Full {
            self.pass(&mut found, &range, |this, free| {
                audio::find(this.bytes, free, this.work)
            });
            self.pass(&mut found, &range, Self::unknown);
        }
        found
    }

    /// Runs `find` over the parts of `range` in which nothing was found yet.
    fn pass(
        &mut self,
        found: &mut Vec<Found>,
        range: &Range<usize>,
        mut find: impl FnMut(&mut Self, Range<usize>) -> Vec<Found>,
    ) {
        let mut all = Vec::with_capacity(found.len());
        let mut at = range.start;
        for known in found.drain(..) {
            all.extend(find(self, at..known.range.start));
            at = known.range.end;
            all.push(known);
        }
        all.extend(find(self, at..range.end));
        *found = all;
    }

    fn unknown(&mut self, free: Range<usize>) -> Vec<Found> {
        let range = trailer::without_padding(self.bytes, free);
        let content = self.bytes.get(range.clone()).unwrap_or_default();
        if content.len() < UNKNOWN_BYTES || self.work.pass(content.len()).is_none() {
            return Vec::new();
        }
        if entropy(content) < UNKNOWN_ENTROPY {
            return Vec::new();
        }
        vec![Found {
            range,
            payload: PayloadType::Unknown,
            confidence: Confidence::Low,
        }]
    }
}

/// Shannon entropy in bits a byte, from 0 to 8.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts far below 2^52 convert exactly"
)]
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0usize; 256];
    for byte in bytes {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let total = bytes.len() as f64;
    let used = counts.iter().filter(|count| **count > 0);
    used.map(|count| *count as f64 / total)
        .map(|share| -share * share.log2())
        .sum()
}
