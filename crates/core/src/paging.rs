//! How a list is paged, as data.

use crate::codec::{count_of, text_of};
use crate::error::{Error, ErrorKind};
use crate::node::Node;

/// How a list is paged, as the spec says it.
#[derive(Debug)]
pub struct Paging {
    /// The request's parameter that names the next page.
    pub input: &'static str,
    /// The response's node with its value; without it, the parameter is a number that counts up.
    pub output: Option<&'static str>,
    /// Further parameters that name the next page, each with the response's node that has its value.
    pub also: &'static [(&'static str, &'static str)],
    /// Whether that number counts the items before the page, from 0, and not pages, from 1.
    pub by_items: bool,
    /// The response's node that says whether there is more.
    pub more: Option<&'static str>,
    /// The response's node with the number of items in all.
    pub total: Option<&'static str>,
    /// The response's node with the items.
    pub items: &'static str,
}

/// The parameters of the next page. One without a value is left out.
pub(crate) type Next = Vec<(&'static str, Option<String>)>;

impl Paging {
    /// What the next request's parameters are, or `None` at the end of the list. `seen` counts the
    /// items so far, this page's included.
    pub(crate) fn next(
        &self,
        request: &dyn Node,
        response: &dyn Node,
        seen: usize,
    ) -> Result<Option<Next>, Error> {
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
            return Ok(Some(vec![(self.input, Some(next.to_string()))]));
        };
        let named = |node| text_of(response, node).filter(|next| !next.is_empty());
        let Some(next) = named(output) else {
            return match self.more {
                Some(_) => Err(Error::new(
                    ErrorKind::Response,
                    format!("there is more, but {output} does not say where"),
                )),
                None => Ok(None),
            };
        };
        let mut page: Next = vec![(self.input, Some(next))];
        page.extend(self.also.iter().map(|(input, node)| (*input, named(node))));
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
}
