//! The networks that come with this crate, and those that take their places.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use crate::{Error, Network, Result};

/// What a network is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Role {
    /// Doubling clean pictures, which no lossy format has gone over.
    Enlarge,
    /// Doubling compressed, blurred or noisy pictures.
    EnlargeRobust,
    /// Taking out noise and the traces of JPEG.
    Denoise,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Enlarge, Self::EnlargeRobust, Self::Denoise];

    /// The name of the network that has this role, as of its file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enlarge => "sr_x2",
            Self::EnlargeRobust => "sr_x2_robust",
            Self::Denoise => "denoise",
        }
    }

    /// How many times as wide and high the result of such a network has to be.
    pub const fn factor(self) -> u32 {
        match self {
            Self::Enlarge | Self::EnlargeRobust => 2,
            Self::Denoise => 1,
        }
    }

    const fn file(self) -> &'static [u8] {
        match self {
            Self::Enlarge => include_bytes!("../models/sr_x2.onnx"),
            Self::EnlargeRobust => include_bytes!("../models/sr_x2_robust.onnx"),
            Self::Denoise => include_bytes!("../models/denoise.onnx"),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| {
                format!("`{text}` is no such network; use sr_x2, sr_x2_robust or denoise")
            })
    }
}

/// A network and how to call it.
#[derive(Debug, Clone)]
pub struct Model {
    name: Arc<str>,
    network: Arc<Network>,
}

impl Model {
    /// The network of this crate for `role`, with the crate's version in its name.
    ///
    /// # Errors
    ///
    /// None is to be expected: a test reads all of them.
    pub fn embedded(role: Role) -> Result<Self> {
        type Embedded = LazyLock<Result<Model>>;
        fn read(role: Role) -> Result<Model> {
            let version = env!("CARGO_PKG_VERSION");
            let name = format!("{role} (tcloud-networks {version})");
            Ok(Model::new(name, Network::from_onnx(role.file())?))
        }
        static ENLARGE: Embedded = LazyLock::new(|| read(Role::Enlarge));
        static ENLARGE_ROBUST: Embedded = LazyLock::new(|| read(Role::EnlargeRobust));
        static DENOISE: Embedded = LazyLock::new(|| read(Role::Denoise));
        let model = match role {
            Role::Enlarge => &ENLARGE,
            Role::EnlargeRobust => &ENLARGE_ROBUST,
            Role::Denoise => &DENOISE,
        };
        (**model).clone()
    }

    /// Another network, by the name that stands beside its results.
    pub fn new(name: impl Into<Arc<str>>, network: Network) -> Self {
        Self {
            name: name.into(),
            network: Arc::new(network),
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }
}

/// A network for each role: those of this crate, unless others have taken their places.
#[derive(Debug, Clone, Default)]
pub struct Models(BTreeMap<Role, Model>);

impl Models {
    /// Gives `model` the role.
    ///
    /// # Errors
    ///
    /// It enlarges by another factor than the role asks for.
    pub fn replace(&mut self, role: Role, model: Model) -> Result<()> {
        let (found, due) = (model.network().factor(), role.factor());
        if found != due {
            return Err(Error::unknown(format!(
                "it makes a picture {found} times as wide, and {role} {due} times"
            )));
        }
        self.0.insert(role, model);
        Ok(())
    }

    /// The network that has the role.
    ///
    /// # Errors
    ///
    /// Those of [`Model::embedded`].
    pub fn get(&self, role: Role) -> Result<Model> {
        self.0
            .get(&role)
            .cloned()
            .map_or_else(|| Model::embedded(role), Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_embedded_networks_are_read() {
        for role in Role::ALL {
            let model = Model::embedded(role).unwrap();
            assert_eq!(model.network().factor(), role.factor());
            assert!(model.name().starts_with(role.as_str()));
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!(
            "sr_x3"
                .parse::<Role>()
                .unwrap_err()
                .contains("sr_x2_robust")
        );
    }

    #[test]
    fn a_role_is_taken_by_what_enlarges_as_it_does() {
        let mut models = Models::default();
        let own = |role: Role| Model::new("own", Network::from_onnx(role.file()).unwrap());
        models
            .replace(Role::Enlarge, own(Role::EnlargeRobust))
            .unwrap();
        assert_eq!(models.get(Role::Enlarge).unwrap().name(), "own");
        assert!(
            models
                .get(Role::Denoise)
                .unwrap()
                .name()
                .starts_with("denoise")
        );
        let refused = models
            .replace(Role::Denoise, own(Role::Enlarge))
            .unwrap_err();
        assert!(refused.to_string().contains("2 times"), "{refused}");
    }
}
