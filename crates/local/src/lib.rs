//! The local cloud: COS, CI and MPS on one port, really doing the work.
//!
//! [`LocalCloud::serve`] answers on a socket, [`LocalCloud::transport`] within the process:
//!
//! ```
//! use tcloud_core::config::Config;
//! use tcloud_core::credentials::Credentials;
//! use tcloud_local::{DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Settings};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let cloud = LocalCloud::start(Settings::default()).await?;
//! let config = Config::builder()
//!     .region("ap-guangzhou")
//!     .credentials(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))
//!     .transport(cloud.transport())
//!     .build()?;
//! let cos = tcloud_cos::Client::new(&config);
//! cos.put_bucket("album-1250000000").send().await?;
//! cos.put_object("album-1250000000", "cat.png", "…").send().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # Ways in
//!
//! | form | example |
//! | --- | --- |
//! | by host | `<bucket>.cos.<region>.myqcloud.com`, `<bucket>.ci.<region>.localhost`, `mps.tencentcloudapi.com` |
//! | by path, COS only | `http://127.0.0.1:9000/<bucket>/<key>` |
//! | with [`Settings::default_bucket`] | `http://127.0.0.1:9000/<key>`, and `/jobs`, `/picbucket` for CI |
//! | by action | `POST http://127.0.0.1:9000/` with `X-TC-Action` |
//! | as HTTP proxy | `GET http://<bucket>.ci.<region>.myqcloud.com/jobs`; nothing is ever forwarded |
//!
//! Any other `Host` is refused, unless [`Settings::allow_host`] adds its name, and so is the
//! `Origin` of another site: web pages must not get at the cloud through a browser. The built-in
//! key works in process and on loopback only.
//!
//! At `/_local/health` and `/_local/requests`, on a host name of this machine, it tells of itself:
//! the latter shows the last requests with what came of their signatures.

mod archive;
mod ci;
mod clock;
mod cloud;
mod cos;
mod error;
mod fault;
mod fetch;
mod gateway;
mod housekeeping;
mod jobs;
mod listen;
#[cfg(feature = "pictures")]
mod mps;
mod picture_limits;
#[cfg(feature = "pictures")]
mod pictures;
mod service;
mod services;
mod settings;
mod spelling;
mod state;
mod store;
mod transport;

pub use clock::{Clock, ManualClock, SystemClock};
pub use cloud::LocalCloud;
pub use error::LocalError;
pub use services::implements;
pub use settings::{AuthMode, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, Data, Settings};
pub use transport::LocalTransport;
