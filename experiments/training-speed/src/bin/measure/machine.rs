//! The machine that timings are taken on.

use anyhow::Context as _;
use keras::Peak;

use training_speed::record::Machine;

/// This machine, its peak measured now.
///
/// # Errors
/// If the system does not tell how many cores there are.
pub fn here() -> anyhow::Result<Machine> {
    let load = [load(); 2];
    let Peak { instructions, flops_per_second } = keras::peak();
    let cores = std::thread::available_parallelism().context("cannot count the cores")?.get();
    Ok(Machine { processor: processor(), cores, instructions: instructions.to_owned(), flops_per_second, load })
}

/// The name that Linux gives the processor; `unknown` elsewhere.
fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut lines = information.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.trim() == "model name").map_or("unknown".to_owned(), |(_, name)| name.trim().to_owned())
}

/// The system's load over the last minute as Linux gives it; 0 elsewhere.
pub fn load() -> f64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}
