//! The list of the files in an archive.

use tcloud_ci::operation::get_zip_preview::{GetZipPreviewRequest, GetZipPreviewResponse};
use tcloud_ci::types::ZipEntry;
use tcloud_core::server::{Context, Fault};

use super::LIMITS;
use crate::archive::{self, ArchiveError, Entry, Piece};
use crate::ci::binding::bucket;
use crate::ci::fault;
use crate::ci::job::Failure;
use crate::jobs::on_thread;
use crate::state::State;
use crate::store::ObjectName;

/// How many files are listed.
const MOST_LISTED: usize = 1000;
/// The largest archive that is looked into at once, in bytes.
const LIMIT: u64 = 4 * 1024 * 1024 * 1024;

/// Lists the files in an archive.
pub(in crate::ci) async fn get(
    state: &State,
    _: Context,
    request: GetZipPreviewRequest,
) -> Result<GetZipPreviewResponse, Fault> {
    if request.uncompress_key.is_some() {
        return Err(fault::not_built(
            "uncompress-key: the local cloud reads no encrypted archives; leave it out",
        ));
    }
    let bucket = bucket(state, request.bucket).await?;
    let name = ObjectName::new(bucket.name, request.key.unwrap_or_default());
    let (count, listed) = entries(state, name).await.map_err(Failure::into_fault)?;
    let contents = listed.into_iter().map(|entry| {
        let mut shown = ZipEntry::new()
            .key(entry.path)
            .uncompressed_size(i64::try_from(entry.size).unwrap_or(i64::MAX));
        shown.last_modified = entry.modified;
        shown
    });
    Ok(GetZipPreviewResponse::new()
        .file_number(i64::try_from(count).unwrap_or(i64::MAX))
        .is_truncated(count > MOST_LISTED)
        .contents(contents))
}

/// How many files the archive `name` has, and the first of them.
async fn entries(state: &State, name: ObjectName) -> Result<(usize, Vec<Entry>), Failure> {
    let reader = super::open(&state.store, &name, LIMIT).await?;
    let (_, file) = super::to_file(reader).await?;
    let listing = on_thread(move |is_cancelled| {
        let (mut count, mut listed) = (0_usize, Vec::new());
        archive::read(file, LIMITS, false, &mut |piece| {
            if is_cancelled() {
                return Err(ArchiveError::Abandoned);
            }
            if let Piece::File(entry) = piece {
                count = count.saturating_add(1);
                if listed.len() < MOST_LISTED {
                    listed.push(entry);
                }
            }
            Ok(())
        })?;
        Ok::<_, ArchiveError>((count, listed))
    });
    let listing = listing.await;
    Ok(listing.map_err(|error| Failure::internal(error.to_string()))??)
}
