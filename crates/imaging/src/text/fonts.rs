//! The fonts of the machine, and the one that is built in.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use cosmic_text::FontSystem;
use cosmic_text::fontdb::{Database, Source};

use crate::{Error, Result};

/// Noto Sans with the letters of European languages that are written in Latin.
const LATIN: &[u8] = include_bytes!("../../fonts/NotoSans-Latin.ttf");
const LATIN_FAMILY: &str = "Noto Sans";

/// Does `work` with the fonts, which are looked for the first time.
///
/// # Errors
///
/// Those of `work`, and a panic of a library.
pub(super) fn with<T>(work: impl FnOnce(&mut FontSystem) -> Result<T>) -> Result<T> {
    static FONTS: OnceLock<Mutex<FontSystem>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut database = Database::new();
        database.load_font_source(Source::Binary(Arc::new(LATIN)));
        database.load_system_fonts();
        database.set_sans_serif_family(LATIN_FAMILY);
        Mutex::new(FontSystem::new_with_locale_and_db(
            "en-US".to_owned(),
            database,
        ))
    });
    // What is kept in it is no more than what was read of files.
    let mut fonts = fonts.lock().unwrap_or_else(PoisonError::into_inner);
    catch_unwind(AssertUnwindSafe(|| work(&mut fonts))).unwrap_or_else(|_| {
        Err(Error::InvalidParameter {
            name: "text",
            found: "something that cannot be laid out with the fonts of this machine".to_owned(),
            expected: "written in another way",
        })
    })
}

/// The package of Debian and its kin that has a font for `character`.
pub(super) const fn package(character: char) -> &'static str {
    match character {
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7ff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ffef}'
        | '\u{20000}'..='\u{3ffff}' => "fonts-noto-cjk",
        '\u{2600}'..='\u{27bf}' | '\u{1f000}'..='\u{1faff}' => "fonts-noto-color-emoji",
        _ => "fonts-noto-core",
    }
}

#[cfg(test)]
mod tests {
    use super::package;

    #[test]
    fn packages_are_named_by_script() {
        for (character, name) in [
            ('水', "fonts-noto-cjk"),
            ('한', "fonts-noto-cjk"),
            ('カ', "fonts-noto-cjk"),
            ('😀', "fonts-noto-color-emoji"),
            ('ก', "fonts-noto-core"),
        ] {
            assert_eq!(package(character), name, "{character}");
        }
    }
}
