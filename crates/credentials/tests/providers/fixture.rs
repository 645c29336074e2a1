//! A home folder, variables and a transport that a test decides on.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use tcloud_core::environment::Manual;
use tcloud_core::transport::{Memory, Transport};
use tcloud_credentials::{
    Credentials, CredentialsError, CredentialsProvider, DefaultChain, ProfileFiles,
    ProviderContext, Variables,
};
use tempfile::TempDir;

/// The moment of all tests, in Unix seconds.
pub(crate) const NOW: i64 = 1_780_000_000;

/// What stands in files and variables and must never be shown.
pub(crate) const SECRET: &str = "s3cret";

/// A home folder.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes the file `name`, its folder as well.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The profiles of this home and of no other place.
    pub(crate) fn files(&self, set: &[(&'static str, &str)]) -> ProfileFiles {
        ProfileFiles::new()
            .home(self.0.path())
            .of_all_users(self.path("etc/credentials"))
            .variables(variables(set))
    }

    /// The chain over this home and no other place.
    pub(crate) fn chain(&self, set: &[(&'static str, &str)]) -> DefaultChain {
        DefaultChain::new()
            .home(self.0.path())
            .of_all_users(self.path("etc/credentials"))
            .variables(variables(set))
    }

    /// `text` without the folder's name, which differs from run to run.
    pub(crate) fn shown(&self, text: &str) -> String {
        text.replace(self.0.path().to_str().unwrap(), "~")
    }
}

pub(crate) fn variables(set: &[(&'static str, &str)]) -> Variables {
    let set: HashMap<_, _> = set
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    Variables::new(move |name| set.get(name).cloned())
}

/// What a provider may use: `transport`, and the clock of all tests.
pub(crate) fn context(transport: impl Transport + 'static) -> ProviderContext {
    ProviderContext::new(transport, Manual::new(NOW * 1000))
}

/// A transport that nobody should use.
pub(crate) fn nowhere() -> Memory {
    Memory::answering::<&str>([])
}

/// What `provider` answers without a network.
pub(crate) async fn ask(
    provider: impl CredentialsProvider,
) -> Result<Credentials, CredentialsError> {
    let transport = nowhere();
    let outcome = provider.credentials(&context(transport.clone())).await;
    assert!(transport.requests().is_empty(), "nothing is to be sent");
    outcome
}

/// Why `provider` has no credentials, shown without secrets.
pub(crate) async fn failure(provider: impl CredentialsProvider) -> CredentialsError {
    let error = ask(provider).await.unwrap_err();
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(SECRET), "{text}");
    }
    error
}

/// An answer of the token service.
pub(crate) fn keys_of_sts(id: &str, life: i64) -> String {
    format!(
        r#"{{"Response": {{"Credentials": {{"TmpSecretId": "{id}", "TmpSecretKey": "{SECRET}",
            "Token": "{SECRET}-token"}}, "ExpiredTime": {}, "RequestId": "r"}}}}"#,
        NOW + life
    )
}
