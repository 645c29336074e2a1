//! Parts a document into what it says of each operation: requests, tables, bodies, samples.

use super::address;
use super::http::{self, Printed};
use super::model::{Content, Document, Table};
use super::remark::{RemarkKind, Remarks};
use super::table;
use super::vocabulary::{self, Section};

/// Which part of a message a table is about, by the heading above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Unknown,
    Headers,
    Query,
    Body,
    Errors,
    /// What a sub-account needs: its code is a policy.
    Policy,
}

/// A table, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Found<'d> {
    pub(super) line: usize,
    pub(super) table: &'d Table,
    /// It is about the response.
    pub(super) answer: bool,
    pub(super) part: Part,
    /// The text right before it.
    pub(super) intro: String,
}

impl Found<'_> {
    /// The structure that the table is of, if a line before it is nothing but a name.
    pub(super) fn structure(&self) -> Option<&str> {
        let name = |line: &&str| {
            line.starts_with(|c: char| c.is_ascii_uppercase())
                && line.contains(|c: char| c.is_ascii_lowercase())
                && line.chars().all(|c| c.is_ascii_alphanumeric())
        };
        self.intro.lines().map(str::trim).find(name)
    }
}

/// A text, and what it introduces in the absence of a table: ``Same as `Request.Input` `` below
/// ``Content of `Input`:``.
#[derive(Debug, Clone)]
pub(super) struct Words {
    pub(super) line: usize,
    pub(super) text: String,
    /// The text before.
    pub(super) before: String,
    pub(super) answer: bool,
}

/// What a document says of one operation.
#[derive(Debug, Clone, Default)]
pub(super) struct Operation<'d> {
    pub(super) line: usize,
    /// The request with names in place of values.
    pub(super) pattern: Option<Printed>,
    /// Bodies in the sections of request and response, with names or with values.
    pub(super) examples: [Vec<Printed>; 2],
    pub(super) cases: Vec<[Option<Printed>; 2]>,
    pub(super) tables: Vec<Found<'d>>,
    pub(super) errors: Vec<String>,
    pub(super) words: Vec<Words>,
}

/// A document.
#[derive(Debug, Clone, Default)]
pub(super) struct Page<'d> {
    pub(super) title: Option<(usize, String)>,
    pub(super) address: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) operations: Vec<Operation<'d>>,
    /// All of its text, before the first table.
    pub(super) preface: Vec<(usize, String)>,
}

/// Parts a document.
pub(super) fn read<'d>(document: &'d Document, remarks: &mut Remarks) -> Page<'d> {
    let mut walk = Walk {
        page: Page {
            address: document.address.clone(),
            ..Page::default()
        },
        own: Operation::default(),
        answer: false,
        part: Part::Unknown,
        cases: false,
        started: false,
        intro: Vec::new(),
        last: None,
        remarks,
    };
    for block in &document.blocks {
        let line = block.line;
        match &block.content {
            Content::Heading(text) => walk.heading(line, text),
            Content::Paragraph(text) => walk.paragraph(line, text),
            Content::Code(text) => walk.code(line, text),
            Content::Table(table) => walk.table(line, table),
        }
    }
    walk.finish()
}

struct Walk<'d, 'r> {
    page: Page<'d>,
    own: Operation<'d>,
    answer: bool,
    part: Part,
    /// In the section of cases.
    cases: bool,
    /// The sections of a request have begun.
    started: bool,
    intro: Vec<(usize, String)>,
    /// The side of the last message of the cases.
    last: Option<bool>,
    remarks: &'r mut Remarks,
}

impl<'d> Walk<'d, '_> {
    fn heading(&mut self, line: usize, text: &str) {
        let lower = vocabulary::plain(text);
        let Some(section) = vocabulary::section(text) else {
            if self.page.title.is_none() && !self.started && self.page.operations.is_empty() {
                self.page.title = Some((line, text.to_owned()));
            }
            self.intro.push((line, end_of(text, INTRO).to_owned()));
            return;
        };
        self.intro.clear();
        let of_answer = ["response", "return", "响应", "返回"]
            .iter()
            .any(|word| lower.contains(word));
        let of_request = ["request", "请求"].iter().any(|word| lower.contains(word));
        match section {
            // Requests of the cases have such headings, too.
            Section::Request | Section::RequestLine => {
                self.started = true;
                self.answer = false;
                self.part = Part::Unknown;
            }
            Section::Response => {
                self.answer = true;
                self.part = Part::Unknown;
            }
            Section::Headers | Section::Query | Section::Body => {
                self.started = true;
                if of_answer {
                    self.answer = true;
                } else if of_request {
                    self.answer = false;
                }
                self.part = match section {
                    Section::Headers => Part::Headers,
                    Section::Query => Part::Query,
                    _ => Part::Body,
                };
            }
            Section::Parameters(answer) => {
                self.started = true;
                self.answer = answer;
                self.part = Part::Body;
            }
            Section::Errors => self.part = Part::Errors,
            Section::Cases => {
                if self.own.pattern.is_some() || !self.own.tables.is_empty() {
                    self.cases = true;
                    self.answer = false;
                    self.last = None;
                }
                self.part = Part::Unknown;
            }
            Section::Permission => self.part = Part::Policy,
            Section::Overview | Section::Other => {
                if self.cases && section == Section::Overview {
                    self.cases = false;
                }
                self.part = Part::Unknown;
            }
        }
    }

    fn paragraph(&mut self, line: usize, text: &str) {
        if self.page.updated.is_none()
            && self.own.pattern.is_none()
            && self.page.operations.is_empty()
            && let Some(date) = date(text)
        {
            self.page.updated = Some(date);
            // What is above the date is the title, and what copies it may say around it.
            if self.page.title.is_none() {
                self.page.title = self.title_above();
            }
        }
        if self.page.operations.is_empty() && self.own.tables.is_empty() {
            self.page.preface.push((line, text.to_owned()));
        }
        if let Some(address) = address(text)
            && self.page.address.is_none()
        {
            self.page.address = Some(address);
        }
        let before: Vec<&str> = self.intro.iter().map(|(_, text)| text.as_str()).collect();
        self.own.words.push(Words {
            line,
            text: text.to_owned(),
            before: before.last().copied().unwrap_or_default().to_owned(),
            answer: self.answer,
        });
        self.intro.push((line, end_of(text, INTRO).to_owned()));
        if self.intro.len() > 4 {
            self.intro.remove(0);
        }
    }

    /// The text that stands above the date, without the words of the page's controls.
    fn title_above(&self) -> Option<(usize, String)> {
        let controls = [
            "pdf",
            "focus mode",
            "font size",
            "聚焦模式",
            "字号",
            "mode fokus",
            "ukuran font",
            "포커스 모드",
            "폰트 크기",
            "我的收藏",
            "收藏",
            "download pdf",
            "复制 markdown",
            "copy markdown",
            "モード",
            "文字サイズ",
            "フォーカスモード",
            "フォントサイズ",
        ];
        let found = self.page.preface.iter().rev().find(|(_, text)| {
            let text = text.trim().to_lowercase();
            !controls.contains(&text.as_str()) && date(&text).is_none()
        });
        found.map(|(line, text)| (*line, text.lines().next().unwrap_or_default().to_owned()))
    }

    fn code(&mut self, line: usize, text: &str) {
        let intro = std::mem::take(&mut self.intro);
        let printed = address::read(text, line).or_else(|| Printed::read(text, line));
        let Some(printed) = printed else {
            self.intro = intro;
            return;
        };
        if !printed.method.is_empty() {
            return self.request(printed);
        }
        if self.part == Part::Policy {
            return;
        }
        let answer = printed.is_response
            || self.answer && !printed.body.starts_with("<Request>")
            || self.is_answer(&printed.body)
            || printed.body.starts_with('{') && printed.body.contains("\"Response\"");
        if self.cases {
            self.case(answer, printed);
        } else if !printed.body.is_empty()
            && let Some(examples) = self.own.examples.get_mut(usize::from(answer))
        {
            examples.push(printed);
        }
    }

    /// Whether a body begins like those that the section of the response shows, and not like those of
    /// the request's.
    fn is_answer(&self, body: &str) -> bool {
        let root = |body: &str| {
            let element = body
                .trim_start()
                .lines()
                .find(|line| !line.trim_start().starts_with("<?"))?;
            let name = element.trim_start().strip_prefix('<')?;
            let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))?;
            name.get(..end)
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
        };
        let Some(own) = root(body) else { return false };
        let [requests, responses] = &self.own.examples;
        let like = |shown: &[Printed]| shown.iter().any(|it| root(&it.body).as_ref() == Some(&own));
        self.cases && like(responses) && !like(requests)
    }

    fn request(&mut self, printed: Printed) {
        let pattern = printed.is_pattern();
        let same = self.own.pattern.as_ref().is_some_and(|own| {
            let path = |printed: &Printed| http::template(&http::split(&printed.target).0).0;
            own.method == printed.method
                && (own.target == printed.target || path(own) == path(&printed))
        });
        let has_tables = !self.own.tables.is_empty();
        if let Some(own) = &self.own.pattern {
            let other = pattern && own.is_pattern() && !same;
            // A document of several operations has a request with names for each of them.
            if other && (has_tables || self.cases || !self.own.cases.is_empty()) {
                self.end();
            } else if self.cases || !pattern {
                return self.case(false, printed);
            } else if other {
                self.remarks.add(
                    printed.line,
                    RemarkKind::Note,
                    String::new(),
                    format!(
                        "another form of the request, `{} {}`, was left out",
                        printed.method, printed.target
                    ),
                );
                return;
            } else {
                return;
            }
        }
        if self.own.pattern.is_none() {
            self.own.line = printed.line;
            self.started = true;
            self.answer = false;
            let body = !printed.body.is_empty()
                && (printed.body.starts_with('<') || printed.body.starts_with('{'))
                && !printed.body.eq_ignore_ascii_case("<body>");
            if let Some(examples) = self.own.examples.first_mut().filter(|_| body) {
                examples.push(printed.clone());
            }
            // A document without names in its request has a sample in its place.
            if !pattern {
                // An action of API 3.0 is recognized by its samples alone.
                self.cases |= printed.header("X-TC-Action").is_some();
                self.case(false, printed.clone());
            }
            self.own.pattern = Some(printed);
        }
    }

    /// Adds a message to the cases.
    fn case(&mut self, answer: bool, printed: Printed) {
        let side = usize::from(answer);
        let open = self.own.cases.last_mut().filter(|case| {
            answer && (self.last == Some(false) || case.get(side).is_some_and(Option::is_none))
        });
        match open.and_then(|case| case.get_mut(side)) {
            Some(place) if place.is_none() => *place = Some(printed),
            _ => {
                let mut case = [None, None];
                if let Some(place) = case.get_mut(side) {
                    *place = Some(printed);
                }
                self.own.cases.push(case);
            }
        }
        self.last = Some(answer);
    }

    fn table(&mut self, line: usize, table: &'d Table) {
        let intro: Vec<String> = self.intro.drain(..).map(|(_, text)| text).collect();
        let columns = table::columns(table);
        if self.part == Part::Errors || table::is_of_errors(&columns) {
            let codes = table::codes(table);
            if !codes.is_empty() {
                self.own.errors.extend(codes);
                return;
            }
        }
        if !table::is_of_nodes(&columns) || self.part == Part::Errors {
            let head = table.header.join(" | ");
            let head: String = head.chars().take(60).collect();
            self.remarks.add(
                line,
                RemarkKind::Note,
                String::new(),
                format!("a table that describes no nodes was left out: {head}"),
            );
            return;
        }
        self.own.tables.push(Found {
            line,
            table,
            answer: self.answer,
            part: self.part,
            intro: intro.join("\n"),
        });
    }

    /// Ends the operation, so that another one can begin.
    fn end(&mut self) {
        let own = std::mem::take(&mut self.own);
        self.page.operations.push(own);
        self.cases = false;
        self.last = None;
        self.part = Part::Unknown;
    }

    fn finish(mut self) -> Page<'d> {
        if self.own.pattern.is_some() || !self.own.tables.is_empty() {
            self.end();
        }
        self.page
    }
}

/// Bytes of a text before a table that may name its container.
const INTRO: usize = 600;

/// The last bytes of a text.
fn end_of(text: &str, most: usize) -> &str {
    let from = text.len().saturating_sub(most);
    (from..text.len())
        .find_map(|at| text.get(at..))
        .unwrap_or(text)
}

/// The date of a line that says when the page was written: `Last updated: 2024-05-06 07:08:09`.
fn date(text: &str) -> Option<String> {
    let text = text.trim();
    if text.chars().count() > 80 {
        return None;
    }
    let at = text.find([':', '：'])?;
    let rest = text.get(at..)?.trim_start_matches([':', '：', ' ']);
    let date = rest.get(..10)?;
    let form = date
        .bytes()
        .zip("0000-00-00".bytes())
        .all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            form => byte == form,
        });
    let behind = rest.get(10..)?.trim();
    let clock = behind
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | ' ' | 'T' | 'Z'));
    (form && clock).then(|| date.to_owned())
}

/// The address of the page, if a line is nothing else.
fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text
        .rsplit_once([' ', '：'])
        .filter(|(before, _)| before.chars().count() < 20)
        .map_or(text, |(_, address)| address);
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let own = host.contains("tencent")
        && (host.contains("/document/product/") || host.contains("/document/api/"));
    (own && !host.contains(char::is_whitespace)).then(|| text.to_owned())
}
