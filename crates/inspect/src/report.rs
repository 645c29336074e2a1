//! What an inspection returns.

use std::fmt;

/// The format of the inspected picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureType {
    /// JPEG, including multi-picture files.
    Jpeg,
    /// PNG and APNG.
    Png,
    /// GIF, still or animated.
    Gif,
    /// WebP, lossy, lossless or animated.
    WebP,
    /// Windows or OS/2 bitmap.
    Bmp,
    /// HEIF and HEIC.
    Heif,
    /// AVIF.
    Avif,
    /// Classic (32-bit) TIFF.
    Tiff,
    /// Windows icon or cursor.
    Ico,
    /// Photoshop document, ordinary or large.
    Psd,
    /// SVG as uncompressed text.
    Svg,
}

impl PictureType {
    /// The lower-case name the service uses, such as `jpg` or `png`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Bmp => "bmp",
            Self::Heif => "heif",
            Self::Avif => "avif",
            Self::Tiff => "tiff",
            Self::Ico => "ico",
            Self::Psd => "psd",
            Self::Svg => "svg",
        }
    }
}

impl fmt::Display for PictureType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PayloadType {
    /// MPEG-2 transport stream, with 188, 192 or 204 bytes a packet.
    MpegTs,
    /// ZIP archive, and so JAR, APK and Office documents.
    Zip,
    /// RAR archive, version 4 or 5.
    Rar,
    /// 7z archive.
    SevenZip,
    /// gzip member.
    Gzip,
    /// bzip2 stream.
    Bzip2,
    /// xz stream.
    Xz,
    /// Zstandard frame.
    Zstd,
    /// tar archive.
    Tar,
    /// PDF document.
    Pdf,
    /// ELF program or library.
    Elf,
    /// Windows program or library.
    Pe,
    /// macOS program or library.
    MachO,
    /// MP4, `QuickTime` or another file of ISO media boxes.
    Mp4,
    /// Flash video.
    Flv,
    /// Matroska or `WebM`.
    Matroska,
    /// Ogg stream.
    Ogg,
    /// AVI video.
    Avi,
    /// WAVE sound.
    Wave,
    /// MPEG audio (MP3).
    Mp3,
    /// AAC audio in ADTS frames.
    Aac,
    /// HLS playlist.
    Hls,
    /// HTML document.
    Html,
    /// Script: PHP, an HTML or SVG script element, or a shell script.
    Script,
    /// A further picture, which no rule of the first one accounts for.
    Picture(PictureType),
    /// Data of high entropy and unknown kind.
    Unknown,
    /// Bytes that were not searched to the end: the file is made of so many false starts that
    /// following them all would take more work than its size allows. No honest file is.
    Unsearched,
}

impl PayloadType {
    /// The name to show, such as `MPEG-TS` or `ZIP`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MpegTs => "MPEG-TS",
            Self::Zip => "ZIP",
            Self::Rar => "RAR",
            Self::SevenZip => "7Z",
            Self::Gzip => "GZIP",
            Self::Bzip2 => "BZIP2",
            Self::Xz => "XZ",
            Self::Zstd => "ZSTD",
            Self::Tar => "TAR",
            Self::Pdf => "PDF",
            Self::Elf => "ELF",
            Self::Pe => "PE",
            Self::MachO => "MACH-O",
            Self::Mp4 => "MP4",
            Self::Flv => "FLV",
            Self::Matroska => "MATROSKA",
            Self::Ogg => "OGG",
            Self::Avi => "AVI",
            Self::Wave => "WAVE",
            Self::Mp3 => "MP3",
            Self::Aac => "AAC",
            Self::Hls => "HLS",
            Self::Html => "HTML",
            Self::Script => "SCRIPT",
            Self::Picture(PictureType::Jpeg) => "JPEG",
            Self::Picture(PictureType::Png) => "PNG",
            Self::Picture(PictureType::Gif) => "GIF",
            Self::Picture(PictureType::WebP) => "WEBP",
            Self::Picture(_) => "PICTURE",
            Self::Unknown => "UNKNOWN",
            Self::Unsearched => "UNSEARCHED",
        }
    }
}

impl fmt::Display for PayloadType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How well a payload is established.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// A signature only, or entropy only; the end is where the searched bytes end.
    Low,
    /// A plausible structure.
    Medium,
    /// A structure verified to its end, or by a checksum.
    High,
}

/// A harmless extra that real cameras and programs leave in picture files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BenignKind {
    /// Zeros, `0xFF` fill or white space.
    Padding,
    /// A further complete JPEG: a multi-picture file, a gain map, a preview.
    MultiPicture,
    /// The film of a motion photo, announced by the picture's own metadata.
    MotionPhoto,
    /// The block list Samsung devices append.
    SamsungTrailer,
    /// A metadata block an editing program appends.
    MetadataTrailer,
}

/// What a run of bytes is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RegionKind {
    /// Part of the picture.
    Picture,
    /// Metadata the picture format provides for.
    Metadata,
    /// A harmless extra.
    Benign(BenignKind),
    /// A payload; the same bytes are a [`Finding`].
    Payload(PayloadType),
    /// Bytes nothing accounts for, in which no payload was recognised.
    Gap,
}

/// A run of bytes of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Region {
    /// Position of the first byte.
    pub begin: u64,
    /// Position of the last byte (inclusive).
    pub end: u64,
    /// What the bytes are.
    pub kind: RegionKind,
    /// A short description of the bytes, such as `pixel data`.
    pub label: &'static str,
}

/// A suspicious payload.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Finding {
    /// Position of the first byte.
    pub begin: u64,
    /// Position of the last byte (inclusive).
    pub end: u64,
    /// What the payload is.
    pub payload: PayloadType,
    /// How well it is established.
    pub confidence: Confidence,
}

impl Finding {
    /// Number of bytes, at least 1.
    pub fn size(&self) -> u64 {
        self.end.saturating_sub(self.begin).saturating_add(1)
    }
}

/// The outcome of an inspection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The format of the picture, or `None` if the file is no picture this crate understands.
    pub picture: Option<PictureType>,
    /// Width and height in pixels as the picture declares them, where they are easily had.
    pub dimensions: Option<(u32, u32)>,
    /// Size of the file in bytes.
    pub size: u64,
    /// What every byte is: in order, without overlap or hole, empty for an empty file.
    pub regions: Vec<Region>,
    /// The suspicious payloads in byte order. What could not be searched is among them, as
    /// [`PayloadType::Unsearched`].
    pub findings: Vec<Finding>,
    /// How much was looked at, in bytes; some are looked at more than once. It is at most
    /// [`Report::work_limit`] of the size, whatever the file holds.
    pub work: u64,
}

impl Report {
    /// The most work an inspection of a file of `size` bytes does, in bytes looked at.
    pub const fn work_limit(size: u64) -> u64 {
        crate::work::limit(size)
    }

    /// Whether the file carries any payload, or was not searched completely.
    pub fn is_suspicious(&self) -> bool {
        !self.findings.is_empty()
    }

    /// The payload to name where only one can be: a transport stream before anything else, then
    /// the best established one, then the largest, then the first.
    pub fn primary(&self) -> Option<&Finding> {
        let rank = |f: &Finding| (f.payload == PayloadType::MpegTs, f.confidence, f.size());
        // `max_by_key` returns the last of equals.
        self.findings
            .iter()
            .rev()
            .max_by_key(|finding| rank(finding))
    }
}
