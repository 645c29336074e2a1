//! Whether what arrived is what is stored.

use crate::error::{Error, ErrorKind};
use crate::service::ObjectInfo;

/// What arrived, compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verified {
    pub(super) crc64: u64,
    /// Whether the service named a checksum.
    pub(super) is_verified: bool,
}

impl Verified {
    /// # Errors
    /// The service names another checksum than `crc64`.
    pub(super) fn of(info: &ObjectInfo, crc64: u64) -> Result<Self, Error> {
        match info.crc64 {
            Some(named) if named != crc64 => Err(Error::new(
                ErrorKind::Integrity,
                format!(
                    "another content arrived: the {} bytes received have the CRC-64 {crc64}, the \
                     object has {named}",
                    info.size
                ),
            )
            .advise("download the object again")),
            named => Ok(Self {
                crc64,
                is_verified: named.is_some(),
            }),
        }
    }
}
