//! The local cloud as one of those who are asked: without a network, and with no more trust than the
//! client has for whom it is asked.

use std::fmt;

use http::{Request, Response};
use reqwest::Url;
use tcloud_core::body::Body;
use tcloud_core::future::BoxFuture;

/// How often the cloud asks itself in order to answer itself: a job reads a bucket, whose mirror is
/// another bucket. What goes deeper goes in circles.
const DEEPEST: u8 = 3;

tokio::task_local! {
    /// How often the cloud has asked itself for what is being answered.
    static DEPTH: u8;
}

/// Where an address leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leads {
    /// To a service of the local cloud.
    ToService,
    /// To a page about the local cloud, which is not for those who use it.
    ToPage,
    /// To somebody else.
    Elsewhere,
}

/// The local cloud itself: addresses that name it need no network, nor DNS, which would reveal
/// another cloud.
pub(crate) trait Own: fmt::Debug + Send + Sync {
    /// Where `url` leads.
    fn leads(&self, url: &Url) -> Leads;

    /// Answers a request of whoever has started it.
    fn answer(&self, request: Request<Body>) -> BoxFuture<'_, Response<Body>>;

    /// Answers a request that it makes because a client has named an address.
    fn answer_client(&self, request: Request<Body>) -> BoxFuture<'_, Response<Body>>;

    /// The bucket and the key that `host` and the decoded `path` lead to, in whichever form, if
    /// they lead to its Object Storage.
    fn bucket_at(&self, host: &str, path: &str) -> Option<(String, String)>;
}

/// What `own` answers a client, unless it would ask itself for ever.
pub(super) async fn ask(own: &dyn Own, request: Request<Body>) -> Option<Response<Body>> {
    let depth = DEPTH.try_with(|depth| *depth).unwrap_or_default();
    if depth >= DEEPEST {
        return None;
    }
    let answer = own.answer_client(request);
    Some(DEPTH.scope(depth.saturating_add(1), answer).await)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// A cloud that asks itself in order to answer.
    #[derive(Debug, Default)]
    struct Circle(AtomicU8);

    impl Own for Circle {
        fn leads(&self, _: &Url) -> Leads {
            Leads::ToService
        }

        fn answer(&self, request: Request<Body>) -> BoxFuture<'_, Response<Body>> {
            self.answer_client(request)
        }

        fn answer_client(&self, request: Request<Body>) -> BoxFuture<'_, Response<Body>> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                let answer = ask(self, request).await;
                answer.unwrap_or_else(|| Response::new(Body::empty()))
            })
        }

        fn bucket_at(&self, _: &str, _: &str) -> Option<(String, String)> {
            None
        }
    }

    #[tokio::test]
    async fn nobody_asks_themselves_for_ever() {
        let circle = Circle::default();
        for _ in 0..2 {
            ask(&circle, Request::new(Body::empty())).await.unwrap();
            assert_eq!(circle.0.swap(0, Ordering::Relaxed), DEEPEST);
        }
    }
}
