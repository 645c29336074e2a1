//! Signals that there may be something to do.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Notify, watch};

use super::job::JobClass;

/// What there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Signal {
    /// A job of a class to claim.
    Job(JobClass),
    /// A callback to deliver.
    Callback,
    /// Another time, since the cloud's clock was put ahead.
    Clock,
    /// Nothing any more, since the state was emptied.
    Emptied,
}

impl Signal {
    const ALL: [Self; 7] = [
        Self::Job(JobClass::Light),
        Self::Job(JobClass::Picture),
        Self::Job(JobClass::Media),
        Self::Job(JobClass::Document),
        Self::Callback,
        Self::Clock,
        Self::Emptied,
    ];

    /// The word that stands for it between processes.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Job(class) => class.word(),
            Self::Callback => "callback",
            Self::Clock => "clock",
            Self::Emptied => "emptied",
        }
    }

    /// The signal that `word` stands for.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(
            dead_code,
            reason = "only processes that share a store signal each other"
        )
    )]
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.word() == word)
    }
}

/// Who waits for what.
#[derive(Default)]
pub(super) struct Signals {
    light: Notify,
    picture: Notify,
    media: Notify,
    document: Notify,
    callbacks: Notify,
    clock: Notify,
    /// Changes when what is under way should be looked at again: it may be due, or gone.
    again: watch::Sender<()>,
    /// What happens here is sent to other processes this way.
    others: Option<UnboundedSender<Signal>>,
}

impl Signals {
    /// Signals that other processes receive, too: by whoever takes them from the receiver.
    #[cfg_attr(
        not(feature = "postgres"),
        allow(
            dead_code,
            reason = "only processes that share a store signal each other"
        )
    )]
    pub(super) fn shared() -> (Self, UnboundedReceiver<Signal>) {
        let (sender, receiver) = unbounded_channel();
        let signals = Self {
            others: Some(sender),
            ..Self::default()
        };
        (signals, receiver)
    }

    /// Wakes one who waits for it, the next one to wait if nobody does; here and elsewhere.
    pub(super) fn give(&self, signal: Signal) {
        self.hear(signal);
        if let Some(others) = &self.others {
            // Nobody takes it when the store is closed.
            let _ = others.send(signal);
        }
    }

    /// Wakes one who waits for jobs of each class.
    pub(super) fn give_jobs(&self) {
        for class in JobClass::ALL {
            self.give(Signal::Job(class));
        }
    }

    /// Wakes one who waits for it in this process, or all who look at what is under way.
    pub(super) fn hear(&self, signal: Signal) {
        match self.of(signal) {
            Some(waiting) => waiting.notify_one(),
            None => {
                self.again.send_replace(());
            }
        }
    }

    /// Wakes all who wait for anything in this process.
    pub(super) fn hear_all(&self) {
        for signal in Signal::ALL {
            self.hear(signal);
        }
    }

    pub(super) async fn wait(&self, signal: Signal) {
        match self.of(signal) {
            Some(waiting) => waiting.notified().await,
            None => drop(self.changes().changed().await),
        }
    }

    /// Changes when the clock was put ahead or the state emptied.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.again.subscribe()
    }

    const fn of(&self, signal: Signal) -> Option<&Notify> {
        Some(match signal {
            Signal::Job(JobClass::Light) => &self.light,
            Signal::Job(JobClass::Picture) => &self.picture,
            Signal::Job(JobClass::Media) => &self.media,
            Signal::Job(JobClass::Document) => &self.document,
            Signal::Callback => &self.callbacks,
            Signal::Clock => &self.clock,
            Signal::Emptied => return None,
        })
    }
}
