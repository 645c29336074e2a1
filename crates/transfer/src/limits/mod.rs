//! What all transfers of one [`Transfers`](crate::Transfers) share: requests at a time, memory for
//! buffers, bandwidth.

mod adaptive;
mod bandwidth;
mod memory;
mod slots;

pub(crate) use self::bandwidth::Bandwidth;
pub(crate) use self::memory::{Memory, Permit};
pub(crate) use self::slots::{Slot, Slots};
