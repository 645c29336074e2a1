//! MPEG transport streams: packets of equal length, each with a checkable header.

use std::ops::Range;

use memchr::memchr;

use super::found::{Finds, Found};
use crate::checksum::crc32_mpeg2;
use crate::read;
use crate::report::{Confidence, PayloadType};
use crate::work::Work;

const SYNC: u8 = 0x47;
/// Bytes of a packet's header.
const HEADER: usize = 4;
/// Packets in a row that are no coincidence.
const ENOUGH: usize = 5;
/// Identifier of stuffing packets, whose counter means nothing.
const NULL_PID: usize = 0x1FFF;
/// Identifiers below belong to tables.
const FIRST_MEDIA_PID: usize = 0x20;

/// How packets are framed.
#[derive(Clone, Copy)]
struct Framing {
    stride: usize,
    /// Bytes before the packet proper.
    lead: usize,
}

const PLAIN: Framing = Framing {
    stride: 188,
    lead: 0,
};
/// Packets with a time stamp (as on Blu-ray) and packets with parity (as broadcast).
const RARE: [Framing; 2] = [
    Framing {
        stride: 192,
        lead: 4,
    },
    Framing {
        stride: 204,
        lead: 0,
    },
];

/// Finds streams in `range`. With `proven`, only those with a program table of correct checksum;
/// with `rare`, also framings that regular binary data imitates now and then.
pub(super) fn find(
    bytes: &[u8],
    range: Range<usize>,
    proven: bool,
    rare: bool,
    work: &Work<'_>,
    counters: &mut Counters,
) -> Vec<Found> {
    let Some(content) = bytes.get(..range.end) else {
        return Vec::new();
    };
    if range.len() < 2 * PLAIN.stride {
        return Vec::new();
    }
    let mut search =
        |framing| Finder::new(content, framing, proven, work, counters).find(range.start);
    let mut found = search(PLAIN);
    if rare && found.is_empty() {
        for framing in RARE {
            found = search(framing);
            if !found.is_empty() {
                break;
            }
        }
    }
    found
}

struct Header {
    pid: usize,
    starts_unit: bool,
    has_payload: bool,
    discontinuity: bool,
    counter: u8,
}

/// The header of the packet whose sync byte is at `at`, if no field of it is forbidden.
fn header(bytes: &[u8], at: usize) -> Option<Header> {
    let [sync, second, third, flags] = read::code(bytes, at)?;
    let (error, scrambling, adaptation) = (second & 0x80, flags >> 6, (flags >> 4) & 3);
    if sync != SYNC || error != 0 || scrambling == 1 || adaptation == 0 {
        return None;
    }
    let has_adaptation = adaptation & 2 != 0;
    let length = read::u8(bytes, at + 4)
        .filter(|_| has_adaptation)
        .unwrap_or(0);
    if length > 183 {
        return None;
    }
    let indicator = read::u8(bytes, at + 5).filter(|_| length > 0).unwrap_or(0);
    Some(Header {
        pid: usize::from(second & 0x1F) << 8 | usize::from(third),
        starts_unit: second & 0x40 != 0,
        has_payload: adaptation & 1 != 0,
        discontinuity: indicator & 0x80 != 0,
        counter: flags & 0x0F,
    })
}

struct Finder<'a> {
    bytes: &'a [u8],
    framing: Framing,
    proven: bool,
    /// For each position within a frame, up to where its packets have been judged. It keeps the
    /// search linear on data full of sync bytes.
    judged: Vec<usize>,
    counters: &'a mut Counters,
    work: &'a Work<'a>,
}

/// The last counter of every stream, valid if it was noted in the present run. They outlast a
/// search, since clearing them would cost more than searching a short stretch.
#[derive(Default)]
pub(super) struct Counters {
    of_streams: Vec<(usize, u8)>,
    run: usize,
}

impl<'a> Finder<'a> {
    fn new(
        bytes: &'a [u8],
        framing: Framing,
        proven: bool,
        work: &'a Work<'a>,
        counters: &'a mut Counters,
    ) -> Self {
        let judged = vec![0; framing.stride];
        Self {
            bytes,
            framing,
            proven,
            judged,
            counters,
            work,
        }
    }

    fn find(&mut self, begin: usize) -> Vec<Found> {
        let Framing { stride, lead } = self.framing;
        let mut found = Finds::new(self.work, self.bytes.len());
        let mut at = begin + lead;
        while let Some(skip) = self.bytes.get(at..).and_then(|rest| memchr(SYNC, rest)) {
            let sync = at + skip;
            if self.work.pass(skip + HEADER).is_none() {
                break;
            }
            at = sync + 1;
            let Some(judged) = self.judged.get_mut(sync % stride) else {
                break;
            };
            if *judged > sync || header(self.bytes, sync).is_none() {
                continue;
            }
            let packets = packets(self.bytes, self.framing, sync);
            // Counted, judged and, where the row breaks off, looked ahead of.
            self.work.pass(HEADER * (3 * packets + 2 * ENOUGH));
            *judged = sync + packets * stride;
            let whole = self.bytes.len() - begin < ENOUGH * stride && sync == begin + lead;
            if packets < if whole { 2 } else { ENOUGH } {
                continue;
            }
            let refusals = self.work.refusals();
            if let Some(stream) = self.judge(begin, sync, packets) {
                at = stream.range.end + lead;
                if found.push(stream).is_none() {
                    return found.list;
                }
            } else if self.work.refusals() > refusals {
                found.give_up(sync - lead);
                return found.list;
            }
        }
        self.work.pass(self.bytes.len().saturating_sub(at));
        found.list
    }

    /// Whether the run of packets at `sync` behaves like a stream.
    fn judge(&mut self, begin: usize, sync: usize, packets: usize) -> Option<Found> {
        let Framing { stride, lead } = self.framing;
        let positions = (0..packets).map(|packet| sync + packet * stride);
        let proven = positions
            .clone()
            .any(|at| has_program_table(self.bytes, at, self.work));
        let steady = self.steady_packets(positions) >= packets.min(ENOUGH);
        if !proven && (self.proven || !steady) {
            return None;
        }
        let stray = usize::from(sync > begin + lead && self.is_stray(sync, packets));
        let first = sync - lead + stray * stride;
        let last = sync - lead + packets * stride;
        let confidence = if proven {
            Confidence::High
        } else {
            Confidence::Medium
        };
        Some(Found {
            range: first..last,
            payload: PayloadType::MpegTs,
            confidence,
        })
    }

    /// The longest row of packets without an error of continuity.
    fn steady_packets(&mut self, positions: impl Iterator<Item = usize>) -> usize {
        let Counters { of_streams, run } = &mut *self.counters;
        of_streams.resize(NULL_PID + 1, (0, 0));
        *run += 1;
        let (mut longest, mut row) = (0, 0);
        let mut repeated = false;
        for packet in positions.filter_map(|at| header(self.bytes, at)) {
            if packet.pid == NULL_PID || !packet.has_payload {
                continue;
            }
            let Some((noted, last)) = of_streams.get_mut(packet.pid) else {
                continue;
            };
            let follows = packet.counter == (*last + 1) & 0x0F;
            // One repetition is legal, and also what constant data looks like.
            let repeats = packet.counter == *last && !repeated;
            let fits = *noted != *run || packet.discontinuity || follows || repeats;
            repeated = *noted == *run && packet.counter == *last;
            (*noted, *last) = (*run, packet.counter);
            row = if fits { row + 1 } else { 1 };
            longest = longest.max(row);
        }
        longest
    }

    /// Whether the first packet only looks like one: it starts nothing, is no table, and nothing
    /// near belongs to the same stream.
    fn is_stray(&self, sync: usize, packets: usize) -> bool {
        let at = |packet: usize| header(self.bytes, sync + packet * self.framing.stride);
        at(0).is_some_and(|first| {
            !first.starts_unit
                && first.pid >= FIRST_MEDIA_PID
                && packets > ENOUGH
                && (1..packets.min(256))
                    .filter_map(at)
                    .all(|next| next.pid != first.pid)
        })
    }
}

/// The number of whole frames in a row from `sync` on. One spoilt packet does not end the row if
/// enough good ones follow it.
fn packets(bytes: &[u8], framing: Framing, sync: usize) -> usize {
    let start = sync - framing.lead;
    let available = (bytes.len() - start) / framing.stride;
    let good = |packet: usize| {
        packet < available && header(bytes, sync + packet * framing.stride).is_some()
    };
    let mut count = 0;
    loop {
        if good(count) {
            count += 1;
        } else if count >= ENOUGH && (1..=ENOUGH).all(|ahead| good(count + ahead)) {
            count += ENOUGH;
        } else {
            return count;
        }
    }
}

/// Whether the packet at `at` holds a whole program association table.
fn has_program_table(bytes: &[u8], at: usize, work: &Work<'_>) -> bool {
    let table = || {
        let head = header(bytes, at).filter(|head| head.pid == 0 && head.starts_unit)?;
        let packet = bytes
            .get(at..at + PLAIN.stride)
            .filter(|_| head.has_payload)?;
        let adaptation = read::u8(packet, 3)? & 0x20 != 0;
        let skip = if adaptation {
            1 + usize::from(read::u8(packet, 4)?)
        } else {
            0
        };
        let start = 5 + skip + usize::from(read::u8(packet, 4 + skip)?);
        let length = 3 + (read::be16(packet, start + 1)? & 0x0FFF);
        let section = packet.get(start..start + length)?;
        if !section.starts_with(&[0]) || length < 12 {
            return None;
        }
        work.spend(length)?;
        Some(crc32_mpeg2(section) == 0)
    };
    table().unwrap_or(false)
}
