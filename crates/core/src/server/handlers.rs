//! Handlers in a table: what is registered is implemented.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::answer::Answer;
use super::context::Context;
use super::fault::Fault;
use super::incoming::Incoming;
use super::outgoing::Outgoing;
use crate::call::Request;
use crate::future::BoxFuture;
use crate::node::Node;
use crate::operation::Operation;

/// A function that answers the operation of the request `Q`, with the state `S` of its server.
///
/// Every `async fn(&S, Context, Q) -> Result<A, Fault>` is one, where `A` is the response of `Q`,
/// or an [`Answer`] with it if there is more to say.
pub trait Handler<'a, S, Q: Request>: Send + Sync {
    /// What is answered.
    type Answer: Into<Answer<Q::Response>>;
    /// The answer on its way.
    type Answering: Future<Output = Result<Self::Answer, Fault>> + Send + 'a;

    /// Answers `request`.
    fn call(&self, state: &'a S, context: Context, request: Q) -> Self::Answering;
}

impl<'a, F, A, Answering, S, Q> Handler<'a, S, Q> for F
where
    F: Fn(&'a S, Context, Q) -> Answering + Send + Sync,
    Answering: Future<Output = Result<A, Fault>> + Send + 'a,
    A: Into<Answer<Q::Response>>,
    S: 'a,
    Q: Request,
{
    type Answer = A;
    type Answering = Answering;

    fn call(&self, state: &'a S, context: Context, request: Q) -> Answering {
        self(state, context, request)
    }
}

/// The handlers of a server with the state `S`, by operation.
///
/// The table alone says what is implemented: an operation without a handler is refused by its
/// name.
///
/// ```
/// use tcloud_core::call::Request;
/// use tcloud_core::server::{Context, Fault, Handlers};
///
/// struct State;
///
/// // The operation comes with the type of the request, which a generated crate has.
/// fn handlers<Q>() -> Handlers<State>
/// where
///     Q: Request + Default,
/// {
///     async fn describe<Q: Request>(
///         state: &State,
///         context: Context,
///         request: Q,
///     ) -> Result<Q::Response, Fault> {
///         Ok(Q::Response::default())
///     }
///     Handlers::new().on(describe::<Q>)
/// }
/// ```
pub struct Handlers<S>(BTreeMap<Key, Arc<dyn Entry<S>>>);

/// An operation by its service's name and its own.
type Key = (&'static str, &'static str);

impl<S: Sync + 'static> Handlers<S> {
    /// A table without handlers.
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The same table with `handler` for the operation of its request, in place of another one.
    pub fn on<Q, F>(self, handler: F) -> Self
    where
        Q: Request + Default,
        F: for<'a> Handler<'a, S, Q> + 'static,
    {
        self.on_refusing(handler, |fault| fault)
    }

    /// The same, where the service has codes of its own for requests that violate their table:
    /// `refuse` makes its refusal of that which all have, which names the [node](Fault::node).
    pub fn on_refusing<Q, F>(mut self, handler: F, refuse: fn(Fault) -> Fault) -> Self
    where
        Q: Request + Default,
        F: for<'a> Handler<'a, S, Q> + 'static,
    {
        let entry = Typed {
            handler,
            refuse,
            request: PhantomData,
        };
        self.0.insert(key(Q::operation()), Arc::new(entry));
        self
    }

    /// Whether `operation` has a handler.
    pub fn implements(&self, operation: &Operation) -> bool {
        self.0.contains_key(&key(operation))
    }

    /// Decodes a request, has its handler answer it and encodes the answer.
    ///
    /// # Errors
    /// The operation has no handler, the request violates its table, the handler refuses it, or
    /// its answer cannot be written.
    pub async fn call(
        &self,
        state: &S,
        context: Context,
        incoming: Incoming,
    ) -> Result<Outgoing, Fault> {
        let operation = incoming.operation;
        let Some(entry) = self.0.get(&key(operation)) else {
            return Err(Fault::not_implemented(operation));
        };
        let answer = entry.call(state, context, incoming)?.await?;
        let Answer {
            mut output,
            body,
            status,
            headers,
        } = answer;
        Outgoing::write(operation, &mut *output, body, status, headers)
    }
}

impl<S: Sync + 'static> Default for Handlers<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for Handlers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn key(operation: &Operation) -> Key {
    (operation.service.name, operation.name)
}

/// An answer whose output has lost its type: what follows is compiled once, not for each operation.
type Untyped = Answer<Box<dyn Node>>;

/// A handler that has lost the type of its request.
trait Entry<S>: Send + Sync {
    /// Decodes `incoming` and begins to answer it.
    fn call<'a>(
        &self,
        state: &'a S,
        context: Context,
        incoming: Incoming,
    ) -> Result<BoxFuture<'a, Result<Untyped, Fault>>, Fault>;
}

struct Typed<F, Q> {
    handler: F,
    refuse: fn(Fault) -> Fault,
    request: PhantomData<fn(Q)>,
}

impl<S, Q, F> Entry<S> for Typed<F, Q>
where
    Q: Request + Default,
    F: for<'a> Handler<'a, S, Q>,
{
    fn call<'a>(
        &self,
        state: &'a S,
        mut context: Context,
        incoming: Incoming,
    ) -> Result<BoxFuture<'a, Result<Untyped, Fault>>, Fault> {
        let (request, body) = incoming.decode::<Q>().map_err(self.refuse)?;
        context.body = body;
        let answering = self.handler.call(state, context, request);
        Ok(Box::pin(async move {
            let Answer {
                output,
                body,
                status,
                headers,
            } = answering.await?.into();
            let output: Box<dyn Node> = Box::new(output);
            Ok(Answer {
                output,
                body,
                status,
                headers,
            })
        }))
    }
}
