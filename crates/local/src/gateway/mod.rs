//! The way of a request to its answer: whom it is for, who sent it, what it asks, what comes of it.
//!
//! | step | file |
//! | --- | --- |
//! | whom it is for: host, path, proxy, origin | `target`, `tunnel` |
//! | what a bucket's CORS rules say to web pages of other sites | `sharing` |
//! | who sent it | `signature`, `posted` for forms |
//! | S3, which becomes a request to Object Storage | `s3` |
//! | which operation it asks for | `route`, `query` for parameters of API 3.0 in a URL |
//! | whether they may have it done | `crate::permission` |
//! | how much it may take | `limits` |
//! | the handler, with what a family of services needs before it | `storage`, `api` |
//! | what is sent on to the origin of its bucket | `origin` |
//! | pages of buckets as websites, each of which is such a request to its bucket | `website` |
//! | how the answer leaves | `render` |
//! | what is remembered of it, and where that is shown | `log`, `pages`, `measures` |
//! | what rules for faults do to it | `struck` |
//! | the pages that put the clock ahead, empty the cloud, let requests fail, replace the account, save and load all of the state, hold and end jobs | `clock`, `reset`, `faults`, `accounts`, `snapshot`, `jobs` |
//! | the console, and what of a request it may show | `console`, `seen` |
//!
//! What the local cloud fetches from its own hosts takes the same way, from `own`.

mod accounts;
mod api;
mod clock;
mod console;
mod faults;
mod jobs;
mod limits;
mod log;
mod measures;
mod origin;
mod own;
mod pages;
mod posted;
mod query;
mod render;
mod reset;
mod route;
mod s3;
mod seen;
mod sharing;
mod signature;
mod snapshot;
mod storage;
mod struck;
mod target;
mod tunnel;
mod website;

use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{HOST, HeaderValue};
use http::request::Parts;
use http::{Extensions, HeaderMap, Method, Request, Response};
use hyper::ext::ReasonPhrase;
use tcloud_core::body::Body;
use tcloud_core::operation::{Operation, Protocol};
use tcloud_core::server::{Context, Fault, Outgoing};
use tcloud_core::sign::encode;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::limits::{Buffered, Buffers};
use self::log::{Entry, Log, Logged};
use self::pages::Known;
use self::seen::Seen;
use self::signature::{Checked, Refused, Signed, Terms, Verdict};
use self::target::{Access, Target};
use crate::access_log;
use crate::cam::{Caller, Directory};
use crate::cos::{self, Led};
use crate::faults::Faults;
use crate::jobs::Jobs;
use crate::metadata;
use crate::metrics::RequestMetrics;
use crate::permission::Sent;
use crate::recorded::{Answered, Requests};
use crate::seed::Seed;
use crate::settings::Settings;
use crate::state::State;

#[cfg(feature = "tls")]
pub(crate) use self::target::answers_to;
pub(crate) use self::target::{Peer, Via};
pub(crate) use self::tunnel::{MayTunnel, Tunnel};

/// The services, and the way to them.
#[derive(Debug)]
pub(crate) struct Gateway {
    state: Arc<State>,
    log: Log,
    recorded: Requests,
    faults: Faults,
    jobs: Jobs,
    metrics: RequestMetrics,
    buffers: Buffers,
    /// Ends answers that would go on for ever.
    shutdown: CancellationToken,
}

/// Marks a request that the console makes for the owner of the account. None that comes by a socket
/// has it.
#[derive(Debug, Clone, Copy)]
struct AsOwner;

impl Gateway {
    /// The way to services over `state`, whose jobs are `jobs`, until `shutdown`.
    pub(crate) fn new(state: &Arc<State>, jobs: Jobs, shutdown: CancellationToken) -> Self {
        Self {
            state: Arc::clone(state),
            log: Log::default(),
            recorded: Requests::new(state.settings.recorded_requests),
            faults: Faults::default(),
            jobs,
            metrics: RequestMetrics::default(),
            buffers: Buffers::default(),
            shutdown,
        }
    }

    /// Answers `request` and remembers it.
    pub(crate) async fn handle(&self, request: Request<Body>) -> Response<Body> {
        let started = Instant::now();
        let (mut parts, body) = request.into_parts();
        // A request to a proxy is for the host of its address, whatever `Host` says: otherwise one
        // could be signed for one bucket and served by another.
        if let Some(authority) = parts.uri.authority()
            && let Ok(host) = HeaderValue::from_str(target::without_user(authority.as_str()))
        {
            parts.headers.insert(HOST, host);
        }
        let id = Uuid::new_v4().to_string();
        let mut entry = Entry::new(self.state.unix_seconds(), &id, &parts.method);
        target::host_name(&parts).clone_into(&mut entry.host);
        parts.uri.path().clone_into(&mut entry.path);
        entry.as_owner = parts.extensions.get::<AsOwner>().is_some();

        let mut extensions = Extensions::new();
        let mut shared = HeaderMap::new();
        let led = self.led(&parts).await;
        let access = led.map(|led| target::resolve(&parts, self.settings(), led));
        let (protocol, outcome) = match access {
            Err(fault) => (target::protocol(&parts), Err(fault)),
            Ok(Ok(Access::Page)) => return self.page(&parts, body).await,
            // What comes through it is what is remembered.
            Ok(Ok(Access::Tunnel)) => return tunnel::begin(),
            Ok(Ok(Access::Metadata)) => {
                let from_here = via(&parts) != Via::Network;
                let path = parts.uri.path();
                let response = metadata::answer(&self.state, &parts.method, path, from_here);
                return self.remember(response, &parts, entry, started);
            }
            Ok(Ok(Access::Service(target))) => {
                // Boxed: it holds the futures of all operations.
                let outcome = match self.share(&parts, &target).await {
                    Ok(headers) => {
                        shared = headers;
                        Box::pin(self.serve(&parts, body, &target, &mut entry)).await
                    }
                    Err(fault) => Err(fault),
                };
                (target.protocol, outcome)
            }
            Ok(Err(refusal)) => {
                if parts.method == Method::CONNECT
                    && let Some(reason) = refusal.reason()
                {
                    extensions.insert(ReasonPhrase::from_static(reason));
                }
                let protocol = target::protocol(&parts);
                (protocol, Err(render::refusal(protocol, &refusal)))
            }
        };
        let is_s3 = protocol != Protocol::Tc3 && crate::s3::is_spoken(&parts);
        let outgoing = outcome.unwrap_or_else(|fault| {
            let resource = format!("{}{}", entry.host, entry.path);
            let operation = entry.operation.as_deref();
            let mut outgoing = render::fault(&fault, protocol, operation, &id, &resource);
            if is_s3 {
                crate::s3::refuse(&mut outgoing, &fault, &id, &resource);
            }
            entry.code = Some(fault.code);
            entry.message = Some(fault.message);
            outgoing
        });
        let now = self.state.unix_seconds();
        let mut response = render::finish(outgoing, protocol, &parts.method, &id, now);
        if is_s3 {
            crate::s3::headers(response.headers_mut());
        }
        response.headers_mut().extend(shared);
        if self.settings().console && target::is_loopback(&parts) {
            render::confine(protocol, &entry.host, self.settings(), &mut response);
        }
        response.extensions_mut().extend(extensions);
        entry.alter(&mut response);
        self.remember(response, &parts, entry, started)
    }

    /// Notes what `response` came to.
    fn remember(
        &self,
        response: Response<Body>,
        parts: &Parts,
        mut entry: Entry,
        started: Instant,
    ) -> Response<Body> {
        if entry.as_owner {
            return response;
        }
        entry.status = response.status().as_u16();
        entry.took(started.elapsed());
        tracing::info!(
            request_id = entry.request_id,
            method = entry.method,
            host = entry.host,
            path = entry.path,
            operation = entry.operation,
            status = entry.status,
            code = entry.code,
            ms = entry.duration_ms,
            "answered"
        );
        let took = started.elapsed();
        if let Some(logged) = entry.logged.take() {
            self.log_access(&logged, &entry, parts, response.headers(), took);
        }
        self.metrics
            .count(entry.operation.as_deref(), entry.status, took);
        let mut seen = self.settings().console.then(|| Seen::new(parts));
        if let Some(arrived) = entry.arrived.take() {
            let answered = Answered {
                status: entry.status,
                code: entry.code.as_deref(),
                request_id: &entry.request_id,
                faults: &entry.struck.ids,
            };
            let arrived = self.recorded.push(arrived, &answered);
            if let Some(seen) = &mut seen {
                seen.arrived(&arrived);
            }
        }
        entry.seen = seen.map(Arc::new);
        self.log.push(entry);
        response
    }

    /// Keeps the access for the log of its bucket.
    fn log_access(
        &self,
        logged: &Logged,
        entry: &Entry,
        parts: &Parts,
        answered: &HeaderMap,
        took: Duration,
    ) {
        let text = |headers: &HeaderMap, name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let Peer(address) = parts.extensions.get().copied().unwrap_or_default();
        let directory = self.state.directory();
        let operation = entry.operation.as_deref().unwrap_or_default();
        let access = access_log::Access {
            bucket: &logged.bucket,
            region: &logged.region,
            at: self.state.unix_seconds(),
            host: &entry.host,
            operation: operation.split_once('.').map_or("", |(_, name)| name),
            address: address.to_string(),
            secret_id: entry.signature.as_ref().map_or("", Verdict::secret_id),
            sent: &text(&parts.headers, "content-length"),
            path: &entry.path,
            query: &encode::query(seen::query(parts.uri.query().unwrap_or_default())),
            method: &entry.method,
            user_agent: &text(&parts.headers, "user-agent"),
            referer: &text(&parts.headers, "referer"),
            status: entry.status,
            code: entry.code.as_deref().unwrap_or_default(),
            message: entry.message.as_deref().unwrap_or_default(),
            answered: &text(answered, "content-length"),
            took: took.as_millis(),
            storage_class: &text(answered, "x-cos-storage-class"),
            owner: &directory.account().uin,
            requester: &logged.requester,
            request_id: &entry.request_id,
            version: &text(answered, "x-cos-version-id"),
        };
        let (line, now) = (access.line(), self.state.store.now());
        self.state.access_log.push(&logged.bucket, &line, now);
    }

    /// The rules by which requests fail.
    pub(crate) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The jobs, to be held, moved on and ended.
    pub(crate) fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// The requests that were answered.
    pub(crate) fn requests(&self) -> &Requests {
        &self.recorded
    }

    fn settings(&self) -> &Settings {
        &self.state.settings
    }

    /// What the host of a request leads to, if it is a domain that was set for a bucket.
    async fn led(&self, parts: &Parts) -> Result<Option<Led>, Fault> {
        match target::foreign_host(parts, self.settings()) {
            Some(name) => cos::led(&self.state, &name).await,
            None => Ok(None),
        }
    }

    async fn page(&self, parts: &Parts, body: Body) -> Response<Body> {
        let body = match self.console(parts, body).await {
            Ok(response) => return response,
            Err(body) => body,
        };
        if parts.uri.path() == measures::PAGE && parts.method == Method::GET {
            return measures::answer(&self.state, &self.metrics).await;
        }
        let query = encode::decode_query(parts.uri.query().unwrap_or_default());
        let query = query.unwrap_or_default();
        let path = parts.uri.path();
        if path == clock::PAGE {
            return clock::answer(&self.state, &parts.method, &query).await;
        }
        if path == accounts::PAGE {
            return accounts::answer(&self.state, &parts.method, body).await;
        }
        if path == snapshot::PAGE {
            return snapshot::answer(&self.state.store, &parts.method, body).await;
        }
        if path == pages::RESET {
            return self.answer_reset(&parts.method, &query).await;
        }
        if let Some(what) = jobs::at(path) {
            return jobs::answer(&self.jobs, &parts.method, what, body).await;
        }
        if let Some(id) = faults::at(path) {
            return faults::answer(&self.faults, &parts.method, id, body).await;
        }
        let known = Known {
            log: &self.log,
            faults: &self.faults,
            jobs: &self.jobs,
            seed: self.settings().seed.as_ref().map(Seed::folder),
            ahead: self.state.store.ahead().div_euclid(1000),
        };
        pages::answer(&known, &parts.method, path, &query)
    }

    async fn serve(
        &self,
        parts: &Parts,
        body: Body,
        target: &Target,
        entry: &mut Entry,
    ) -> Result<Outgoing, Fault> {
        match target.protocol {
            Protocol::Tc3 => self.serve_api(parts, body, target, entry).await,
            _ if target.is_website => self.serve_website(parts, body, target, entry).await,
            _ if crate::s3::is_spoken(parts) => self.serve_s3(parts, body, target, entry).await,
            _ => self.serve_storage(parts, body, target, entry).await,
        }
    }

    fn check(
        &self,
        protocol: Protocol,
        via: Via,
        signed: &Signed<'_>,
        entry: &mut Entry,
    ) -> Result<Checked, Fault> {
        if entry.as_owner {
            let secret_id = String::new();
            return Ok(Checked {
                verdict: Verdict::Unchecked { secret_id },
                caller: Caller::Root,
            });
        }
        let directory = self.state.directory();
        let checked = signature::check(self.terms(&directory), protocol, via, signed);
        let (checked, ()) = noted(checked.map(|checked| (checked, ())), entry)?;
        Ok(checked)
    }

    /// Whose keys are known, and how strictly they are looked at.
    fn terms<'a>(&'a self, directory: &'a Directory) -> Terms<'a> {
        Terms {
            directory,
            mode: self.settings().auth,
            now: self.state.unix_seconds(),
            region: &self.settings().default_region,
        }
    }

    /// The whole of `body`, which a service of `protocol` needs.
    async fn collect(
        &self,
        body: Body,
        limit: usize,
        protocol: Protocol,
    ) -> Result<Buffered, Fault> {
        self.collect_beside(body, limit, 0, protocol).await
    }

    /// As [`collect`](Self::collect), of a body that takes `more` bytes once it is here.
    async fn collect_beside(
        &self,
        body: Body,
        limit: usize,
        more: u64,
        protocol: Protocol,
    ) -> Result<Buffered, Fault> {
        self.buffers
            .collect(body, limit, more)
            .await
            .map_err(|error| limits::refuse(&error, protocol))
    }
}

/// What came of a signature, once `entry` has it.
fn noted<T>(
    outcome: Result<(Checked, T), Box<Refused>>,
    entry: &mut Entry,
) -> Result<(Checked, T), Fault> {
    match outcome {
        Ok((checked, more)) => {
            entry.signature = Some(checked.verdict.clone());
            Ok((checked, more))
        }
        Err(refused) => {
            entry.signature = Some(refused.verdict);
            Err(refused.fault)
        }
    }
}

fn via(parts: &Parts) -> Via {
    parts.extensions.get().copied().unwrap_or_default()
}

/// What of a request the conditions of policies can ask for.
fn sent_by(parts: &Parts, host: &str, query: &[(String, String)]) -> Sent {
    let Peer(address) = parts.extensions.get().copied().unwrap_or_default();
    Sent {
        address: Some(address),
        host: host.to_owned(),
        query: query.to_vec(),
        headers: parts.headers.clone(),
    }
}

fn operation_name(operation: &Operation) -> String {
    format!("{}.{}", operation.service.name, operation.name)
}

fn context(entry: &Entry, region: String, checked: Checked, host: &str) -> Context {
    let mut context = Context::new(&entry.request_id);
    context.region = region;
    checked
        .verdict
        .secret_id()
        .clone_into(&mut context.secret_id);
    host.clone_into(&mut context.host);
    let caller: Caller = checked.caller;
    context.extensions.insert(caller);
    context
}
