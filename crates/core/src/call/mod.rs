//! A call: encode → sign → send → classify → retry → decode, in one place for all operations.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `request.rs`, `output.rs` | what a call needs of a typed request, and of what it reads into |
//! | `typed.rs` | a call that is being put together: [`Call`] |
//! | `options.rs`, `reply.rs` | what may differ from call to call, and what comes back |
//! | `prepare.rs`, `signed.rs` | from a request's fields to a signed HTTP request |
//! | `execute.rs`, `clock.rs` | attempts, deadlines and what is learnt between them |
//! | `computed.rs`, `integrity.rs` | what is computed from a body, and compared with it |
//! | `answer.rs`, `refusal.rs` | from an HTTP response to an output or an error |
//! | `pages.rs`, `wait.rs` | lists that go on, and jobs that are waited for |

mod answer;
mod clock;
mod computed;
mod execute;
mod integrity;
mod options;
mod output;
mod pages;
mod prepare;
mod refusal;
mod reply;
mod request;
mod signed;
mod typed;
mod wait;

pub use options::CallOptions;
pub use output::Output;
pub use pages::{Items, Pages};
pub use reply::Reply;
pub use request::Request;
pub use signed::{SignedRequest, Signing};
pub use typed::{Call, Sending};
pub use wait::Wait;
