use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::*;
use crate::environment::Environment;
use crate::transport::Memory;

const NOW: i64 = 1_780_000_000;

/// A clock that is set by hand; sleeps end at once or never.
#[derive(Debug, Clone)]
struct Clock {
    seconds: Arc<AtomicI64>,
    sleeps_end: bool,
}

impl Clock {
    fn new() -> Self {
        Self {
            seconds: Arc::new(AtomicI64::new(NOW)),
            sleeps_end: false,
        }
    }

    fn set(&self, after: i64) {
        self.seconds.store(NOW + after, Ordering::SeqCst);
    }

    fn context(&self) -> ProviderContext {
        ProviderContext::new(Memory::answering([(200, "")]), self.clone())
    }
}

impl Environment for Clock {
    fn now(&self) -> i64 {
        self.seconds.load(Ordering::SeqCst) * 1000
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.seconds.load(Ordering::SeqCst).unsigned_abs())
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        if self.sleeps_end {
            Box::pin(std::future::ready(()))
        } else {
            Box::pin(std::future::pending())
        }
    }

    fn random(&self) -> u64 {
        0
    }
}

/// Gives out what a test puts in, when the test lets it.
#[derive(Debug, Default)]
struct Source {
    answers: Mutex<VecDeque<Result<Credentials, CredentialsError>>>,
    asked: AtomicUsize,
    /// How many are waiting inside, and what lets them go.
    gate: Option<Notify>,
    entered: Notify,
}

impl Source {
    fn of(answers: impl IntoIterator<Item = Result<Credentials, CredentialsError>>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            ..Self::default()
        })
    }

    fn gated(
        answers: impl IntoIterator<Item = Result<Credentials, CredentialsError>>,
    ) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            gate: Some(Notify::new()),
            ..Self::default()
        })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn open(&self) {
        self.gate.as_ref().unwrap().notify_one();
    }
}

impl CredentialsProvider for Source {
    fn credentials<'a>(
        &'a self,
        _: &'a ProviderContext,
    ) -> BoxFuture<'a, Result<Credentials, CredentialsError>> {
        Box::pin(async {
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.entered.notify_one();
            if let Some(gate) = &self.gate {
                gate.notified().await;
            }
            let next = self.answers.lock().unwrap().pop_front();
            next.unwrap_or_else(|| panic!("asked too often"))
        })
    }
}

fn key(name: &str, life: Option<i64>) -> Credentials {
    let key = Credentials::new(name, "secret");
    match life {
        Some(seconds) => key.with_token("t").with_expiry(NOW + seconds),
        None => key,
    }
}

fn failure() -> Result<Credentials, CredentialsError> {
    Err(CredentialsError::new("the source is down"))
}

fn cache(source: &Arc<Source>) -> CredentialsCache {
    CredentialsCache::new(
        Some(Arc::clone(source) as Arc<dyn CredentialsProvider>),
        None,
    )
}

async fn id(cache: &CredentialsCache, clock: &Clock) -> Result<String, String> {
    let outcome = cache.get(&clock.context()).await;
    outcome
        .map(|key| key.secret_id().to_owned())
        .map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_are_served_by_one_answer() {
    let source = Source::gated([Ok(key("one", Some(7200)))]);
    let (cache, clock) = (cache(&source), Clock::new());
    let mut callers = JoinSet::new();
    for _ in 0..1000 {
        let (cache, clock) = (cache.clone(), clock.clone());
        callers.spawn(async move { id(&cache, &clock).await });
    }
    source.entered.notified().await;
    source.open();
    let ids = callers.join_all().await;
    assert!(ids.iter().all(|id| id.as_deref() == Ok("one")), "{ids:?}");
    assert_eq!((ids.len(), source.asked()), (1000, 1));
}

#[tokio::test]
async fn a_key_is_refreshed_some_minutes_before_its_end() {
    // Life, and when the refresh is due without jitter: ten minutes before the end, or a fifth of
    // the life.
    for (life, due) in [(7200, 6600), (900, 720), (60, 48), (43_200, 42_600)] {
        let source = Source::of([Ok(key("old", Some(life))), Ok(key("new", Some(2 * life)))]);
        let (cache, clock) = (cache(&source), Clock::new());
        for (after, expected) in [(0, "old"), (due - 1, "old"), (due, "new")] {
            clock.set(after);
            let found = id(&cache, &clock).await;
            assert_eq!(found.as_deref(), Ok(expected), "{life} s, after {after} s");
        }
    }
}

#[test]
fn jitter_spreads_refreshes_over_half_the_window() {
    let due = |random| {
        let kept = Kept::new(key("key", Some(7200)), NOW * 1000, random);
        kept.refresh_at / 1000 - NOW
    };
    assert_eq!(due(0), 6600);
    assert_eq!(due(300_000), 6900);
    let mut seen: Vec<_> = (0..50).map(|n| due(n * 7_919)).collect();
    assert!(seen.iter().all(|due| (6600..=6900).contains(due)));
    seen.dedup();
    assert!(seen.len() > 40, "{seen:?}");
    let extreme = Kept::new(key("key", Some(i64::MAX / 2)), NOW * 1000, u64::MAX);
    assert!(extreme.is_valid(NOW * 1000));
}

#[tokio::test]
async fn a_key_without_an_end_is_looked_at_again_after_five_minutes() {
    let source = Source::of([Ok(key("old", None)), failure(), Ok(key("new", None))]);
    let (cache, clock) = (cache(&source), Clock::new());
    for (after, expected) in [
        (0, "old"),
        (299, "old"),
        (300, "old"),
        (359, "old"),
        (361, "new"),
    ] {
        clock.set(after);
        assert_eq!(id(&cache, &clock).await.as_deref(), Ok(expected), "{after}");
    }
    assert_eq!(source.asked(), 3);
}

#[tokio::test]
async fn a_failing_refresh_keeps_a_valid_key_and_says_so() {
    let source = Source::of([
        Ok(key("old", Some(7200))),
        failure(),
        failure(),
        failure(),
        Ok(key("new", Some(14_400))),
    ]);
    let said = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&said);
    let notice = move |refresh: &Refresh<'_>| {
        notes.lock().unwrap().push(match refresh {
            Refresh::Done { credentials } => credentials.secret_id().to_owned(),
            Refresh::Failed { error, kept } => {
                format!("{error}, {:?}", kept.map(Credentials::secret_id))
            }
        });
    };
    let provider = Arc::clone(&source) as Arc<dyn CredentialsProvider>;
    let cache = CredentialsCache::new(Some(provider), Some(Arc::new(notice)));
    let clock = Clock::new();
    for (after, expected) in [
        (0, Ok("old")),
        (6700, Ok("old")),
        // Not before the pause is over.
        (6759, Ok("old")),
        (6761, Ok("old")),
        (7200, Err("the source is down")),
        (7201, Ok("new")),
    ] {
        clock.set(after);
        let found = id(&cache, &clock).await;
        let found = found.as_deref().map_err(String::as_str);
        assert_eq!(found, expected, "after {after} s");
    }
    let failed = |kept: &str| format!("the source is down, {kept}");
    let old = r#"Some("old")"#;
    assert_eq!(
        *said.lock().unwrap(),
        ["old", &failed(old), &failed(old), &failed("None"), "new"]
    );
}

#[tokio::test]
async fn a_hanging_provider_is_bounded() {
    let source = Source::gated([Ok(key("old", Some(7200)))]);
    let (cache, mut clock) = (cache(&source), Clock::new());
    source.open();
    assert_eq!(id(&cache, &clock).await.as_deref(), Ok("old"));
    // From here on the provider hangs and every sleep is over.
    clock.sleeps_end = true;
    clock.set(6700);
    assert_eq!(id(&cache, &clock).await.as_deref(), Ok("old"));
    clock.set(7200);
    let error = id(&cache, &clock).await.unwrap_err();
    assert_eq!(error, "the credentials provider gave no answer within 30 s");
    assert_eq!(source.asked(), 3);
}

#[tokio::test]
async fn a_caller_that_goes_away_takes_no_other_along() {
    let source = Source::gated([Ok(key("one", Some(7200))), Ok(key("two", Some(7200)))]);
    let (cache, clock) = (cache(&source), Clock::new());
    let spawn = || {
        let (cache, clock) = (cache.clone(), clock.clone());
        tokio::spawn(async move { id(&cache, &clock).await })
    };
    let first = spawn();
    source.entered.notified().await;
    let second = spawn();
    tokio::task::yield_now().await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    source.open();
    assert_eq!(second.await.unwrap().as_deref(), Ok("one"));
    assert_eq!(source.asked(), 1);
}

#[tokio::test]
async fn when_all_callers_have_gone_the_next_asks_anew() {
    let source = Source::gated([Ok(key("one", Some(7200)))]);
    let (cache, clock) = (cache(&source), Clock::new());
    for asked in 1..=2 {
        let caller = {
            let (cache, clock) = (cache.clone(), clock.clone());
            tokio::spawn(async move { id(&cache, &clock).await })
        };
        source.entered.notified().await;
        assert_eq!(source.asked(), asked);
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        assert!(cache.0.state().refreshing.is_none());
    }
    source.open();
    assert_eq!(id(&cache, &clock).await.as_deref(), Ok("one"));
    assert_eq!(source.asked(), 3);
}

#[tokio::test]
async fn while_one_refreshes_the_others_go_on_with_the_old_key() {
    let source = Source::gated([Ok(key("old", Some(7200))), Ok(key("new", Some(14_400)))]);
    let (cache, clock) = (cache(&source), Clock::new());
    source.open();
    assert_eq!(id(&cache, &clock).await.as_deref(), Ok("old"));
    source.entered.notified().await;
    clock.set(7000);
    let refreshing = {
        let (cache, clock) = (cache.clone(), clock.clone());
        tokio::spawn(async move { id(&cache, &clock).await })
    };
    source.entered.notified().await;
    assert_eq!(id(&cache, &clock).await.as_deref(), Ok("old"));
    source.open();
    assert_eq!(refreshing.await.unwrap().as_deref(), Ok("new"));
    assert_eq!(id(&cache, &clock).await.as_deref(), Ok("new"));
}

#[tokio::test]
async fn a_refused_key_is_renewed_once_for_all() {
    let source = Source::gated([Ok(key("old", Some(7200))), Ok(key("new", Some(7200)))]);
    let (cache, clock) = (cache(&source), Clock::new());
    source.open();
    let old = cache.get(&clock.context()).await.unwrap();
    source.entered.notified().await;
    let mut callers = JoinSet::new();
    for _ in 0..100 {
        let (cache, clock, old) = (cache.clone(), clock.clone(), Arc::clone(&old));
        callers.spawn(async move { cache.renew(&old, &clock.context()).await.unwrap() });
    }
    source.entered.notified().await;
    source.open();
    for renewed in callers.join_all().await {
        assert_eq!(renewed.secret_id(), "new");
    }
    // Whoever was refused long ago gets what has come since.
    let late = cache.renew(&old, &clock.context()).await.unwrap();
    assert_eq!((late.secret_id(), source.asked()), ("new", 2));
}

#[tokio::test]
async fn a_refused_key_is_not_kept_when_it_cannot_be_renewed() {
    let source = Source::of([
        Ok(key("old", Some(7200))),
        failure(),
        Ok(key("new", Some(7200))),
    ]);
    let (cache, clock) = (cache(&source), Clock::new());
    let old = cache.get(&clock.context()).await.unwrap();
    let error = cache.renew(&old, &clock.context()).await.unwrap_err();
    assert_eq!(error.to_string(), "the source is down");
    assert_eq!(id(&cache, &clock).await.as_deref(), Ok("new"));
}

#[tokio::test]
async fn a_key_that_looks_expired_on_arrival_is_used_for_a_minute() {
    let source = Source::of([Ok(key("one", Some(-86_400))), Ok(key("two", Some(7200)))]);
    let (cache, clock) = (cache(&source), Clock::new());
    for (after, expected) in [(0, "one"), (40, "one"), (60, "two")] {
        clock.set(after);
        assert_eq!(id(&cache, &clock).await.as_deref(), Ok(expected), "{after}");
    }
}

#[tokio::test]
async fn a_provider_that_panics_leaves_nobody_waiting() {
    let source = Source::gated([]);
    let (cache, clock) = (cache(&source), Clock::new());
    let spawn = || {
        let (cache, clock) = (cache.clone(), clock.clone());
        tokio::spawn(async move { id(&cache, &clock).await })
    };
    let callers = [spawn(), spawn(), spawn()];
    source.entered.notified().await;
    tokio::task::yield_now().await;
    source.open();
    let mut panicked = 0;
    for caller in callers {
        match caller.await {
            Ok(outcome) => {
                assert_eq!(outcome.unwrap_err(), "the credentials provider panicked");
            }
            Err(error) => {
                assert!(error.is_panic());
                panicked += 1;
            }
        }
    }
    assert_eq!(panicked, 1);
    source
        .answers
        .lock()
        .unwrap()
        .push_back(Ok(key("one", None)));
    source.open();
    assert_eq!(id(&cache, &clock).await.as_deref(), Ok("one"));
}

#[test]
fn debug_shows_no_secret() {
    let source = Source::of([]);
    let cache = cache(&source);
    let kept = Kept::new(
        Credentials::new("AKIDabcdefghMPLE", "verysecret").with_token("atoken"),
        NOW * 1000,
        0,
    );
    cache.0.state().kept = Some(kept);
    let text = format!("{cache:?}");
    assert!(text.contains("AKID…MPLE"), "{text}");
    assert!(
        !text.contains("verysecret") && !text.contains("atoken"),
        "{text}"
    );
}
