//! Files of `api-spec`: whatever is in them, the loader and the linter answer with diagnostics.
//!
//! An input is one file or more, each behind a line that names it: `=== garden/service.yaml`.

use tcloud_codegen::check::check;
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::load::{SourceFile, load};

use super::Target;

pub(super) const TARGET: Target = Target {
    name: "spec_files",
    entry: spec_files,
    seeds: || Ok(Vec::new()),
    pieces: &[
        b": ",
        b"- ",
        b"\n",
        b"\n  ",
        b"\t",
        b"{",
        b"}",
        b"[",
        b"]",
        b"&a ",
        b"*a",
        b"<<: *a",
        b"|\n",
        b">-\n",
        b"'",
        b"\"",
        b"#",
        b"? ",
        b"!!str ",
        b"!!binary ",
        b"---\n",
        b"...\n",
        b"%YAML 1.2\n",
        b"~",
        b"null",
        b"true",
        b"0x7FFFFFFFFFFFFFFF",
        b"-1",
        b"1e999",
        b".nan",
        b"type: Container",
        b"parent: Response",
        b"required: true",
        b"[[[[[[[[",
        b"{{{{{{{{",
        b"/{key+}",
        b"?a&b",
        b"\0",
        "\u{feff}".as_bytes(),
        "\u{85}\u{2028}\u{1F600}".as_bytes(),
    ],
    addressed: false,
    accepted: 1..=99,
};

/// Loads and checks the files of an input. They are accepted if there is nothing but advice.
pub fn spec_files(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let files = text.split("=== ").filter_map(|part| {
        let (path, text) = part.split_once('\n')?;
        Some(SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        })
    });
    match load(files.collect()) {
        Ok(spec) => {
            let found = check(&spec);
            assert_readable(&found);
            !spec.services.is_empty() && !found.iter().any(Diagnostic::is_error)
        }
        Err(found) => {
            assert!(!found.is_empty(), "refused without a reason");
            assert_readable(&found);
            false
        }
    }
}

fn assert_readable(found: &[Diagnostic]) {
    for diagnostic in found {
        assert!(!diagnostic.render().is_empty(), "a diagnostic says nothing");
    }
}
