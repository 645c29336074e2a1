//! Answers to the shape of a table, always the same for the same seed.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};
use tcloud_core::schema::{Field, Kind, Structure};

/// How many items a list of an answer has.
const ITEMS: usize = 3;
/// Containers in containers end here.
const DEPTH: usize = 8;

/// The texts of a request, by the name that one of them has in answers.
#[derive(Debug, Default)]
pub(super) struct Asked(BTreeMap<String, Vec<String>>);

impl Asked {
    /// The texts among the members of `sent`, and those of its lists: `InstanceIds` are the
    /// `InstanceId` of the items.
    pub(super) fn of(sent: &Value) -> Self {
        let mut asked = BTreeMap::new();
        for (name, value) in sent.as_object().into_iter().flatten() {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let (name, texts) = match value {
                Value::String(text) => (name.as_str(), Some(vec![text.clone()])),
                Value::Array(items) => {
                    let one = name.strip_suffix('s').unwrap_or(name);
                    (one, items.iter().map(text).collect())
                }
                _ => continue,
            };
            if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
                asked.insert(name.to_owned(), texts);
            }
        }
        Self(asked)
    }

    /// How many things a request names, if it names any by their ids.
    fn count(&self) -> Option<usize> {
        let ids = self.0.iter().filter(|(name, _)| name.ends_with("Id"));
        ids.map(|(_, texts)| texts.len()).max()
    }
}

/// Makes answers of one service.
#[derive(Debug)]
pub(super) struct Maker<'a> {
    pub(super) service: &'a str,
    pub(super) seed: u64,
    /// Where the request was sent.
    pub(super) region: &'a str,
    pub(super) asked: Asked,
    /// The list that pages are of, if it is known.
    pub(super) list: Option<&'a str>,
}

impl Maker<'_> {
    /// An answer by the table `response`.
    pub(super) fn answer(&self, response: &'static Structure) -> Value {
        let mut made = self.structure(response, 0, &mut Vec::new());
        let lists = |it: &&Field| self.is_main(it);
        if let (Some(list), Some(members)) =
            (response.fields().iter().find(lists), made.as_object_mut())
        {
            let count = members
                .get(list.name)
                .and_then(Value::as_array)
                .map(Vec::len);
            for field in response.fields() {
                let is_total = field.name.starts_with("Total") && is_integer(field);
                if let Some(count) = count.filter(|_| is_total) {
                    members.insert(field.name.to_owned(), count.into());
                }
            }
        }
        made
    }

    /// Whether the answer is the list of this field's items.
    fn is_main(&self, field: &Field) -> bool {
        let is_list = field.is_list() && matches!(field.kind, Kind::Structure(_));
        is_list && self.list.is_none_or(|name| name == field.name)
    }

    fn structure(
        &self,
        structure: &'static Structure,
        index: usize,
        within: &mut Vec<&'static Structure>,
    ) -> Value {
        within.push(structure);
        let mut members = Map::new();
        for field in structure.fields() {
            let value = if field.is_list() {
                let count = match (within.len(), self.is_main(field)) {
                    (1, true) => self.asked.count().unwrap_or(ITEMS),
                    _ => 1,
                };
                let items = (0..count).filter_map(|item| self.one(field, index + item, within));
                let items: Vec<_> = items.collect();
                (!items.is_empty()).then_some(Value::Array(items))
            } else {
                self.one(field, index, within)
            };
            if let Some(value) = value {
                members.insert(field.name.to_owned(), value);
            }
        }
        within.pop();
        Value::Object(members)
    }

    /// One value of a field; none where containers would hold themselves, or nobody knows what.
    fn one(
        &self,
        field: &Field,
        index: usize,
        within: &mut Vec<&'static Structure>,
    ) -> Option<Value> {
        Some(match field.kind {
            Kind::Text => Value::String(self.text(field, index)),
            Kind::Integer => Value::Number(integer(field, index).into()),
            Kind::Float => Value::Number(Number::from_f64(0.5)?),
            Kind::Boolean => Value::Bool(self.chance(field.name, 0).is_multiple_of(2)),
            Kind::Timestamp => Value::String(time(index)),
            Kind::Enumeration(words) => {
                let count = u64::try_from(words.len()).ok()?;
                let chosen = self.chance(field.name, 0).checked_rem(count)?;
                Value::String((*words.get(usize::try_from(chosen).ok()?)?).to_owned())
            }
            Kind::Fixed(text) => Value::String(text.to_owned()),
            Kind::Structure(structure) => {
                if within.len() >= DEPTH || within.contains(&structure) {
                    return None;
                }
                self.structure(structure, index, within)
            }
            _ => return None,
        })
    }

    /// A text that looks like what the name says.
    fn text(&self, field: &Field, index: usize) -> String {
        let name = field.name;
        if let Some(asked) = self.asked.0.get(name).and_then(|texts| texts.get(index)) {
            return asked.clone();
        }
        let chance = self.chance(name, index);
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let text = if ends(&["Id", "Ids"]) {
            let kind = name.trim_end_matches('s').trim_end_matches("Id");
            let kind = if kind.is_empty() { self.service } else { kind };
            format!("{}-{:08x}", kind.to_ascii_lowercase(), chance >> 32)
        } else if ends(&["Ip", "Ips", "IpAddress"]) {
            let [.., third, last] = chance.to_be_bytes();
            format!("10.0.{third}.{last}")
        } else if ends(&["Time", "Date", "At"]) {
            time(index)
        } else if ends(&["Url", "Uri"]) {
            format!("https://{}.example.com/{index}", self.service)
        } else if name == "Region" {
            self.region.to_owned()
        } else if name == "Zone" {
            format!("{}-1", self.region)
        } else {
            format!("{}-{}", name.to_ascii_lowercase(), index.saturating_add(1))
        };
        let most = field.limits.and_then(|limits| limits.max_length);
        match most.and_then(|most| usize::try_from(most).ok()) {
            Some(most) => text.chars().take(most).collect(),
            None => text,
        }
    }

    /// A number that is the same for the same thing in every answer.
    fn chance(&self, name: &str, index: usize) -> u64 {
        let Self { seed, service, .. } = self;
        let hash = Sha256::digest(format!("{seed}/{service}/{name}/{index}"));
        hash.iter()
            .take(8)
            .fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }
}

fn is_integer(field: &Field) -> bool {
    matches!(field.kind, Kind::Integer) && !field.is_list()
}

/// A number within the bounds of its row.
fn integer(field: &Field, index: usize) -> i64 {
    let number = i64::try_from(index).unwrap_or(i64::MAX).saturating_add(1);
    let Some(limits) = field.limits else {
        return number;
    };
    let number = limits.minimum.map_or(number, |least| number.max(least));
    limits.maximum.map_or(number, |most| number.min(most))
}

/// A time; later items are a day older each.
fn time(index: usize) -> String {
    format!("2026-01-{:02}T08:00:00Z", 28 - index % 28)
}
