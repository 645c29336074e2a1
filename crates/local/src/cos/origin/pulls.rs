//! Which objects are being fetched, and which are to be.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use http::header::HeaderValue;
use http::{HeaderMap, StatusCode};
use tcloud_core::server::Fault;
use tokio::sync::{Mutex as Alone, MutexGuard as Held, Notify};

use super::asking::Asking;
use crate::store::ObjectName;

/// How many objects can wait to be fetched. The service promises nothing of those, either.
const MOST: usize = 1000;
/// How many of them can be of one bucket.
const MOST_OF_A_BUCKET: usize = 100;

/// What came of asking an origin.
#[derive(Debug, Clone)]
pub(super) enum Pulled {
    /// The object is there.
    Stored,
    /// The origin sends the client elsewhere, and that is not followed.
    SentOn {
        /// How.
        status: StatusCode,
        /// Where to.
        location: HeaderValue,
    },
    /// The origin does not have it, either.
    NotThere,
}

/// What an origin is asked, whoever of its hosts it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// The address, at any host.
    pub(super) address: Option<String>,
    pub(super) headers: HeaderMap,
}

/// What whoever fetches an object holds meanwhile. Then it has what came of which question, for those
/// who have waited with the same one.
pub(super) type Turn = Alone<Option<(Question, Result<Pulled, Fault>)>>;

/// What is fetched by this process.
#[derive(Debug, Default)]
pub(crate) struct Pulls {
    /// How often an origin was asked: hosts share that out.
    asked: AtomicU64,
    /// Who fetches an object, and who waits for that.
    turns: Mutex<HashMap<ObjectName, Weak<Turn>>>,
    waiting: Mutex<VecDeque<Waiting>>,
    notify: Notify,
    working: Alone<()>,
}

/// An object that is to be fetched.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) name: ObjectName,
    pub(super) asking: Asking,
}

impl Pulls {
    /// The number of a request to an origin.
    pub(super) fn number(&self) -> u64 {
        self.asked.fetch_add(1, Ordering::Relaxed)
    }

    /// What whoever fetches `name` holds meanwhile.
    pub(super) fn turn(&self, name: &ObjectName) -> Arc<Turn> {
        let mut turns = held(&self.turns);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(name).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(Turn::default());
        turns.insert(name.clone(), Arc::downgrade(&turn));
        turn
    }

    /// Lets whoever comes from now on ask anew about `name`, as `turn` has its answer.
    pub(super) fn answered(&self, name: &ObjectName, turn: &Arc<Turn>) {
        let mut turns = held(&self.turns);
        let is_last = turns
            .get(name)
            .is_some_and(|last| last.as_ptr() == Arc::as_ptr(turn));
        if is_last {
            turns.remove(name);
        }
    }

    /// Notes that `name` is to be fetched.
    pub(super) fn later(&self, name: &ObjectName, asking: &Asking) {
        let mut waiting = held(&self.waiting);
        let of_bucket = waiting.iter().filter(|it| it.name.bucket == name.bucket);
        if waiting.len() >= MOST || of_bucket.count() >= MOST_OF_A_BUCKET {
            tracing::warn!(%name, "too many objects are to be fetched; this one is not");
            return;
        }
        if waiting.iter().all(|it| it.name != *name) {
            waiting.push_back(Waiting {
                name: name.clone(),
                asking: asking.clone(),
            });
            self.notify.notify_one();
        }
    }

    /// Lets what was taken wait again, for which there was no time.
    pub(super) fn give_back(&self, waiting: Waiting) {
        held(&self.waiting).push_back(waiting);
        self.notify.notify_one();
    }

    /// Waits until something is to be fetched.
    pub(super) async fn told(&self) {
        self.notify.notified().await;
    }

    /// All that is to be fetched, once what others have taken is done, and the right to do so alone.
    pub(super) async fn take(&self) -> (Held<'_, ()>, VecDeque<Waiting>) {
        let alone = self.working.lock().await;
        let waiting = std::mem::take(&mut *held(&self.waiting));
        (alone, waiting)
    }
}

/// Nothing that is done under these locks can panic.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::HeaderMap;

    use super::{MOST, MOST_OF_A_BUCKET, Pulls};
    use crate::cos::origin::Asking;
    use crate::store::ObjectName;

    #[tokio::test]
    async fn an_object_waits_once_and_not_too_many_do() {
        let pulls = Pulls::default();
        let asking = Asking::new(&[], &HeaderMap::new(), false);
        let name = |number: usize, buckets: usize| {
            ObjectName::new((number % buckets).to_string(), number.to_string())
        };
        for number in 0..MOST_OF_A_BUCKET {
            pulls.later(&name(number / 2, 1), &asking);
        }
        pulls.told().await;
        let (alone, waiting) = pulls.take().await;
        assert_eq!(waiting.len(), MOST_OF_A_BUCKET / 2);
        drop(alone);
        for (buckets, most) in [(1, MOST_OF_A_BUCKET), (20, MOST)] {
            for number in 0..=MOST {
                pulls.later(&name(number, buckets), &asking);
            }
            assert_eq!(pulls.take().await.1.len(), most);
        }
    }

    #[test]
    fn one_at_a_time_fetches_an_object() {
        let pulls = Pulls::default();
        let [one, other] = ["a", "b"].map(|key| ObjectName::new("b", key));
        let turn = pulls.turn(&one);
        assert!(Arc::ptr_eq(&turn, &pulls.turn(&one)));
        assert!(!Arc::ptr_eq(&turn, &pulls.turn(&other)));
        pulls.answered(&one, &turn);
        let next = pulls.turn(&one);
        assert!(!Arc::ptr_eq(&turn, &next));
        // Who has waited for the first knows nothing of the next.
        pulls.answered(&one, &turn);
        assert!(Arc::ptr_eq(&next, &pulls.turn(&one)));
        drop((turn, next));
        pulls.turn(&other);
        assert_eq!(super::held(&pulls.turns).len(), 1);
    }
}
