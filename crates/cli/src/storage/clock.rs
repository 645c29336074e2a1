//! Times for people.

use std::time::Duration;

/// A time in two units at most: `1 h 5 min`.
pub(super) fn words(time: Duration) -> String {
    match time.as_secs() {
        ..10 => format!("{:.1} s", time.as_secs_f64()),
        seconds @ ..60 => format!("{seconds} s"),
        seconds @ ..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    #[test]
    fn times_are_in_two_units() {
        let words = |seconds| super::words(Duration::from_secs(seconds));
        assert_eq!(words(0), "0.0 s");
        assert_eq!(words(10), "10 s");
        assert_eq!(words(61), "1 min 1 s");
        assert_eq!(words(3_900), "1 h 5 min");
    }
}
