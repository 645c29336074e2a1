//! An operation as data: everything the call, the router and the command need to know of it.

use crate::paging::Paging;
use crate::schema::Structure;

/// One API operation.
#[derive(Debug)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Operation {
    /// The operation's name, in upper camel case.
    pub name: &'static str,
    /// The service it belongs to.
    pub service: &'static Service,
    /// Name of the client's method, such as `create_image_inspect_job`.
    pub function: &'static str,
    /// Other names by which people look for it, as official SDKs have them: `list_objects`.
    pub aliases: &'static [&'static str],
    /// What it is about, in a word or two, such as `media job`: operations of one subject are
    /// together. Empty in a small service.
    pub subject: &'static str,
    /// One line on what it does.
    pub summary: &'static str,
    /// The address of its document.
    pub document: &'static str,
    /// The permission a sub-account needs, such as `ci:CreateMediaJobs`; empty if none is named.
    pub permission: &'static str,
    /// The HTTP method, in upper case.
    pub method: &'static str,
    /// The path, with `{name}` for a segment and `{name+}` for a rest that may hold slashes.
    pub path: &'static str,
    /// The parts of the query string that select the operation (`cancel`, `acl`).
    pub query: &'static [(&'static str, &'static str)],
    /// The host, with `{bucket}` and `{region}` for what the request and the configuration give.
    pub host: &'static str,
    /// Whether sending it twice has the effect of sending it once.
    pub idempotent: bool,
    /// The header of the request that takes this away, unless it is absent or `false`: what was
    /// done is refused the second time (`x-cos-forbid-overwrite`). Empty if there is none.
    pub idempotent_unless: &'static str,
    /// Whether the service works before it begins its answer, for as long as it takes, such as a
    /// copy: see [`Timeouts`](crate::timeouts::Timeouts).
    pub quiet: bool,
    /// Whether the service has deprecated it, or answers it no longer.
    pub deprecated: bool,
    /// Whether it is called without a signature.
    pub unsigned: bool,
    /// The request's fields.
    pub request: &'static Structure,
    /// How the request's body is encoded.
    pub request_body: BodyFormat,
    /// The response's fields.
    pub response: &'static Structure,
    /// How the response's body is encoded.
    pub response_body: BodyFormat,
    /// That it answers with server-sent events, or can: each of them is a response.
    pub events: Option<Events>,
    /// That texts of its answer are URL-encoded.
    pub encoding: Option<Encoding>,
    /// How its answer goes on, if it is a list of several pages.
    pub paging: Option<&'static Paging>,
    /// The error codes its document lists.
    pub errors: &'static [&'static str],
}

/// That an operation answers with server-sent events, or can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Events {
    /// The parameter that asks for events by `true`; empty if the service decides.
    pub asked_by: &'static str,
    /// The node of an event that says what went wrong in the middle of an answer, a container with
    /// `Code`, and `Message` or `Msg`; empty if there is none.
    pub error: &'static str,
}

/// That a service URL-encodes texts of an answer if it is asked to, since XML cannot carry every
/// character: those of the rows with the [flag](crate::schema::Flags::URL_ENCODED). The call asks
/// for it and undoes it, and a server does it, so that neither has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Encoding {
    /// The parameter that asks for it by `url`.
    pub asked_by: &'static str,
    /// The nodes of the answer; `url` in any of them says that texts are encoded.
    pub marked_by: &'static [&'static str],
}

/// A service: what all of its operations share.
#[derive(Debug)]
#[non_exhaustive]
pub struct Service {
    /// Short name, as the crate and the command call it: `ci`.
    pub name: &'static str,
    /// The service's own name.
    pub title: &'static str,
    /// The API version of an API 3.0 service; empty otherwise.
    pub version: &'static str,
    /// How requests are signed and errors reported.
    pub protocol: Protocol,
}

/// All operations of a service.
///
/// An operation knows its service and a service knows no operations: else a program that calls one
/// of them would carry the tables of all.
#[derive(Debug)]
#[non_exhaustive]
pub struct Catalog {
    /// The service.
    pub service: &'static Service,
    /// The operations, in the order of the spec.
    pub operations: &'static [&'static Operation],
}

/// A family of services with one way to sign, to wrap messages and to report errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protocol {
    /// Object Storage: XML, `q-sign-algorithm=sha1`, token in `x-cos-security-token`.
    Cos,
    /// Cloud Infinite: as COS, with the token in `x-ci-security-token`.
    Ci,
    /// API 3.0: JSON, TC3-HMAC-SHA256, errors under HTTP status 200.
    Tc3,
}

/// How a message's body is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyFormat {
    /// There is none.
    Empty,
    /// An XML document with this root element.
    Xml(&'static str),
    /// A JSON object.
    Json,
    /// Bytes as they are, streamed.
    Raw,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $kind:ty;)*) => {
        $($(#[$doc])* pub const fn $name(mut self, $name: $kind) -> Self { self.$name = $name; self })*
    };
}

impl Operation {
    /// The operation that `request` calls. Every request that a client sends carries it among its
    /// extensions, for transports that want to know.
    pub fn of<B>(request: &http::Request<B>) -> Option<&'static Self> {
        request.extensions().get::<&'static Self>().copied()
    }

    /// An operation of `service` that answers `method` on `path` at `host`. The rest is set by the
    /// methods of the fields' names.
    pub const fn new(
        service: &'static Service,
        name: &'static str,
        method: &'static str,
        path: &'static str,
        host: &'static str,
        request: &'static Structure,
        response: &'static Structure,
    ) -> Self {
        Self {
            name,
            service,
            function: "",
            aliases: &[],
            subject: "",
            summary: "",
            document: "",
            permission: "",
            method,
            path,
            query: &[],
            host,
            idempotent: false,
            idempotent_unless: "",
            quiet: false,
            deprecated: false,
            unsigned: false,
            request,
            request_body: BodyFormat::Empty,
            response,
            response_body: BodyFormat::Empty,
            events: None,
            encoding: None,
            paging: None,
            errors: &[],
        }
    }

    setters! {
        /// Sets [`Operation::function`].
        function: &'static str;
        /// Sets [`Operation::aliases`].
        aliases: &'static [&'static str];
        /// Sets [`Operation::subject`].
        subject: &'static str;
        /// Sets [`Operation::summary`].
        summary: &'static str;
        /// Sets [`Operation::document`].
        document: &'static str;
        /// Sets [`Operation::permission`].
        permission: &'static str;
        /// Sets [`Operation::query`].
        query: &'static [(&'static str, &'static str)];
        /// Sets [`Operation::idempotent`].
        idempotent: bool;
        /// Sets [`Operation::idempotent_unless`].
        idempotent_unless: &'static str;
        /// Sets [`Operation::quiet`].
        quiet: bool;
        /// Sets [`Operation::deprecated`].
        deprecated: bool;
        /// Sets [`Operation::unsigned`].
        unsigned: bool;
        /// Sets [`Operation::request_body`].
        request_body: BodyFormat;
        /// Sets [`Operation::response_body`].
        response_body: BodyFormat;
        /// Sets [`Operation::errors`].
        errors: &'static [&'static str];
    }
}

impl Operation {
    /// Sets [`Operation::events`].
    pub const fn events(mut self, events: Events) -> Self {
        self.events = Some(events);
        self
    }

    /// Sets [`Operation::paging`].
    pub const fn paging(mut self, paging: &'static Paging) -> Self {
        self.paging = Some(paging);
        self
    }

    /// Sets [`Operation::encoding`].
    pub const fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        self
    }
}

impl Events {
    /// Events that nothing asks for, without a node for errors.
    pub const fn new() -> Self {
        Self {
            asked_by: "",
            error: "",
        }
    }

    setters! {
        /// Sets [`Events::asked_by`].
        asked_by: &'static str;
        /// Sets [`Events::error`].
        error: &'static str;
    }
}

impl Encoding {
    /// An encoding that `asked_by` asks for and that any of `marked_by` declares.
    pub const fn new(asked_by: &'static str, marked_by: &'static [&'static str]) -> Self {
        Self {
            asked_by,
            marked_by,
        }
    }
}

impl Service {
    /// A service.
    pub const fn new(
        name: &'static str,
        title: &'static str,
        version: &'static str,
        protocol: Protocol,
    ) -> Self {
        Self {
            name,
            title,
            version,
            protocol,
        }
    }
}

impl Catalog {
    /// The `operations` of `service`.
    pub const fn new(service: &'static Service, operations: &'static [&'static Operation]) -> Self {
        Self {
            service,
            operations,
        }
    }

    /// The operation called `name`.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations
            .iter()
            .copied()
            .find(|operation| operation.name == name)
    }
}
