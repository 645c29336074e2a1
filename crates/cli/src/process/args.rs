//! The arguments of `tcloud process`, and what they ask for.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use tcloud_ci::picture::Pipeline;
use tcloud_local::Settings;
use tcloud_mps::types::{
    ImageEncodeConfig, ImageEnhanceConfig, ImageFormat, ImageTaskInput, ImageTransformConfig,
    SuperResolutionConfig, Switch,
};

use super::resize::{Mode, Size};
use crate::args::{ConnectionArgs, FileArgs};
use crate::error::Error;

/// Convert, scale and enlarge pictures
///
/// Uploads the files, submits a ProcessImage task for each, waits, and downloads the results. What
/// --pipeline, --quality, --strip, --watermark-text and the formats AVIF and HEIF ask for is done by Cloud Infinite at
/// once.
///
/// Where neither flags nor environment nor a profile name an access key or an endpoint, a local
/// cloud inside this process does the work, and nothing leaves the machine.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct ProcessArgs {
    #[command(flatten)]
    pub(super) files: FileArgs,
    /// Format of the results; without it, each file keeps its own
    #[arg(short, long, value_enum, ignore_case = true)]
    pub(super) format: Option<Format>,
    /// Quality of the results, 1 to 100
    #[arg(short, long, value_name = "QUALITY", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(super) quality: Option<u32>,
    /// Quality of the results in percent of the file's own, 1 to 100, as tasks of the service have it
    #[arg(long, value_name = "PERCENT", conflicts_with = "quality",
        value_parser = clap::value_parser!(i64).range(1..=100))]
    pub(super) relative_quality: Option<i64>,
    /// What is done to each picture, in the notation of picture URLs, before anything else:
    /// imageMogr2/thumbnail/640x/format/webp
    #[arg(long, value_name = "RULE")]
    pub(super) pipeline: Option<Pipeline>,
    /// Write a text on each picture: white with a shadow, a quarter as wide as the picture, in the lower
    /// right; --pipeline watermark/2/… has every choice
    #[arg(long, value_name = "TEXT")]
    pub(super) watermark_text: Option<String>,
    /// Leave out metadata: Exif, comments, thumbnails
    #[arg(long)]
    pub(super) strip: bool,
    /// Carry Exif data over to results in JPEG, PNG and WebP, with the orientation set to upright
    #[arg(long, conflicts_with = "strip")]
    pub(super) keep_metadata: bool,
    /// Size of the results: 50%, 800x600, 800x or x600
    #[arg(long, value_name = "SIZE")]
    pub(super) resize: Option<Size>,
    /// How a picture is brought into the box that --resize names
    #[arg(long, value_enum, default_value = "lfit", requires = "resize")]
    pub(super) mode: Mode,
    /// Double both sides with new detail, before any resizing
    #[arg(long)]
    pub(super) super_resolution: bool,
    /// Accept animations and files of several pages where the result holds only the first
    #[arg(long)]
    pub(super) first_frame: bool,
    /// Accept pictures of more than 8 bits a sample, though a result holds only 8: 16 are kept in PNG
    /// where the picture is only resized
    #[arg(long)]
    pub(super) eight_bit: bool,
    /// Memory for all pictures being processed together, where the local cloud in this process
    /// does the work; one that could take more is refused
    #[arg(long, value_name = "MIB", default_value_t = 2048,
        value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) picture_memory: u32,
    /// Folder for the results, created if needed; files below a directory keep their subfolder
    #[arg(short, long, value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    pub(super) output: PathBuf,
    /// Overwrite existing files
    #[arg(long)]
    pub(super) force: bool,
    #[command(flatten)]
    pub(super) connection: ConnectionArgs,
}

/// A format that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    #[value(alias = "jpg")]
    Jpeg,
    Png,
    Webp,
    Bmp,
    Avif,
    #[value(alias = "heic")]
    Heif,
}

impl Format {
    /// The word that a task of MPS has for it, which writes no others.
    pub(super) const fn word(self) -> Option<ImageFormat> {
        match self {
            Self::Jpeg => Some(ImageFormat::Jpeg),
            Self::Png => Some(ImageFormat::Png),
            Self::Webp => Some(ImageFormat::Webp),
            Self::Bmp => Some(ImageFormat::Bmp),
            Self::Avif | Self::Heif => None,
        }
    }

    /// As the library names it.
    pub(super) const fn kind(self) -> tcloud_imaging::Format {
        match self {
            Self::Jpeg => tcloud_imaging::Format::Jpeg,
            Self::Png => tcloud_imaging::Format::Png,
            Self::Webp => tcloud_imaging::Format::WebP,
            Self::Bmp => tcloud_imaging::Format::Bmp,
            Self::Avif => tcloud_imaging::Format::Avif,
            Self::Heif => tcloud_imaging::Format::Heif,
        }
    }

    /// What names of files of this format end in.
    pub(super) const fn extension(self) -> &'static str {
        self.kind().extension()
    }
}

/// How the local cloud in this process runs.
pub(super) fn settings(args: &ProcessArgs) -> Settings {
    const MEBIBYTE: u64 = 1024 * 1024;
    Settings::default().picture_memory(u64::from(args.picture_memory) * MEBIBYTE)
}

/// What to do with each picture.
pub(super) fn task(args: &ProcessArgs) -> Result<ImageTaskInput, Error> {
    let mut task = ImageTaskInput::new();
    if args.format.is_some() || args.relative_quality.is_some() {
        let mut encode = ImageEncodeConfig::new();
        encode.format = args.format.and_then(Format::word);
        encode.quality = args.relative_quality;
        task = task.encode_config(encode);
    }
    if args.super_resolution {
        let enlarge = SuperResolutionConfig::new().switch(Switch::On);
        task = task.enhance_config(ImageEnhanceConfig::new().super_resolution(enlarge));
    }
    if let Some(size) = args.resize {
        let resize = size.config(args.mode);
        task = task.transform_config(ImageTransformConfig::new().image_resize(resize));
    }
    if task == ImageTaskInput::new() {
        return Err(Error::Usage(
            "process: nothing to do; give --format, --quality, --resize, --super-resolution, --strip, \
             --watermark-text or --pipeline"
                .to_owned(),
        ));
    }
    Ok(task)
}
