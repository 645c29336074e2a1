//! The runtime under every tcloud client.
//!
//! A generated crate holds tables and plain structures; everything that happens to them happens
//! here, once and without generics:
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`schema`] | what a table says: [`Structure`](schema::Structure), [`Field`](schema::Field) |
//! | [`mod@node`] | how a structure shows its fields to the codec: [`Node`](node::Node) |
//! | [`argument`] | what setters take |
//! | [`operation`] | an operation as data: [`Operation`](operation::Operation) |
//! | [`codec`] | XML, JSON, headers, query and redacted `Debug`, each one function over a node |
//! | [`sign`] | q-sign and TC3-HMAC-SHA256, signing and verifying |
//! | [`credentials`], [`host`], [`endpoint`], [`config`] | who calls, and where |
//! | [`call`](mod@call), [`paging`], [`waiter`] | encode, sign, send, classify, retry, decode |
//! | [`retry`], [`classify`], [`rate`] | whether, when and how fast it is asked again |
//! | [`timeouts`] | how long a call waits, and for what |
//! | [`transport`], [`network`], [`environment`] | the world outside: network, clock, sleep |
//! | [`observe`], [`interceptor`] | what a program sees of its calls, and may change |
//! | [`error`] | the one error type |
//! | `server` | the same tables from the other side (feature `server`) |
//! | `testing` | a mock, faults on demand and cassettes for unit tests (feature `testing`) |
//!
//! Features: `reqwest` (default) brings the ready transport; without it there is no TLS and no
//! async runtime. `gzip`, which `reqwest` brings along, lets documents travel compressed. `server`
//! brings what a server made from the tables needs, `testing` what unit tests of programs need.
//! `tracing` opens a span for each call (`tcloud.call`) and each attempt (`tcloud.attempt`), without
//! secrets.

pub mod argument;
pub mod body;
pub mod call;
pub mod classify;
pub mod client;
pub mod codec;
pub mod config;
pub mod credentials;
pub mod documentation;
pub mod endpoint;
pub mod environment;
pub mod error;
pub mod future;
pub mod host;
pub mod interceptor;
pub mod network;
pub mod node;
pub mod observe;
pub mod operation;
pub mod paging;
pub mod rate;
pub mod retry;
pub mod schema;
#[cfg(feature = "server")]
pub mod server;
pub mod sign;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;
pub mod timeouts;
pub mod transport;
pub mod waiter;

/// The HTTP types that transports, replies and errors speak.
pub use http;
