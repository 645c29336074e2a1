//! What was measured, in a line a case.

use std::time::Duration;

use crate::case::Case;
use crate::usage::Usage;

const MIB: u64 = 1 << 20;

/// Prints the medians of `runs`.
pub(crate) fn show(case: Case, runs: &[(Usage, Option<Usage>)]) {
    let ours = runs.iter().map(|(ours, _)| *ours).collect();
    print!("{:<18} tcloud {}", case.name(), shown(case, ours));
    let pairs: Option<Vec<_>> = runs
        .iter()
        .map(|(ours, raw)| Some((*ours, (*raw)?)))
        .collect();
    if let Some(pairs) = pairs {
        let raw = pairs.iter().map(|(_, raw)| *raw).collect();
        let seconds = |usage: &Usage| usage.processor.as_secs_f64();
        let ratios = pairs.iter().map(|(ours, raw)| seconds(ours) / seconds(raw));
        let mut ratios: Vec<f64> = ratios.collect();
        ratios.sort_by(f64::total_cmp);
        let [first, .., last] = ratios.as_slice() else {
            println!(" (one pair says nothing)");
            return;
        };
        print!(
            ", reqwest {}: ratio {:.2} ({first:.2} to {last:.2})",
            shown(case, raw),
            median(&ratios),
        );
    }
    println!();
}

/// Time of the processor for one, and memory.
fn shown(case: Case, usages: Vec<Usage>) -> String {
    let (mut times, mut memory): (Vec<Duration>, Vec<u64>) = usages
        .into_iter()
        .map(|usage| (usage.processor / case.times(), usage.memory))
        .unzip();
    times.sort_unstable();
    memory.sort_unstable();
    format!("{:.1?}, {} MiB", median(&times), median(&memory) / MIB)
}

/// The one in the middle.
pub(crate) fn median<T: Copy>(sorted: &[T]) -> T {
    *sorted.get(sorted.len() / 2).expect("there are runs")
}
