//! Which objects are being fetched, and which are to be.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{Mutex as Turn, MutexGuard as Held, Notify};

use super::asking::Asking;
use crate::store::ObjectName;

/// How many objects can wait to be fetched. The service promises nothing of those, either.
const MOST: usize = 1000;

/// What is fetched by this process.
#[derive(Debug, Default)]
pub(crate) struct Pulls {
    /// How often an origin was asked: hosts share that out.
    asked: AtomicU64,
    /// Who fetches an object, and who waits for that.
    turns: Mutex<HashMap<ObjectName, Weak<Turn<()>>>>,
    waiting: Mutex<VecDeque<Waiting>>,
    notify: Notify,
    working: Turn<()>,
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
    pub(super) fn turn(&self, name: &ObjectName) -> Arc<Turn<()>> {
        let mut turns = held(&self.turns);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(name).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::new(Turn::new(()));
        turns.insert(name.clone(), Arc::downgrade(&turn));
        turn
    }

    /// Notes that `name` is to be fetched.
    pub(super) fn later(&self, name: &ObjectName, asking: &Asking) {
        let mut waiting = held(&self.waiting);
        if waiting.len() >= MOST {
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

    use super::{MOST, Pulls};
    use crate::cos::origin::Asking;
    use crate::store::ObjectName;

    #[tokio::test]
    async fn an_object_waits_once_and_not_too_many_do() {
        let pulls = Pulls::default();
        let asking = Asking::new(&[], &HeaderMap::new(), false);
        for number in 0..=MOST {
            let name = ObjectName::new("b", (number / 2).to_string());
            pulls.later(&name, &asking);
        }
        pulls.told().await;
        let (alone, waiting) = pulls.take().await;
        assert_eq!(waiting.len(), MOST / 2 + 1);
        drop(alone);
        for number in 0..=MOST {
            pulls.later(&ObjectName::new("b", number.to_string()), &asking);
        }
        assert_eq!(pulls.take().await.1.len(), MOST);
    }

    #[test]
    fn one_at_a_time_fetches_an_object() {
        let pulls = Pulls::default();
        let [one, other] = ["a", "b"].map(|key| ObjectName::new("b", key));
        let turn = pulls.turn(&one);
        assert!(Arc::ptr_eq(&turn, &pulls.turn(&one)));
        assert!(!Arc::ptr_eq(&turn, &pulls.turn(&other)));
        drop(turn);
        pulls.turn(&other);
        assert_eq!(super::held(&pulls.turns).len(), 1);
    }
}
