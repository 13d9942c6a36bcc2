//! `provenance.json`: where and from what a report was made. It differs from machine to machine, so no digest
//! covers it and it is not committed.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use serde_json::json;

use crate::digest;

/// The file's name.
pub const PROVENANCE: &str = "provenance.json";

/// The variables that decide libtorch's code path, as this process ended up with them.
const ENVIRONMENT: [&str; 5] = ["ATEN_CPU_CAPABILITY", "MKL_CBWR", "MKL_DYNAMIC", "MKL_NUM_THREADS", "OMP_NUM_THREADS"];

pub(crate) fn provenance(root: &Path, experiment: &str, resolved: &str) -> anyhow::Result<String> {
    let changes = git(root, &["status", "--porcelain"]);
    let environment = ENVIRONMENT.map(|name| (name, std::env::var(name).ok()));
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let provenance = json!({
        "experiment": experiment,
        "version": env!("CARGO_PKG_VERSION"),
        "source_revision": git(root, &["rev-parse", "HEAD"]),
        "source_is_dirty": changes.map(|changes| !changes.is_empty()),
        "manifest_sha256": digest::sha256_of(resolved),
        "libtorch": std::fs::read_to_string(root.join(".libtorch/build-version")).ok().map(|text| text.trim().to_owned()),
        "cpu": processor(),
        "target": format!("{} {}", std::env::consts::ARCH, std::env::consts::OS),
        "profile": if cfg!(debug_assertions) { "debug" } else { "release" },
        "environment": environment.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        "unix_time": seconds,
    });
    Ok(serde_json::to_string_pretty(&provenance)? + "\n")
}

fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The processor's name where Linux tells it.
pub fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let (_, name) = text.lines().find(|line| line.starts_with("model name"))?.split_once(':')?;
    Some(name.trim().to_owned())
}
