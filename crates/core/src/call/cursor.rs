//! Where a list of several pages is.

use crate::codec::{self, count_of, text_of};
use crate::error::{Error, ErrorKind};
use crate::node::Node;
use crate::paging::Paging;

/// Where a list of several pages is, for requests and responses that are any nodes: what
/// [`Pages`](super::Pages) come down to, and what follows lists known only by their tables.
#[derive(Debug)]
pub struct Cursor {
    paging: &'static Paging,
    seen: usize,
}

impl Cursor {
    /// Before the first page of a list.
    pub const fn new(paging: &'static Paging) -> Self {
        Self { paging, seen: 0 }
    }

    /// Turns `request` into that of the page behind `response`, and says whether there is one.
    ///
    /// # Errors
    /// [`ErrorKind::Response`]: there is more, and the response does not say where.
    pub fn advance(&mut self, request: &mut dyn Node, response: &dyn Node) -> Result<bool, Error> {
        let items = count_of(response, self.paging.items);
        self.seen = self.seen.saturating_add(items);
        let Some(next) = next(self.paging, request, response, self.seen)? else {
            return Ok(false);
        };
        for (name, value) in next {
            match value {
                Some(value) => codec::set(request, name, &value),
                None => codec::unset(request, name),
            }
        }
        Ok(true)
    }
}

/// The parameters of the next page. One without a value is left out.
type Next = Vec<(&'static str, Option<String>)>;

/// What the next request's parameters are, or `None` at the end of the list. `seen` counts the items
/// so far, this page's included.
fn next(
    paging: &Paging,
    request: &dyn Node,
    response: &dyn Node,
    seen: usize,
) -> Result<Option<Next>, Error> {
    if let Some(more) = paging.more
        && text_of(response, more).as_deref() != Some("true")
    {
        return Ok(None);
    }
    let Some(output) = paging.output else {
        let total = paging
            .total
            .and_then(|total| text_of(response, total))
            .and_then(|total| total.parse::<usize>().ok());
        if count_of(response, paging.items) == 0 || total.is_some_and(|total| seen >= total) {
            return Ok(None);
        }
        let given = text_of(request, paging.input).and_then(|number| number.parse::<u64>().ok());
        let next = if paging.by_items {
            let items = u64::try_from(count_of(response, paging.items)).unwrap_or(u64::MAX);
            given.unwrap_or(0).saturating_add(items)
        } else {
            given.unwrap_or(1).saturating_add(1)
        };
        return Ok(Some(vec![(paging.input, Some(next.to_string()))]));
    };
    let named = |node| text_of(response, node).filter(|next| !next.is_empty());
    let Some(next) = named(output) else {
        return match paging.more {
            Some(_) => Err(Error::new(
                ErrorKind::Response,
                format!("there is more, but {output} does not say where"),
            )),
            None => Ok(None),
        };
    };
    let mut page: Next = vec![(paging.input, Some(next))];
    page.extend(
        paging
            .also
            .iter()
            .map(|(input, node)| (*input, named(node))),
    );
    // A page that names itself would be asked for without end.
    let mut markers = page.iter();
    if markers.all(|(input, next)| text_of(request, input) == *next) {
        return Err(Error::new(
            ErrorKind::Response,
            format!("the list names the same page again in {output}"),
        ));
    }
    Ok(Some(page))
}
