//! Something that is asked for with headers, whatever the other side answers.

use std::mem;
use std::time::Duration;

use http::{HeaderMap, Method, Response};
use tcloud_core::body::Body;

use super::{Fetch, FetchError, Target, content, network};

/// How long it may take until the last byte is here: an object may be large.
const TIMEOUT: Duration = Duration::from_mins(5);

impl Fetch {
    /// Asks for `url` with `headers`. Failures and redirections that the other side answers are
    /// answers, too. The caller reads the content as it comes, and bounds it.
    ///
    /// # Errors
    ///
    /// The address is refused, or the exchange fails.
    pub(crate) async fn ask(
        &self,
        url: &str,
        headers: &HeaderMap,
    ) -> Result<Response<Body>, FetchError> {
        let target = Target::parse(url)?;
        if let Some(own) = self.own(&target)? {
            let mut request = target.request(Method::GET, "", Vec::new());
            // Whom it is for is said by the address alone.
            let address = mem::replace(request.headers_mut(), headers.clone());
            request.headers_mut().extend(address);
            return target.answered_by(&*own, request).await;
        }
        self.guard.check(&target)?;
        let failed = |error| network(&target.host, error);
        let client = self.client().map_err(failed)?;
        let request = client.get(target.url.clone()).headers(headers.clone());
        let answer = request.timeout(TIMEOUT).send().await.map_err(failed)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut asked = Response::new(content(answer, target.host));
        *asked.status_mut() = status;
        *asked.headers_mut() = headers;
        Ok(asked)
    }
}
