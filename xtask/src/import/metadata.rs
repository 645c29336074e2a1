//! Official metadata into the tables.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use tcloud_codegen::import::tc3::{self, Metadata};
use tcloud_codegen::load::SourceFile;

use crate::arguments::ImportTc3;
use crate::print::{self, say};
use crate::{files, metadata};

/// Brings the tables of a service in line with its metadata.
pub(super) fn run(arguments: ImportTc3) -> Result<(), Box<dyn Error>> {
    let from = metadata::package(arguments.from)?;
    let spec = files::workspace().join("api-spec");
    let (_, import) = import(&from, &arguments.service, &spec)?;
    print::text(format_args!("{}", import.report));
    if import.report.written() > 0 {
        say!("now run `cargo xtask lint` and `cargo xtask regenerate`");
    }
    Ok(())
}

/// Imports `service` from the package `from` into the folder `spec`, and gives its short name.
pub(crate) fn import(
    from: &Path,
    service: &str,
    spec: &Path,
) -> Result<(String, tc3::Import), Box<dyn Error>> {
    let version = metadata::find(from, service)?;
    let metadata = Metadata::parse(&version.read("api.json")?)?;
    let name = metadata.service().to_owned();
    let folder = spec.join(&name);
    let prefixed = |(path, text): (String, String)| SourceFile {
        path: format!("{name}/{path}"),
        text,
    };
    let present = files::read(&folder, "yaml")?;
    let import = tc3::import(&metadata, present.into_iter().map(prefixed).collect())?;
    let wanted: BTreeMap<String, String> = import
        .files
        .iter()
        .filter_map(|file| {
            let path = file.path.split_once('/')?.1;
            Some((path.to_owned(), file.text.clone()))
        })
        .collect();
    files::replace(&folder, "yaml", &wanted, false)?;
    Ok((name, import))
}
