//! A model of the service over a real socket: it holds objects and uploads in memory, answers as the
//! service does, and fails on demand. It shares no code with the client but the checksum.

mod answer;
mod faults;
mod objects;
mod state;

use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tcloud_cos::{Client, Config, Credentials, Endpoint};
use tokio::net::TcpListener;

pub(crate) use self::answer::Content;
pub(crate) use self::faults::{Fault, What};
pub(crate) use self::state::{Asked, State};

/// The model, and where it listens.
#[derive(Clone)]
pub(crate) struct Cos {
    shared: Arc<Mutex<State>>,
    pub(crate) endpoint: String,
}

impl Cos {
    /// A model that keeps what it is given.
    pub(crate) async fn start() -> Self {
        Self::serve(State::default()).await
    }

    /// A model that knows only how long its objects are, for large ones.
    pub(crate) async fn forgetful() -> Self {
        Self::serve(State {
            forgets: true,
            ..State::default()
        })
        .await
    }

    async fn serve(state: State) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Mutex::new(state));
        let model = Self { shared, endpoint };
        tokio::spawn({
            let model = model.clone();
            async move {
                loop {
                    let (socket, _) = listener.accept().await.unwrap();
                    let model = model.clone();
                    tokio::spawn(async move {
                        let serve = service_fn(move |request| model.clone().answer(request));
                        // A connection that is dropped on purpose is no failure.
                        let _ = hyper::server::conn::http1::Builder::new()
                            .serve_connection(TokioIo::new(socket), serve)
                            .await;
                    });
                }
            }
        });
        model
    }

    /// A client of this model.
    pub(crate) fn client(&self) -> Client {
        client(&self.endpoint)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap()
    }

    /// Lets the next requests that fit fail.
    pub(crate) fn fail(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Content>, std::io::Error> {
        let (head, mut body) = request.into_parts();
        let asked = Asked::of(&head);
        let fault = {
            let mut state = self.state();
            state.log.push(asked.line());
            faults::next(&mut state.faults, &asked)
        };
        let broken = || std::io::Error::other("dropped on purpose");
        let mut content = Vec::new();
        let (mut length, forgets) = (0, self.state().forgets && asked.method == "PUT");
        while let Some(frame) = body.frame().await {
            let data = frame.map_err(std::io::Error::other)?.into_data();
            let data: Bytes = data.unwrap_or_default();
            length += data.len();
            if !forgets {
                content.extend_from_slice(&data);
            }
            self.state().receive(data.len());
            if matches!(fault, Some(What::DropUpload(after)) if length >= after) {
                return Err(broken());
            }
        }
        let is_dropped = matches!(fault, Some(What::DropAnswer));
        if let Some(What::Refuse(status, code)) = fault {
            return Ok(answer::refuse(status, code));
        }
        let answered = self.state().answer(&asked, content, length);
        if is_dropped {
            return Err(broken());
        }
        Ok(answer::spoil(answered, fault.as_ref()))
    }
}

/// A client that reaches the model at `endpoint`.
pub(crate) fn client(endpoint: &str) -> Client {
    let config = Config::builder()
        .region("ap-guangzhou")
        .credentials(Credentials::new("AKIDEXAMPLE", "SECRETEXAMPLE"))
        .endpoint(Endpoint::parse(endpoint).unwrap())
        .build()
        .unwrap();
    Client::new(&config)
}
