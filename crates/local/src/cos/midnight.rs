//! Midnights in Beijing, at which the service does what it does once a day. Times are Unix
//! milliseconds.

/// A day.
pub(super) const DAY: i64 = 24 * 60 * 60 * 1000;
/// By how much the clocks of Beijing are ahead.
const BEIJING: i64 = 8 * 60 * 60 * 1000;

/// What a clock in Beijing shows at the time `time`, as if it were a time in UTC.
pub(super) const fn local(time: i64) -> i64 {
    time.saturating_add(BEIJING)
}

/// The last midnight until `time`.
pub(super) const fn last(time: i64) -> i64 {
    time.saturating_sub(local(time).rem_euclid(DAY))
}

/// The first midnight from `time` on.
pub(super) const fn next(time: i64) -> i64 {
    let last = last(time);
    if last == time {
        time
    } else {
        last.saturating_add(DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, last, next};

    #[test]
    fn a_day_begins_at_midnight_in_beijing() {
        // 2023-11-16T00:00 in Beijing.
        let midnight = 1_700_064_000_000;
        for (time, before, after) in [
            (midnight, midnight, midnight),
            (midnight + 1, midnight, midnight + DAY),
            (midnight - 1, midnight - DAY, midnight),
        ] {
            assert_eq!((last(time), next(time)), (before, after), "{time}");
        }
    }
}
