//! Putting the parts of an upload together.

use md5::{Digest, Md5};
use tcloud_core::body;

use super::{ListedPart, Part};
use crate::store::connection::Connection;
use crate::store::contents;
use crate::store::crc64::Crc64;
use crate::store::error::{Result, StoreError};
use crate::store::handle::Store;
use crate::store::object::{Object, ObjectName};
use crate::store::rows;
use crate::store::sealing::START;
use crate::store::sql::sql;
use crate::store::value::Value;

/// The fewest bytes of a part that another one follows.
const SMALLEST_PART: u64 = 1024 * 1024;

impl Store {
    /// Makes the object of the parts that are `listed`, and ends the upload. Parts that are not
    /// listed are dropped.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchUpload`], [`StoreError::InvalidPartOrder`], [`StoreError::InvalidPart`] or
    /// [`StoreError::PartTooSmall`].
    pub(crate) async fn complete_multipart(
        &self,
        name: &ObjectName,
        upload: &str,
        listed: &[ListedPart],
    ) -> Result<Object> {
        let mut tx = self.write().await?;
        let completed = complete(&mut tx, name, upload, listed, self.now()).await;
        let (object, garbage) = tx.end(completed).await?;
        self.delete_garbage(garbage.iter().map(String::as_str))
            .await;
        Ok(object)
    }
}

/// Puts the `listed` parts of an upload together, and returns the object and the blobs that are garbage
/// now.
async fn complete(
    tx: &mut Connection,
    name: &ObjectName,
    upload: &str,
    listed: &[ListedPart],
    now: i64,
) -> Result<(Object, Vec<String>)> {
    let begun = super::lock(tx, name, upload).await?;
    let parts = sql("SELECT * FROM parts WHERE upload = $1 ORDER BY number").bind(upload);
    let parts: Vec<Part> = parts.all(tx).await?;
    let (chosen, mut dropped) = choose(parts, listed)?;
    let whole = Whole::of(&chosen);

    // What has no bytes is nothing in a row of pieces.
    let (mut pieces, mut empty): (Vec<_>, Vec<_>) =
        chosen.into_iter().partition(|part| part.size > 0);
    if pieces.is_empty() {
        pieces.extend(empty.pop());
    }
    dropped.extend(empty);
    let numbers: Vec<_> = dropped.iter().map(|part| i64::from(part.number)).collect();
    let among = tx.dialect().among_numbers(2);
    sql(format!(
        "DELETE FROM parts WHERE upload = $1 AND number {among}"
    ))
    .bind(upload)
    .bind(Value::numbers(&numbers)?)
    .execute(tx)
    .await?;
    let (content, inline) = match pieces.as_slice() {
        [] => return Err(StoreError::NoPart),
        [only] => (only.blob.clone(), only.inline),
        _ => (contents::new_content(), false),
    };
    if pieces.len() > 1 {
        sql(
            "INSERT INTO segments (content, start, size, blob, inline) \
             SELECT $1, CAST(sum(size) OVER (ORDER BY number) - size AS BIGINT), size, blob, inline \
             FROM parts WHERE upload = $2",
        )
        .bind(&content)
        .bind(upload)
        .execute(tx)
        .await?;
    }
    let mut object = Object {
        size: whole.size,
        etag: whole.etag,
        crc64: whole.crc64,
        attributes: begun.attributes,
        blob: content,
        inline,
        sealed: whole.sealed,
        ..Object::without_content(name, now)
    };
    rows::lock(tx, name).await?;
    let mut garbage = rows::insert(tx, &mut object).await?;
    super::end(tx, upload).await?;
    let dropped = dropped.into_iter().map(|part| (part.blob, part.inline));
    garbage.extend(contents::release(tx, dropped.collect(), now).await?);
    Ok((object, garbage))
}

/// Those of `parts` that are `listed`, and the others.
fn choose(parts: Vec<Part>, listed: &[ListedPart]) -> Result<(Vec<Part>, Vec<Part>)> {
    let mut last = 0;
    for &ListedPart { number, .. } in listed {
        if number <= last {
            return Err(StoreError::InvalidPartOrder { number });
        }
        last = number;
    }
    let mut listed = listed.iter().peekable();
    let (mut chosen, mut others) = (Vec::new(), Vec::new());
    for part in parts {
        // Both are in the order of their numbers.
        match listed.next_if(|listed| listed.number <= part.number) {
            Some(listed) if listed.number == part.number && listed.etag == part.etag => {
                chosen.push(part);
            }
            Some(wrong) => return Err(invalid(wrong)),
            None => others.push(part),
        }
    }
    if let Some(missing) = listed.next() {
        return Err(invalid(missing));
    }
    let followed = chosen.split_last().map_or(&[][..], |(_, others)| others);
    match followed.iter().find(|part| part.size < SMALLEST_PART) {
        Some(&Part { number, size, .. }) => Err(StoreError::PartTooSmall {
            number,
            size,
            least: SMALLEST_PART,
        }),
        None => Ok((chosen, others)),
    }
}

fn invalid(listed: &ListedPart) -> StoreError {
    StoreError::InvalidPart {
        number: listed.number,
        etag: listed.etag.clone(),
    }
}

/// What is said of an object as a whole, by what is known of its parts.
struct Whole {
    size: u64,
    etag: String,
    crc64: Crc64,
    sealed: Option<String>,
}

impl Whole {
    fn of(parts: &[Part]) -> Self {
        let mut digests = Md5::new();
        let (mut size, mut crc64) = (0_u64, body::crc64(b""));
        for part in parts {
            let digest = u128::from_str_radix(&part.etag, 16).unwrap_or_default();
            digests.update(digest.to_be_bytes());
            size = size.saturating_add(part.size);
            crc64 = body::crc64_combine(crc64, part.crc64.0, part.size);
        }
        let digest = u128::from_be_bytes(digests.finalize().into());
        Self {
            size,
            etag: format!("{digest:032x}-{}", parts.len()),
            crc64: Crc64(crc64),
            sealed: sealed(parts),
        }
    }
}

/// The CRC-64 of what is kept of all parts together, if that is encrypted.
fn sealed(parts: &[Part]) -> Option<String> {
    let mut crc64 = body::crc64(b"");
    for part in parts {
        let own = Crc64::try_from(part.sealed.clone()?).ok()?;
        let start = if part.size > 0 { START } else { 0 };
        let size = part.size.saturating_add(start);
        crc64 = body::crc64_combine(crc64, own.0, size);
    }
    (!parts.is_empty()).then(|| Crc64(crc64).to_string())
}

#[cfg(test)]
mod tests {
    use super::{ListedPart, Part, SMALLEST_PART, Whole, choose};
    use crate::store::StoreError;
    use crate::store::crc64::Crc64;

    fn part(number: u32, content: &[u8]) -> Part {
        use md5::{Digest, Md5};
        Part {
            number,
            size: content.len() as u64,
            etag: format!("{:032x}", u128::from_be_bytes(Md5::digest(content).into())),
            crc64: Crc64(tcloud_core::body::crc64(content)),
            last_modified: 0,
            blob: number.to_string(),
            inline: false,
            sealed: None,
        }
    }

    fn listed(part: &Part) -> ListedPart {
        ListedPart {
            number: part.number,
            etag: part.etag.clone(),
        }
    }

    #[test]
    fn the_whole_follows_from_its_parts() {
        let whole = Whole::of(&[part(1, b"1234"), part(7, b""), part(9, b"56789")]);
        assert_eq!(whole.size, 9);
        assert_eq!(whole.crc64, Crc64(0x995D_C9BB_DF19_39FA));
        // echo -n 1234 | md5sum, of nothing, and of 56789; md5sum of the three digests.
        assert_eq!(whole.etag, "c57c61650e7a673bb13c5b3b2e9fbc27-3");
    }

    #[test]
    fn parts_are_chosen_by_number_and_etag() {
        let large = vec![7; usize::try_from(SMALLEST_PART).unwrap()];
        let parts = [part(1, &large), part(2, b"small"), part(5, b"last")];
        let [one, two, five] = [&parts[0], &parts[1], &parts[2]].map(listed);
        let choose = |list: &[&ListedPart]| {
            let list: Vec<_> = list.iter().map(|&it| it.clone()).collect();
            choose(parts.to_vec(), &list).map(|(chosen, others)| {
                let numbers = |parts: Vec<Part>| parts.iter().map(|it| it.number).collect();
                (numbers(chosen), numbers(others))
            })
        };
        let both = |list: &[&ListedPart]| -> (Vec<u32>, Vec<u32>) { choose(list).unwrap() };
        assert_eq!(both(&[&one, &two]), (vec![1, 2], vec![5]));
        assert_eq!(both(&[&five]), (vec![5], vec![1, 2]));

        let unordered = choose(&[&two, &one]);
        assert!(matches!(
            unordered,
            Err(StoreError::InvalidPartOrder { number: 1 })
        ));
        let twice = choose(&[&one, &one]);
        assert!(matches!(
            twice,
            Err(StoreError::InvalidPartOrder { number: 1 })
        ));
        let small = choose(&[&one, &two, &five]);
        assert!(matches!(
            small,
            Err(StoreError::PartTooSmall {
                number: 2,
                size: 5,
                ..
            })
        ));
        for (number, etag) in [(3, &five.etag), (6, &five.etag), (5, &two.etag)] {
            let wrong = ListedPart {
                number,
                etag: etag.clone(),
            };
            let wrong = choose(&[&one, &wrong]);
            assert!(
                matches!(wrong, Err(StoreError::InvalidPart { number: is, .. }) if is == number)
            );
        }
    }
}
