//! The log of a served cloud.

use crate::served::{Served, local};
use crate::support::{finish, tcloud};

/// What a client must keep to itself, as it is sent.
const SECRETS: [&str; 3] = ["5ignature", "t0ken", "pa55word"];

/// A request with secrets in each place that has some.
fn ask(cloud: &Served) {
    let [signature, token, password] = SECRETS;
    let line = format!("GET /b-1250000000/k?q-signature={signature}&password={password} HTTP/1.1");
    let authorization = format!("Authorization: q-sign-algorithm=sha1&q-signature={signature}");
    let token = format!("x-cos-security-token: {token}");
    let answer = cloud.exchange(&[&line, "Host: localhost", &authorization, &token]);
    assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
}

#[cfg(unix)]
#[test]
fn it_shows_requests_if_asked_and_never_a_secret() {
    let by_option = || Served::start(&["--ephemeral", "--log", "trace"]);
    let by_variable = || {
        Served::of(
            local()
                .arg("--ephemeral")
                .env("RUST_LOG", "tcloud_local=info"),
        )
    };
    for start in [&by_option as &dyn Fn() -> Served, &by_variable] {
        let mut cloud = start();
        ask(&cloud);
        cloud.signal("TERM");
        let (log, code) = cloud.end();
        assert_eq!(code, Some(0));
        let line = log.lines().find(|line| line.contains("answered")).unwrap();
        assert!(
            line.contains("INFO") && line.contains("path=\"/b-1250000000/k\""),
            "{line}"
        );
        assert!(line.contains("request_id="), "{line}");
        for secret in SECRETS {
            assert!(!log.contains(secret), "{secret} is in {log}");
        }
        // It does not go to a terminal.
        assert!(!log.contains('\u{1b}'), "{log}");
    }
}

#[cfg(unix)]
#[test]
fn it_is_silent_while_all_is_well() {
    let mut cloud = Served::start(&["--ephemeral"]);
    ask(&cloud);
    cloud.signal("TERM");
    let (log, _) = cloud.end();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(log.contains("shutting down"), "{log}");
}

#[test]
fn a_filter_that_cannot_be_read_is_refused() {
    let refused = finish(tcloud().args(["local", "--ephemeral", "--log", "tcloud_local=loud"]));
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("TARGET=LEVEL"), "{}", refused.err);
}
