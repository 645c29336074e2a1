//! The path of the new picture: a folder, a template and the values of its variables.

use tcloud_core::server::Fault;
use tcloud_imaging::Format;

use super::fault::invalid;
use super::source::Source;
use crate::cos::{KEY_LIMIT, is_listable};

const NODE: &str = "OutputPath";
const DEFAULT: &str = "{inputName}.{format}";
const ENDING: &str = ".{format}";
/// Longest extension of a format that is written, in bytes.
const LONGEST_EXTENSION: &str = "jpeg";

/// A checked output path. Its value is known once the output's format is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutputPath {
    /// Folder and template, without a leading slash.
    template: Vec<Piece>,
    input_name: String,
    input_format: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    InputName,
    InputFormat,
    Format,
}

impl OutputPath {
    /// Reads `OutputDir` and `OutputPath` of a request for `source`.
    ///
    /// A relative path lies in the folder, which is the source's unless one is given; an absolute
    /// one begins at the bucket's root. The documents do not say what a folder without a slash at
    /// its end means; here it is a folder all the same.
    pub(super) fn new(
        folder: Option<&str>,
        path: Option<&str>,
        source: &Source,
    ) -> Result<Self, Fault> {
        let path = path.filter(|path| !path.is_empty()).unwrap_or(DEFAULT);
        if !path.ends_with(ENDING) {
            return Err(invalid(NODE, "it must end in `.{format}`"));
        }
        let mut template = Vec::new();
        let relative = if let Some(absolute) = path.strip_prefix('/') {
            absolute
        } else {
            let folder = folder
                .filter(|folder| !folder.is_empty())
                .unwrap_or_else(|| source.folder())
                .trim_matches('/');
            if !folder.is_empty() {
                template.push(Piece::Text(format!("{folder}/")));
            }
            path
        };
        pieces(relative, &mut template)?;

        let file_name = source.file_name();
        let (input_name, input_format) = match file_name.rsplit_once('.') {
            // A name that begins with its only dot has no extension.
            Some((name, extension)) if !name.is_empty() => (name, extension),
            _ => (file_name.as_str(), ""),
        };
        if input_name.is_empty() && template.contains(&Piece::InputName) {
            return Err(invalid(
                NODE,
                "the input's address has no file name for {inputName}; give a path without it",
            ));
        }
        let output = Self {
            template,
            input_name: input_name.to_owned(),
            input_format: input_format.to_owned(),
        };
        let longest = output.expand(LONGEST_EXTENSION);
        if longest.len() > KEY_LIMIT {
            return Err(invalid(NODE, "the whole path has more than 850 bytes"));
        }
        if !is_listable(&longest) {
            return Err(invalid(NODE, "the path has a control character"));
        }
        Ok(output)
    }

    /// The key of an output in `format`. If the input's format is `kept` and its name ends
    /// accordingly, the extension stays as it is spelled: `jpg` does not become `jpeg`.
    pub(super) fn key(&self, format: Format, kept: bool) -> String {
        if kept && Format::from_name(&self.input_format) == Some(format) {
            self.expand(&self.input_format)
        } else {
            self.expand(extension(format))
        }
    }

    fn expand(&self, extension: &str) -> String {
        self.template
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::InputName => &self.input_name,
                Piece::InputFormat => &self.input_format,
                Piece::Format => extension,
            })
            .collect()
    }
}

/// The extension MPS gives a format: its name in small letters.
const fn extension(format: Format) -> &'static str {
    match format {
        Format::Jpeg => "jpeg",
        other => other.extension(),
    }
}

/// Splits a template into text and variables.
fn pieces(template: &str, pieces: &mut Vec<Piece>) -> Result<(), Fault> {
    let mut rest = template;
    while let Some((text, after)) = rest.split_once('{') {
        let (variable, behind) = after
            .split_once('}')
            .ok_or_else(|| invalid(NODE, "a variable is not closed by `}`"))?;
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        pieces.push(match variable {
            "inputName" => Piece::InputName,
            "inputFormat" => Piece::InputFormat,
            "format" => Piece::Format,
            unknown => {
                let reason = format!(
                    "{{{unknown}}} is no variable; use {{inputName}}, {{inputFormat}} or \
                     {{format}}"
                );
                return Err(invalid(NODE, &reason));
            }
        });
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ObjectName;

    fn object(key: &str) -> Source {
        Source::Object {
            name: ObjectName::new("bucket-1250000000", key),
            region: "ap-shanghai".to_owned(),
        }
    }

    fn key(folder: Option<&str>, path: Option<&str>, source: &Source) -> Result<String, String> {
        OutputPath::new(folder, path, source)
            .map(|output| output.key(Format::Jpeg, false))
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn without_a_path_the_file_keeps_its_name_in_the_folder() {
        let source = object("image/test.png");
        for (folder, expected) in [
            (None, "image/test.jpeg"),
            (Some("/image/201907/"), "image/201907/test.jpeg"),
            (Some("a/b"), "a/b/test.jpeg"),
            (Some("/"), "test.jpeg"),
        ] {
            assert_eq!(key(folder, None, &source).as_deref(), Ok(expected));
        }
        assert_eq!(
            key(None, None, &object("test.png")).as_deref(),
            Ok("test.jpeg")
        );
    }

    #[test]
    fn a_path_is_relative_to_the_folder_or_absolute() {
        let source = object("image/test.v1.png");
        for (path, expected) in [
            ("small/{inputName}.{format}", "out/small/test.v1.jpeg"),
            (
                "/own/{inputName}_{inputFormat}.{format}",
                "own/test.v1_png.jpeg",
            ),
            ("name.{format}", "out/name.jpeg"),
        ] {
            assert_eq!(
                key(Some("/out/"), Some(path), &source).as_deref(),
                Ok(expected)
            );
        }
    }

    #[test]
    fn a_path_that_cannot_be_followed_is_refused() {
        let source = object("image/test.png");
        for (path, reason) in [
            ("name.jpeg", "must end in `.{format}`"),
            ("{definition}.{format}", "{definition} is no variable"),
            ("{.{format}", "is no variable"),
        ] {
            let error = key(None, Some(path), &source).unwrap_err();
            assert!(
                error.starts_with("InvalidParameterValue: OutputPath") && error.contains(reason),
                "{error}"
            );
        }
        let endless = format!("{}.{{format}}", "x".repeat(KEY_LIMIT));
        assert!(key(None, Some(&endless), &source).is_err());
    }

    #[test]
    fn the_extension_follows_the_format() {
        let output = OutputPath::new(None, None, &object("photo.JPG")).unwrap();
        assert_eq!(output.key(Format::Jpeg, true), "photo.JPG");
        assert_eq!(output.key(Format::Jpeg, false), "photo.jpeg");
        assert_eq!(output.key(Format::Png, true), "photo.png");
        assert_eq!(output.key(Format::WebP, false), "photo.webp");
        assert_eq!(output.key(Format::Bmp, false), "photo.bmp");
    }

    #[test]
    fn an_address_gives_its_file_name_only() {
        let address = |url: &str| Source::Address(url.to_owned());
        let photo = address("https://example.com/a/b/my%20photo.png?sign=1");
        assert_eq!(key(None, None, &photo).as_deref(), Ok("my photo.jpeg"));
        let nameless = address("https://example.com/");
        assert!(key(None, None, &nameless).is_err());
        assert_eq!(
            key(None, Some("named.{format}"), &nameless).as_deref(),
            Ok("named.jpeg")
        );
    }

    #[test]
    fn a_hidden_file_has_no_extension() {
        assert_eq!(
            key(None, None, &object("a/.png")).as_deref(),
            Ok("a/.png.jpeg")
        );
    }
}
