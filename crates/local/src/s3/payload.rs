//! What the body of a request has to be: what its signature covers, and its checksum.
//!
//! It is compared while it is read, so that none of it waits in memory. Whoever reads it reads to
//! the end before anything is kept, so a fault at the end comes in time.

use std::io;
use std::sync::{Arc, OnceLock};

use futures_util::stream;
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};
use tcloud_core::body::Body;
use tcloud_core::server::Fault;

use super::checksum::{Algorithm, Checksum, HEADER, written};
use super::chunked::{Chunks, Next};
use super::mac::{from_hex, hex};
use super::v4::{CONTENT_HASH, Chain, UNSIGNED};

/// The header with the length of the content within the chunks.
const DECODED_LENGTH: &str = "x-amz-decoded-content-length";
/// Headers behind [`HEADER`] that hold no checksum.
const OTHERS: [&str; 3] = ["algorithm", "mode", "type"];

/// What a body has to be.
#[derive(Debug)]
pub(crate) struct Payload {
    form: Form,
    checksum: Option<Announced>,
    /// How long the content is, if the body is longer.
    length: Option<u64>,
}

/// A checksum of the content, and its value unless that comes behind the content.
type Announced = (Algorithm, Option<Vec<u8>>);

#[derive(Debug)]
enum Form {
    Unsigned,
    /// As it is, with this SHA-256.
    Hashed(Vec<u8>),
    Chunks {
        signed: bool,
        trailer: bool,
    },
}

/// What came of a body that is being read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Read(Arc<Came>);

#[derive(Debug, Default)]
struct Came {
    fault: OnceLock<Fault>,
    checksum: OnceLock<(&'static str, String)>,
}

impl Read {
    /// Why the body was refused, if it was.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.0.fault.get().cloned()
    }

    /// The header and the value of the checksum that was found to be right.
    pub(crate) fn checksum(&self) -> Option<(&'static str, &str)> {
        let (header, value) = self.0.checksum.get()?;
        Some((header, value))
    }

    fn refuse(&self, fault: Fault) -> io::Error {
        let error = io::Error::new(io::ErrorKind::InvalidData, fault.message.clone());
        // The first one is the reason.
        let _ = self.0.fault.set(fault);
        error
    }
}

impl Payload {
    /// Reads what `headers` say, and `given`, what the signature says of the body.
    ///
    /// # Errors
    ///
    /// They contradict one another, or say what is not implemented.
    pub(crate) fn read(headers: &HeaderMap, given: Option<&str>) -> Result<Self, Fault> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let given = given.or_else(|| text(CONTENT_HASH)).unwrap_or(UNSIGNED);
        let form = match given {
            UNSIGNED => Form::Unsigned,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => chunks(false, true),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => chunks(true, false),
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => chunks(true, true),
            _ if given.starts_with("STREAMING-") => {
                let given = given.escape_debug();
                let message = format!("{CONTENT_HASH}: {given} is not implemented here");
                let code = "NotImplemented";
                return Err(Fault::new(StatusCode::NOT_IMPLEMENTED, code, message));
            }
            hash => match from_hex(hash).filter(|hash| hash.len() == 32) {
                Some(hash) => Form::Hashed(hash),
                None => {
                    return Err(invalid(&format!(
                        "{CONTENT_HASH} must be {UNSIGNED}, a value that begins with STREAMING-, or \
                         the SHA-256 of the body in hexadecimal"
                    )));
                }
            },
        };
        let in_chunks = matches!(form, Form::Chunks { .. });
        let length = text(DECODED_LENGTH).map(|text| {
            let length = text.parse::<u64>().ok();
            length.ok_or_else(|| invalid(&format!("{DECODED_LENGTH} is no number")))
        });
        let length = length.transpose()?.filter(|_| in_chunks);
        if in_chunks && length.is_none() {
            let message = format!("a body in chunks needs {DECODED_LENGTH}");
            let code = "MissingContentLength";
            return Err(Fault::new(StatusCode::LENGTH_REQUIRED, code, message));
        }
        let trailer = text("x-amz-trailer");
        let checksum = checksum(headers, trailer)?;
        match (&form, trailer) {
            (Form::Chunks { trailer: true, .. }, None) => {
                return Err(invalid("a body with a trailer needs x-amz-trailer"));
            }
            (Form::Chunks { trailer: true, .. }, Some(_)) | (_, None) => {}
            (_, Some(_)) => {
                return Err(invalid(
                    "x-amz-trailer needs a body in chunks with a trailer",
                ));
            }
        }
        Ok(Self {
            form,
            checksum,
            length,
        })
    }

    /// Whether the body comes in chunks of S3's own.
    pub(crate) fn is_in_chunks(&self) -> bool {
        matches!(self.form, Form::Chunks { .. })
    }

    /// How long the content is, if that is not the length of the body.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// The content in `body`, which breaks off where it is not what it has to be, and what came of
    /// it. Without a `chain` the signatures of chunks are not looked at.
    pub(crate) fn guard(self, body: Body, chain: Option<Chain>) -> (Body, Read) {
        let read = Read::default();
        let length = self.length.or_else(|| body.length());
        if matches!(self.form, Form::Unsigned) && self.checksum.is_none() {
            return (body, read);
        }
        let hash = match &self.form {
            Form::Hashed(hash) => Some((Sha256::new(), hash.clone())),
            _ => None,
        };
        let source = match self.form {
            Form::Chunks { signed, trailer } => {
                let chain = chain.filter(|_| signed);
                Source::Chunks(Box::new(Chunks::new(body, chain, trailer)))
            }
            _ => Source::Plain(body),
        };
        let mut guard = Guard {
            source,
            hash,
            checksum: self
                .checksum
                .map(|(algorithm, wanted)| (algorithm, Checksum::new(algorithm), wanted)),
            read: read.clone(),
        };
        // What has no content is not read by everybody.
        if length == Some(0) && matches!(guard.source, Source::Plain(_)) {
            if let Err(fault) = guard.end(&[]) {
                guard.read.refuse(fault);
            }
            return (Body::empty(), read);
        }
        let pieces = stream::try_unfold(Some(guard), async |guard| {
            let Some(mut guard) = guard else {
                return Ok(None);
            };
            let next = guard.next().await?;
            Ok(next.map(|data| (data, Some(guard))))
        });
        (Body::from_stream(pieces, length), read)
    }
}

/// What checks a body while it is read.
struct Guard {
    source: Source,
    hash: Option<(Sha256, Vec<u8>)>,
    checksum: Option<(Algorithm, Checksum, Option<Vec<u8>>)>,
    read: Read,
}

enum Source {
    Plain(Body),
    Chunks(Box<Chunks>),
}

impl Guard {
    async fn next(&mut self) -> io::Result<Option<bytes::Bytes>> {
        let next = match &mut self.source {
            Source::Plain(body) => match body.chunk().await {
                Some(data) => Next::Data(data?),
                None => Next::End(Vec::new()),
            },
            Source::Chunks(chunks) => {
                let next = chunks.next().await;
                next.map_err(|fault| self.read.refuse(fault))?
            }
        };
        match next {
            Next::Data(data) => {
                if let Some((hash, _)) = &mut self.hash {
                    hash.update(&data);
                }
                if let Some((_, checksum, _)) = &mut self.checksum {
                    checksum.update(&data);
                }
                Ok(Some(data))
            }
            Next::End(trailer) => match self.end(&trailer) {
                Ok(()) => Ok(None),
                Err(fault) => Err(self.read.refuse(fault)),
            },
        }
    }

    /// Compares what has come with what was to come.
    fn end(&mut self, trailer: &[(String, String)]) -> Result<(), Fault> {
        if let Some((hash, wanted)) = self.hash.take() {
            let found = hash.finalize();
            if found.as_slice() != wanted {
                let message = format!(
                    "The provided '{CONTENT_HASH}' header does not match what was computed."
                );
                let code = "XAmzContentSHA256Mismatch";
                return Err(Fault::new(StatusCode::BAD_REQUEST, code, message)
                    .detail("ClientComputedContentSHA256", hex(&wanted))
                    .detail("S3ComputedContentSHA256", hex(&found)));
            }
        }
        let Some((algorithm, checksum, wanted)) = self.checksum.take() else {
            return Ok(());
        };
        let header = algorithm.header();
        let wanted = if let Some(wanted) = wanted {
            wanted
        } else {
            let sent = trailer.iter().find(|(name, _)| name == header);
            let (_, sent) = sent.ok_or_else(|| {
                invalid(&format!(
                    "x-amz-trailer names {header}, and it did not come"
                ))
            })?;
            algorithm.read(sent).ok_or_else(|| wrong_value(header))?
        };
        if let Some((name, _)) = trailer.iter().find(|(name, _)| name != header) {
            let name = name.escape_debug();
            return Err(invalid(&format!(
                "`{name}` comes behind the body unannounced"
            )));
        }
        let found = checksum.finish();
        if found != wanted {
            let message = format!(
                "The {} you specified did not match the calculated checksum.",
                header.trim_start_matches(HEADER).to_ascii_uppercase()
            );
            return Err(Fault::new(StatusCode::BAD_REQUEST, "BadDigest", message));
        }
        let _ = self.read.0.checksum.set((header, written(&found)));
        Ok(())
    }
}

/// The checksum that `headers` announce, and its value unless that comes in the `trailer`.
fn checksum(headers: &HeaderMap, trailer: Option<&str>) -> Result<Option<Announced>, Fault> {
    let mut found = None;
    for (name, value) in headers {
        let Some(kind) = name.as_str().strip_prefix(HEADER) else {
            continue;
        };
        if OTHERS.contains(&kind) {
            continue;
        }
        let algorithm = Algorithm::named(kind).ok_or_else(|| {
            let message = format!("the checksum `{name}` is not implemented here");
            Fault::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
        })?;
        let value = value.to_str().ok().and_then(|text| algorithm.read(text));
        let value = value.ok_or_else(|| wrong_value(name.as_str()))?;
        if found.replace((algorithm, Some(value))).is_some() {
            return Err(several());
        }
    }
    if let Some(name) = trailer {
        let name = name.trim().to_ascii_lowercase();
        let algorithm = Algorithm::of_header(&name).ok_or_else(|| {
            let name = name.escape_debug();
            let message = format!("x-amz-trailer: {name} is not implemented here");
            Fault::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
        })?;
        if found.replace((algorithm, None)).is_some() {
            return Err(several());
        }
    }
    if let Some(wanted) = headers.get("x-amz-sdk-checksum-algorithm") {
        let wanted = wanted.to_str().unwrap_or_default();
        match (Algorithm::named(wanted), &found) {
            (Some(wanted), Some((algorithm, _))) if wanted == *algorithm => {}
            (Some(_), None) => {
                return Err(invalid(
                    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* \
                     or x-amz-trailer headers were found",
                ));
            }
            _ => return Err(wrong_value("x-amz-sdk-checksum-algorithm")),
        }
    }
    Ok(found)
}

const fn chunks(signed: bool, trailer: bool) -> Form {
    Form::Chunks { signed, trailer }
}

fn several() -> Fault {
    invalid("Expecting a single x-amz-checksum- header. Multiple checksum types are not allowed")
}

fn wrong_value(header: &str) -> Fault {
    invalid(&format!("Value for {header} header is invalid."))
}

fn invalid(message: &str) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "InvalidRequest", message)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};
    use tcloud_core::body::Body;

    use super::Payload;

    const OF_X: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    fn payload(headers: &[(&str, &str)]) -> Result<Payload, String> {
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            all.insert(name, HeaderValue::from_str(value).unwrap());
        }
        Payload::read(&all, None).map_err(|fault| fault.code)
    }

    /// The content, or the code of the refusal; and the checksum.
    async fn read(
        headers: &[(&str, &str)],
        body: &'static str,
    ) -> (Result<String, String>, String) {
        let payload = match payload(headers) {
            Ok(payload) => payload,
            Err(code) => return (Err(code), String::new()),
        };
        let (content, read) = payload.guard(Body::from(body), None);
        let collected = content.collect(100).await;
        let outcome = match (read.fault(), collected) {
            (Some(fault), _) => Err(fault.code),
            (None, collected) => Ok(String::from_utf8(collected.unwrap().to_vec()).unwrap()),
        };
        let checksum = read.checksum().map(|(_, value)| value.to_owned());
        (outcome, checksum.unwrap_or_default())
    }

    #[tokio::test]
    async fn hashes_and_checksums_are_compared() {
        let hash = "x-amz-content-sha256";
        let crc = "x-amz-checksum-crc32";
        let (ok, bad) = (
            |text: &str| Ok(text.to_owned()),
            |code: &str| Err(code.to_owned()),
        );
        for (headers, body, outcome, checksum) in [
            (&[][..], "x", ok("x"), ""),
            (&[(hash, OF_X)], "x", ok("x"), ""),
            (&[(hash, OF_X)], "y", bad("XAmzContentSHA256Mismatch"), ""),
            // What is empty is not read by everybody.
            (&[(hash, OF_X)], "", bad("XAmzContentSHA256Mismatch"), ""),
            (&[(hash, "UNSIGNED-PAYLOAD")], "x", ok("x"), ""),
            (&[(hash, "00")], "x", bad("InvalidRequest"), ""),
            (
                &[(hash, "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD")],
                "x",
                bad("NotImplemented"),
                "",
            ),
            (&[(crc, "jNwWgw==")], "x", ok("x"), "jNwWgw=="),
            (&[(crc, "jNwWgw==")], "y", bad("BadDigest"), ""),
            (&[(crc, "AAAAAA==")], "", ok(""), "AAAAAA=="),
            (&[(crc, "jNwW")], "x", bad("InvalidRequest"), ""),
            (
                &[("x-amz-checksum-md5", "a")],
                "x",
                bad("NotImplemented"),
                "",
            ),
            (
                &[
                    (crc, "jNwWgw=="),
                    ("x-amz-checksum-sha1", "EfatjsUqKYSrqv18O1FlA3hcIHI="),
                ],
                "x",
                bad("InvalidRequest"),
                "",
            ),
            (
                &[("x-amz-sdk-checksum-algorithm", "CRC32")],
                "x",
                bad("InvalidRequest"),
                "",
            ),
            (
                &[("x-amz-sdk-checksum-algorithm", "SHA1"), (crc, "jNwWgw==")],
                "x",
                bad("InvalidRequest"),
                "",
            ),
            (
                &[("x-amz-sdk-checksum-algorithm", "CRC32"), (crc, "jNwWgw==")],
                "x",
                ok("x"),
                "jNwWgw==",
            ),
            (&[("x-amz-checksum-mode", "ENABLED")], "", ok(""), ""),
        ] {
            let read = read(headers, body).await;
            assert_eq!(read, (outcome, checksum.to_owned()), "{headers:?} {body}");
        }
    }

    #[tokio::test]
    async fn trailers_are_compared() {
        let all = [
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", "1"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
        ];
        let right = "1\r\nx\r\n0\r\nx-amz-checksum-crc32:jNwWgw==\r\n\r\n";
        assert_eq!(read(&all, right).await, (Ok("x".into()), "jNwWgw==".into()));
        for (body, code) in [
            (
                "1\r\ny\r\n0\r\nx-amz-checksum-crc32:jNwWgw==\r\n\r\n",
                "BadDigest",
            ),
            ("1\r\nx\r\n0\r\n\r\n", "InvalidRequest"),
            (
                "1\r\nx\r\n0\r\nx-amz-checksum-sha1:AA==\r\n\r\n",
                "InvalidRequest",
            ),
            (
                "1\r\nx\r\n0\r\nx-amz-checksum-crc32:jNwWgw==\r\na:b\r\n\r\n",
                "InvalidRequest",
            ),
        ] {
            assert_eq!(read(&all, body).await.0, Err(code.to_owned()), "{body}");
        }
        let missing = payload(&all[..2]).unwrap_err();
        assert_eq!(missing, "InvalidRequest");
        let missing = payload(&[all[0], all[2]]).unwrap_err();
        assert_eq!(missing, "MissingContentLength");
        assert_eq!(payload(&all[2..]).unwrap_err(), "InvalidRequest");
    }
}
