//! The queues of jobs on files and pictures.

use http::Uri;
use tcloud_ci::operation::describe_file_queues::{
    DescribeFileQueuesRequest, DescribeFileQueuesResponse,
};
use tcloud_ci::operation::describe_pic_queues::{
    DescribePicQueuesRequest, DescribePicQueuesResponse,
};
use tcloud_ci::operation::update_file_queue::{UpdateFileQueueRequest, UpdateFileQueueResponse};
use tcloud_ci::operation::update_pic_queue::{UpdatePicQueueRequest, UpdatePicQueueResponse};
use tcloud_ci::types::{NotifyState, NotifyType, Queue, QueueNotifyConfig, QueueState};
use tcloud_core::codec::{CodecError, xml};
use tcloud_core::operation::Protocol;
use tcloud_core::server::{Context, Fault};

use super::binding::{bucket, words};
use super::fault;
use super::time::time;
use crate::state::State;
use crate::store::{self, Processing, QueueUpdate, StoreError};

/// The root of a kept notification.
const NOTIFY: &str = "NotifyConfig";
/// The event that is the end of a job.
const TASK_FINISH: &str = "TaskFinish";
/// How many jobs may wait in a queue, as the service says. The local cloud has no such limit.
const MAX_SIZE: i64 = 10_000;

/// Who is notified of the jobs of `queue`, unless the job itself says so.
pub(super) fn notify(queue: &store::Queue) -> Result<Option<QueueNotifyConfig>, CodecError> {
    let decode = |text: &String| {
        let mut notify = QueueNotifyConfig::new();
        xml::decode(text, NOTIFY, &mut notify).map(|_| notify)
    };
    queue.notify.as_ref().map(decode).transpose()
}

/// Whether `notify` asks for the ends of jobs.
pub(super) fn reports_jobs(notify: &QueueNotifyConfig) -> bool {
    let events = words(notify.event.as_deref());
    notify.state == Some(NotifyState::On) && events.iter().any(|event| event == TASK_FINISH)
}

/// The queues of one kind of jobs: how they are listed, and how one is changed.
macro_rules! queues {
    ($list:ident($List:ident) -> $Listed:ident, $change:ident($Change:ident) -> $Changed:ident,
     $processing:expr, $what:literal) => {
        #[doc = concat!("Lists the queues of ", $what, ".")]
        pub(super) async fn $list(
            state: &State,
            context: Context,
            request: $List,
        ) -> Result<$Listed, Fault> {
            let own = bucket(state, request.bucket).await?.name;
            let mut missing = words(request.queue_ids.as_deref());
            let mut queues = state.store.queues(&own, &missing).await?;
            queues.retain(|queue| queue.kind == $processing.queue_kind());
            missing.retain(|id| queues.iter().all(|queue| queue.queue_id != *id));
            if let Some(asked) = &request.state {
                queues.retain(|queue| of_state(queue.state) == *asked);
            }
            let number = request.page_number.unwrap_or(1);
            let size = request.page_size.unwrap_or(10);
            let total = i64::try_from(queues.len()).unwrap_or(i64::MAX);
            Ok($Listed::new()
                .request_id(context.request_id)
                .total_count(total)
                .page_number(number)
                .page_size(size)
                .queue_list(page(&queues, number, size)?)
                .non_exist_pids(missing))
        }

        #[doc = concat!("Changes a queue of ", $what, ".")]
        pub(super) async fn $change(
            state: &State,
            context: Context,
            request: $Change,
        ) -> Result<$Changed, Fault> {
            let own = bucket(state, request.bucket).await?.name;
            let id = request.queue_id.unwrap_or_default();
            let queue = state.store.queue(&id).await?;
            if queue.bucket != own || queue.kind != $processing.queue_kind() {
                return Err(StoreError::NoSuchQueue(id).into());
            }
            let update = update(request.name, request.state, request.notify_config)?;
            let queue = state.store.update_queue(&id, &update).await?;
            Ok($Changed::new()
                .request_id(context.request_id)
                .queue(shown(&queue)?))
        }
    };
}

queues!(
    files(DescribeFileQueuesRequest) -> DescribeFileQueuesResponse,
    change_files(UpdateFileQueueRequest) -> UpdateFileQueueResponse,
    Processing::File,
    "file jobs"
);
queues!(
    pictures(DescribePicQueuesRequest) -> DescribePicQueuesResponse,
    change_pictures(UpdatePicQueueRequest) -> UpdatePicQueueResponse,
    Processing::Picture,
    "picture jobs"
);

/// The queues of a page.
fn page(queues: &[store::Queue], number: i64, size: i64) -> Result<Vec<Queue>, Fault> {
    let skipped = number.saturating_sub(1).saturating_mul(size);
    let page = queues
        .iter()
        .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
        .take(usize::try_from(size).unwrap_or(usize::MAX));
    page.map(shown).collect()
}

/// What a request asks to be changed.
fn update(
    name: Option<String>,
    state: Option<QueueState>,
    notify: Option<QueueNotifyConfig>,
) -> Result<QueueUpdate, Fault> {
    let name = name.unwrap_or_default();
    let is_of_a_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '*');
    if name.is_empty() || !name.chars().all(is_of_a_name) {
        return Err(fault::invalid(
            "Request.Name must have letters, digits, _, - and * alone, and one at least",
        ));
    }
    let notify = notify.unwrap_or_default();
    check(&notify)?;
    let notify = xml::encode(NOTIFY, &notify).map_err(|error| fault::invalid(error.to_string()))?;
    Ok(QueueUpdate {
        name: Some(name),
        state: state.map(|state| match state {
            QueueState::Paused => store::QueueState::Paused,
            _ => store::QueueState::Active,
        }),
        notify: Some(notify),
    })
}

fn check(notify: &QueueNotifyConfig) -> Result<(), Fault> {
    if notify.state != Some(NotifyState::On) {
        return Ok(());
    }
    if notify.type_ != Some(NotifyType::Url) {
        return Err(fault::not_built(
            "Request.NotifyConfig.Type must be Url: the local cloud has no message queues",
        ));
    }
    let url = notify.url.as_deref().unwrap_or_default();
    let is_address = url.parse::<Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
    });
    if !is_address {
        return Err(fault::invalid(
            "Request.NotifyConfig.Url must be a whole address that starts with http:// or https://",
        ));
    }
    if words(notify.event.as_deref()).is_empty() {
        return Err(fault::invalid(
            "Request.NotifyConfig.Event must name what is reported, such as TaskFinish",
        ));
    }
    Ok(())
}

fn of_state(state: store::QueueState) -> QueueState {
    match state {
        store::QueueState::Active => QueueState::Active,
        store::QueueState::Paused => QueueState::Paused,
    }
}

fn shown(queue: &store::Queue) -> Result<Queue, Fault> {
    let notify = notify(queue)
        .map_err(|error| Fault::internal(Protocol::Ci, error.to_string()))?
        .unwrap_or_else(|| QueueNotifyConfig::new().state(NotifyState::Off));
    Ok(Queue::new()
        .queue_id(queue.queue_id.as_str())
        .name(queue.name.as_str())
        .state(of_state(queue.state))
        .notify_config(notify)
        .max_size(MAX_SIZE)
        .max_concurrent(i64::from(queue.max_concurrent))
        .category(queue.kind.as_str())
        .bucket_id(queue.bucket.as_str())
        .update_time(time(Some(queue.updated_at)))
        .create_time(time(Some(queue.created_at))))
}
