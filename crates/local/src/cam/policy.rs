//! Policies of version 2.0, and what they come to for a request.

use std::fmt::{self, Arguments};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::condition::{Condition, Facts, NotUnderstood};
use super::pattern::Pattern;
use super::principal::{Asker, Principal, texts};
use super::resource::{Resource, ResourcePattern};

/// A policy in the language of CAM, version 2.0: statements that allow or deny actions on
/// resources under conditions.
///
/// ```
/// let policy: tcloud_local::Policy = r#"{
///     "version": "2.0",
///     "statement": [{
///         "effect": "allow",
///         "action": ["name/cos:GetObject"],
///         "resource": ["qcs::cos:ap-guangzhou:uid/1250000000:album-1250000000/*"]
///     }]
/// }"#
/// .parse()?;
/// # Ok::<(), tcloud_local::PolicyError>(())
/// ```
///
/// Names of elements may begin with a capital letter, as those of bucket policies do. An action is
/// written with or without `name/`; a `*` in it, or in a part of a resource, stands for any
/// characters. Of several statements that apply, one that denies wins.
#[derive(Debug, Clone)]
pub struct Policy {
    statements: Vec<Statement>,
    /// The document, without what can be left out.
    text: String,
}

#[derive(Debug, Clone)]
struct Statement {
    denies: bool,
    actions: Vec<Pattern>,
    /// Those it is about; all where it names none, as in who may assume a role.
    resources: Option<Vec<ResourcePattern>>,
    conditions: Vec<Condition>,
    principal: Option<Principal>,
}

/// Why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It is not JSON, an element is missing, or one is not what it should be.
    #[error("the policy cannot be read: {0}")]
    Format(String),
    /// A resource is neither `*` nor has it the six parts.
    #[error(
        "the policy names `{0}`, which is no resource; write * or the six parts, as in \
         qcs::cos:ap-guangzhou:uid/1250000000:examplebucket-1250000000/*"
    )]
    Resource(String),
}

/// What policies come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// It is allowed.
    Allowed,
    /// Nothing allows it; why not, where a statement nearly did.
    NotAllowed(Option<String>),
    /// A statement denies it.
    Denied(String),
}

/// What is asked of policies.
pub(super) struct Question<'a> {
    /// The action, such as `cos:GetObject`.
    pub(super) action: &'a str,
    /// What it would be done to; nothing where statements name none.
    pub(super) resource: Option<&'a Resource>,
    /// Who would be a principal, where statements name them.
    pub(super) asker: Option<&'a Asker>,
    /// What else there is to know.
    pub(super) facts: &'a dyn Facts,
}

/// Whether the conditions of a statement hold.
enum Applies {
    Yes,
    No,
    Unclear(NotUnderstood),
}

impl Policy {
    /// The policy that allows everything, as the administrators of an account have it.
    pub fn administrator() -> Self {
        let text =
            r#"{"version":"2.0","statement":{"effect":"allow","action":"*","resource":"*"}}"#;
        Self {
            statements: vec![Statement {
                denies: false,
                actions: vec![Pattern::new("*")],
                resources: Some(vec![ResourcePattern::Any]),
                conditions: Vec::new(),
                principal: None,
            }],
            text: text.to_owned(),
        }
    }

    /// The document, without needless space.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a statement names a principal.
    pub(crate) fn names_principal(&self) -> bool {
        self.statements.iter().any(|it| it.principal.is_some())
    }

    /// Whether a statement names a resource of an account that is called none of `accounts`.
    pub(crate) fn names_other_account(&self, accounts: &[String; 2]) -> bool {
        let mut resources = self
            .statements
            .iter()
            .flat_map(|it| &it.resources)
            .flatten();
        resources.any(|resource| resource.is_of_another(accounts))
    }

    fn from_value(document: &Value) -> Result<Self, PolicyError> {
        let members = Members::new(document, "the policy")?;
        members.require_only(&["version", "statement", "principal"])?;
        match members.get("version").and_then(Value::as_str) {
            Some("2.0") => {}
            _ => return Err(malformed("`version` is not \"2.0\"")),
        }
        let shared = members.get("principal");
        let statements = match members.get("statement") {
            Some(Value::Array(statements)) => statements.as_slice(),
            Some(one) => std::slice::from_ref(one),
            None => return Err(malformed("`statement` is missing")),
        };
        Ok(Self {
            statements: statements
                .iter()
                .map(|statement| Statement::new(statement, shared))
                .collect::<Result<_, _>>()?,
            text: document.to_string(),
        })
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let document: Value =
            serde_json::from_str(text).map_err(|error| malformed(&error.to_string()))?;
        Self::from_value(&document)
    }
}

impl<'de> Deserialize<'de> for Policy {
    /// From the document itself.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let document = Value::deserialize(deserializer)?;
        Self::from_value(&document).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Policy {
    /// As the document itself.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let document: Value =
            serde_json::from_str(&self.text).map_err(serde::ser::Error::custom)?;
        document.serialize(serializer)
    }
}

impl Statement {
    fn new(statement: &Value, shared: Option<&Value>) -> Result<Self, PolicyError> {
        let members = Members::new(statement, "a statement")?;
        members.require_only(&["effect", "action", "resource", "condition", "principal"])?;
        let effect = members.get("effect").and_then(Value::as_str);
        let denies = match effect.map(str::to_ascii_lowercase).as_deref() {
            Some("allow") => false,
            Some("deny") => true,
            _ => return Err(malformed("`effect` is neither \"allow\" nor \"deny\"")),
        };
        let actions = members.texts("action")?;
        let Some(actions) = actions.filter(|actions| !actions.is_empty()) else {
            return Err(malformed("a statement has no `action`"));
        };
        let actions = actions.iter().map(|text| action(text));
        let principal = members.get("principal").or(shared).map(Principal::new);
        let principal = principal.transpose().map_err(|why| malformed(&why))?;
        let resources = members.texts("resource")?;
        if resources.is_none() && principal.is_none() {
            return Err(malformed("a statement has no `resource`"));
        }
        let resource =
            |text: String| ResourcePattern::new(&text).ok_or(PolicyError::Resource(text));
        let resources = resources.map(|texts| texts.into_iter().map(resource).collect());
        Ok(Self {
            denies,
            actions: actions.collect::<Result<_, _>>()?,
            resources: resources.transpose()?,
            conditions: conditions(members.get("condition"))?,
            principal,
        })
    }

    fn is_about(&self, question: &Question<'_>) -> bool {
        let names_asker = || match (&self.principal, question.asker) {
            (None, None) => true,
            (Some(principal), Some(asker)) => principal.names(asker),
            // Who may assume a role is said in a statement with a principal, and nowhere else.
            _ => false,
        };
        let names_resource = || match (&self.resources, question.resource) {
            (Some(resources), Some(resource)) => resources.iter().any(|it| it.matches(resource)),
            (None, _) | (_, None) => true,
        };
        self.actions
            .iter()
            .any(|action| action.matches(question.action))
            && names_asker()
            && names_resource()
    }

    /// All conditions must hold. One that does not decides, whether the others are understood or
    /// not.
    fn applies(&self, facts: &dyn Facts) -> Applies {
        let mut unclear = None;
        for condition in &self.conditions {
            match condition.holds(facts) {
                Ok(true) => {}
                Ok(false) => return Applies::No,
                Err(why) => unclear = unclear.or(Some(why)),
            }
        }
        unclear.map_or(Applies::Yes, Applies::Unclear)
    }
}

/// What all of `policies` together come to, which are those of `whose`. What denies is named by its
/// place among them.
pub(super) fn decide<'a>(
    whose: Arguments<'_>,
    policies: impl IntoIterator<Item = &'a Policy>,
    question: &Question<'_>,
) -> Decision {
    let statements = (1..).zip(policies).flat_map(|(policy, it)| {
        (1..)
            .zip(&it.statements)
            .map(move |(number, it)| ((policy, number), it))
    });
    let place =
        |(policy, number): (u32, u32)| format!("statement {number} of policy {policy} of {whose}");
    let mut decision = Decision::NotAllowed(None);
    for (at, statement) in statements.filter(|(_, it)| it.is_about(question)) {
        match (statement.denies, statement.applies(question.facts)) {
            (_, Applies::No) => {}
            (true, Applies::Yes) => {
                return Decision::Denied(format!("{} denies it", place(at)));
            }
            (true, Applies::Unclear(why)) => {
                return Decision::Denied(format!("{} may deny it: {why}", place(at)));
            }
            (false, Applies::Yes) => decision = Decision::Allowed,
            (false, Applies::Unclear(why)) => {
                if decision == Decision::NotAllowed(None) {
                    decision = Decision::NotAllowed(Some(format!("{}: {why}", place(at))));
                }
            }
        }
    }
    decision
}

/// An action as policies write it.
fn action(text: &str) -> Result<Pattern, PolicyError> {
    let bare = text.strip_prefix("name/").unwrap_or(text);
    if bare != "*" && !bare.contains(':') {
        return Err(malformed(&format!(
            "`{text}` is no action; write one as in name/cos:GetObject (sets of actions, such as \
             permid/…, are not known here)"
        )));
    }
    Ok(Pattern::new(bare))
}

fn conditions(block: Option<&Value>) -> Result<Vec<Condition>, PolicyError> {
    let Some(block) = block else {
        return Ok(Vec::new());
    };
    let of_object = |value: &Value, what: &str| match value {
        Value::Object(members) => Ok(members.clone()),
        _ => Err(malformed(&format!("{what} is no object"))),
    };
    let mut conditions = Vec::new();
    for (operator, keys) in of_object(block, "`condition`")? {
        for (key, value) in of_object(&keys, &operator)? {
            conditions.push(Condition::new(&operator, &key, &value));
        }
    }
    Ok(conditions)
}

/// The members of an object, whose names may begin with a capital letter.
struct Members<'a>(&'a Map<String, Value>);

impl<'a> Members<'a> {
    fn new(value: &'a Value, what: &str) -> Result<Self, PolicyError> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(malformed(&format!("{what} is no object"))),
        }
    }

    fn get(&self, name: &str) -> Option<&'a Value> {
        let mut members = self.0.iter();
        members
            .find(|(key, _)| is_called(key, name))
            .map(|(_, value)| value)
    }

    fn texts(&self, name: &str) -> Result<Option<Vec<String>>, PolicyError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        match texts(value) {
            Some(texts) => Ok(Some(texts)),
            None => Err(malformed(&format!(
                "`{name}` is neither text nor a list of texts"
            ))),
        }
    }

    /// An element that is not understood may take away what others give.
    fn require_only(&self, names: &[&str]) -> Result<(), PolicyError> {
        let mut keys = self.0.keys();
        match keys.find(|key| !names.iter().any(|name| is_called(key, name))) {
            Some(key) => Err(malformed(&format!("there is no element `{key}`"))),
            None => Ok(()),
        }
    }
}

fn is_called(key: &str, name: &str) -> bool {
    key == name
        || key.len() == name.len() && {
            let (mut key, mut name) = (key.chars(), name.chars());
            let (first, wanted) = (key.next(), name.next());
            first == wanted.map(|it| it.to_ascii_uppercase()) && key.eq(name)
        }
}

fn malformed(why: &str) -> PolicyError {
    PolicyError::Format(why.to_owned())
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests;
