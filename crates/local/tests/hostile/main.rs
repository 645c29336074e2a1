//! What an attacker sends: malformed requests, requests within requests, hostile documents. Each is
//! refused, none is taken for another request, and the cloud goes on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests are not recognised as tests"
)]

mod documents;
mod requests;
mod served;
