//! `--mock`: services of API 3.0 that are not run, but checked and answered.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use tcloud_local::{MockService, Settings};

use crate::error::Error;

/// Which services are mocked.
#[derive(Debug, Args)]
pub(super) struct MockArgs {
    /// A service of API 3.0 to mock, as NAME or NAME@VERSION, such as cvm; may be repeated
    ///
    /// Requests are checked by the official tables. Answers are the examples of the documents, or made up
    /// to the tables' shape, and say which by the header X-Tcloud-Mock. Nothing is kept.
    #[arg(long = "mock", value_name = "SERVICE", requires = "from")]
    names: Vec<String>,
    /// The unpacked PyPI package tccli, which has the tables of all services: pip install --no-deps
    /// --target DIR tccli
    #[arg(long, value_name = "DIR", requires = "names", value_hint = ValueHint::DirPath)]
    from: Option<PathBuf>,
    /// Another seed gives made-up answers other ids
    #[arg(long, value_name = "NUMBER", requires = "names", default_value_t = 0)]
    mock_seed: u64,
}

impl MockArgs {
    /// The services.
    pub(super) fn read(&self) -> Result<Vec<MockService>, Error> {
        let Some(from) = &self.from else {
            return Ok(Vec::new());
        };
        let read = |name: &String| MockService::from_package(from, name);
        let read: Result<Vec<_>, _> = self.names.iter().map(read).collect();
        let read = read.map_err(|error| Error::Failed(format!("local: {error}")))?;
        Ok(read.into_iter().map(|it| it.seed(self.mock_seed)).collect())
    }
}

/// `settings` with these services.
pub(super) fn apply(settings: Settings, services: Vec<MockService>) -> Settings {
    services.into_iter().fold(settings, Settings::mock)
}
