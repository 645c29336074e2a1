//! Room for files that wait to be decoded.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::{PictureError, Pictures, permits, watermark};

impl Pictures {
    /// Room for a file of `bytes`, from before it is read until what it is read for is done. Who comes
    /// first gets it first.
    ///
    /// The picture of a watermark has room without waiting, since the one below it has some already.
    ///
    /// # Errors
    ///
    /// See [`PictureError`].
    pub(crate) async fn room(
        &self,
        bytes: u64,
    ) -> Result<Option<OwnedSemaphorePermit>, PictureError> {
        if watermark::is_being_read() {
            return Ok(None);
        }
        let room = Arc::clone(&self.files).acquire_many_owned(permits(bytes.min(self.memory / 4)));
        let room = room.await;
        room.map(Some)
            .map_err(|error| PictureError::Broken(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::Settings;
    use crate::fetch::Fetch;

    const MEBIBYTE: u64 = 1024 * 1024;

    #[tokio::test]
    async fn files_wait_for_room_in_the_order_in_which_they_come() {
        let settings = Settings::default().picture_memory(64 * MEBIBYTE);
        let pictures = Pictures::new(&settings, Arc::new(Fetch::new(false)));
        let large = pictures.room(u64::MAX).await.unwrap();
        let (first, second) = (pictures.room(MEBIBYTE), pictures.room(15 * MEBIBYTE));
        let third = pictures.room(MEBIBYTE);
        tokio::pin!(first, second, third);
        for waiting in [first.as_mut(), second.as_mut(), third.as_mut()] {
            assert!(waiting.now_or_never().is_none());
        }
        drop(large);
        let held = [first.await.unwrap(), second.await.unwrap()];
        assert!(third.as_mut().now_or_never().is_none());
        drop(held);
        assert!(third.await.unwrap().is_some());
    }
}
