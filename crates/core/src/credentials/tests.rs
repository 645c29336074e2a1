use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::*;

/// What a provider answers; none of those tested waits for anything.
fn ask(provider: &dyn CredentialsProvider) -> Result<Credentials, CredentialsError> {
    let mut future = pin!(provider.credentials());
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(result) => result,
        Poll::Pending => panic!("a provider without I/O has to answer at once"),
    }
}

fn environment(variables: &[(&'static str, &'static str)]) -> EnvironmentProvider {
    let variables: HashMap<_, _> = variables.iter().copied().collect();
    EnvironmentProvider::with_lookup(move |name| {
        variables.get(name).map(|value| (*value).to_owned())
    })
}

#[test]
fn debug_shows_no_secret() {
    let credentials = Credentials::new("AKIDabcdefghMPLE", "verysecret").with_token("atoken");
    let provider = StaticProvider::new(credentials.clone());
    for text in [format!("{credentials:?}"), format!("{provider:?}")] {
        assert!(text.contains("AKID…MPLE"), "{text}");
        for secret in ["verysecret", "atoken", "abcdefgh"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
    for short in ["", "AKID", "AKIDMPLE1", "中中中中"] {
        assert!(!format!("{:?}", Credentials::new(short, "k")).contains("AKID"));
    }
}

#[test]
fn each_token_variable_is_found() {
    for name in [
        "TENCENTCLOUD_TOKEN",
        "TENCENTCLOUD_SESSION_TOKEN",
        "TENCENTCLOUD_SECURITY_TOKEN",
    ] {
        let provider = environment(&[
            ("TENCENTCLOUD_SECRET_ID", "id\n"),
            ("TENCENTCLOUD_SECRET_KEY", " key"),
            (name, "t"),
        ]);
        assert_eq!(
            ask(&provider),
            Ok(Credentials::new("id", "key").with_token("t")),
            "{name}"
        );
    }
}

#[test]
fn groups_of_variables_are_not_mixed() {
    let function = [
        ("TENCENTCLOUD_SECRETID", "fid"),
        ("TENCENTCLOUD_SECRETKEY", "fkey"),
        ("TENCENTCLOUD_SESSIONTOKEN", "ftoken"),
    ];
    assert_eq!(
        ask(&environment(&function)),
        Ok(Credentials::new("fid", "fkey").with_token("ftoken"))
    );
    let mut both = function.to_vec();
    both.extend([
        ("TENCENTCLOUD_SECRET_ID", "id"),
        ("TENCENTCLOUD_SECRET_KEY", "key"),
    ]);
    assert_eq!(ask(&environment(&both)), Ok(Credentials::new("id", "key")));
}

#[test]
fn what_is_missing_is_named() {
    let nothing = ask(&environment(&[])).unwrap_err().to_string();
    let half = ask(&environment(&[
        ("TENCENTCLOUD_SECRET_ID", "AKIDvisible"),
        ("TENCENTCLOUD_SECRET_KEY", " "),
    ]));
    let half = half.unwrap_err().to_string();
    assert!(
        nothing.contains("set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY"),
        "{nothing}"
    );
    assert!(
        half.contains("TENCENTCLOUD_SECRET_ID is set but TENCENTCLOUD_SECRET_KEY is not"),
        "{half}"
    );
    assert!(!half.contains("visible"), "{half}");
}

#[test]
fn a_chain_gives_the_first_or_all_reasons() {
    let fixed = Credentials::new("id", "key");
    let chain = ChainProvider::new(vec![
        Box::new(environment(&[])),
        Box::new(StaticProvider::from(fixed.clone())),
    ]);
    assert_eq!(ask(&chain), Ok(fixed));
    let chain = ChainProvider::new(vec![Box::new(environment(&[])), Box::new(environment(&[]))]);
    let error = ask(&chain).unwrap_err().to_string();
    assert_eq!(error.matches("in the environment").count(), 2, "{error}");
    assert!(
        ask(&ChainProvider::new(Vec::new()))
            .unwrap_err()
            .to_string()
            .contains("empty")
    );
}
