//! The account of the local cloud: from a file, and a token of its identity provider into one.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tcloud_core::credentials::Credentials;
use tcloud_local::{Account, DEFAULT_SECRET_ID, LocalCloud};

use super::{file, keys};
use crate::error::Error;

/// How long a token of the identity provider is taken.
const LIFETIME: Duration = Duration::from_hours(30 * 24);

/// The account in the file `path`.
pub(super) fn read(path: &Path) -> Result<Account, Error> {
    let name = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| Error::Usage(format!("the account {name} cannot be read: {error}")))?;
    keys::warn_of_others(path);
    Account::from_json(&text).map_err(|error| Error::Usage(format!("{name}: {error}")))
}

/// The keys of the root account that the file itself gives.
pub(super) fn own_keys(account: &Account) -> Vec<Credentials> {
    let keys = account.keys.iter();
    keys.filter(|key| key.secret_id() != DEFAULT_SECRET_ID)
        .cloned()
        .collect()
}

/// Writes a token of the identity provider for `subject` to `path`, which its owner alone may read.
pub(super) fn write_token(cloud: &LocalCloud, subject: &str, path: &Path) -> Result<(), Error> {
    let token = cloud.web_identity_token(subject, LIFETIME);
    file::replace(path, &token).map_err(|error| {
        let name = path.display();
        Error::Failed(format!(
            "local: the token cannot be written to {name}: {error}; choose another \
             --web-identity-token"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::own_keys;
    use tcloud_local::Account;

    #[test]
    fn the_built_in_key_is_not_of_a_file() {
        assert!(own_keys(&Account::default()).is_empty());
        let text = r#"{"keys": [{"secretId": "AKIDmine", "secretKey": "mine"}]}"#;
        let account: Account = serde_json::from_str(text).unwrap();
        assert_eq!(own_keys(&account).len(), 1);
    }
}
