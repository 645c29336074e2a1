//! `--model`: networks of the user's own.

use std::fs;
use std::path::Path;

use tcloud_networks::{Model, Models, Network, Role};

/// A network and the place it takes.
#[derive(Debug, Clone)]
pub(super) struct Named {
    role: Role,
    model: Model,
}

/// Reads `NAME=FILE`, and the file.
pub(super) fn parse(text: &str) -> Result<Named, String> {
    let (name, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("write it as sr_x2=better.onnx")?;
    let role: Role = name.parse()?;
    let bytes = fs::read(file).map_err(|error| format!("reading {file}: {error}"))?;
    let network = Network::from_onnx(&bytes).map_err(|error| error.to_string())?;
    let shown = Path::new(file).file_name().unwrap_or_default();
    let model = Model::new(format!("{role} ({})", shown.display()), network);
    // Tells now whether it can have the role.
    Models::default()
        .replace(role, model.clone())
        .map_err(|error| error.to_string())?;
    Ok(Named { role, model })
}

/// The networks of the local cloud, with these in their places.
pub(super) fn all(named: &[Named]) -> Models {
    let mut models = Models::default();
    for Named { role, model } in named {
        // Each has been tried before.
        let _ = models.replace(*role, model.clone());
    }
    models
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> String {
        format!(
            "{}/../networks/models/{name}.onnx",
            env!("CARGO_MANIFEST_DIR")
        )
    }

    #[test]
    fn a_network_takes_a_place_that_it_fits() {
        let named = parse(&format!("sr_x2={}", file("sr_x2_robust"))).unwrap();
        let models = all(&[named]);
        let name = |role| models.get(role).unwrap().name().to_owned();
        assert_eq!(name(Role::Enlarge), "sr_x2 (sr_x2_robust.onnx)");
        assert!(name(Role::EnlargeRobust).contains("tcloud-networks"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, part) in [
            ("sr_x2".to_owned(), "sr_x2=better.onnx"),
            ("sr_x4=a.onnx".to_owned(), "no such network"),
            ("denoise=/nowhere.onnx".to_owned(), "reading /nowhere.onnx"),
            (format!("denoise={}", file("sr_x2")), "2 times as wide"),
            (
                format!("sr_x2={}/Cargo.toml", env!("CARGO_MANIFEST_DIR")),
                "ONNX",
            ),
        ] {
            let error = parse(&text).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
