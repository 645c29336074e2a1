//! The `Pic-Operations` header.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::error::{Error, ErrorKind};
use super::pipeline::Pipeline;

/// Most rules that the documents allow in one header.
const MOST_RULES: usize = 5;

/// What is made of a picture when it is uploaded, or of one that is stored already
/// (`POST /<key>?image_process`): the `Pic-Operations` header.
///
/// ```
/// use tcloud_ci::picture::{Format, ImageMogr2, PicOperations, Rule};
///
/// # fn main() -> Result<(), tcloud_ci::picture::Error> {
/// let operations = PicOperations::new()
///     .info(true)
///     .rule(Rule::new("small.webp", ImageMogr2::new().format(Format::Webp)));
/// let header = operations.to_header()?;
/// assert_eq!(
///     header,
///     r#"{"is_pic_info":1,"rules":[{"fileid":"small.webp","rule":"imageMogr2/format/webp"}]}"#
/// );
/// assert_eq!(PicOperations::from_header(&header)?, operations);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct PicOperations {
    info: Option<bool>,
    rules: Vec<Rule>,
    unknown: Map<String, Value>,
    skip_limits: bool,
}

/// One result of an upload: what is done, and where the result is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    bucket: Option<String>,
    file_id: String,
    pipeline: Pipeline,
    unknown: Map<String, Value>,
}

impl Rule {
    /// Stores what `pipeline` makes under `file_id`: an object's key if it begins with `/`, else a
    /// path beside the picture itself.
    pub fn new(file_id: impl Into<String>, pipeline: impl Into<Pipeline>) -> Self {
        Self {
            bucket: None,
            file_id: file_id.into(),
            pipeline: pipeline.into(),
            unknown: Map::new(),
        }
    }

    /// Stores the result in another bucket, `<name>-<APPID>`.
    pub fn bucket(mut self, bucket: impl Into<String>) -> Self {
        self.bucket = Some(bucket.into());
        self
    }

    /// The bucket that [`Rule::bucket`] names.
    pub fn get_bucket(&self) -> Option<&str> {
        self.bucket.as_deref()
    }

    /// Where the result is stored.
    pub fn file_id(&self) -> &str {
        &self.file_id
    }

    /// What is done.
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    fn to_json(&self, limits: bool) -> Result<Value, Error> {
        let bad = self.file_id.is_empty() || self.file_id.ends_with('/');
        if limits && bad {
            let problem = format!("fileid must name a file, got `{}`", self.file_id);
            return Err(Error::new(ErrorKind::Limit, problem));
        }
        let mut map = self.unknown.clone();
        if let Some(bucket) = &self.bucket {
            map.insert("bucket".to_owned(), bucket.as_str().into());
        }
        map.insert("fileid".to_owned(), self.file_id.as_str().into());
        map.insert("rule".to_owned(), self.pipeline.write(limits)?.into());
        Ok(Value::Object(map))
    }

    fn from_json(index: usize, value: Value) -> Result<Self, Error> {
        let place = |key: &str| format!("rules[{index}]{key}");
        let Value::Object(mut map) = value else {
            return Err(header(format!("{} must be an object", place(""))));
        };
        let mut text = |key: &str| match map.remove(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(header(format!("{}.{key} must be a text", place("")))),
        };
        let (bucket, file_id) = (text("bucket")?, text("fileid")?);
        let rule = text("rule")?.ok_or_else(|| header(format!("{} is missing", place(".rule"))))?;
        Ok(Self {
            bucket,
            file_id: file_id.ok_or_else(|| header(format!("{} is missing", place(".fileid"))))?,
            pipeline: rule.parse()?,
            unknown: map,
        })
    }
}

impl PicOperations {
    /// A header without rules: nothing is done.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the answer describes the picture itself: its format, size and main colour.
    pub fn info(mut self, info: bool) -> Self {
        self.info = Some(info);
        self
    }

    /// What [`PicOperations::info`] says.
    pub fn get_info(&self) -> Option<bool> {
        self.info
    }

    /// The same with one more result; at most five.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The results, in order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// As [`Pipeline::check_limits`], for the header and all its pipelines.
    pub fn check_limits(mut self, check: bool) -> Self {
        self.skip_limits = !check;
        self
    }

    /// The value of the header: JSON in ASCII.
    ///
    /// # Errors
    ///
    /// There are too many rules, one stores nowhere, or a pipeline cannot be written.
    pub fn to_header(&self) -> Result<String, Error> {
        let limits = !self.skip_limits;
        if limits && self.rules.len() > MOST_RULES {
            let problem = format!(
                "rules must be at most {MOST_RULES}, got {}",
                self.rules.len()
            );
            return Err(Error::new(ErrorKind::Limit, problem));
        }
        let mut map = self.unknown.clone();
        if let Some(info) = self.info {
            map.insert("is_pic_info".to_owned(), u8::from(info).into());
        }
        let rules = self.rules.iter().map(|rule| rule.to_json(limits));
        let rules = rules.collect::<Result<_, _>>()?;
        map.insert("rules".to_owned(), Value::Array(rules));
        Ok(ascii(&Value::Object(map).to_string()))
    }

    /// Reads the header. Keys that the documents do not know are kept and written again.
    ///
    /// # Errors
    ///
    /// It is no JSON of the documented shape, or a rule is not well-formed.
    pub fn from_header(text: &str) -> Result<Self, Error> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| header(format!("expected JSON: {error}")))?;
        let Value::Object(mut map) = value else {
            return Err(header("expected a JSON object"));
        };
        let info = match map.remove("is_pic_info") {
            None => None,
            Some(value) => Some(flag(&value)?),
        };
        let rules = match map.remove("rules") {
            None => Vec::new(),
            Some(Value::Array(rules)) => rules,
            Some(_) => return Err(header("rules must be a list")),
        };
        let rules = rules.into_iter().enumerate();
        Ok(Self {
            info,
            rules: rules
                .map(|(index, rule)| Rule::from_json(index, rule))
                .collect::<Result<_, _>>()?,
            unknown: map,
            skip_limits: false,
        })
    }
}

/// Headers are the same if they say the same; whether limits are checked does not count.
impl PartialEq for PicOperations {
    fn eq(&self, other: &Self) -> bool {
        (self.info, &self.rules, &self.unknown) == (other.info, &other.rules, &other.unknown)
    }
}

impl Eq for PicOperations {}

fn header(problem: impl Into<String>) -> Error {
    Error::new(ErrorKind::Header, problem)
}

/// `0` or `1`, which some programs write as a text or as a boolean.
fn flag(value: &Value) -> Result<bool, Error> {
    match value {
        Value::Bool(flag) => Ok(*flag),
        Value::Number(number) if number.as_u64() == Some(0) => Ok(false),
        Value::Number(number) if number.as_u64() == Some(1) => Ok(true),
        Value::String(text) if text == "0" => Ok(false),
        Value::String(text) if text == "1" => Ok(true),
        other => Err(header(format!("is_pic_info must be 0 or 1, got {other}"))),
    }
}

/// `json` with everything outside ASCII escaped: a header holds nothing else.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' {
            text.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a text cannot fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}
