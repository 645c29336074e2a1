//! Lists that go on: pages and items as streams.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use crate::call::{Call, Reply, Request};
use crate::codec;
use crate::credentials::BoxFuture;
use crate::error::{Error, ErrorKind};
use crate::node::{Node, Ref};
use crate::sign::encode::decode_path;

/// How a list goes on, as the spec says it.
#[derive(Debug)]
pub struct Paging {
    /// The request's parameter that names the next page.
    pub input: &'static str,
    /// The response's node with its value; without it, the parameter is a number that counts up.
    pub output: Option<&'static str>,
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
    fn next(
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
        // A list of encoded keys encodes the name of its next page, too.
        if text_of(response, "EncodingType").as_deref() == Some("url") {
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

/// The text of a scalar directly in `node`.
pub(crate) fn text_of(node: &dyn Node, name: &str) -> Option<String> {
    let mut found = None;
    with_field(node, name, &mut |value| {
        found = match value {
            Ref::Text(text) => text.map(str::to_owned),
            Ref::Integer(number) => number.map(|number| number.to_string()),
            Ref::Boolean(truth) => truth.map(|truth| truth.to_string()),
            _ => None,
        };
    });
    found
}

fn count_of(node: &dyn Node, name: &str) -> usize {
    let mut count = 0;
    with_field(node, name, &mut |value| {
        count = match value {
            Ref::Nodes(list) => list.count(),
            Ref::Texts(list) => list.count(),
            _ => 0,
        };
    });
    count
}

pub(crate) fn with_field(node: &dyn Node, name: &str, visit: &mut dyn FnMut(Ref<'_>)) {
    let Some(position) = node.structure().position(name) else {
        return;
    };
    node.refs(&mut |refs| {
        if let Some(value) = refs.get(position) {
            visit(*value);
        }
    });
}

/// The pages of a list, asked for one after the other.
///
/// A [`Stream`]; [`Pages::next`] does without the traits around streams.
#[must_use = "pages are asked for when the stream is polled"]
pub struct Pages<Q: Request> {
    paging: &'static Paging,
    state: State<Q>,
    seen: usize,
}

type Page<Q> = Result<Reply<<Q as Request>::Response>, Error>;

enum State<Q: Request> {
    Ready(Call<Q>),
    Waiting(BoxFuture<'static, (Call<Q>, Page<Q>)>),
    Done,
}

impl<Q: Request> Pages<Q> {
    pub(crate) fn new(call: Call<Q>, paging: &'static Paging) -> Self {
        Self {
            paging,
            state: State::Ready(call),
            seen: 0,
        }
    }

    /// The next page, or `None` at the end. After an error there is no further page.
    pub async fn next(&mut self) -> Option<Page<Q>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The items of all pages; `take` empties a page of them.
    pub fn items<T>(self, take: fn(&mut Q::Response) -> Vec<T>) -> Items<Q, T> {
        Items {
            pages: self,
            take,
            page: Vec::new().into_iter(),
        }
    }

    fn follow(&mut self, mut call: Call<Q>, page: Page<Q>) -> Page<Q> {
        let reply = page?;
        self.seen = self
            .seen
            .saturating_add(count_of(&reply.output, self.paging.items));
        if let Some(next) = self
            .paging
            .next(call.request(), &reply.output, self.seen)
            .map_err(|error| error.of(Q::operation()))?
        {
            codec::set(call.request_mut(), self.paging.input, &next);
            self.state = State::Ready(call);
        }
        Ok(reply)
    }
}

impl<Q: Request> Stream for Pages<Q> {
    type Item = Page<Q>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut future = match std::mem::replace(&mut self.state, State::Done) {
            State::Done => return Poll::Ready(None),
            State::Ready(call) => Box::pin(async move {
                let page = call.again().send().await;
                (call, page)
            }),
            State::Waiting(future) => future,
        };
        match future.as_mut().poll(context) {
            Poll::Pending => {
                self.state = State::Waiting(future);
                Poll::Pending
            }
            Poll::Ready((call, page)) => Poll::Ready(Some(self.follow(call, page))),
        }
    }
}

/// The items of a list, page after page.
#[must_use = "pages are asked for when the stream is polled"]
pub struct Items<Q: Request, T> {
    pages: Pages<Q>,
    take: fn(&mut Q::Response) -> Vec<T>,
    page: std::vec::IntoIter<T>,
}

impl<Q: Request, T: Unpin> Items<Q, T> {
    /// The next item, or `None` at the end. After an error there is no further item.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// All items.
    ///
    /// # Errors
    /// That of the page that failed.
    pub async fn collect(mut self) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        while let Some(item) = self.next().await {
            all.push(item?);
        }
        Ok(all)
    }
}

impl<Q: Request, T: Unpin> Stream for Items<Q, T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match Pin::new(&mut self.pages).poll_next(context) {
                Poll::Ready(Some(Ok(mut reply))) => {
                    self.page = (self.take)(&mut reply.output).into_iter();
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
