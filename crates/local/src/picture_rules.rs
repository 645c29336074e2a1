//! The grammar of picture processing, part by part: what runs each, or why it is refused.
//!
//! Nothing else says why a part is refused: answers, `tcloud local --list` and tests read this table.

use crate::support::{Support, missing};

/// What runs where pixels are changed and nothing of it is a library's.
const PIXELS: Support = of_pictures("imaging");
const SCALING: Support = of_pictures("imaging, by fast_image_resize");
const JPEG: Support = of_pictures("imaging, by jpeg-encoder");
const PNG: Support = of_pictures("imaging, by png");
const GIF: Support = of_pictures("imaging, by gif");
const WEBP: Support = of_pictures("imaging, by libwebp");
const IMAGE: Support = of_pictures("imaging, by image");
const QUALITY: Support = of_pictures("imaging, by jpeg-encoder, libwebp, ravif");
const HEIF: Support = of_pictures("heif-enc of libheif, a program that is looked for on the path");
const EXIF: Support = of_pictures("kamadak-exif");
const STYLES: Support = of_pictures("whatever the style holds");
const BLIND: Support = of_pictures("imaging, by a scheme of tcloud's own, which is not Tencent's");
const AVIF: Support = Support::built(cfg!(feature = "avif"), "imaging, by ravif", missing::AVIF);
const CODES: Support = Support::built(cfg!(feature = "codes"), "rxing", missing::CODES);
const TEXT: Support = Support::built(
    cfg!(feature = "text"),
    "imaging, by cosmic-text with the fonts of the machine",
    missing::TEXT,
);

const FACES: &str = "it takes a network that finds faces, and there is none here";
const YJPEG: &str = "it is a coding of the service's own; `jpg` is written instead";
const TPG: &str = "it is a format of Tencent's own, which no library here writes";
const SVG: &str = "pictures made of lines are not read here";
const SLICES: &str = "pictures are searched as a whole here";

const fn of_pictures(engine: &'static str) -> Support {
    Support::built(cfg!(feature = "pictures"), engine, missing::PICTURES)
}

/// Each operation and each parameter, as it is written, and where words or switches have different
/// fates, each of them.
const RULES: &[(&str, Support)] = &[
    ("watermark/3", BLIND),
    ("watermark/3/type", BLIND),
    ("watermark/3/image", BLIND),
    ("watermark/3/text", BLIND),
    ("watermark/3/level", BLIND),
    ("watermark/3/version", BLIND),
    ("exif", EXIF),
    ("watermark/4", BLIND),
    ("watermark/4/type", BLIND),
    ("watermark/4/image", BLIND),
    ("watermark/4/version", BLIND),
    ("imageAve", PIXELS),
    ("imageInfo", PIXELS),
    ("imageMogr2", PIXELS),
    ("imageMogr2/thumbnail", SCALING),
    ("imageMogr2/pad", SCALING),
    ("imageMogr2/color", SCALING),
    ("imageMogr2/cut", PIXELS),
    ("imageMogr2/crop", SCALING),
    ("imageMogr2/gravity", SCALING),
    ("imageMogr2/iradius", PIXELS),
    ("imageMogr2/rradius", PIXELS),
    ("imageMogr2/scrop", Support::Refused(FACES)),
    ("imageMogr2/rotate", PIXELS),
    ("imageMogr2/auto-orient", PIXELS),
    ("imageMogr2/flip", PIXELS),
    ("imageMogr2/format/jpg", JPEG),
    ("imageMogr2/format/bmp", IMAGE),
    ("imageMogr2/format/gif", GIF),
    ("imageMogr2/format/png", PNG),
    ("imageMogr2/format/webp", WEBP),
    ("imageMogr2/format/yjpeg", Support::Refused(YJPEG)),
    ("imageMogr2/format/avif", AVIF),
    ("imageMogr2/format/heif", HEIF),
    ("imageMogr2/format/tpg", Support::Refused(TPG)),
    ("imageMogr2/format/svgc", Support::Refused(SVG)),
    ("imageMogr2/cgif", GIF),
    ("imageMogr2/interlace", JPEG),
    ("imageMogr2/quality", QUALITY),
    ("imageMogr2/rquality", QUALITY),
    ("imageMogr2/lquality", QUALITY),
    ("imageMogr2/blur", PIXELS),
    ("imageMogr2/bright", PIXELS),
    ("imageMogr2/contrast", PIXELS),
    ("imageMogr2/sharpen", PIXELS),
    ("imageMogr2/grayscale", PIXELS),
    ("imageMogr2/strip", PIXELS),
    ("imageMogr2/size-limit", JPEG),
    ("imageMogr2/minisize", PIXELS),
    ("imageMogr2/ignore-error", PIXELS),
    ("imageSlim", QUALITY),
    ("imageView2", SCALING),
    ("imageView2/w", SCALING),
    ("imageView2/h", SCALING),
    ("imageView2/format/jpg", JPEG),
    ("imageView2/format/bmp", IMAGE),
    ("imageView2/format/gif", GIF),
    ("imageView2/format/png", PNG),
    ("imageView2/format/webp", WEBP),
    ("imageView2/format/yjpeg", Support::Refused(YJPEG)),
    ("imageView2/format/avif", AVIF),
    ("imageView2/format/heif", HEIF),
    ("imageView2/format/tpg", Support::Refused(TPG)),
    ("imageView2/format/svgc", Support::Refused(SVG)),
    ("imageView2/q", QUALITY),
    ("imageView2/rq", QUALITY),
    ("imageView2/lq", QUALITY),
    ("imageView2/ignore-error", PIXELS),
    ("watermark/1", PIXELS),
    ("watermark/1/image", PIXELS),
    ("watermark/1/gravity", PIXELS),
    ("watermark/1/dx", PIXELS),
    ("watermark/1/dy", PIXELS),
    ("watermark/1/blogo", PIXELS),
    ("watermark/1/scatype", PIXELS),
    ("watermark/1/spcent", PIXELS),
    ("watermark/1/dissolve", PIXELS),
    ("watermark/1/batch", PIXELS),
    ("watermark/1/spacing", PIXELS),
    ("watermark/1/degree", PIXELS),
    ("QRcode", CODES),
    ("QRcode/cover", CODES),
    ("QRcode/bar-type", CODES),
    ("QRcode/segment/0", CODES),
    ("QRcode/segment/1", Support::Refused(SLICES)),
    ("QRcode/size", CODES),
    ("style", STYLES),
    ("watermark/2", TEXT),
    ("watermark/2/text", TEXT),
    ("watermark/2/font", TEXT),
    ("watermark/2/fontsize", TEXT),
    ("watermark/2/fill", TEXT),
    ("watermark/2/dissolve", TEXT),
    ("watermark/2/gravity", TEXT),
    ("watermark/2/dx", TEXT),
    ("watermark/2/dy", TEXT),
    ("watermark/2/batch", TEXT),
    ("watermark/2/spacing", TEXT),
    ("watermark/2/degree", TEXT),
    ("watermark/2/shadow", TEXT),
    ("watermark/2/scatype", TEXT),
    ("watermark/2/spcent", TEXT),
];

/// What becomes of each part of the grammar of picture processing, as it is written in a rule:
/// `imageMogr2/thumbnail`, or with a word where words have different fates, `imageMogr2/format/tpg`.
///
/// ```
/// use tcloud_local::{Support, picture_rules};
///
/// let mut rules = picture_rules();
/// let (_, support) = rules.find(|(rule, _)| *rule == "imageMogr2/format/tpg").unwrap();
/// assert!(matches!(support, Support::Refused(_)));
/// ```
pub fn picture_rules() -> impl ExactSizeIterator<Item = (&'static str, Support)> {
    RULES.iter().copied()
}

/// Why `rule`, a part of the grammar, is refused. `None` if the table does not say so: what the
/// grammar does not know is refused without a reason.
#[cfg(feature = "pictures")]
pub(crate) fn reason(rule: &str) -> Option<&'static str> {
    let (_, support) = RULES.iter().find(|(own, _)| *own == rule)?;
    support.reason()
}
