//! What the system says about this process.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes of a page, and ticks of the process clock in a second, on every Linux that this runs on.
const PAGE: u64 = 4096;
const CLOCK: f64 = 100.0;

/// Resident memory in bytes; 0 where there is no /proc.
pub(crate) fn resident() -> u64 {
    let pages = fs::read_to_string("/proc/self/statm")
        .ok()
        .and_then(|line| line.split(' ').nth(1)?.parse::<u64>().ok());
    pages.unwrap_or(0) * PAGE
}

/// CPU seconds of all threads; 0 where there is no /proc.
pub(crate) fn cpu_seconds() -> f64 {
    let line = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The program's name stands in brackets and may have blanks in it.
    let fields = line.rsplit_once(')').map_or("", |(_, fields)| fields);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / CLOCK
}

/// Milliseconds since 1970.
pub(crate) fn unix_ms() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs_f64() * 1e3
}
