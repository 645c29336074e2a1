//! A call: encode → sign → send → classify → retry → decode, in one place for all operations.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `request.rs`, `output.rs` | what a call needs of a typed request, and of what it reads into |
//! | `typed.rs`, `builder.rs` | a call that is being put together: [`Call`], and what the builders around it have |
//! | `options.rs`, `reply.rs` | what may differ from call to call, and what comes back |
//! | `prepare.rs`, `signed.rs` | from a request's fields to a signed HTTP request |
//! | `execute.rs`, `clock.rs` | attempts, deadlines and what is learnt between them |
//! | `route.rs` | which of several hosts an attempt goes to |
//! | `seen.rs`, `spans.rs` | what observers and `tracing` learn of it |
//! | `computed.rs`, `integrity.rs` | what is computed from a body, and compared with it |
//! | `token.rs` | what lets a service know a request again |
//! | `presign.rs`, `form.rs` | a URL, or a form, that carries its own signature |
//! | `waiting/` | who is waited for, and for how long |
//! | `identity.rs` | the credentials, their region, and new ones where they have expired |
//! | `answer.rs`, `refusal.rs`, `redirect.rs` | from an HTTP response to an output or an error |
//! | `events.rs`, `messages.rs` | answers that are streams of events or of messages |
//! | `compression.rs` | requests and answers that travel compressed |
//! | `cursor.rs`, `pages.rs`, `wait.rs`, `submit.rs` | lists of several pages, and jobs that are waited for |

mod answer;
mod builder;
mod clock;
mod compression;
mod computed;
mod cursor;
mod events;
mod execute;
mod form;
mod identity;
mod integrity;
mod messages;
mod options;
mod output;
mod pages;
mod prepare;
mod presign;
mod redirect;
mod refusal;
mod reply;
mod request;
mod route;
mod seen;
mod signed;
mod spans;
mod submit;
mod token;
mod typed;
mod wait;
mod waiting;

pub use cursor::Cursor;
pub use events::{Event, Events, Listening};
pub use form::{Condition, PresignedForm, SigningForm};
pub use messages::{ListeningForMessages, Message, Messages, Statistics};
pub use options::CallOptions;
pub use output::Output;
pub use pages::{Items, Pages};
pub use presign::{PresignedRequest, Presigning};
pub use reply::Reply;
pub use request::Request;
pub use signed::{SignedRequest, Signing};
pub use submit::{Submit, SubmitAndWait, Submitted};
pub use typed::{Call, Sending};
pub use wait::Wait;
