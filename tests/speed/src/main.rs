//! What a call costs, beside `reqwest` alone doing the same.
//!
//! `cargo run --release -p tcloud-speed` measures all cases, `… -- get` the named ones. Each run of
//! a client is a process of its own, and so is the server, which does next to nothing. Runs of both
//! clients take turns, and a case is the median of the ratios of such pairs: only these mean
//! anything on another machine. The processor's time is that of the client's whole process, in user
//! mode and in the system; memory is the most that it had at one time.
//!
//! | case | what is done |
//! | --- | --- |
//! | `get` | objects of 1 KiB, one after the other over one connection |
//! | `get-timed` | the same, `reqwest` with timeouts, as ours has |
//! | `upload`, `download` | 1 GiB, streamed, four times |
//! | `upload-unchecked`, `download-unchecked` | the same without a checksum |
//! | `call` | calls over a transport in memory, ours alone: what `reqwest` has no part in |
//!
//! `transfers` measures uploads, downloads and syncs of files (`src/transfers`), `storage` the local cloud
//! beside other servers (`src/storage`).
//!
//! Ours signs, checks the CRC-64, and has spans compiled in; `--no-default-features` leaves these
//! out, which is how their cost is measured.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has failed"
)]

mod case;
mod ours;
mod raw;
mod report;
mod server;
mod storage;
mod transfers;
mod usage;

use std::process::{Command, ExitCode};

use crate::case::{Case, Client};

/// Pairs of runs, unless `--pairs` says otherwise.
const PAIRS: usize = 7;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["transfers", words @ ..] => {
            if let Err(why) = transfers::main(words) {
                eprintln!("{why}; src/transfers/mod.rs shows how it is called");
                return ExitCode::FAILURE;
            }
        }
        ["storage", words @ ..] => {
            if let Err(why) = storage::main(words) {
                eprintln!("{why}; src/storage/mod.rs shows how it is called");
                return ExitCode::FAILURE;
            }
        }
        ["serve"] => runtime().block_on(server::serve()),
        ["run", client, case, address, times] => {
            let case = Case::named(case).expect("a case");
            let client = Client::named(client).expect("a client");
            let times = times.parse().expect("a number");
            match client {
                Client::Ours => runtime().block_on(ours::run(case, address, times)),
                Client::Raw => runtime().block_on(raw::run(case, address, times)),
            }
        }
        _ => return orchestrate(&words),
    }
    ExitCode::SUCCESS
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

fn orchestrate(words: &[&str]) -> ExitCode {
    let (mut cases, mut pairs) = (Vec::new(), PAIRS);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let number = || words.clone().next().and_then(|it| it.parse().ok());
        match (*word, Case::named(word)) {
            (_, Some(case)) => cases.push(case),
            ("--pairs", None) if number().is_some() => {
                pairs = number().unwrap_or(PAIRS);
                words.next();
            }
            _ => {
                eprintln!(
                    "usage: tcloud-speed [--pairs N] [CASE]…, and the cases are in src/main.rs"
                );
                return ExitCode::FAILURE;
            }
        }
    }
    if cases.is_empty() {
        cases = Case::ALL.to_vec();
    }
    let own = std::env::current_exe().expect("a path of this program");
    let server = usage::Server::start(Command::new(&own).arg("serve"));
    for case in cases {
        report::show(case, &measure(&own, case, server.address(), pairs));
    }
    ExitCode::SUCCESS
}

/// The usage of both clients, run by run; of ours alone where there is nothing to compare with.
fn measure(
    own: &std::path::Path,
    case: Case,
    address: &str,
    pairs: usize,
) -> Vec<(usage::Usage, Option<usage::Usage>)> {
    let run = |client: Client| {
        let times = case.times().to_string();
        let arguments = ["run", client.name(), case.name(), address, &times];
        usage::of(Command::new(own).args(arguments))
    };
    let has_peer = case != Case::Call;
    (0..pairs)
        .map(|pair| {
            // Each client is first as often as the other.
            if has_peer && pair % 2 == 1 {
                let raw = run(Client::Raw);
                (run(Client::Ours), Some(raw))
            } else {
                (run(Client::Ours), has_peer.then(|| run(Client::Raw)))
            }
        })
        .collect()
}
