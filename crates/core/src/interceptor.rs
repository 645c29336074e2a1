//! What a program can do to its requests before they are signed, and to answers before they are read.

use std::fmt;
use std::sync::Arc;

use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, Method, StatusCode};

use crate::error::{Error, ErrorKind};
use crate::operation::Operation;

/// Why an [`Interceptor`] ends a call.
pub type Refused = Box<dyn std::error::Error + Send + Sync>;

/// What sees all requests of a configuration before they are signed, and the heads of all answers,
/// set by [`ConfigBuilder::interceptor`](crate::config::ConfigBuilder::interceptor).
///
/// It runs in the task of the call and is synchronous: what has to wait is not part of a request. A
/// key or a token that has to be fetched belongs to a
/// [`CredentialsProvider`](crate::credentials::CredentialsProvider), which is asked once for all
/// calls, within a limit, and anything else before the call, so that no call can hang between its
/// clocks.
///
/// Several are like layers: requests pass them in the order in which they were added, answers in
/// the other one. The first that fails ends the call.
///
/// ```
/// use tcloud_core::http::HeaderValue;
/// use tcloud_core::interceptor::{Interceptor, Outgoing, Refused};
///
/// #[derive(Debug)]
/// struct Tenant(HeaderValue);
///
/// impl Interceptor for Tenant {
///     fn request(&self, request: &mut Outgoing<'_>) -> Result<(), Refused> {
///         request.headers_mut().insert("x-cos-meta-tenant", self.0.clone());
///         Ok(())
///     }
/// }
/// ```
pub trait Interceptor: fmt::Debug + Send + Sync {
    /// Sees, and may change, a request before it is signed: once a call, whatever the number of its
    /// attempts, and once for a URL that is presigned.
    ///
    /// # Errors
    /// Nothing is sent, and the call fails by [`ErrorKind::Request`].
    fn request(&self, request: &mut Outgoing<'_>) -> Result<(), Refused> {
        let _ = request;
        Ok(())
    }

    /// Sees the head of an answer, once an attempt that is answered, before its body is read.
    ///
    /// # Errors
    /// The call fails by [`ErrorKind::Response`], and is not tried again.
    fn answer(&self, answer: &Answered<'_>) -> Result<(), Refused> {
        let _ = answer;
        Ok(())
    }
}

/// A request before it is signed.
///
/// `Debug` shows no values of headers or of the query.
#[derive(Debug)]
pub struct Outgoing<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) query: Query<'a>,
    pub(crate) headers: Headers<'a>,
}

/// Keep values out of what is shown.
pub(crate) struct Query<'a>(pub(crate) &'a mut Vec<(String, String)>);
pub(crate) struct Headers<'a>(pub(crate) &'a mut HeaderMap);

impl fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl Outgoing<'_> {
    /// What is called.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The HTTP method.
    pub fn method(&self) -> &Method {
        self.method
    }

    /// The path, decoded.
    pub fn path(&self) -> &str {
        self.path
    }

    /// The query, by name and value, decoded.
    pub fn query(&self) -> &[(String, String)] {
        self.query.0
    }

    /// The query, to be changed. It is encoded and signed as it then is.
    pub fn query_mut(&mut self) -> &mut Vec<(String, String)> {
        self.query.0
    }

    /// The headers but those that come with the signature.
    pub fn headers(&self) -> &HeaderMap {
        self.headers.0
    }

    /// The headers, to be changed. `host`, `authorization`, `content-length` and
    /// `transfer-encoding` are not an interceptor's: if one changes them, the call fails.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        self.headers.0
    }
}

/// The head of an answer.
#[derive(Debug)]
pub struct Answered<'a> {
    pub(crate) operation: &'static Operation,
    pub(crate) status: StatusCode,
    pub(crate) headers: &'a HeaderMap,
}

impl Answered<'_> {
    /// What is called.
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The HTTP status. API 3.0 answers 200 where it refuses.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.headers
    }
}

/// The interceptors of a configuration, in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interceptors(Vec<Arc<dyn Interceptor>>);

impl Interceptors {
    pub(crate) fn add(&mut self, interceptor: impl Interceptor + 'static) {
        self.0.push(Arc::new(interceptor));
    }

    pub(crate) fn request(&self, mut request: Outgoing<'_>) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let reserved = [HOST, AUTHORIZATION, CONTENT_LENGTH, TRANSFER_ENCODING]
            .map(|name| (request.headers().get(&name).cloned(), name));
        for interceptor in &self.0 {
            interceptor
                .request(&mut request)
                .map_err(|why| refused(ErrorKind::Request, "request", why))?;
        }
        for (before, name) in reserved {
            if request.headers().get(&name) != before.as_ref() {
                return Err(Error::new(
                    ErrorKind::Request,
                    format!("an interceptor has changed the header `{name}`"),
                )
                .advise("leave it to the client; hosts are chosen by `ConfigBuilder::hosts`"));
            }
        }
        Ok(())
    }

    pub(crate) fn answer(&self, answer: &Answered<'_>) -> Result<(), Error> {
        for interceptor in self.0.iter().rev() {
            interceptor.answer(answer).map_err(|why| {
                refused(ErrorKind::Response, "answer", why).with_status(answer.status)
            })?;
        }
        Ok(())
    }
}

fn refused(kind: ErrorKind, what: &str, why: Refused) -> Error {
    Error::new(kind, format!("an interceptor refused the {what}: {why}")).caused_by(why)
}
