//! Whether two sides hold the same.

use std::path::PathBuf;

use tokio::task::JoinSet;

use crate::batch::item::Reason;
use crate::blocking::blocking;
use crate::content::OpenFile;
use crate::engine::Job;
use crate::error::Error;
use crate::object::Object;
use tcloud_core::body::Crc64;

/// As much of a file is read at a time.
const READ: u64 = 1024 * 1024;

/// By what a sync sees that a file or an object has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Compare {
    /// By its size, and by its time: what changed later on the side of the source is transferred.
    /// A download gets the time of its object, and an upload is later than its file, so what a sync
    /// has transferred is unchanged.
    #[default]
    SizeAndTime,
    /// Not at all: only what the target does not have is transferred.
    Name,
    /// By its size alone.
    Size,
    /// By its size, and by the CRC-64 of its content: each file of the same size is read, and each
    /// object asked for its checksum.
    Checksum,
}

/// What is compared of one side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    pub(super) size: u64,
    /// Unix seconds.
    pub(super) modified: Option<i64>,
}

/// What a list alone says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Same,
    Differs(Reason),
    /// The contents have to be compared.
    Unknown,
}

impl Compare {
    pub(super) fn judge(self, source: Facts, target: Facts) -> Verdict {
        if self == Self::Name {
            return Verdict::Same;
        }
        if source.size != target.size {
            return Verdict::Differs(Reason::Size);
        }
        match self {
            Self::Name | Self::Size => Verdict::Same,
            Self::Checksum => Verdict::Unknown,
            Self::SizeAndTime => match (source.modified, target.modified) {
                (Some(source), Some(target)) if source <= target => Verdict::Same,
                _ => Verdict::Differs(Reason::Time),
            },
        }
    }
}

/// Where a checksum comes from.
#[derive(Debug, Clone)]
pub(super) enum Side {
    File(PathBuf),
    Object(Object),
}

/// Those of the pairs whose contents differ, or cannot be compared.
pub(super) async fn differing<T: Send + 'static>(
    job: &Job,
    pairs: Vec<(T, Side, Side)>,
) -> Result<Vec<T>, Error> {
    let mut tasks: JoinSet<Result<Option<T>, Error>> = JoinSet::new();
    let mut differing = Vec::new();
    let mut waiting = pairs.into_iter();
    loop {
        while tasks.len() < job.engine.slots.limit().max(1) {
            job.control.turn().await?;
            let Some((item, one, other)) = waiting.next() else {
                break;
            };
            let job = job.clone();
            tasks.spawn(async move {
                let (one, other) = (sum(&job, one).await?, sum(&job, other).await?);
                let is_same = one.is_some() && one == other;
                Ok((!is_same).then_some(item))
            });
        }
        let ended = job.control.unless_cancelled(tasks.join_next()).await?;
        match ended {
            None => return Ok(differing),
            Some(Ok(outcome)) => differing.extend(outcome?),
            Some(Err(error)) => {
                let message = format!("a comparison ended: {error}");
                return Err(Error::new(crate::error::ErrorKind::Stream, message));
            }
        }
    }
}

async fn sum(job: &Job, side: Side) -> Result<Option<u64>, Error> {
    match side {
        Side::Object(object) => {
            let slot = job.engine.slots.take().await;
            let info = job.engine.service.head(&object, None).await?;
            slot.ended(0);
            Ok(info.crc64)
        }
        Side::File(path) => {
            let at = path.clone();
            let sum = blocking(move || Ok(read(&at)));
            sum.await
                .map_err(|error| Error::file("read", &path, error))?
                .map(Some)
        }
    }
}

fn read(path: &std::path::Path) -> Result<u64, Error> {
    let file = OpenFile::open(path)?;
    let (mut crc64, mut at) = (Crc64::new(), 0_u64);
    loop {
        let piece = file
            .read_at(at, READ)
            .map_err(|error| Error::file("read", path, error))?;
        if piece.is_empty() {
            return Ok(crc64.value());
        }
        crc64.update(&piece);
        at = at.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::{Compare, Facts, Verdict};
    use crate::batch::item::Reason;

    #[test]
    fn what_is_later_or_of_another_size_differs() {
        let facts = |size, modified| Facts { size, modified };
        let by = Compare::SizeAndTime;
        let at = |source, target| by.judge(facts(1, source), facts(1, target));
        assert_eq!(at(Some(5), Some(5)), Verdict::Same);
        assert_eq!(at(Some(4), Some(5)), Verdict::Same);
        assert_eq!(at(Some(6), Some(5)), Verdict::Differs(Reason::Time));
        assert_eq!(at(None, Some(5)), Verdict::Differs(Reason::Time));
        let other = |by: Compare| by.judge(facts(2, Some(1)), facts(1, Some(2)));
        for by in [Compare::SizeAndTime, Compare::Size, Compare::Checksum] {
            assert_eq!(other(by), Verdict::Differs(Reason::Size));
        }
        assert_eq!(other(Compare::Name), Verdict::Same);
        let same = |by: Compare| by.judge(facts(1, Some(9)), facts(1, Some(2)));
        assert_eq!(same(Compare::Size), Verdict::Same);
        assert_eq!(same(Compare::Checksum), Verdict::Unknown);
    }
}
