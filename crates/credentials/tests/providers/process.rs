//! Programs that print keys.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use tcloud_core::environment::{Environment, System};
use tcloud_core::future::BoxFuture;
use tcloud_credentials::{
    Credentials, CredentialsError, CredentialsProvider, ExternalProcess, ProfileProvider,
    ProviderContext,
};

use crate::fixture::{Home, SECRET, nowhere};

async fn run(provider: &ExternalProcess) -> Result<Credentials, CredentialsError> {
    // The real clock: a program takes real time.
    let context = ProviderContext::new(nowhere(), System);
    let outcome = provider.credentials(&context).await;
    if let Err(error) = &outcome {
        assert!(!error.to_string().contains(SECRET), "{error}");
    }
    outcome
}

fn shell(script: &str) -> ExternalProcess {
    ExternalProcess::new("sh").arg("-c").arg(script)
}

#[tokio::test]
async fn what_a_program_prints_is_read() {
    let script = r#"echo noise >&2; cat; echo '{"SecretId": "AKIDprogram", "SecretKey": "k",
        "Token": "t", "Expiration": "2026-05-28T20:26:40Z"}'"#;
    let found = run(&shell(script)).await.unwrap();
    assert_eq!(found.secret_id(), "AKIDprogram");
    assert_eq!(
        (found.token(), found.expires_at()),
        (Some("t"), Some(1_780_000_000))
    );
    assert_eq!(found.source(), Some("program sh"));
}

#[tokio::test]
async fn a_program_that_fails_is_named_and_not_quoted() {
    let missing = ExternalProcess::new("/no/such/program");
    for (provider, reason) in [
        (missing, "the program /no/such/program cannot be run: "),
        (
            shell("echo s3cret; exit 3"),
            "the program sh failed: exit status: 3",
        ),
        (shell("kill -9 $$"), "failed: signal: 9"),
        (
            shell("true"),
            "printed something that cannot be read: it is not a JSON object of keys",
        ),
        (shell("echo s3cret"), "it is not a JSON object of keys"),
        (
            shell(r#"echo '{"SecretKey": "s3cret"}'"#),
            "it has no `SecretId`",
        ),
        (shell(r"printf '\377\376'"), "not text in UTF-8"),
        (shell("yes s3cret"), "it printed more than 65536 bytes"),
    ] {
        let error = run(&provider).await.unwrap_err();
        assert!(!error.is_absent(), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

/// Sleeps last until there is a file.
#[derive(Debug)]
struct UntilThereIs(PathBuf);

impl Environment for UntilThereIs {
    fn now(&self) -> i64 {
        0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        let path = self.0.clone();
        Box::pin(async move {
            while !path.exists() {
                tokio::task::yield_now().await;
            }
        })
    }

    fn random(&self) -> u64 {
        0
    }
}

#[tokio::test]
async fn a_program_that_hangs_is_ended() {
    let home = Home::new();
    let pid = home.path("pid");
    // The file is renamed, so that it is there whole or not at all.
    let script = format!(
        "echo $$ > {0}.new; mv {0}.new {0}; exec sleep 600",
        pid.display()
    );
    let provider = shell(&script);
    let context = ProviderContext::new(nowhere(), UntilThereIs(pid.clone()));
    let error = provider
        .credentials(&context)
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(error, "the program sh printed nothing within 25 s");
    let pid = fs::read_to_string(&pid).unwrap();
    // It is gone, or only its parent has not taken note yet.
    let lives = || {
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim()));
        stat.is_ok_and(|stat| !stat.contains(") Z "))
    };
    while lives() {
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn a_profile_runs_its_program_with_quoted_words() {
    let home = Home::new();
    let program = home.write(
        "my keys",
        "#!/bin/sh\necho \"{\\\"SecretId\\\": \\\"$1\\\", \\\"SecretKey\\\": \\\"k\\\"}\"\n",
    );
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    home.write(
        ".tencentcloud/credentials",
        format!(
            "[default]\ncredential_process = \"{}\" \"AKID of program\"\nregion = ap-x\n",
            program.display()
        ),
    );
    let provider = ProfileProvider::of(home.files(&[]));
    let context = ProviderContext::new(nowhere(), System);
    let found = provider.credentials(&context).await.unwrap();
    assert_eq!(
        (found.secret_id(), found.region()),
        ("AKID of program", Some("ap-x"))
    );
}
