//! Which objects are packed.

use http::Uri;
use percent_encoding::percent_decode_str;
use tcloud_ci::types::FileCompressConfig;

use crate::ci::file;
use crate::ci::job::Failure;
use crate::store::{ListQuery, ObjectName, Store};

/// How many objects are packed by a prefix or a list of addresses, and by keys.
const MOST_FILES: usize = 10_000;
const MOST_KEYS: usize = 1_000;
/// The longest list of addresses, in bytes.
const LIST_LIMIT: u64 = 16 * 1024 * 1024;
/// How many objects are listed at a time.
const PAGE: u32 = 1_000;

/// The objects that `config` names. A list of addresses goes before a prefix, that before keys.
pub(super) async fn sources(
    store: &Store,
    bucket: &str,
    config: &FileCompressConfig,
) -> Result<Vec<ObjectName>, Failure> {
    let (keys, most) = if let Some(list) = &config.url_list {
        let name = ObjectName::new(bucket, list.trim_start_matches('/'));
        (listed(store, &name).await?, MOST_FILES)
    } else if let Some(prefix) = &config.prefix {
        (with_prefix(store, bucket, prefix).await?, MOST_FILES)
    } else {
        (config.key.clone(), MOST_KEYS)
    };
    if keys.is_empty() {
        return Err(Failure::new(
            "ResourceNotFound",
            "there is no object to be packed",
        ));
    }
    if keys.len() > most {
        return Err(too_many(most));
    }
    Ok(keys
        .into_iter()
        .map(|key| ObjectName::new(bucket, key))
        .collect())
}

fn too_many(most: usize) -> Failure {
    Failure::new(
        "InvalidContent",
        format!("more than {most} objects are to be packed; use several jobs"),
    )
}

/// The keys that begin with `prefix`, without those of folders.
async fn with_prefix(store: &Store, bucket: &str, prefix: &str) -> Result<Vec<String>, Failure> {
    let mut keys = Vec::new();
    let mut query = ListQuery {
        prefix: prefix.to_owned(),
        max_keys: PAGE,
        ..ListQuery::default()
    };
    loop {
        let page = store.list_objects(bucket, &query).await?;
        let files = page.objects.into_iter().map(|object| object.key);
        keys.extend(files.filter(|key| !key.ends_with('/')));
        if keys.len() > MOST_FILES {
            return Err(too_many(MOST_FILES));
        }
        match page.next_marker {
            Some(marker) => query.marker = marker,
            None => return Ok(keys),
        }
    }
}

/// The keys of the addresses in the list `name`, one a line in the first column.
async fn listed(store: &Store, name: &ObjectName) -> Result<Vec<String>, Failure> {
    let content = file::open(store, name, LIST_LIMIT).await?.bytes().await?;
    let text = std::str::from_utf8(&content)
        .map_err(|_| Failure::new("InvalidContent", format!("the list {name} is not UTF-8")))?;
    let lines = text.trim_start_matches('\u{feff}').lines();
    lines
        .map(first_column)
        .filter(|address| !address.is_empty())
        .map(|address| key(&name.bucket, address))
        .collect()
}

fn first_column(line: &str) -> &str {
    match line.trim().strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => line.split(',').next().unwrap_or_default().trim(),
    }
}

/// The key of an object of `bucket` at `address`.
fn key(bucket: &str, address: &str) -> Result<String, Failure> {
    let invalid = |why: &str| {
        let message = format!("the list has `{address}`, which {why}");
        Failure::new("InvalidContent", message)
    };
    let uri: Uri = address
        .parse()
        .map_err(|_| invalid("is no address; escape the key in it"))?;
    let host = uri.host().unwrap_or_default();
    if host.split('.').next() != Some(bucket) {
        return Err(invalid("is not of this bucket"));
    }
    let path = uri.path().trim_start_matches('/');
    let key = percent_decode_str(path).decode_utf8();
    Ok(key.map_err(|_| invalid("is not UTF-8"))?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUCKET: &str = "examplebucket-1250000000";

    #[test]
    fn a_line_of_a_list_is_an_address_of_the_bucket() {
        let of = |line: &str| key(BUCKET, first_column(line)).map_err(|failure| failure.message);
        let host = format!("https://{BUCKET}.cos.ap-chongqing.myqcloud.com");
        for line in [
            format!("{host}/a%20b/c.txt"),
            format!("  {host}/a%20b/c.txt , 7"),
            format!("\"{host}/a%20b/c.txt\",7"),
        ] {
            assert_eq!(of(&line), Ok("a b/c.txt".to_owned()), "{line}");
        }
        for (line, why) in [
            (
                "https://other-1250000000.cos.ap-chongqing.myqcloud.com/a",
                "not of this bucket",
            ),
            ("a.txt", "not of this bucket"),
            ("http://a b/", "no address"),
        ] {
            let message = of(line).unwrap_err();
            assert!(message.contains(why), "{line}: {message}");
        }
    }
}
