//! What content is made of: one piece, or several in a row.
//!
//! A piece is a blob or a row of `contents`. Content of one piece has the name of that piece; what
//! consists of more has a name of its own, and rows of `segments` say what is in it. So nothing is
//! copied when the parts of an upload are put together, or when data is appended.

use std::ops::Range;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sqlx::FromRow;
use uuid::Uuid;

use super::connection::Connection;
use super::error::{Result, StoreError};
use super::garbage;
use super::handle::Store;
use super::object::Object;
use super::sealing::{self, CustomerKey};
use super::sql::sql;

/// A piece of content, and where in the content it starts.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Segment {
    #[sqlx(try_from = "i64")]
    start: u64,
    #[sqlx(try_from = "i64")]
    size: u64,
    blob: String,
    inline: bool,
}

impl Segment {
    /// The bytes of the piece that lie within the bytes `range` of the content.
    fn within(&self, range: &Range<u64>) -> Range<u64> {
        let from = |offset: u64| offset.saturating_sub(self.start).min(self.size);
        from(range.start)..from(range.end)
    }
}

/// Content as a check reads it.
pub(super) struct Whole {
    /// The bytes.
    pub(super) content: BoxStream<'static, Result<Bytes>>,
    /// Whether it consists of several pieces.
    pub(super) has_pieces: bool,
}

/// The name of content that is going to have several pieces.
pub(super) fn new_content() -> String {
    Uuid::new_v4().simple().to_string()
}

/// The pieces of `content` that its bytes `range` lie in; none if it has one piece only, which is
/// called as the content is.
async fn segments(tx: &mut Connection, content: &str, range: &Range<u64>) -> Result<Vec<Segment>> {
    let number = |offset: u64| i64::try_from(offset).unwrap_or(i64::MAX);
    let found = sql(
        "SELECT start, size, blob, inline FROM segments WHERE content = $1 AND start < $3 \
         AND start >= (SELECT max(start) FROM segments WHERE content = $1 AND start <= $2) \
         ORDER BY start",
    );
    let found = found.bind(content);
    let found = found.bind(number(range.start)).bind(number(range.end));
    found.all(tx).await
}

/// Adds a piece to `content`.
pub(super) async fn add_segment(
    tx: &mut Connection,
    content: &str,
    start: u64,
    size: u64,
    (blob, inline): (&str, bool),
) -> Result<()> {
    // No disk is larger than the largest signed number.
    let number = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let added = sql(
        "INSERT INTO segments (content, start, size, blob, inline) VALUES ($1, $2, $3, $4, $5)",
    );
    let added = added.bind(content).bind(number(start)).bind(number(size));
    added.bind(blob).bind(inline).execute(tx).await.map(drop)
}

/// Makes garbage of the content `id`, unless an object shows it, and returns its blobs, to be
/// deleted after the commit.
pub(super) async fn discard(
    tx: &mut Connection,
    id: String,
    inline: bool,
    now: i64,
) -> Result<Vec<String>> {
    if !inline {
        let pieces = sql("DELETE FROM segments WHERE content = $1 \
             AND NOT EXISTS (SELECT 1 FROM objects WHERE blob = $1) RETURNING blob, inline");
        let pieces: Vec<(String, bool)> = pieces.bind(&id).all(tx).await?;
        if !pieces.is_empty() {
            return release(tx, pieces, now).await;
        }
    }
    let garbage = garbage::release(tx, id, inline, now).await?;
    Ok(garbage.into_iter().collect())
}

/// Makes garbage of the `pieces` that no row names any more, and returns the blobs among them, to be
/// deleted after the commit.
pub(super) async fn release(
    tx: &mut Connection,
    pieces: Vec<(String, bool)>,
    now: i64,
) -> Result<Vec<String>> {
    let mut garbage = Vec::new();
    for (blob, inline) in pieces {
        garbage.extend(garbage::release(tx, blob, inline, now).await?);
    }
    Ok(garbage)
}

impl Store {
    /// The bytes `range` of the content of `object`, encrypted with `key` if there is one; that is `kept`
    /// if it is kept with the rows.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoContent`] if it was replaced and deleted since.
    pub(super) async fn read_content(
        &self,
        object: &Object,
        kept: Option<Bytes>,
        range: Range<u64>,
        key: Option<&CustomerKey>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        if object.inline {
            let content = kept.ok_or_else(|| no_row(&object.blob))?;
            return Ok(part_of(&content, &range, key));
        }
        let segments = segments(&mut self.connect().await?, &object.blob, &range).await?;
        let mut pieces = segments.into_iter().map(|segment| {
            let range = segment.within(&range);
            (segment.blob, segment.inline, range)
        });
        let Some((blob, inline, part)) = pieces.next() else {
            return self.read_blob(&object.blob, range, key).await;
        };
        // The first is opened before the answer begins, the others as the reader comes to them.
        let first = self.read_piece(blob, inline, part, key).await?;
        let rest: Vec<_> = pieces.collect();
        let (store, key) = (self.clone(), key.cloned());
        let rest = stream::iter(rest).then(move |(blob, inline, part)| {
            let (store, key) = (store.clone(), key.clone());
            async move { store.read_piece(blob, inline, part, key.as_ref()).await }
        });
        let all = stream::once(std::future::ready(Ok(first))).chain(rest);
        Ok(all.try_flatten().boxed())
    }

    /// All of the content `id` of an object of `size` bytes: whole pieces one after the other,
    /// whatever size they are said to have.
    pub(super) async fn read_whole(&self, id: &str, inline: bool, size: u64) -> Result<Whole> {
        let pieces = if inline {
            Vec::new()
        } else {
            segments(&mut self.connect().await?, id, &(0..size)).await?
        };
        if pieces.is_empty() {
            let content = self.read_piece(id.to_owned(), inline, 0..0, None).await?;
            return Ok(Whole {
                content,
                has_pieces: false,
            });
        }
        let store = self.clone();
        let all = stream::iter(pieces).then(move |piece| {
            let store = store.clone();
            async move { store.read_piece(piece.blob, piece.inline, 0..0, None).await }
        });
        Ok(Whole {
            content: all.try_flatten().boxed(),
            has_pieces: true,
        })
    }

    /// The bytes `range` of a piece; all of it, if the range is empty.
    async fn read_piece(
        &self,
        blob: String,
        inline: bool,
        range: Range<u64>,
        key: Option<&CustomerKey>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        if !inline {
            return self.read_blob(&blob, range, key).await;
        }
        let content = inline_content(&mut self.connect().await?, &blob).await?;
        if range.is_empty() {
            return Ok(once(content));
        }
        Ok(part_of(&content, &range, key))
    }

    /// The bytes `range` of a piece that is a blob; all of it as it is kept, if the range is empty.
    async fn read_blob(
        &self,
        blob: &str,
        range: Range<u64>,
        key: Option<&CustomerKey>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let blobs = &self.inner.blobs;
        let Some(key) = key.filter(|_| !range.is_empty()) else {
            return blobs.read(blob, range).await;
        };
        let start: Vec<Bytes> = blobs
            .read(blob, 0..sealing::START)
            .await?
            .try_collect()
            .await?;
        let kept = |offset: u64| offset.saturating_add(sealing::START);
        let sealed = blobs.read(blob, kept(range.start)..kept(range.end)).await?;
        Ok(sealing::unseal(sealed, key, &start.concat(), range.start))
    }
}

/// The bytes `range` of a piece that is kept as `content`.
fn part_of(
    content: &Bytes,
    range: &Range<u64>,
    key: Option<&CustomerKey>,
) -> BoxStream<'static, Result<Bytes>> {
    let Some(key) = key else {
        return once(part(content, range));
    };
    let start = part(content, &(0..sealing::START));
    let kept = content.slice(start.len()..);
    sealing::unseal(once(part(&kept, range)), key, &start, range.start)
}

fn once(content: Bytes) -> BoxStream<'static, Result<Bytes>> {
    stream::iter((!content.is_empty()).then_some(Ok(content))).boxed()
}

/// The content `id` that is kept with the rows.
async fn inline_content(tx: &mut Connection, id: &str) -> Result<Bytes> {
    let found = sql("SELECT content FROM contents WHERE id = $1").bind(id);
    let found: Option<Vec<u8>> = found.scalar_optional(tx).await?;
    found.map(Bytes::from).ok_or_else(|| no_row(id))
}

/// That the content `id` is not kept with the rows.
fn no_row(id: &str) -> StoreError {
    StoreError::NoContent(object_store::Error::NotFound {
        path: id.to_owned(),
        source: "no row has it".into(),
    })
}

/// The bytes `range` of `content`.
fn part(content: &Bytes, range: &Range<u64>) -> Bytes {
    let at = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    let end = at(range.end).min(content.len());
    content.slice(at(range.start).min(end)..end)
}
