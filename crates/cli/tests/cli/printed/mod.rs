//! What README and guide print for a shell, run as it is printed.
//!
//! - A block `sh` runs, and succeeds.
//! - A block `console` has commands behind `$ ` and what they write, both streams together. `…` stands
//!   for any text. A command succeeds, unless the block says `console,fails`.
//! - A block `sh,checked` needs what a test does not have, which its page names. Its syntax is checked,
//!   and that our command takes what it gets.
//!
//! The blocks of a page run in one shell, in a folder of their own, with a cloud of their own that has
//! a bucket. It stands for the one that pages start at port 9000.

mod guide;
mod readme;
mod shell;

use tcloud_guide::markdown::{self, Page};
use tcloud_guide::pages;

/// A page, by its path in the workspace.
fn page(path: &str) -> Page {
    markdown::read(&pages::text(path))
}
