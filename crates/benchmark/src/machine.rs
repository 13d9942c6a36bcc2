//! The machine that timings are taken on.

/// The name that Linux gives the processor; `unknown` elsewhere.
pub fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut lines = information.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.trim() == "model name").map_or("unknown".to_owned(), |(_, name)| name.trim().to_owned())
}

/// The system's load over the last minute as Linux gives it; 0 elsewhere.
pub fn load() -> f64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(0.0)
}
