//! Lists of several pages: pages and items as streams.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::cursor::Cursor;
use super::reply::Reply;
use super::request::Request;
use super::typed::Call;
use crate::error::Error;
use crate::future::BoxFuture;
use crate::paging::Paging;

impl<Q: Request> Call<Q> {
    /// The pages of a list.
    pub fn pages(self, paging: &'static Paging) -> Pages<Q> {
        Pages {
            cursor: Cursor::new(paging),
            state: State::Ready(Box::new(self)),
        }
    }
}

/// The pages of a list, asked for one after the other.
///
/// A [`Stream`]; [`Pages::next`] does without the traits around streams.
#[must_use = "pages are asked for when the stream is polled"]
pub struct Pages<Q: Request> {
    cursor: Cursor,
    state: State<Q>,
}

type Page<Q> = Result<Reply<<Q as Request>::Response>, Error>;

enum State<Q: Request> {
    Ready(Box<Call<Q>>),
    Waiting(BoxFuture<'static, (Box<Call<Q>>, Page<Q>)>),
    Done,
}

impl<Q: Request> Pages<Q> {
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

    fn follow(&mut self, mut call: Box<Call<Q>>, page: Page<Q>) -> Page<Q> {
        let reply = page?;
        let advanced = self.cursor.advance(call.request_mut(), &reply.output);
        if advanced.map_err(|error| error.of(Q::operation()))? {
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
