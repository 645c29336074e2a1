//! What can go wrong with a picture.

use std::fmt;

use crate::Format;

const MEBIBYTE: u64 = 1024 * 1024;

/// The indefinite article before the name of a format.
const fn article(format: Format) -> &'static str {
    match format {
        Format::Avif => "an",
        _ => "a",
    }
}

/// A figure that is above a limit must not be rounded down to it.
const fn mebibytes(bytes: u64) -> u64 {
    bytes.div_ceil(MEBIBYTE)
}

/// The result of reading, changing or writing a picture.
pub type Result<T> = std::result::Result<T, Error>;

/// The picture that a limit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// What is read.
    Input,
    /// What is made, in any format.
    Output,
    /// What is made, as a file of one format.
    OutputAs(Format),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str("the input picture"),
            Self::Output => f.write_str("the output picture"),
            Self::OutputAs(format) => write!(f, "{} {format} output picture", article(*format)),
        }
    }
}

/// What a codec does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodecWork {
    /// Making a picture of a file.
    Reading,
    /// Making a file of a picture.
    Writing,
}

impl fmt::Display for CodecWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reading => "reading",
            Self::Writing => "writing",
        })
    }
}

/// Why a picture was not read, changed or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file is longer than [`Limits::max_input_bytes`](crate::Limits::max_input_bytes).
    #[error("reading a picture: the file has {bytes} bytes, at most {limit} are accepted")]
    TooLarge {
        /// Length of the file in bytes.
        bytes: u64,
        /// Longest file accepted, in bytes.
        limit: u64,
    },
    /// A side of the input or of the output is too long.
    #[error("{subject} measures {width} x {height} pixels, at most {limit} a side are accepted")]
    SideTooLong {
        /// Which picture.
        subject: Subject,
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Longest side accepted, in pixels.
        limit: u32,
    },
    /// All frames together hold more than [`Limits::max_pixels`](crate::Limits::max_pixels).
    #[error(
        "{subject} holds {pixels} pixels in {frames} frame(s), at most {limit} in all are accepted"
    )]
    TooManyPixels {
        /// Which picture.
        subject: Subject,
        /// Pixels of all frames together.
        pixels: u64,
        /// Number of frames.
        frames: u32,
        /// Most pixels accepted.
        limit: u64,
    },
    /// The picture has more frames than [`Limits::max_frames`](crate::Limits::max_frames).
    #[error("the input picture has more frames than the {limit} accepted")]
    TooManyFrames {
        /// Most frames accepted.
        limit: u32,
    },
    /// The work would take more memory than [`Limits::max_memory`](crate::Limits::max_memory).
    #[error(
        "{subject} takes up to {} MiB of memory, at most {} MiB are allowed: use a smaller picture \
         or result, or raise the limit",
        mebibytes(*bytes),
        limit / MEBIBYTE
    )]
    TooMuchMemory {
        /// Which work.
        subject: &'static str,
        /// The most it could take, in bytes.
        bytes: u64,
        /// Most bytes allowed.
        limit: u64,
    },
    /// The result would be larger than
    /// [`Limits::max_output_bytes`](crate::Limits::max_output_bytes).
    #[error(
        "the result has {}more than the {limit} bytes accepted: choose a smaller size, a lower \
         quality or another format",
        bytes.map_or_else(String::new, |bytes| format!("{bytes} bytes, "))
    )]
    OutputTooLarge {
        /// Its size in bytes, where that is known before it is written.
        bytes: Option<u64>,
        /// Largest result accepted, in bytes.
        limit: u64,
    },
    /// The bytes or the name belong to no format this crate reads or writes.
    #[error("{found} is not supported: use {supported}")]
    UnsupportedFormat {
        /// What was found instead.
        found: String,
        /// Whether that is a format all the same, known by its name alone or read and not written.
        is_known: bool,
        /// The formats that would do.
        supported: &'static str,
    },
    /// The format is known, but the file uses a part of it that is not read.
    #[error(
        "reading {} {format} picture: {detail}; save it again without that feature",
        article(*format)
    )]
    UnsupportedFeature {
        /// Format of the file.
        format: Format,
        /// The feature, in the decoder's words.
        detail: String,
    },
    /// The file breaks the rules of its format or ends early.
    #[error(
        "reading {} {format} picture: the file is damaged or incomplete: {detail}",
        article(*format)
    )]
    Corrupt {
        /// Format the file starts as.
        format: Format,
        /// The first fault, in the decoder's words.
        detail: String,
    },
    /// The encoder refused the picture.
    #[error("writing {} {format} picture: {detail}", article(*format))]
    Encode {
        /// Format asked for.
        format: Format,
        /// The reason, in the encoder's words.
        detail: String,
    },
    /// The format is read or written by a codec that is not here.
    #[error("{work} {format} needs {needs}, which is not here")]
    MissingCodec {
        /// What was to be done.
        work: CodecWork,
        /// The format.
        format: Format,
        /// What has to be installed or built in, with its package.
        needs: &'static str,
    },
    /// A codec outside of this crate could not do its work, whatever the picture is.
    #[error("{work} {} {format} picture: {detail}", article(*format))]
    Codec {
        /// What was to be done.
        work: CodecWork,
        /// The format.
        format: Format,
        /// The reason.
        detail: String,
    },
    /// No font of the machine has a character of a text.
    #[error(
        "no font of this machine has {character:?} (U+{:04X}): install one that has it, such as that of \
         the package {package}",
        u32::from(*character)
    )]
    MissingGlyph {
        /// The character.
        character: char,
        /// A package of Debian and its kin that has it.
        package: &'static str,
    },
    /// The work was given up before it was done.
    #[error("processing the picture was cancelled")]
    Cancelled,
    /// An argument is outside its range.
    #[error("{name} is {found}: it must be {expected}")]
    InvalidParameter {
        /// Name of the argument.
        name: &'static str,
        /// What was given.
        found: String,
        /// What would be accepted.
        expected: &'static str,
    },
}

impl Error {
    /// That `work` on `format` needs a codec that is not here.
    pub const fn missing_codec(work: CodecWork, format: Format) -> Self {
        let needs = match (work, format) {
            (CodecWork::Reading, Format::Avif) => "the program avifdec of Debian's libavif-bin",
            (CodecWork::Reading, Format::Heif) => {
                "the program heif-dec or heif-convert of Debian's libheif-examples"
            }
            (CodecWork::Writing, Format::Heif) => {
                "the program heif-enc of Debian's libheif-examples"
            }
            (CodecWork::Writing, Format::Avif) => "a build with the feature `avif`",
            (CodecWork::Reading, Format::JpegXl) => "a build with the feature `jxl`",
            _ => "a codec of the caller's",
        };
        Self::MissingCodec {
            work,
            format,
            needs,
        }
    }
}
