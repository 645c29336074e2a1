//! A crate for a service that has none yet: from its metadata to what compiles.

use std::error::Error;
use std::fs;
use std::path::Path;

use tcloud_codegen::check::check;
use tcloud_codegen::diagnostic::Diagnostic;
use tcloud_codegen::load::{SourceFile, load};
use tcloud_codegen::model::{Field, Kind, Operation, Service};
use tcloud_codegen::{emit, lower};

use crate::arguments::New;
use crate::print::{self, say};
use crate::{files, import, lint, metadata, release};

/// Makes the crate of a service: in the workspace, or in the folder `out` with its tables beside
/// it. What exists already is brought up to date; files that people write are left alone.
pub(crate) fn run(arguments: New) -> Result<(), Box<dyn Error>> {
    let from = metadata::package(arguments.from)?;
    let out = arguments.out.as_deref();
    let root = files::workspace();
    let spec = out.unwrap_or(&root).join("api-spec");
    let (name, import) = import::import(&from, &arguments.service, &spec)?;
    print::text(format_args!("{}", import.report));

    let service = model(import.files)?;
    let folder = out.map_or_else(|| root.join("crates").join(&name), Path::to_owned);
    let generated = emit::emit(&service)?
        .into_iter()
        .map(|file| (file.path, file.text))
        .collect();
    let of_generated = folder.join("src/generated");
    files::replace(&of_generated, "rs", &generated, false)?;
    let front = [(emit::FRONT.to_owned(), emit::front(&service))].into();
    files::replace(&of_generated, "md", &front, false)?;
    let manifest = match out {
        Some(folder) => manifest_outside(&service, &root, folder)?,
        None => manifest_inside(&service),
    };
    create(&folder.join("Cargo.toml"), &manifest)?;
    create(&folder.join("README.md"), &readme(&service))?;
    create(&folder.join("src/lib.rs"), LIBRARY)?;
    if out.is_none() {
        join_workspace(&root.join("Cargo.toml"), &name)?;
    }
    say!("{}: now run `cargo test` there", folder.display());
    Ok(())
}

/// The model of the one service in `sources`, if its tables have no errors.
pub(crate) fn model(sources: Vec<SourceFile>) -> Result<Service, Box<dyn Error>> {
    let spec = load(sources).map_err(|found| lint::refused(&found))?;
    let found: Vec<_> = check(&spec)
        .into_iter()
        .filter(Diagnostic::is_error)
        .collect();
    if !found.is_empty() {
        return Err(lint::refused(&found).into());
    }
    let service = spec.services.first().ok_or("the metadata has no service")?;
    Ok(lower::lower(&spec.sources, service)?)
}

/// Writes a file that people may change later, unless it exists.
fn create(path: &Path, text: &str) -> Result<(), Box<dyn Error>> {
    if path.exists() {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
        .map_err(|cause| format!("cannot write {}: {cause}", path.display()).into())
}

/// Lets other crates of the workspace depend on that of `name`.
fn join_workspace(manifest: &Path, name: &str) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(manifest)?;
    let own = dependency(name);
    if text.contains(&own) {
        return Ok(());
    }
    let is_service = |line: &&str| {
        let name = line.split_once(" = ").map_or("", |(name, _)| name);
        let name = name.strip_prefix("tcloud-").unwrap_or_default();
        **line == *dependency(name)
    };
    let last = text.lines().rfind(is_service);
    let last = last.ok_or("Cargo.toml: no line of a service to put the new one behind")?;
    fs::write(manifest, text.replacen(last, &format!("{last}\n{own}"), 1))?;
    Ok(())
}

fn dependency(name: &str) -> String {
    format!(
        "tcloud-{name} = {{ path = \"crates/{name}\", version = \"{}\", default-features = false }}",
        env!("CARGO_PKG_VERSION")
    )
}

const FEATURES: &str = r#"[features]
default = ["credentials", "reqwest", "tracing"]
# Credentials from profiles and roles, where the configuration names none.
credentials = ["dep:tcloud-credentials"]
# The ready transport: reqwest over rustls.
reqwest = ["tcloud-core/reqwest"]
# The words of the tables, for programs that show them.
documentation = []
# What unit tests of programs need: a mock, faults on demand, cassettes.
testing = ["tcloud-core/testing"]
# Spans of calls and attempts.
tracing = ["tcloud-core/tracing"]
"#;

fn description(service: &Service) -> String {
    format!(
        "Tencent Cloud {} client, generated from the tables of the service's metadata.",
        service.title
    )
}

fn manifest_inside(service: &Service) -> String {
    format!(
        r#"[package]
name = "tcloud-{}"
description = "{}"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
readme = "README.md"
license.workspace = true
repository.workspace = true

{FEATURES}
[package.metadata.docs.rs]
all-features = true

[lints]
workspace = true

[dependencies]
tcloud-core.workspace = true
tcloud-credentials = {{ workspace = true, optional = true }}

[dev-dependencies]
# The crate itself: its page has a unit test that uses the feature `testing`.
tcloud-{0} = {{ path = ".", features = ["testing"] }}
tokio = {{ workspace = true, features = ["macros", "rt"] }}
"#,
        service.name,
        description(service)
    )
}

fn manifest_outside(
    service: &Service,
    root: &Path,
    folder: &Path,
) -> Result<String, Box<dyn Error>> {
    let core = path_to("crates/core", folder, root)?;
    let credentials = path_to("crates/credentials", folder, root)?;
    Ok(format!(
        r#"[package]
name = "tcloud-{}"
description = "{}"
version = "0.1.0"
edition = "2024"
rust-version = "1.89"
readme = "README.md"

{FEATURES}
[dependencies]
# From a clone beside this crate.{}
tcloud-core = {{ {core}version = "{version}", default-features = false }}
tcloud-credentials = {{ {credentials}version = "{version}", optional = true }}

[dev-dependencies]
# The crate itself: its page has a unit test that uses the feature `testing`.
tcloud-{0} = {{ path = ".", features = ["testing"] }}
tokio = {{ version = "1", features = ["macros", "rt"] }}
"#,
        service.name,
        description(service),
        elsewhere(),
        version = env!("CARGO_PKG_VERSION"),
    ))
}

/// What the manifest says to those who have no clone.
fn elsewhere() -> String {
    release::address().map_or_else(String::new, |address| {
        format!(" Without one: `git = \"{address}\"` in place of the paths.")
    })
}

/// Where the crate of `root` is, as the manifest in `folder` says it: a path from there, so that both
/// can be moved together. Nothing if `root` does not have it.
fn path_to(own: &str, folder: &Path, root: &Path) -> Result<String, Box<dyn Error>> {
    let own = root.join(own);
    if !own.is_dir() {
        return Ok(String::new());
    }
    let (own, folder) = (own.canonicalize()?, folder.canonicalize()?);
    // There is none from one drive to another.
    let path = pathdiff::diff_paths(&own, folder).unwrap_or(own);
    let path = path.display().to_string().replace('\\', "/");
    Ok(format!("path = {path:?}, "))
}

/// `src/lib.rs`, the same for every service.
const LIBRARY: &str = r#"#![doc = include_str!("../README.md")]
#![doc = include_str!("generated/operations.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The generator has its own layout, and its arguments are the rows that a table requires.
#[rustfmt::skip]
#[allow(
    clippy::similar_names,
    clippy::too_many_arguments,
    clippy::too_many_lines,
    reason = "the tables name and count them"
)]
mod generated;

/// The runtime under all clients.
pub use tcloud_core as runtime;
pub use tcloud_core::body::{self, Body};
pub use tcloud_core::call::{CallOptions, Reply};
pub use tcloud_core::config::Config;
pub use tcloud_core::credentials::Credentials;
pub use tcloud_core::endpoint::Endpoint;
pub use tcloud_core::error::{Error, ErrorKind};
pub use tcloud_core::{interceptor, observe};
#[cfg(feature = "testing")]
pub use tcloud_core::testing;
#[cfg(feature = "credentials")]
pub use tcloud_credentials as credentials;

pub use self::generated::*;
"#;

fn readme(service: &Service) -> String {
    let Service { name, title, .. } = service;
    let library = format!("tcloud_{}", name.replace('-', "_"));
    let example = example(service);
    let call = example
        .as_ref()
        .map_or_else(String::new, |(operation, arguments)| {
            format!(
                r#"let reply = client.{}({arguments}).send().await?;

assert_eq!(reply.request_id(), Some("03b25aab"));
"#,
                operation.module
            )
        });
    let test = example.map_or_else(String::new, |(operation, arguments)| {
        let (module, action) = (&operation.module, &operation.name);
        format!(
            r#"
## A unit test

`testing::Mock` (feature `testing`) answers typed requests with typed answers. Nothing is sent, and
a call that no rule is for fails.

```rust
use {library}::Client;
use {library}::operation::{module}::{{{action}Request, {action}Response}};
use {library}::testing::Mock;

# #[tokio::main(flavor = "current_thread")]
# async fn main() -> Result<(), {library}::Error> {{
let mock = Mock::new();
mock.when::<{action}Request>().answer({action}Response::new());

let client = Client::new(&mock.config());
client.{module}({arguments}).send().await?;
mock.assert_called::<{action}Request>(1);
# Ok(())
# }}
```
"#
        )
    });
    format!(
        r##"# tcloud-{name}

Client of Tencent Cloud {title}, generated from the tables of the service's metadata.

```rust
use {library}::runtime::transport::Memory;
use {library}::{{Client, Config, Credentials}};

# #[tokio::main(flavor = "current_thread")]
# async fn main() -> Result<(), {library}::Error> {{
// A transport in memory answers here; leave `transport` out to reach the service.
let service = Memory::answering([(200, r#"{{"Response": {{"RequestId": "03b25aab"}}}}"#)]);
let config = Config::builder()
    .region("ap-guangzhou")
    .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
    .transport(service)
    .build()?;
let client = Client::new(&config);

{call}# Ok(())
# }}
```

- **Setters** take a value or an `Option` of one. Types that requests share are at the crate's root.
- **Errors** carry `code()`, `message()`, `request_id()` and `status()`, and say what to do next.
- **Credentials**: a configuration without any looks at the environment, profiles and roles;
  `credentials::AssumeRole` and others are providers to choose from.
- **Features**: `reqwest` (default) brings the ready transport. Without it there is no TLS and no
  async runtime: give a transport of your own. `credentials` (default) looks for credentials in
  profiles and roles; without it, the environment alone is looked at. `tracing` (default) opens a
  span for each call and each attempt, for subscribers of that crate. `documentation` brings the
  words of the tables, `testing` what unit tests need.
{test}"##
    )
}

/// An operation that shows how calls are made, and its arguments: one that only looks, and asks for
/// as little as possible.
fn example(service: &Service) -> Option<(&Operation, String)> {
    service
        .operations
        .iter()
        .filter(|operation| !operation.deprecated && !operation.unsigned)
        .filter_map(|operation| {
            let fields = operation.request.required_fields();
            let arguments: Option<Vec<_>> = fields.map(argument).collect();
            Some((operation, arguments?))
        })
        .min_by_key(|(operation, arguments)| (!operation.idempotent, arguments.len()))
        .map(|(operation, arguments)| (operation, arguments.join(", ")))
}

fn argument(field: &Field) -> Option<String> {
    let one = match field.kind {
        Kind::Text | Kind::Enumeration(_) => "\"example\"",
        Kind::Timestamp => "\"2026-01-01T00:00:00Z\".to_owned()",
        Kind::Integer => "1",
        Kind::Float => "1.0",
        Kind::Boolean => "true",
        _ => return None,
    };
    Some(if field.list {
        format!("[{one}]")
    } else {
        one.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_outside_names_the_runtime_by_a_path_from_itself() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tcloud");
        let own = folder.path().join("project/crates/cvm");
        fs::create_dir_all(root.join("crates/core")).unwrap();
        fs::create_dir_all(&own).unwrap();
        assert_eq!(
            path_to("crates/core", &own, &root).unwrap(),
            r#"path = "../../../tcloud/crates/core", "#
        );
        assert_eq!(path_to("crates/core", &own, folder.path()).unwrap(), "");
    }
}
