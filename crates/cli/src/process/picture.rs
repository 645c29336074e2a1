//! Pictures on this machine: how large they are.

use std::path::Path;

use serde::Serialize;
use tcloud_imaging::{Format, Info, Limits, Loss, probe};

use crate::error::Error;
use crate::files::{self, unreadable};

/// The size of a picture.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Picture {
    size: u64,
    width: Option<u32>,
    height: Option<u32>,
    #[serde(skip)]
    info: Option<Info>,
}

impl Picture {
    /// Measures the file at `path`. Width and height are absent where its header is not understood.
    pub(crate) async fn measure(path: &Path) -> Result<Self, Error> {
        let failed = |error| unreadable(path, &error);
        let size = tokio::fs::metadata(path).await.map_err(failed)?.len();
        let info = if size <= files::LARGEST {
            let bytes = tokio::fs::read(path).await.map_err(failed)?;
            probe(&bytes, &Limits::default()).ok()
        } else {
            None
        };
        Ok(Self {
            size,
            width: info.map(|info| info.width),
            height: info.map(|info| info.height),
            info,
        })
    }

    /// Refuses a picture of which a result, in `format` or its own, would lose what was not given
    /// up. Where it is not only `moved`, its depth is lost in any format.
    pub(crate) fn check_losses(
        &self,
        format: Option<Format>,
        moved: bool,
        first_frame: bool,
        eight_bit: bool,
    ) -> Result<(), Error> {
        let mut losses = Vec::new();
        if let Some(info) = self.info {
            losses = info.losses(format.unwrap_or(info.format));
            let depth = Loss::Depth { bits: info.depth };
            if info.depth > 8 && !moved && !losses.contains(&depth) {
                losses.push(depth);
            }
        }
        for loss in losses {
            match loss {
                Loss::Frames { count } if !first_frame => {
                    return Err(Error::Failed(format!(
                        "it has {count} frames or pages, and the result holds one; give \
                         --first-frame to keep the first"
                    )));
                }
                Loss::Depth { bits } if !eight_bit => {
                    return Err(Error::Failed(format!(
                        "it has {bits} bits a sample, and a result holds 8; give --eight-bit to \
                         reduce them"
                    )));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Width and height, as in `800x600`.
    pub(crate) fn pixels(&self) -> Option<String> {
        Some(format!("{}x{}", self.width?, self.height?))
    }

    /// The size of the file.
    pub(crate) fn bytes(&self) -> Option<i64> {
        i64::try_from(self.size).ok()
    }
}
