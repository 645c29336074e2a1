//! Work on pictures: the limits of each service, the memory that all pictures share, and what the
//! grammar of picture processing comes to.

mod blind;
pub(crate) mod cache;
#[cfg(feature = "codes")]
pub(crate) mod codes;
mod engines;
mod enhance;
mod error;
pub(crate) mod exif;
mod geometry;
pub(crate) mod hotlink;
mod programs;
pub(crate) mod quality;
mod recipe;
mod rendition;
mod room;
pub(crate) mod settings;
pub(crate) mod slimming;
mod watermark;

use std::sync::Arc;

use bytes::Bytes;
use tcloud_imaging::{
    Error, ExternalCodec, Figures, Format, Info, Limits, Outcome, Picture, Pipeline, Rgb, probe,
};
use tokio::sync::Semaphore;

use crate::Settings;
use crate::fetch::Fetch;
use crate::jobs::on_thread;
use crate::picture_limits::{BYTES, PIXELS, SIDE};

pub(crate) use self::engines::metadata as engine_metadata;
pub(crate) use self::enhance::{Enhancement, Erased, Input, Place};
pub(crate) use self::error::RecipeError;
use self::programs::Programs;
pub(crate) use self::recipe::{Ending, Recipe};
pub(crate) use self::rendition::{Description, Information, Rendition};

const MEBIBYTE: u64 = 1024 * 1024;

/// What MPS image tasks take, whose documents have no limits of the input of their own, and what they
/// make: sides of up to 16,384 pixels.
pub(crate) const MPS: Limits = DOCUMENTED.max_output_side(16_384);
/// What picture processing of Cloud Infinite takes, and makes.
pub(crate) const CI: Limits = DOCUMENTED.max_output_side(9_999);
/// What the documents say of the input.
const DOCUMENTED: Limits = Limits::DEFAULT
    .max_input_bytes(BYTES)
    .max_side(SIDE)
    .max_pixels(PIXELS)
    .max_frames(300);

/// Why a picture was not processed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PictureError {
    /// The picture, or what was asked for.
    #[error(transparent)]
    Refused(#[from] Error),
    /// The local cloud itself.
    #[error("processing the picture: {0}")]
    Broken(String),
}

/// What all work on pictures shares.
#[derive(Debug)]
pub(crate) struct Pictures {
    /// How many bytes all pictures being processed may take together.
    memory: u64,
    /// That memory, one permit per mebibyte.
    permits: Arc<Semaphore>,
    /// A quarter as much, for files that wait to be decoded.
    files: Arc<Semaphore>,
    /// What reads the pictures of watermarks.
    fetch: Arc<Fetch>,
    /// What reads and writes formats that the engine does not.
    codec: Arc<dyn ExternalCodec>,
    /// What makes them larger and better.
    #[cfg(feature = "networks")]
    models: tcloud_networks::Models,
}

impl Pictures {
    /// Work within the memory and with the networks of `settings`.
    pub(crate) fn new(settings: &Settings, fetch: Arc<Fetch>) -> Self {
        let memory = settings.picture_memory;
        Self {
            memory,
            fetch,
            codec: Arc::new(Programs::of_path()),
            permits: Arc::new(Semaphore::new(permits(memory) as usize)),
            files: Arc::new(Semaphore::new(permits(memory / 4) as usize)),
            #[cfg(feature = "networks")]
            models: settings.models.clone(),
        }
    }

    /// `limits`, a service's own, with the memory of this cloud: one picture may take all of it.
    pub(crate) const fn within(&self, limits: Limits) -> Limits {
        limits.max_memory(self.memory)
    }

    /// Runs `pipeline` on the picture `input`, whose header is `info`, once there is memory for it.
    ///
    /// # Errors
    ///
    /// See [`PictureError`].
    pub(crate) async fn run(
        &self,
        pipeline: Pipeline,
        info: &Info,
        input: Bytes,
    ) -> Result<Outcome, PictureError> {
        let pipeline = pipeline.codec(Arc::clone(&self.codec));
        let bytes = pipeline.estimated_bytes(info)?;
        let work = move |is_cancelled: &dyn Fn() -> bool| pipeline.run_unless(&input, is_cancelled);
        self.on_thread(bytes, work).await
    }

    /// The colour that the picture `input`, whose header is `info`, comes to as a whole.
    ///
    /// # Errors
    ///
    /// See [`PictureError`].
    pub(crate) async fn average(
        &self,
        limits: Limits,
        info: &Info,
        input: Bytes,
    ) -> Result<Rgb, PictureError> {
        let bytes = decoding_bytes(limits, info)?;
        self.on_decoded(limits, bytes, input, |picture| Ok(picture.average()))
            .await
    }

    /// The picture `input`, whose header is `info`.
    async fn decoded(
        &self,
        limits: Limits,
        info: &Info,
        input: Bytes,
    ) -> Result<Picture, PictureError> {
        let bytes = decoding_bytes(limits, info)?;
        self.on_decoded(limits, bytes, input, Ok).await
    }

    /// Does `work` with the picture `input`, decoding included on a thread of its own, once there is
    /// memory for `bytes`.
    async fn on_decoded<T: Send + 'static>(
        &self,
        limits: Limits,
        bytes: u64,
        input: Bytes,
        work: impl FnOnce(Picture) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, PictureError> {
        let codec = Arc::clone(&self.codec);
        let decode = move |is_cancelled: &dyn Fn() -> bool| {
            work(Picture::decode_by(&input, &limits, &*codec, is_cancelled)?)
        };
        self.on_thread(bytes, decode).await
    }

    /// Does `work`, which takes up to `bytes`, on a thread of its own once there is memory for it.
    async fn on_thread<T: Send + 'static>(
        &self,
        bytes: u64,
        work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, PictureError> {
        let permit = Arc::clone(&self.permits)
            .acquire_many_owned(permits(bytes.min(self.memory)))
            .await
            .map_err(|error| PictureError::Broken(error.to_string()))?;
        // The thread holds the permit itself: where nobody waits for it any more, it continues until
        // it asks whether it should.
        let done = on_thread(move |is_cancelled| {
            let _permit = permit;
            work(is_cancelled)
        });
        let done = done.await;
        Ok(done.map_err(|error| PictureError::Broken(error.to_string()))??)
    }
}

impl Pictures {
    /// What is measured of the picture `input`.
    ///
    /// # Errors
    ///
    /// See [`PictureError`].
    pub(crate) async fn figures(
        &self,
        limits: Limits,
        input: Bytes,
    ) -> Result<(Info, Figures), PictureError> {
        let limits = self.within(limits);
        let info = probe(&input, &limits)?;
        let bytes = decoding_bytes(limits, &info)?.max(Figures::peak_bytes(info.size()));
        let measure = |picture| Ok(Figures::of(&picture));
        let figures = self.on_decoded(limits, bytes, input, measure).await?;
        Ok((info, figures))
    }

    /// The picture in the file `input`.
    ///
    /// # Errors
    ///
    /// See [`PictureError`].
    pub(crate) async fn picture(
        &self,
        limits: Limits,
        input: Bytes,
    ) -> Result<Picture, PictureError> {
        let limits = self.within(limits);
        let info = probe(&input, &limits)?;
        self.decoded(limits, &info, input).await
    }
}

/// What decoding takes: no more than decoding and writing does.
fn decoding_bytes(limits: Limits, info: &Info) -> Result<u64, Error> {
    Pipeline::new(limits, [])
        .then(Format::Bmp)
        .estimated_bytes(info)
}

/// The permits of so many bytes.
fn permits(bytes: u64) -> u32 {
    const MOST: u32 = 1 << 28;
    u32::try_from(bytes.div_ceil(MEBIBYTE)).map_or(MOST, |mebibytes| mebibytes.clamp(1, MOST))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tcloud_imaging::{Allowance, CodecWork, Quality};

    use super::*;

    #[test]
    fn a_picture_takes_at_least_one_permit_and_at_most_all() {
        assert_eq!(permits(0), 1);
        assert_eq!(permits(MEBIBYTE + 1), 2);
        for limit in [1, MEBIBYTE, 2048 * MEBIBYTE, u64::MAX] {
            let all = permits(limit);
            assert_eq!(permits(limit), all);
            assert!(permits(limit / 2) <= all && all as usize <= Semaphore::MAX_PERMITS);
        }
    }

    #[tokio::test]
    async fn pictures_of_all_callers_wait_for_the_same_memory() {
        let settings = Settings::default().picture_memory(64 * MEBIBYTE);
        let pictures = Pictures::new(&settings, Arc::new(Fetch::new(false)));
        let png = Picture::from_rgb(9, 9, vec![7; 243])
            .and_then(|picture| picture.encode(Format::Png, Quality::default()))
            .unwrap();
        let (png, limits) = (Bytes::from(png), pictures.within(MPS));
        let info = probe(&png, &limits).unwrap();
        let all = Arc::clone(&pictures.permits)
            .acquire_many_owned(64)
            .await
            .unwrap();
        let waiting = pictures.run(Pipeline::new(limits, []), &info, png.clone());
        tokio::pin!(waiting);
        assert!(waiting.as_mut().now_or_never().is_none());
        assert_eq!(pictures.permits.available_permits(), 0);
        drop(all);
        assert_eq!(waiting.await.unwrap().width, 9);
        assert_eq!(pictures.permits.available_permits(), 64);
    }

    /// A codec that is there, and gives up.
    #[derive(Debug)]
    struct GivesUp;

    impl ExternalCodec for GivesUp {
        fn check(&self, _: CodecWork, _: Format) -> Result<(), Error> {
            Ok(())
        }

        fn decode(&self, _: Format, _: &[u8], _: &Allowance<'_>) -> Result<Vec<u8>, Error> {
            Err(Error::Cancelled)
        }

        fn encode(
            &self,
            _: Format,
            _: &[u8],
            _: Quality,
            _: &Allowance<'_>,
        ) -> Result<Vec<u8>, Error> {
            Err(Error::Cancelled)
        }
    }

    #[tokio::test]
    async fn whatever_looks_at_a_picture_reads_it_by_the_codec_for_its_format() {
        fn asks<T>(result: &Result<T, PictureError>) -> bool {
            matches!(result, Err(PictureError::Refused(Error::Cancelled)))
        }
        let mut pictures = Pictures::new(&Settings::default(), Arc::new(Fetch::new(false)));
        pictures.codec = Arc::new(GivesUp);
        let avif: &[u8] = include_bytes!("../../imaging/tests/codecs/data/plain.avif");
        let avif = Bytes::from_static(avif);
        let limits = pictures.within(CI);
        let info = probe(&avif, &limits).unwrap();
        assert!(asks(&pictures.average(limits, &info, avif.clone()).await));
        assert!(asks(&pictures.picture(CI, avif.clone()).await));
        assert!(asks(&pictures.figures(CI, avif.clone()).await));
        let text = blind::Look::Text;
        assert!(asks(&pictures.look(limits, &text, "", avif.clone()).await));
        #[cfg(feature = "codes")]
        assert!(asks(
            &pictures
                .codes(CI, tcloud_imaging::CodeKind::Any, avif)
                .await
        ));
    }

    #[tokio::test]
    async fn a_picture_that_needs_more_than_all_memory_is_refused() {
        let settings = Settings::default().picture_memory(MEBIBYTE);
        let pictures = Pictures::new(&settings, Arc::new(Fetch::new(false)));
        let png = Picture::from_rgb(999, 999, vec![7; 999 * 999 * 3])
            .and_then(|picture| picture.encode(Format::Png, Quality::default()))
            .unwrap();
        let limits = pictures.within(MPS);
        let info = probe(&png, &limits).unwrap();
        let refused = pictures
            .run(Pipeline::new(limits, []), &info, png.into())
            .await;
        let too_much = matches!(
            refused,
            Err(PictureError::Refused(Error::TooMuchMemory { .. }))
        );
        assert!(too_much, "{refused:?}");
    }
}
