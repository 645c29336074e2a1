//! The inspection: account for the bytes, then search what is not picture.

use std::fmt;

use crate::layout::{Piece, Search};
use crate::picture::{self, Picture};
use crate::profile::Profile;
use crate::report::{
    BenignKind, Confidence, Finding, PayloadType, PictureType, Region, RegionKind, Report,
};
use crate::search::{Found, Searcher};
use crate::trailer;
use crate::work::Work;

/// Inspects a file with [`Profile::Extended`].
pub fn inspect(bytes: &[u8]) -> Report {
    inspect_with(bytes, Profile::Extended)
}

/// Inspects a file. Any bytes are accepted: a file that is no picture is one gap.
pub fn inspect_with(bytes: &[u8], profile: Profile) -> Report {
    inspect_within(bytes, profile, &Work::new(bytes.len(), &|| false))
}

/// The inspection was ended from outside; nothing is known about the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the inspection was cancelled")
    }
}

impl std::error::Error for Cancelled {}

/// Inspects a file, unless `is_cancelled` answers that nobody wants the report any more. It is
/// asked every few milliseconds.
///
/// # Errors
/// [`Cancelled`] if the inspection was ended.
pub fn inspect_until(
    bytes: &[u8],
    profile: Profile,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Report, Cancelled> {
    let work = Work::new(bytes.len(), is_cancelled);
    let report = inspect_within(bytes, profile, &work);
    if work.is_cancelled() {
        return Err(Cancelled);
    }
    Ok(report)
}

fn inspect_within(bytes: &[u8], profile: Profile, work: &Work<'_>) -> Report {
    let mut report = account_and_search(bytes, profile, work);
    report.work = work.done();
    report
}

fn account_and_search(bytes: &[u8], profile: Profile, work: &Work<'_>) -> Report {
    let mut searcher = Searcher::new(bytes, profile, work);
    let Some(picture) = picture::parse(bytes, work) else {
        return without_picture(bytes, &mut searcher, work);
    };
    let kind = picture.kind;
    let dimensions = picture.dimensions;
    if profile == Profile::Documented && !matches!(kind, PictureType::Png | PictureType::Bmp) {
        searcher.disable();
    }
    let pieces = account(bytes, picture, work);
    report(bytes, Some(kind), dimensions, pieces, &mut searcher)
}

fn account(bytes: &[u8], mut picture: Picture, work: &Work<'_>) -> Vec<Piece> {
    if picture.kind == PictureType::Jpeg && picture.complete {
        trailer::account(bytes, &mut picture, work);
    }
    picture.layout.into_pieces(bytes.len())
}

/// A file that begins with no picture. One that follows a payload is the file's picture; one
/// inside an unknown format says nothing about the file.
fn without_picture(bytes: &[u8], searcher: &mut Searcher<'_>, work: &Work<'_>) -> Report {
    let mut found = searcher.search(0..bytes.len(), Search::Full);
    found.retain(|found| found.payload != PayloadType::Unknown);
    let is_picture = |found: &Found| matches!(found.payload, PayloadType::Picture(_));
    let first_picture = found.iter().position(is_picture).filter(|at| *at > 0);
    if let Some(start) = first_picture.and_then(|at| Some(found.get(at)?.range.start)) {
        let behind = bytes.get(start..).unwrap_or_default();
        if let Some(picture) = picture::parse(behind, work) {
            let (kind, dimensions) = (picture.kind, picture.dimensions);
            let mut pieces = account(behind, picture, work);
            for piece in &mut pieces {
                piece.range = piece.range.start + start..piece.range.end + start;
            }
            pieces.insert(0, gap(0..start, "before the picture"));
            return report(bytes, Some(kind), dimensions, pieces, searcher);
        }
    }
    found.retain(|found| !is_picture(found));
    let mut parts = Parts::default();
    parts.piece(bytes, &gap(0..bytes.len(), "no known picture"), found);
    parts.report(bytes, None, None)
}

fn gap(range: std::ops::Range<usize>, label: &'static str) -> Piece {
    Piece {
        range,
        kind: RegionKind::Gap,
        label,
        search: Search::Full,
    }
}

fn report(
    bytes: &[u8],
    picture: Option<PictureType>,
    dimensions: Option<(u32, u32)>,
    pieces: Vec<Piece>,
    searcher: &mut Searcher<'_>,
) -> Report {
    let mut parts = Parts::default();
    for piece in pieces {
        let found = searcher.search(piece.range.clone(), piece.search);
        parts.piece(bytes, &piece, found);
    }
    parts.report(bytes, picture, dimensions)
}

/// Regions and findings, gathered in byte order.
#[derive(Default)]
struct Parts {
    regions: Vec<Region>,
    findings: Vec<Finding>,
}

impl Parts {
    /// Adds a piece, cut at what was found in it.
    fn piece(&mut self, bytes: &[u8], piece: &Piece, found: Vec<Found>) {
        let mut at = piece.range.start;
        for found in found {
            self.rest(bytes, at..found.range.start, piece);
            at = found.range.end;
            self.payload(&found);
        }
        self.rest(bytes, at..piece.range.end, piece);
    }

    /// Adds what is left of a piece. In a gap, padding at either side becomes a region of its own.
    fn rest(&mut self, bytes: &[u8], range: std::ops::Range<usize>, piece: &Piece) {
        if piece.kind != RegionKind::Gap {
            self.region(range, piece.kind, piece.label);
            return;
        }
        let content = trailer::without_padding(bytes, range.clone());
        let padding = RegionKind::Benign(BenignKind::Padding);
        self.region(range.start..content.start, padding, "padding");
        self.region(content.clone(), RegionKind::Gap, piece.label);
        self.region(content.end..range.end, padding, "padding");
    }

    fn payload(&mut self, found: &Found) {
        let kind = RegionKind::Payload(found.payload);
        let label = match found.confidence {
            Confidence::High => "payload",
            Confidence::Medium => "probable payload",
            Confidence::Low if found.payload == PayloadType::Unsearched => "not searched",
            Confidence::Low => "possible payload",
        };
        if let Some(region) = self.region(found.range.clone(), kind, label) {
            let (begin, end) = (region.begin, region.end);
            let (payload, confidence) = (found.payload, found.confidence);
            self.findings.push(Finding {
                begin,
                end,
                payload,
                confidence,
            });
        }
    }

    fn region(
        &mut self,
        range: std::ops::Range<usize>,
        kind: RegionKind,
        label: &'static str,
    ) -> Option<&Region> {
        let last = range
            .end
            .checked_sub(1)
            .filter(|last| *last >= range.start)?;
        self.regions.push(Region {
            begin: range.start as u64,
            end: last as u64,
            kind,
            label,
        });
        self.regions.last()
    }

    fn report(
        self,
        bytes: &[u8],
        picture: Option<PictureType>,
        dimensions: Option<(u32, u32)>,
    ) -> Report {
        let size = bytes.len() as u64;
        Report {
            picture,
            dimensions,
            size,
            regions: self.regions,
            findings: self.findings,
            work: 0,
        }
    }
}
