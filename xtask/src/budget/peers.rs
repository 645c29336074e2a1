//! What others pay for the like.

use std::error::Error;
use std::path::Path;

use tcloud_codegen::model::Service;
use tcloud_codegen::peer::serde_types;

use super::builds;
use super::figure::Subject;
use super::limits::Aws;
use super::report::Report;
use super::scratch::{Build, Scratch};

/// The package of serde's types.
const SERDE: &str = "serde-types";

/// A package that depends on the peer from the registry and is nothing itself.
const CARRIER: &str = "carrier";

/// What a user of serde would do with a message. Derived code is generic, so without this nothing
/// of it would be compiled in the crate of the types.
const JSON: &str = "
/// A message as JSON.
pub trait Json: Sized {
    fn read(text: &[u8]) -> serde_json::Result<Self>;
    fn write(&self) -> serde_json::Result<Vec<u8>>;
}

macro_rules! json {
    ($($message:path)*) => {
        $(impl Json for $message {
            fn read(text: &[u8]) -> serde_json::Result<Self> {
                serde_json::from_slice(text)
            }

            fn write(&self) -> serde_json::Result<Vec<u8>> {
                serde_json::to_vec(self)
            }
        })*
    };
}
";

/// Writes the package of the types of `service` as a user of serde would write them.
pub(crate) fn write_serde(scratch: &Scratch, service: &Service) -> Result<(), Box<dyn Error>> {
    let messages = service.operations.iter().flat_map(|it| {
        [&it.request, &it.response].map(|message| (it.module.as_str(), message.name.as_str()))
    });
    let messages: Vec<String> = messages
        .map(|(module, name)| format!("    operation::{module}::{name}\n"))
        .collect();
    let types = serde_types(service, None)?;
    let library = format!("{types}{JSON}\njson! {{\n{}}}\n", messages.concat());
    let dependencies = "serde = { version = '1', features = ['derive'] }\nserde_json = '1'";
    scratch.package(SERDE, dependencies, [("lib.rs", library.as_str())])
}

/// Measures that package.
pub(crate) fn measure_serde(report: &mut Report, scratch: &Scratch) -> Result<(), Box<dyn Error>> {
    let builds = [Build::Check, Build::Dev, Build::Release];
    builds::measure(report, Subject::Serde, scratch, [SERDE, SERDE], &builds)
}

/// Measures the peer from the registry in a workspace of its own below `folder`: its dependencies
/// have nothing to do with ours.
pub(crate) fn measure_aws(
    report: &mut Report,
    folder: &Path,
    aws: &Aws,
    release: bool,
) -> Result<(), Box<dyn Error>> {
    let Aws { package, version } = aws;
    let scratch = Scratch::new(folder.join("aws"), None)?;
    let dependencies =
        format!("{package} = {{ version = '={version}', default-features = false }}");
    scratch.package(CARRIER, &dependencies, [("lib.rs", "")])?;
    let all = [Build::Check, Build::Dev, Build::Release];
    let builds = if release { &all[..] } else { &all[..2] };
    builds::measure(report, Subject::Aws, &scratch, [CARRIER, package], builds)
}
