//! How a list is paged, as data.

use crate::codec::{count_of, text_of};
use crate::error::{Error, ErrorKind};
use crate::node::Node;
use crate::sign::encode::decode_path;

/// How a list is paged, as the spec says it.
#[derive(Debug)]
pub struct Paging {
    /// The request's parameter that names the next page.
    pub input: &'static str,
    /// The response's node with its value; without it, the parameter is a number that counts up.
    pub output: Option<&'static str>,
    /// The response's node that says by `url` that this value is percent-encoded, as the names in a
    /// list then are.
    pub encoding: Option<&'static str>,
    /// Whether that number counts the items before the page, from 0, and not pages, from 1.
    pub by_items: bool,
    /// The response's node that says whether there is more.
    pub more: Option<&'static str>,
    /// The response's node with the number of items in all.
    pub total: Option<&'static str>,
    /// The response's node with the items.
    pub items: &'static str,
}

impl Paging {
    /// What the next request's parameter is, or `None` at the end of the list. `seen` counts the
    /// items so far, this page's included.
    pub(crate) fn next(
        &self,
        request: &dyn Node,
        response: &dyn Node,
        seen: usize,
    ) -> Result<Option<String>, Error> {
        if let Some(more) = self.more
            && text_of(response, more).as_deref() != Some("true")
        {
            return Ok(None);
        }
        let Some(output) = self.output else {
            let total = self
                .total
                .and_then(|total| text_of(response, total))
                .and_then(|total| total.parse::<usize>().ok());
            if count_of(response, self.items) == 0 || total.is_some_and(|total| seen >= total) {
                return Ok(None);
            }
            let given = text_of(request, self.input).and_then(|number| number.parse::<u64>().ok());
            let next = if self.by_items {
                let items = u64::try_from(count_of(response, self.items)).unwrap_or(u64::MAX);
                given.unwrap_or(0).saturating_add(items)
            } else {
                given.unwrap_or(1).saturating_add(1)
            };
            return Ok(Some(next.to_string()));
        };
        let mut next = text_of(response, output).filter(|next| !next.is_empty());
        let encoding = self.encoding.and_then(|node| text_of(response, node));
        if encoding.as_deref() == Some("url") {
            next = next.and_then(|next| decode_path(&next));
        }
        match next {
            // A page that names itself would be asked for without end.
            Some(next) if text_of(request, self.input).as_deref() == Some(next.as_str()) => {
                Err(Error::new(
                    ErrorKind::Response,
                    format!("the list names the same page again in {output}"),
                ))
            }
            None if self.more.is_some() => Err(Error::new(
                ErrorKind::Response,
                format!("there is more, but {output} does not say where"),
            )),
            next => Ok(next),
        }
    }
}
