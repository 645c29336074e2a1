//! TLS: how the local cloud proves to its clients that it is who they ask for.
//!
//! | what | file |
//! | --- | --- |
//! | the authority, its files and the certificates it makes | `authority` |
//! | what is agreed with a client, and which certificate it sees | `accepting` |
//! | the same in a program that was built without TLS | `unbuilt` |

#[cfg(feature = "tls")]
mod accepting;
#[cfg(feature = "tls")]
mod authority;
#[cfg(not(feature = "tls"))]
mod unbuilt;

#[cfg(feature = "tls")]
pub(crate) use self::accepting::Https;
#[cfg(not(feature = "tls"))]
pub(crate) use self::unbuilt::Https;

/// Marks a request that came over TLS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Secure;
