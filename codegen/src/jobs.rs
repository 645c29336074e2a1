//! Which job an operation starts: as its file says, or by the rule of its service.

use crate::rows::{below, root};
use crate::spec::{Job, OperationFile, ServiceFile};

/// The job that `file` starts. By the rule: `POST /jobs` starts what `GET /jobs/{jobId}` describes
/// and waits for, if the answer has a node that the service lists in `jobs`.
pub(crate) fn started<'a>(
    service: &ServiceFile,
    mut operations: impl Iterator<Item = &'a OperationFile>,
    file: &OperationFile,
) -> Option<Job> {
    if file.job.is_some() || file.several_jobs {
        return file.job.clone();
    }
    let path = file.http.value.strip_prefix("POST ")?;
    let describes = |other: &&OperationFile| {
        let segment = other.http.value.strip_prefix("GET ");
        let segment = segment.and_then(|whole| whole.strip_prefix(path)?.strip_prefix("/{"));
        segment.is_some_and(|label| label.find('}') == Some(label.len().saturating_sub(1)))
            && other.waiter.is_some()
            && other.host == file.host
    };
    let id = service.jobs.iter().find(|id| has(file, id))?;
    let describing = operations.find(describes)?;
    Some(Job {
        id: id.clone(),
        described_by: Some(describing.operation.value.clone()),
    })
}

/// Whether the answer has the first node of `path`.
fn has(file: &OperationFile, path: &str) -> bool {
    let path = below(path, root(&file.response));
    let first = path.split_once('.').map_or(path, |(first, _)| first);
    file.response.rows.iter().any(|row| row.value.name == first)
}
