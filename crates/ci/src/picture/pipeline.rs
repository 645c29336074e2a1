//! Operations one after another.

use std::fmt;
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::error::{Error, ErrorKind};
use super::parse::{self, Parsed};
use super::{GRAMMAR, Step, write};

/// What a query string cannot hold, or what would end it or be read as something else in it. The
/// pipe stays as the documents print it.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'}');

/// Operations on a picture, each of which takes what the one before it made.
///
/// One description serves three purposes: the query of a download ([`Pipeline::query`]), a rule in
/// the `Pic-Operations` header of an upload ([`Rule`](super::Rule)) and the `ProcessRule` of a job
/// ([`Pipeline::rule`]).
///
/// ```
/// use tcloud_ci::picture::{Format, Gravity, ImageMogr2, Pipeline, TextWatermark, Thumbnail};
///
/// # fn main() -> Result<(), tcloud_ci::picture::Error> {
/// let pipeline = Pipeline::new()
///     .then(ImageMogr2::new().thumbnail(Thumbnail::Width(300)).format(Format::Webp).quality(80))
///     .then(TextWatermark::new("hello").gravity(Gravity::SouthEast).dissolve(60));
/// let text = "imageMogr2/thumbnail/300x/format/webp/quality/80\
///     |watermark/2/text/aGVsbG8/gravity/southeast/dissolve/60";
/// assert_eq!(pipeline.query()?, text);
/// assert_eq!(text.parse::<Pipeline>()?, pipeline);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Pipeline {
    steps: Vec<Step>,
    skip_limits: bool,
}

impl Pipeline {
    /// A pipeline without operations, which cannot be written yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more operation at the end.
    pub fn then(mut self, step: impl Into<Step>) -> Self {
        self.steps.push(step.into());
        self
    }

    /// Whether numbers out of the documented range and missing parameters are refused when the
    /// pipeline is written, with the parameter and the bound. They are, unless switched off: where
    /// a document errs, the service may take more.
    pub fn check_limits(mut self, check: bool) -> Self {
        self.skip_limits = !check;
        self
    }

    /// The operations, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The operations, to be changed.
    pub fn steps_mut(&mut self) -> &mut Vec<Step> {
        &mut self.steps
    }

    /// What this version does not know: whole operations, and segments inside of known ones.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| {
            let (whole, parts) = match step.call() {
                Some(call) => (None, Some(call.unknown())),
                None => (Some(step.unknown_text()), None),
            };
            whole.into_iter().chain(parts.into_iter().flatten())
        })
    }

    /// The text of the pipeline: what a rule of an upload and the `ProcessRule` of a job hold.
    ///
    /// # Errors
    ///
    /// There are no operations, a value cannot be written, or one is out of bounds.
    pub fn rule(&self) -> Result<String, Error> {
        self.write(!self.skip_limits)
    }

    /// The rule, checked against the documents' bounds if both sides wish it.
    pub(crate) fn write(&self, limits: bool) -> Result<String, Error> {
        let limits = limits && !self.skip_limits;
        if self.steps.is_empty() {
            return Err(Error::new(
                ErrorKind::Value,
                "a pipeline needs an operation",
            ));
        }
        for step in &self.steps {
            match step.call() {
                Some(call) => write::check(call, limits)?,
                None => check_unknown(step.unknown_text())?,
            }
        }
        Ok(self.text())
    }

    /// The query of a download, to be put after the `?` of an object's address: the
    /// [rule](Pipeline::rule) with whatever a query cannot hold in percent-encoding.
    ///
    /// # Errors
    ///
    /// As of [`Pipeline::rule`].
    pub fn query(&self) -> Result<String, Error> {
        Ok(utf8_percent_encode(&self.rule()?, QUERY).to_string())
    }

    /// Finds the pipeline in the query of an address, among signatures and other parameters.
    /// `None` if there is none; then the object itself is asked for.
    ///
    /// # Errors
    ///
    /// The parameter that begins like an operation of the grammar is not well-formed. Offsets
    /// count in that parameter, decoded.
    pub fn from_query(query: &str) -> Result<Option<Self>, Error> {
        let mut decoded = query.split('&').filter_map(|part| {
            // Signers encode the whole name and may put the `=` of its empty value behind it.
            // Otherwise a `=` at the end is Base64's.
            let encoded = part.contains("%2F") || part.contains("%2f");
            let part = part.strip_suffix('=').filter(|_| encoded).unwrap_or(part);
            let text = percent_decode_str(part).decode_utf8().ok()?.into_owned();
            Self::begins(&text).then_some(text)
        });
        decoded.next().map(|text| text.parse()).transpose()
    }

    /// Whether a parameter of a query with this decoded name is a pipeline: it begins like an
    /// operation of the grammar.
    pub fn begins(name: &str) -> bool {
        let word = name.split(['/', '|']).next().unwrap_or_default();
        GRAMMAR.iter().any(|it| it.word() == word)
    }

    /// The text, whatever it holds.
    fn text(&self) -> String {
        let mut text = String::new();
        for (index, step) in self.steps.iter().enumerate() {
            if index > 0 {
                text.push('|');
            }
            match step.call() {
                Some(call) => write::text(call, &mut text),
                None => text.push_str(step.unknown_text()),
            }
        }
        text
    }
}

/// An unknown operation must still be separated from the next one.
fn check_unknown(text: &str) -> Result<(), Error> {
    let name = text.split('/').next().unwrap_or_default();
    if parse::is_name(name) && !text.contains('|') {
        return Ok(());
    }
    let problem = format!("expected an operation, `name` or `name/…` without `|`, got `{text}`");
    Err(Error::new(ErrorKind::Value, problem))
}

/// Pipelines are the same if their operations are; whether limits are checked does not count.
impl PartialEq for Pipeline {
    fn eq(&self, other: &Self) -> bool {
        self.steps == other.steps
    }
}

impl Eq for Pipeline {}

/// The text, with values out of bounds as they are.
impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// Reads a rule. What the grammar does not know is kept and written again; numbers out of bounds
/// are read, and refused when they are written.
impl FromStr for Pipeline {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut offset = 0;
        let mut pipeline = Self::new();
        for part in text.split('|') {
            // Documents print rules with white space around them, which says nothing.
            let own = part.trim();
            let before = part.len() - part.trim_start().len();
            let step = match parse::step(GRAMMAR, own, offset + before)? {
                Parsed::Call(call) => Step::of(call),
                Parsed::Unknown => Step::Unknown(own.to_owned()),
            };
            pipeline.steps.push(step);
            offset += part.len() + 1;
        }
        Ok(pipeline)
    }
}

impl<S: Into<Step>> From<S> for Pipeline {
    fn from(step: S) -> Self {
        Self::new().then(step)
    }
}
