//! Which payloads are looked for.

/// Which payloads are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Everything this crate knows.
    #[default]
    Extended,
    /// What the service documents: a transport stream in a PNG or a BMP, or on its own.
    Documented,
}
