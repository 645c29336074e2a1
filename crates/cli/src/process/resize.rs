//! The size of a result, as the command line says it.

use std::str::FromStr;

use clap::ValueEnum;
use tcloud_mps::types::{ImageResizeConfig, ImageResizeMode, Switch};

/// A wanted size: `50%`, `800x600`, `800x` or `x600`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Size {
    /// Both sides times a factor.
    Percent(f64),
    /// A box in pixels, one side of which may be open.
    Box {
        width: Option<i64>,
        height: Option<i64>,
    },
}

/// How a picture is brought into a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// In proportion, as large as fits into the box
    Lfit,
    /// In proportion, as small as covers the box
    Mfit,
    /// As mfit, then cut around the centre to the box
    Fill,
    /// As lfit, then padded to the box
    Pad,
    /// Exactly the box, even if that distorts the picture
    Fixed,
}

impl Size {
    /// The node that asks for this size.
    pub(crate) fn config(self, mode: Mode) -> ImageResizeConfig {
        let config = ImageResizeConfig::new().switch(Switch::On);
        match self {
            Self::Percent(percent) => config
                .mode(ImageResizeMode::Percent)
                .percent(percent / 100.0),
            Self::Box { width, height } => {
                let mut config = config.mode(mode.word());
                config.width = width;
                config.height = height;
                config
            }
        }
    }
}

impl Mode {
    const fn word(self) -> ImageResizeMode {
        match self {
            Self::Lfit => ImageResizeMode::Lfit,
            Self::Mfit => ImageResizeMode::Mfit,
            Self::Fill => ImageResizeMode::Fill,
            Self::Pad => ImageResizeMode::Pad,
            Self::Fixed => ImageResizeMode::Fixed,
        }
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(number) = text.strip_suffix('%') {
            return number
                .parse()
                .ok()
                .filter(|percent| (10.0..=1000.0).contains(percent))
                .map(Self::Percent)
                .ok_or_else(|| "a percentage is a number from 10% to 1000%".to_owned());
        }
        let (width, height) = text.split_once(['x', 'X']).ok_or_else(|| {
            if text.parse::<f64>().is_ok() {
                format!("is that percent or pixels? Write {text}%, {text}x or x{text}")
            } else {
                "write it as 50%, 800x600, 800x or x600".to_owned()
            }
        })?;
        let (width, height) = (side(width)?, side(height)?);
        if width.is_none() && height.is_none() {
            return Err("name at least one side, as in 800x or x600".to_owned());
        }
        Ok(Self::Box { width, height })
    }
}

fn side(text: &str) -> Result<Option<i64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .ok()
        .filter(|pixels| (1..=16_384).contains(pixels))
        .map(Some)
        .ok_or_else(|| "a side has from 1 to 16384 pixels".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Mode, Size};

    #[test]
    fn sizes_are_read() {
        let boxed = |width, height| Ok(Size::Box { width, height });
        assert_eq!("50%".parse(), Ok(Size::Percent(50.0)));
        assert_eq!("12.5%".parse(), Ok(Size::Percent(12.5)));
        assert_eq!("800x600".parse(), boxed(Some(800), Some(600)));
        assert_eq!("800x".parse(), boxed(Some(800), None));
        assert_eq!("X600".parse(), boxed(None, Some(600)));
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "", "x", "50", "%", "5%", "NaN%", "inf%", "0x10", "-1x", "16385x", "1x2x3", "9 x9",
        ] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_bare_number_is_asked_about() {
        assert_eq!(
            "50".parse::<Size>().unwrap_err(),
            "is that percent or pixels? Write 50%, 50x or x50"
        );
    }

    #[test]
    fn a_percentage_becomes_a_factor() {
        let config = Size::Percent(50.0).config(Mode::Lfit);
        assert_eq!(config.percent, Some(0.5));
        assert_eq!(
            config.mode.map(|mode| mode.to_string()).as_deref(),
            Some("percent")
        );
    }
}
