//! What a cloud is given from the start by files: its account, and a seed.

use std::path::Path;

use tcloud_core::credentials::Credentials;
use tcloud_local::{Account, Seed, Settings};

use super::{account, keys};
use crate::error::Error;

/// What was read.
pub(super) struct Given {
    account: Option<Account>,
    seed: Option<Seed>,
}

impl Given {
    /// Reads the files that are named.
    pub(super) fn read(account: Option<&Path>, seed: Option<&Path>) -> Result<Self, Error> {
        let account = account.map(account::read).transpose()?;
        let read = |folder: &Path| -> Result<Seed, Error> {
            let seed = Seed::read(folder).map_err(|error| {
                let name = folder.display();
                Error::Usage(format!("local: {name}: {error}"))
            })?;
            if seed.account().is_some() {
                keys::warn_of_others(&folder.join("seed.yaml"));
            }
            Ok(seed)
        };
        let seed = seed.map(read).transpose()?;
        if account.is_some() && seed.as_ref().is_some_and(|it| it.account().is_some()) {
            return Err(Error::Usage(
                "local: the seed has an account as well; leave --account out, or `account` in \
                 seed.yaml"
                    .to_owned(),
            ));
        }
        Ok(Self { account, seed })
    }

    /// The keys of the root account that the files give.
    pub(super) fn keys(&self) -> Vec<Credentials> {
        let of_seed = self.seed.as_ref().and_then(Seed::account);
        let account = self.account.as_ref().or(of_seed);
        account.map(account::own_keys).unwrap_or_default()
    }

    /// `settings` with what was read.
    pub(super) fn apply(self, mut settings: Settings) -> Settings {
        if let Some(account) = self.account {
            settings = settings.account(account);
        }
        match self.seed {
            Some(seed) => settings.seed(seed),
            None => settings,
        }
    }
}
