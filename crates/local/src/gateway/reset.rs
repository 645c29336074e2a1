//! The page that empties the cloud.

use http::{Method, Response, StatusCode};
use serde_json::json;
use tcloud_core::body::Body;

use super::Gateway;
use super::pages::{failed, json_page, not_allowed};
use crate::store::{Emptied, Result};

impl Gateway {
    /// Empties the state, and forgets faults and requests.
    pub(crate) async fn reset(&self) -> Result<Emptied> {
        let settings = self.settings();
        let store = &self.state.store;
        let emptied = store
            .empty(&settings.buckets, &settings.default_region)
            .await?;
        self.faults.clear();
        self.recorded.clear();
        self.log.clear();
        Ok(emptied)
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
            Err(error) => json_page(
                StatusCode::SERVICE_UNAVAILABLE,
                &json!({ "error": format!("nothing was emptied: {error}") }),
            ),
        }
    }
}
