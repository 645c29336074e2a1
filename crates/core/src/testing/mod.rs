//! What unit tests of programs that use these clients need (feature `testing`).
//!
//! | type | what it does |
//! | --- | --- |
//! | [`Mock`] | answers typed requests with typed answers, and keeps what was sent |
//! | [`Faulty`] | wraps a transport and makes attempts fail on demand |
//! | [`Recorder`], [`Replay`] | write what another transport answers to a [`Cassette`], and answer from it |
//! | [`Manual`] | a clock that needs no time |
//!
//! Nothing here opens a connection. A test of a program takes about ten lines:
//!
//! ```
//! # mod service {
//! #     use tcloud_core::call::Request;
//! #     pub trait Op: Request + Default {}
//! #     impl<T: Request + Default> Op for T {}
//! # }
//! # fn example<GetObject: service::Op>(answer: GetObject::Response) {
//! use tcloud_core::client::Client;
//! use tcloud_core::testing::Mock;
//!
//! let mock = Mock::new();
//! // `GetObject` is the request type of an operation, such as `GetObjectRequest` of `tcloud-cos`.
//! mock.when::<GetObject>().answer(answer);
//! let client = Client::new(&mock.config());
//! // … call what is to be tested with `client` …
//! mock.assert_called::<GetObject>(0);
//! # }
//! ```

mod cassette;
mod failure;
mod faulty;
mod mock;
mod received;
mod recorder;
mod replay;
mod rule;
mod strike;
mod when;

pub use cassette::{Cassette, CassetteError, Interaction, RecordedAnswer, RecordedRequest};
pub use failure::Failure;
pub use faulty::Faulty;
pub use mock::Mock;
pub use received::Received;
pub use recorder::Recorder;
pub use replay::{Matching, Replay};
pub use when::When;

pub use crate::environment::Manual;
pub use crate::server::{Answer, Fault};
