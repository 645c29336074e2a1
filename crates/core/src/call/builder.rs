//! What all builders of calls have: written here once, named by generated crates.

/// Implements [`Request`](crate::call::Request) for an operation's request and gives the builder of
/// its calls what every builder has. The builder is a structure with the field `call`. Where the
/// operation takes a raw body, so does the builder.
///
/// A macro, since a builder has to be a type of its own with methods of its own: methods of a trait
/// would have to be imported, and those of one generic type would be together on one page of the
/// documentation, with the setters of all operations.
#[macro_export]
macro_rules! builder {
    ($builder:ident($request:ident $(, $body:ident)?) -> $response:ident by $operation:ident) => {
        impl $crate::call::Request for $request {
            type Response = $response;

            #[inline]
            fn operation() -> &'static $crate::operation::Operation {
                &$operation
            }
        }

        impl $builder {
            #[inline]
            pub(crate) fn new(
                client: &$crate::client::Client,
                request: $request
                $(, $body: $crate::body::Body)?
            ) -> Self {
                Self {
                    call: $crate::call::Call::new(client, request) $(.body($body))?,
                }
            }

            /// Sets the options of this one call, such as its timeouts.
            #[inline]
            pub fn options(mut self, options: $crate::call::CallOptions) -> Self {
                self.call = self.call.options(options);
                self
            }

            /// Sends the request and reads the response.
            #[inline]
            pub fn send(self) -> $crate::call::Sending<$response> {
                self.call.send()
            }

            /// Signs the request and sends nothing: the request as it would be sent.
            #[inline]
            pub fn sign(self) -> $crate::call::Signing {
                self.call.sign()
            }

            /// A URL by which anyone can make this call for `duration`, without an access key.
            #[inline]
            pub fn presign(self, duration: ::std::time::Duration) -> $crate::call::Presigning {
                self.call.presign(duration)
            }
        }
    };
}
