//! Signals that there may be a job to claim.

use tokio::sync::Notify;

use super::job::JobClass;

/// A signal for the workers of each class.
#[derive(Default)]
pub(super) struct Work {
    light: Notify,
    picture: Notify,
    media: Notify,
    document: Notify,
}

impl Work {
    /// Wakes one worker of `class`, the next one to wait if none does.
    pub(super) fn notify(&self, class: JobClass) {
        self.of(class).notify_one();
    }

    /// Wakes one worker of each class.
    pub(super) fn notify_all(&self) {
        for class in JobClass::ALL {
            self.notify(class);
        }
    }

    pub(super) async fn notified(&self, class: JobClass) {
        self.of(class).notified().await;
    }

    const fn of(&self, class: JobClass) -> &Notify {
        match class {
            JobClass::Light => &self.light,
            JobClass::Picture => &self.picture,
            JobClass::Media => &self.media,
            JobClass::Document => &self.document,
        }
    }
}
