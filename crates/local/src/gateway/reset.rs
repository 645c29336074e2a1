//! Emptying the cloud, what it has from the start, and the page that empties it.

use http::{Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;

use super::Gateway;
use super::pages::{failed, json_page, not_allowed};
use crate::LocalError;
use crate::seed::{Seed, SeedError};
use crate::seeding::{self, Seeded};
use crate::store::Emptied;

impl Gateway {
    /// Empties the state, forgets faults and requests, and knows the account of the settings again.
    pub(crate) async fn reset(&self) -> Result<Emptied, LocalError> {
        let settings = self.settings();
        let store = &self.state.store;
        let emptied = store
            .empty(&settings.buckets, &settings.default_region)
            .await?;
        if let Err(error) = self.state.set_account(settings.account.clone()) {
            // It was good when the cloud started.
            tracing::error!(%error, "the account stays as it is");
        }
        self.state.access_log.clear();
        self.faults.clear();
        self.jobs.control().clear();
        if let Some(seed) = &settings.seed {
            self.apply(seed).await?;
        }
        self.recorded.clear();
        self.log.clear();
        Ok(emptied)
    }

    /// Adds what `seed` has to what there is.
    pub(crate) async fn seed(&self, seed: &Seed) -> Result<Seeded, LocalError> {
        if let Some(account) = seed.account() {
            self.state.set_account(account.clone())?;
        }
        Ok(self.apply(seed).await?)
    }

    /// Puts what the settings have from the start into a cloud that has nothing yet.
    pub(crate) async fn begin(&self) -> Result<(), SeedError> {
        let settings = self.settings();
        let store = &self.state.store;
        if let Some(seed) = &settings.seed
            && !store.has_buckets().await?
        {
            if let Err(error) = self.apply(seed).await {
                // Half of it would count as a cloud that has been seeded.
                store.empty(&[], &settings.default_region).await?;
                return Err(error);
            }
            self.recorded.clear();
            self.log.clear();
        }
        let region = &settings.default_region;
        Ok(store.make_buckets(&settings.buckets, region).await?)
    }

    async fn apply(&self, seed: &Seed) -> Result<Seeded, SeedError> {
        match self.state.fetch.cloud() {
            Some(own) => seeding::apply(seed, &self.state, own).await,
            // The cloud has ended.
            None => Ok(Seeded::default()),
        }
    }

    /// Answers `POST` by emptying the cloud.
    pub(super) async fn answer_reset(
        &self,
        method: &Method,
        query: &[(String, String)],
    ) -> Response<Body> {
        if method != Method::POST {
            return not_allowed("the cloud is emptied with POST");
        }
        // It may mean that less is to go.
        if let Some((name, _)) = query.first() {
            return failed(&format!(
                "there is no parameter {name}; all of the state goes"
            ));
        }
        match self.reset().await {
            Ok(emptied) => json_page(StatusCode::OK, &json!(emptied)),
            Err(LocalError::Seed(error)) => json_page(
                StatusCode::INTERNAL_SERVER_ERROR,
                &json!({ "error": format!("the cloud is empty: {error}") }),
            ),
            Err(error) => json_page(
                StatusCode::SERVICE_UNAVAILABLE,
                &json!({ "error": format!("nothing was emptied: {error}") }),
            ),
        }
    }
}
