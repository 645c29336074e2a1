#![doc = include_str!("../README.md")]
//! # Ways in
//!
//! | form | example |
//! | --- | --- |
//! | by host | `<bucket>.cos.<region>.myqcloud.com`, `<bucket>.ci.<region>.localhost`, `mps.tencentcloudapi.com` |
//! | by path, COS only | `http://127.0.0.1:9000/<bucket>/<key>` |
//! | with [`Settings::default_bucket`] | `http://127.0.0.1:9000/<key>`, and `/jobs`, `/picbucket` for CI |
//! | by action | `POST http://127.0.0.1:9000/` with `X-TC-Action` |
//! | metadata of a virtual machine | `GET /latest/meta-data/placement/region` with `Host: metadata.tencentyun.com` |
//! | as HTTP proxy | `GET http://<bucket>.ci.<region>.myqcloud.com/jobs`; nothing is ever forwarded |
//! | over TLS, with [`Settings::tls`] | any of these, on the same port; through the proxy by `CONNECT` |
//!
//! Any other `Host` is refused, unless [`Settings::allow_host`] adds its name, and so is the
//! `Origin` of another site: web pages must not get at the cloud through a browser. The built-in
//! key works in process and on loopback only.
//!
//! # Who may do what
//!
//! [`Settings::account`] has keys, users, roles and identity providers. The root account may do
//! everything, everyone else what [`Policy`]s allow; its STS hands out temporary keys:
//!
//! ```
//! use tcloud_core::config::Config;
//! use tcloud_core::credentials::Credentials;
//! use tcloud_local::{
//!     Account, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, LocalCloud, Policy, Role, Settings,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let trust: Policy = r#"{"version": "2.0", "statement": {
//!     "effect": "allow", "action": "name/sts:AssumeRole",
//!     "principal": {"qcs": "qcs::cam::uin/100000000001:root"}
//! }}"#.parse()?;
//! let read: Policy = r#"{"version": "2.0", "statement": {
//!     "effect": "allow", "action": "name/cos:GetObject", "resource": "*"
//! }}"#.parse()?;
//! let account = Account::default().role(Role::new("reader", trust).policy(read));
//! let cloud = LocalCloud::start(Settings::default().account(account)).await?;
//! let config = |key| {
//!     let config = Config::builder().region("ap-guangzhou").credentials(key);
//!     config.transport(cloud.transport()).build()
//! };
//! let root = config(Credentials::new(DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY))?;
//! let role = "qcs::cam::uin/100000000001:roleName/reader";
//! let answer = tcloud_sts::Client::new(&root).assume_role(role, "example").send().await?;
//! let key = answer.into_output().credentials.ok_or("no key")?;
//! let id = key.tmp_secret_id.unwrap_or_default();
//! let secret = key.tmp_secret_key.unwrap_or_default();
//! let key = Credentials::new(id, secret).with_token(key.token.unwrap_or_default());
//!
//! let cos = tcloud_cos::Client::new(&config(key)?);
//! let refused = cos.put_bucket("album-1250000000").send().await;
//! assert_eq!(refused.unwrap_err().code(), Some("AccessDenied"));
//! # Ok(())
//! # }
//! ```
//!
//! # Pages
//!
//! At `/_local/` there is a console for people, on this machine alone, unless
//! [`Settings::console`] says otherwise. At `/_local/health`, `/_local/requests` and `/_local/metrics`, on a host name of this machine, it
//! reports on itself: the second shows the last requests with what came of their signatures, the
//! third counts what there is and what was done, in the text format of Prometheus. `/_local/clock`
//! shows its clock, and `POST /_local/clock?advance=3600` puts it an hour ahead, as
//! [`LocalCloud::advance_clock`] does.
//!
//! # To test against
//!
//! | what | here | by requests |
//! | --- | --- | --- |
//! | have buckets, objects, settings and users from the start | [`Settings::seed`], [`LocalCloud::seed`] | |
//! | empty it between tests | [`LocalCloud::reset`] | `POST /_local/reset` |
//! | go back to an earlier state | [`LocalCloud::snapshot`], [`LocalCloud::restore`] | `GET` and `PUT /_local/snapshot` |
//! | let requests fail | [`LocalCloud::faults`] | `POST`, `GET` and `DELETE /_local/faults`, with a [`FaultRule`] as JSON |
//! | change users, roles and policies | [`LocalCloud::set_account`] | `GET` and `PUT /_local/accounts`, with an [`Account`] as JSON |
//! | hold jobs, move them on, let them fail | [`LocalCloud::jobs`] | `GET /_local/jobs`, `POST` to `hold`, `step`, `release`, `force`, `state` below it |
//! | look at what arrived | [`LocalCloud::requests`] | `GET /_local/requests` |
//! | answer for services that are not here | [`Settings::mock`] | |
//! | let time pass | [`LocalCloud::advance_clock`], [`ManualClock`] | `POST /_local/clock` |

mod access_log;
mod archive;
mod attempts;
mod cam;
mod ci;
mod clock;
mod cloud;
mod content_bucket;
mod cos;
mod database_url;
mod digest;
mod error;
mod fault;
mod faults;
mod fetch;
mod form;
mod gateway;
mod housekeeping;
mod https;
mod jobs;
mod listen;
mod maintenance;
mod metadata;
mod metrics;
mod mock;
#[cfg(feature = "pictures")]
mod mps;
mod opening;
mod permission;
mod picture_limits;
mod picture_rules;
#[cfg(feature = "pictures")]
mod pictures;
mod recorded;
mod s3;
mod seed;
mod seeding;
mod service;
mod services;
mod settings;
mod spelling;
mod state;
mod store;
mod sts;
mod support;
mod tls;
mod transport;

pub use cam::{
    Account, AccountError, DEFAULT_SECRET_ID, DEFAULT_SECRET_KEY, IdentityProvider, Instance,
    MfaSecret, OtherAccount, Policy, PolicyError, Role, User,
};
pub use clock::{Clock, ManualClock, SystemClock};
pub use cloud::LocalCloud;
pub use content_bucket::ContentBucket;
pub use database_url::DatabaseUrl;
pub use error::LocalError;
pub use faults::{FaultKind, FaultRule, FaultRuleError, FaultState, Faults};
pub use jobs::{Forced, JobEnd, JobError, JobMatch, JobStatus, Jobs};
pub use maintenance::{Check, back_up, move_to_database, restore};
pub use mock::MockService;
pub use picture_rules::picture_rules;
pub use recorded::{RecordedRequest, Requests};
pub use seed::{Seed, SeedError};
pub use seeding::Seeded;
pub use services::{implements, only_keeps, support};
pub use settings::{AuthMode, Data, Settings};
pub use store::{BackedUp, Checked, Emptied, Finding};
pub use support::Support;
pub use transport::LocalTransport;
