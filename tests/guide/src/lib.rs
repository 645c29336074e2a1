//! The guide in `docs` as tests.
//!
//! | what of a page | where it is tested |
//! | --- | --- |
//! | Rust | here, as tests of documentation: compiled and run |
//! | `sh`, `console` | `crates/cli/tests/cli/printed`: run by the built command |
//! | tables, manifests, JSON | `tests/blocks.rs`: read as what they are |
//! | links and anchors | `tests/links.rs` |
//! | messages of errors | `tests/messages.rs`: found in the sources |
//!
//! A page's programs begin with hidden lines, which start a [`cloud`](cloud()) of their own.

pub mod markdown;
pub mod pages;

use tcloud_core::config::{Config, ConfigBuilder};
use tcloud_core::credentials::Credentials;
use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, LocalError, Settings};

/// The bucket that programs of the guide find.
pub const BUCKET: &str = "album-1250000000";

/// A local cloud in this process, with [`BUCKET`].
///
/// # Errors
///
/// It does not start.
pub async fn cloud() -> Result<LocalCloud, LocalError> {
    let settings = Settings::default().bucket(BUCKET);
    LocalCloud::start(settings.allow_private_addresses(true)).await
}

/// How programs reach `cloud`.
pub fn reaching(cloud: &LocalCloud) -> ConfigBuilder {
    Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
        .transport(cloud.transport())
}

/// The programs of a page.
macro_rules! programs {
    ($($page:ident: $path:literal,)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("../../../", $path))]
            mod $page {}
        )*

        /// The pages with programs, as paths in the workspace.
        pub const PAGES: &[&str] = &[$($path),*];
    };
}

programs! {
    first_call: "docs/src/first-call.md",
    credentials: "docs/src/credentials.md",
    objects: "docs/src/objects.md",
    pictures: "docs/src/pictures.md",
    jobs: "docs/src/jobs.md",
    errors: "docs/src/errors.md",
    testing: "docs/src/testing.md",
    cookbook: "docs/src/cookbook.md",
    troubleshooting: "docs/src/troubleshooting.md",
    core: "crates/core/README.md",
}
