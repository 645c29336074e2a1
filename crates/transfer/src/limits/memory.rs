//! Memory for buffers.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Permits are counted in these, so that their number fits.
const UNIT: u64 = 4096;

/// The memory that parts may lie in, for all transfers together.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    units: Arc<Semaphore>,
    total: u64,
}

/// A share of the memory; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Permit {
    _units: OwnedSemaphorePermit,
}

impl Memory {
    pub(crate) fn new(total: u64) -> Self {
        let most = u64::try_from(Semaphore::MAX_PERMITS).unwrap_or(u64::MAX);
        let units = (total / UNIT).clamp(1, most.min(u64::from(u32::MAX)));
        Self {
            units: Arc::new(Semaphore::new(usize::try_from(units).unwrap_or(1))),
            total: units.saturating_mul(UNIT),
        }
    }

    /// All there is.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    /// Waits until `bytes` are free. No more than all is ever taken, so that everything gets its
    /// turn.
    pub(crate) async fn take(&self, bytes: u64) -> Permit {
        let units = self.units_of(bytes);
        let permit = Arc::clone(&self.units).acquire_many_owned(units).await;
        #[expect(clippy::expect_used, reason = "this semaphore is never closed")]
        let permit = permit.expect("an open semaphore");
        Permit { _units: permit }
    }

    /// `bytes`, if they are free now.
    pub(crate) fn try_take(&self, bytes: u64) -> Option<Permit> {
        let units = self.units_of(bytes);
        let permit = Arc::clone(&self.units).try_acquire_many_owned(units);
        permit.ok().map(|permit| Permit { _units: permit })
    }

    fn units_of(&self, bytes: u64) -> u32 {
        let units = bytes.min(self.total).div_ceil(UNIT);
        u32::try_from(units).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[tokio::test]
    async fn memory_is_bounded_and_comes_back() {
        let memory = Memory::new(1 << 20);
        let half = memory.take(1 << 19).await;
        assert!(memory.try_take((1 << 19) + 1).is_none());
        let rest = memory.try_take(1 << 19).unwrap();
        assert!(memory.try_take(1).is_none());
        drop((half, rest));
        // What is larger than all gets all.
        let all = memory.take(u64::MAX).await;
        assert!(memory.try_take(1).is_none());
        drop(all);
    }
}
