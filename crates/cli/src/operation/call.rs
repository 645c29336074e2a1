//! The call of an operation that is known only by its table.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgMatches, Args, FromArgMatches, ValueHint};
use tcloud_core::body::Body;
use tcloud_core::call::{CallOptions, Cursor};
use tcloud_core::client::Client;
use tcloud_core::codec::Document;
use tcloud_core::operation::{BodyFormat, Operation};
use tokio::io::AsyncReadExt;

use super::flag::Flag;
use super::output::{self, Format};
use super::query;
use super::request;
use super::skeleton::Skeleton;
use crate::args::ConnectionArgs;
use crate::connection::Connection;
use crate::error::Error;
use crate::files::unreadable;
use crate::{console, duration, presigned, save};

/// An operation that was asked for on the command line.
pub(crate) struct Call<'a> {
    pub(super) operation: &'static Operation,
    pub(super) flags: Vec<Flag>,
    pub(super) matches: &'a ArgMatches,
}

/// The arguments of any call of an operation.
#[derive(Debug, Args)]
#[command(next_help_heading = "Call")]
pub(super) struct CallArgs {
    /// File with the request as JSON or XML, to which flags add; of an operation whose body is
    /// content, the content. `-` is the standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    body: Option<PathBuf>,
    /// Print a form of the request to fill in for --body (with --output xml, of its body), and
    /// send nothing. What keeps its hint is not sent
    #[arg(long)]
    skeleton: bool,
    /// Print the signed request, its secrets hidden, and send nothing
    #[arg(long, conflicts_with = "skeleton")]
    dry_run: bool,
    /// Print a URL by which anyone can make the call for this long, such as 30m, 12h or 7d, and send
    /// nothing
    #[arg(long, value_name = "TIME", value_parser = duration::parse,
        conflicts_with_all = ["skeleton", "dry_run"])]
    presign: Option<Duration>,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "json")]
    output: Format,
    // Not a doc comment: rustdoc would take the brackets for a link.
    #[arg(long, value_name = "EXPRESSION", value_parser = query::checked,
        help = "Print only what this JMESPath expression takes of the answer, such as \
            'Contents[?Size > `1000`].Key'")]
    query: Option<String>,
    /// Ask for every page of a list, and print them as one answer
    #[arg(long, conflicts_with_all = ["skeleton", "dry_run", "presign"])]
    all: bool,
    /// File for an answer that is content; `-` is the standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    to: Option<PathBuf>,
}

pub(super) async fn run(call: Call<'_>) -> Result<(), Error> {
    let Call {
        operation,
        flags,
        matches,
    } = call;
    let args: CallArgs = parsed(matches)?;
    if args.skeleton {
        return print_skeleton(operation, args.output);
    }
    check_target(operation, &args)?;
    let (document, raw) = if operation.request_body == BodyFormat::Raw {
        let document = request::read(operation, &flags, matches, None)?;
        let raw = match &args.body {
            Some(path) => content(path).await?,
            None => Body::empty(),
        };
        (document, raw)
    } else {
        let text = match &args.body {
            Some(path) => Some(read_text(path).await?),
            None => None,
        };
        let document = request::read(operation, &flags, matches, text.as_deref())?;
        (document, Body::empty())
    };

    let place: ConnectionArgs = parsed(matches)?;
    let connection = Connection::configured(&place)?;
    // Not every host that can be chosen has a region in it.
    if operation.host.contains("{region}") && place.host.is_none() {
        connection.region().await?;
    }
    let client = Client::new(&connection.config);
    let options = CallOptions::new();
    if let Some(duration) = args.presign {
        let signed = client.presign(operation, &document, &options, duration);
        return presigned::print(&signed.await?);
    }
    if args.dry_run {
        let signed = client.sign(operation, &document, raw, &options).await?;
        return console::print(&signed.to_string());
    }
    let mut list = List {
        client: &client,
        operation,
        options: &options,
        cursor: operation.paging.map(Cursor::new),
        request: document,
    };
    let mut answer = Document::new(operation.response);
    let (body, mut more) = list.page(raw, &mut answer, args.all).await?;
    if operation.response_body == BodyFormat::Raw {
        return write_content(body, args.to.as_deref()).await;
    }
    while more && args.all {
        let mut page = Document::new(operation.response);
        (_, more) = list.page(Body::empty(), &mut page, true).await?;
        answer.append(page);
    }
    // In the answer as a whole it is to be read.
    if more && (args.query.is_some() || matches!(args.output, Format::Table | Format::Text)) {
        console::note("this is the first page, and there is more: --all shows all of it");
    }
    show(operation, &args, &answer)
}

/// A list under way; what is no list has one page.
struct List<'a> {
    client: &'a Client,
    operation: &'static Operation,
    options: &'a CallOptions,
    cursor: Option<Cursor>,
    request: Document,
}

impl List<'_> {
    /// Asks for the next page and reads it into `answer`. Returns its body, and whether there is a
    /// further page; `follows` if that is asked for as well.
    async fn page(
        &mut self,
        raw: Body,
        answer: &mut Document,
        follows: bool,
    ) -> Result<(Body, bool), Error> {
        let call = self
            .client
            .execute(self.operation, &self.request, raw, self.options, answer);
        let reply = call.await?;
        for departure in reply.drift() {
            console::note(&format!("the answer departs from its table: {departure}"));
        }
        let more = match &mut self.cursor {
            Some(cursor) => match cursor.advance(&mut self.request, answer) {
                Ok(more) => more,
                Err(error) if follows => return Err(error.into()),
                // There is more, wherever.
                Err(_) => true,
            },
            None => false,
        };
        Ok((reply.into_body(), more))
    }
}

fn show(operation: &Operation, args: &CallArgs, answer: &Document) -> Result<(), Error> {
    let root = match operation.response_body {
        BodyFormat::Xml(root) => root,
        _ => "Response",
    };
    console::print(&match (&args.query, args.output) {
        (Some(_), Format::Xml) => {
            return Err(Error::Usage(
                "what --query takes is no XML document; leave --output xml out".to_owned(),
            ));
        }
        (Some(expression), format) => output::value(&query::run(expression, answer)?, format)?,
        (None, Format::Json) => output::json(answer)?,
        (None, Format::Xml) => output::xml(answer, root)?,
        (None, Format::Table) => output::as_table(answer),
        (None, Format::Text) => output::text(&output::plain(answer)?),
    })
}

fn parsed<A: FromArgMatches>(matches: &ArgMatches) -> Result<A, Error> {
    A::from_arg_matches(matches).map_err(|error| Error::Usage(error.to_string()))
}

fn print_skeleton(operation: &Operation, format: Format) -> Result<(), Error> {
    let skeleton = Skeleton::new(operation.request);
    console::print(&match (format, operation.request_body) {
        (Format::Json, _) => output::json(&skeleton)?,
        (Format::Xml, BodyFormat::Xml(root)) => output::xml(&skeleton, root)?,
        (Format::Xml, _) => {
            return Err(Error::Usage(
                "the request is not XML document; leave --output xml out".to_owned(),
            ));
        }
        (Format::Table | Format::Text, _) => output::as_table(&skeleton),
    })
}

/// Refuses to send what is a slip, and for an answer that would have no place.
fn check_target(operation: &Operation, args: &CallArgs) -> Result<(), Error> {
    if let Some(folder) = args.body.as_deref().filter(|path| path.is_dir()) {
        return Err(Error::Usage(format!(
            "{} is a directory; --body takes a file",
            folder.display()
        )));
    }
    if let Some(folder) = args.to.as_deref().filter(|path| path.is_dir()) {
        return Err(Error::Usage(format!(
            "{} is a directory; --to takes the name of a file in it",
            folder.display()
        )));
    }
    let content = operation.response_body == BodyFormat::Raw;
    if args.to.is_some() && !content {
        return Err(Error::Usage(
            "the answer is not content for --to; it goes to the standard output".to_owned(),
        ));
    }
    if args.all && operation.paging.is_none() {
        return Err(Error::Usage(
            "the answer is no list of several pages; leave --all out".to_owned(),
        ));
    }
    if args.query.is_some() && content {
        return Err(Error::Usage(
            "the answer is content, of which --query can take nothing".to_owned(),
        ));
    }
    let sends = !args.dry_run && args.presign.is_none();
    if content && args.to.is_none() && sends && std::io::stdout().is_terminal() {
        return Err(Error::Usage(
            "the answer is content, which a terminal cannot show; give --to FILE, or `--to -`"
                .to_owned(),
        ));
    }
    Ok(())
}

fn is_dash(path: &Path) -> bool {
    path.as_os_str() == "-"
}

async fn read_stdin() -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    tokio::io::stdin()
        .read_to_end(&mut bytes)
        .await
        .map_err(|error| unreadable(Path::new("the standard input"), &error))?;
    Ok(bytes)
}

async fn read_text(path: &Path) -> Result<String, Error> {
    let bytes = if is_dash(path) {
        read_stdin().await?
    } else {
        tokio::fs::read(path)
            .await
            .map_err(|error| unreadable(path, &error))?
    };
    String::from_utf8(bytes).map_err(|_| {
        Error::Usage(format!(
            "{} is not a text in UTF-8; convert it",
            path.display()
        ))
    })
}

/// The file as a body: streamed, since its length is known. The standard input and pipes are read
/// first.
async fn content(path: &Path) -> Result<Body, Error> {
    if is_dash(path) {
        return Ok(Body::from(read_stdin().await?));
    }
    let metadata = tokio::fs::metadata(path).await;
    if metadata.is_ok_and(|metadata| !metadata.is_file()) {
        let bytes = tokio::fs::read(path).await;
        return Ok(Body::from(bytes.map_err(|error| unreadable(path, &error))?));
    }
    Ok(Body::from_path(path).await?)
}

async fn write_content(body: Body, to: Option<&Path>) -> Result<(), Error> {
    match to {
        Some(path) if !is_dash(path) => {
            let length = save::save(body, path, true, "--to").await?;
            console::note(&format!("{length} bytes written to {}", path.display()));
        }
        _ => {
            save::copy(body, tokio::io::stdout(), |error| {
                console::output_error(&error)
            })
            .await?;
        }
    }
    Ok(())
}
