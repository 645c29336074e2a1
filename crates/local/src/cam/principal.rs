//! For whom a statement is: who may assume a role.

use serde_json::Value;

/// How somebody is named as a principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// An account, a user or a role: `qcs`.
    Identity,
    /// A product of the cloud: `service`.
    Service,
    /// An identity provider: `federated`.
    Federated,
}

impl Sort {
    const ALL: [Self; 3] = [Self::Identity, Self::Service, Self::Federated];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "qcs",
            Self::Service => "service",
            Self::Federated => "federated",
        }
    }
}

/// Somebody who wants to be a principal, by all names.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    pub(crate) sort: Sort,
    pub(crate) names: Vec<String>,
}

/// The `principal` of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Principal(Vec<(Sort, String)>);

impl Principal {
    /// Reads `{"qcs": […], "service": […], "federated": […]}`.
    ///
    /// # Errors
    ///
    /// It is none; the text says why.
    pub(super) fn new(value: &Value) -> Result<Self, String> {
        let Some(members) = value.as_object() else {
            return Err("`principal` is no object such as {\"qcs\": […]}".to_owned());
        };
        let mut all = Vec::new();
        for (name, value) in members {
            let sort = Sort::ALL.into_iter().find(|sort| sort.as_str() == name);
            let Some(sort) = sort else {
                return Err(format!(
                    "`principal` has `{name}`; it can have qcs, service and federated"
                ));
            };
            let Some(names) = texts(value) else {
                return Err(format!(
                    "`principal.{name}` is neither text nor a list of texts"
                ));
            };
            all.extend(names.into_iter().map(|name| (sort, name)));
        }
        Ok(Self(all))
    }

    /// Whether `asker` is meant.
    pub(super) fn names(&self, asker: &Asker) -> bool {
        self.0
            .iter()
            .any(|(sort, name)| *sort == asker.sort && (name == "*" || asker.names.contains(name)))
    }
}

/// A text, or several.
pub(super) fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(values) => values
            .iter()
            .map(|value| value.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Asker, Principal, Sort};

    #[test]
    fn somebody_is_meant_by_sort_and_name() {
        let principal = Principal::new(&json!({
            "qcs": "qcs::cam::uin/100000000001:root",
            "service": ["cvm.qcloud.com"],
        }))
        .unwrap();
        let asks = |sort, name: &str| {
            principal.names(&Asker {
                sort,
                names: vec![name.into()],
            })
        };
        assert!(asks(Sort::Identity, "qcs::cam::uin/100000000001:root"));
        assert!(asks(Sort::Service, "cvm.qcloud.com"));
        assert!(!asks(Sort::Service, "qcs::cam::uin/100000000001:root"));
        assert!(!asks(Sort::Federated, "cvm.qcloud.com"));
        let anyone = Principal::new(&json!({ "qcs": ["*"] })).unwrap();
        assert!(anyone.names(&Asker {
            sort: Sort::Identity,
            names: vec!["x".into()]
        }));
    }

    #[test]
    fn what_is_no_principal_is_told() {
        for (value, named) in [
            (json!("*"), "no object"),
            (json!({ "AWS": "*" }), "AWS"),
            (json!({ "qcs": 1 }), "principal.qcs"),
        ] {
            assert!(
                Principal::new(&value).unwrap_err().contains(named),
                "{value}"
            );
        }
    }
}
