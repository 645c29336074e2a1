//! Times as the service writes them.

use tcloud_core::time::{Timestamp, format_ci};

/// A time of the store as the service writes it.
pub(super) fn time(millis: Option<i64>) -> Timestamp {
    let text = match millis {
        Some(millis) => format_ci(millis.div_euclid(1000)),
        None => "-".to_owned(),
    };
    Timestamp::from_text(text)
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_chinese_and_an_unset_one_is_a_dash() {
        assert_eq!(
            time(Some(1_656_314_590_999)).as_str(),
            "2022-06-27T15:23:10+0800"
        );
        assert_eq!(time(None).as_str(), "-");
    }
}
