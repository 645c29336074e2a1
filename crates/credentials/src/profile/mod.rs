//! Profiles: named sets of keys and settings in files of the user.

mod edit;
mod ini;
mod locate;
mod official;
mod provider;
mod settings;

pub use edit::ProfileFile;
pub use locate::{Profile, ProfileFiles};
pub use provider::ProfileProvider;
