//! Keys that another program prints.

use std::ffi::OsString;
use std::future::poll_fn;
use std::io::{self, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use tcloud_core::credentials::{
    Credentials, CredentialsError, CredentialsProvider, ProviderContext,
};
use tcloud_core::future::BoxFuture;

use crate::keys;

/// How long a program may take.
const LIMIT: Duration = Duration::from_secs(25);
/// Longer outputs are no keys.
const LARGEST: u64 = 64 * 1024;

/// Runs a program that prints keys as JSON on its standard output:
///
/// ```json
/// {"SecretId": "AKID…", "SecretKey": "…", "Token": "…", "Expiration": "2026-01-02T03:04:05Z"}
/// ```
///
/// `Token` and `Expiration` may be missing; `ExpiredTime` (Unix seconds) does as well, and so does
/// what `tccli sts AssumeRole` prints. The program runs without a shell and without an input, may
/// use the standard error as it likes, and is ended after 25 seconds. It runs anew with each
/// refresh.
///
/// ```
/// use tcloud_credentials::ExternalProcess;
///
/// let provider = ExternalProcess::new("vault-keys").arg("--role").arg("uploads");
/// ```
#[derive(Clone, Debug)]
pub struct ExternalProcess {
    program: OsString,
    arguments: Vec<OsString>,
}

impl ExternalProcess {
    /// Runs `program`, by its path or by its name in `PATH`.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
        }
    }

    /// The program gets `argument`.
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// A command line as a profile has it: words between spaces, of which those with spaces stand
    /// in double quotes. `None` if a quote is open or there is no word.
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        let mut words = words(line)?.into_iter();
        let program = Self::new(words.next()?);
        Some(words.fold(program, Self::arg))
    }

    async fn run(&self, context: &ProviderContext) -> Result<Credentials, CredentialsError> {
        let name = self.program.to_string_lossy();
        let failed = |why: String| CredentialsError::new(format!("the program {name} {why}"));
        let running = Running::start(&self.program, &self.arguments)
            .map_err(|error| failed(format!("cannot be run: {error}")))?;
        let mut sleep = context.environment.sleep(LIMIT);
        let ended = poll_fn(|context| match running.poll(context.waker()) {
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
            Poll::Pending => sleep.as_mut().poll(context).map(|()| None),
        })
        .await;
        let (status, output) = match ended {
            Some(Ok(ended)) => ended,
            Some(Err(error)) => return Err(failed(format!("could not be waited for: {error}"))),
            None => {
                return Err(failed(format!(
                    "printed nothing within {} s",
                    LIMIT.as_secs()
                )));
            }
        };
        if !status.success() {
            return Err(failed(format!(
                "failed: {status}; run it by hand to see why"
            )));
        }
        let text = String::from_utf8(output)
            .map_err(|_| failed("printed something that is not text in UTF-8".to_owned()))?;
        let keys = keys::parse(&text)
            .map_err(|why| failed(format!("printed something that cannot be read: {why}")))?;
        Ok(keys.with_source(format!("program {name}")))
    }
}

impl CredentialsProvider for ExternalProcess {
    fn credentials<'a>(
        &'a self,
        context: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(self.run(context))
    }
}

fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

type Ended = io::Result<(ExitStatus, Vec<u8>)>;

/// A program that is waited for on a thread of its own, so that any executor will do. It is ended
/// if nobody waits for it any more.
struct Running {
    child: Arc<Mutex<Child>>,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    ended: Option<Ended>,
    waker: Option<Waker>,
}

impl Running {
    fn start(program: &OsString, arguments: &[OsString]) -> io::Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = child.stdout.take();
        let running = Self {
            child: Arc::new(Mutex::new(child)),
            shared: Arc::default(),
        };
        let (child, shared) = (Arc::clone(&running.child), Arc::clone(&running.shared));
        std::thread::Builder::new()
            .name("credentials".to_owned())
            .spawn(move || {
                let ended = wait(output, &child);
                let mut shared = lock(&shared);
                shared.ended = Some(ended);
                if let Some(waker) = shared.waker.take() {
                    waker.wake();
                }
            })?;
        Ok(running)
    }

    fn poll(&self, waker: &Waker) -> Poll<Ended> {
        let mut shared = lock(&self.shared);
        if let Some(ended) = shared.ended.take() {
            return Poll::Ready(ended);
        }
        shared.waker = Some(waker.clone());
        Poll::Pending
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended cannot be killed. The thread takes note of the end.
        let _ = lock(&self.child).kill();
    }
}

/// Reads all that the program prints, and waits for its end.
fn wait(output: Option<ChildStdout>, child: &Mutex<Child>) -> Ended {
    let mut printed = Vec::new();
    if let Some(output) = output {
        output.take(LARGEST + 1).read_to_end(&mut printed)?;
    }
    if printed.len() as u64 > LARGEST {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it printed more than {LARGEST} bytes"),
        ));
    }
    // The output ends a moment before the program, which must not be locked meanwhile: who waits
    // for it may end it.
    loop {
        if let Some(status) = lock(child).try_wait()? {
            return Ok((status, printed));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is locked here is never left half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{ExternalProcess, words};

    #[test]
    fn a_command_line_is_words_and_quoted_words() {
        let split = |line| words(line).map(|words| words.join("|"));
        assert_eq!(split(" keys  --role a ").as_deref(), Some("keys|--role|a"));
        assert_eq!(
            split(r#""C:\Program Files\keys" x"" """#).as_deref(),
            Some(r"C:\Program Files\keys|x|")
        );
        assert_eq!(split(r#"keys "open"#), None);
        assert!(ExternalProcess::of_line("  ").is_none());
    }
}
