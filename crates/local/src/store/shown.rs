//! Jobs and callbacks in logs: without what the client sent, which may hold passwords and tokens.

use std::fmt;

use super::callback::{Callback, NewCallback};
use super::job::{Job, NewJob};
use crate::fetch::shown;

impl fmt::Debug for NewJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewJob")
            .field("id", &self.id)
            .field("service", &self.service)
            .field("tag", &self.tag)
            .field("bucket", &self.bucket)
            .field("callback_url", &self.callback_url.as_deref().map(shown))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("id", &self.id)
            .field("service", &self.service)
            .field("tag", &self.tag)
            .field("bucket", &self.bucket)
            .field("callback_url", &self.callback_url.as_deref().map(shown))
            .field("state", &self.state)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for NewCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCallback")
            .field("url", &shown(&self.url))
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("id", &self.id)
            .field("job_id", &self.job_id)
            .field("url", &shown(&self.url))
            .field("state", &self.state)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::store::{JobClass, NewCallback, NewJob, Service, Store, new_id};

    #[tokio::test]
    async fn what_a_client_sent_is_not_shown() {
        let url = "http://user:hunter1@receiver.example/hook?token=hunter2";
        let new = NewJob {
            id: new_id("c"),
            service: Service::Mps,
            tag: "ProcessImage".to_owned(),
            class: JobClass::Picture,
            bucket: None,
            region: String::new(),
            queue_id: None,
            level: 0,
            request: "{\"Url\":\"http://h/?token=hunter3\"}".to_owned(),
            session: None,
            callback_url: Some(url.to_owned()),
            callback_format: None,
        };
        let store = Store::ephemeral().await.unwrap();
        store.submit_job(&new).await.unwrap();
        let job = store.job(&new.id).await.unwrap();
        let callback = NewCallback {
            url: url.to_owned(),
            content_type: String::new(),
            body: b"hunter4".to_vec(),
        };
        for shown in [
            format!("{new:?}"),
            format!("{job:?}"),
            format!("{callback:?}"),
        ] {
            assert!(shown.contains("***@receiver.example"), "{shown}");
            assert!(!shown.contains("hunter"), "{shown}");
        }
    }
}
