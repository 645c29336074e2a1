//! What happens while a plan is carried out.

use std::sync::Arc;

use crate::batch::item::Item;
use crate::error::Error;
use crate::progress::Progress;

/// What happens while a plan is carried out.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An item has begun.
    Begun(&'a Item),
    /// Bytes of an item have moved.
    Moved(&'a Item, &'a Progress),
    /// An item is done.
    Done(&'a Item),
    /// An item has failed.
    Failed(&'a Item, &'a Error),
    /// The progress of all items together, some times a second and at the end.
    Total(&'a Progress),
}

/// What is called with what happens.
pub(super) type OnEvent = Arc<dyn Fn(&Event<'_>) + Send + Sync>;
