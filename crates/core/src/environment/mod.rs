//! Clock, sleep and chance, injected so that tests need no time.

mod manual;
mod surroundings;
mod system;

pub use manual::Manual;
pub use surroundings::Environment;
pub use system::System;
