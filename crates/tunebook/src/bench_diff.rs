//! `tunebook bench-diff`: the benchmarks of this tree and of another revision, in turns, and which became slower.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::instructions::instructions;

/// What is compared with what.
#[derive(Debug, Args)]
pub struct BenchDiff {
    /// Only benchmarks whose name contains this
    #[arg(default_value = "")]
    filter: String,
    /// The revision to compare with
    #[arg(long, value_name = "REV", default_value = "HEAD^")]
    base: String,
    /// Build and run only the bench of this name; repeatable
    #[arg(long = "bench", value_name = "NAME")]
    benches: Vec<String>,
    /// How often both run, in turns
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// The part of its speed that a benchmark may lose
    #[arg(long, value_name = "PART", default_value_t = 0.1)]
    tolerance: f64,
    /// Count the instructions of the hot loops with valgrind instead, and compare them with what is recorded
    #[arg(long, conflicts_with_all = ["filter", "base", "benches", "rounds", "tolerance"])]
    instructions: bool,
    /// Replace what is recorded
    #[arg(long, requires = "instructions")]
    record: bool,
}

/// The two trees, as criterion's baselines are called.
const TREES: [&str; 2] = ["base", "here"];

/// Builds the benchmarks of both trees, runs them in turns and says how the least of each one's medians changed; good if none
/// lost more of its speed than it may. Or [counts instructions](instructions()) instead.
///
/// # Errors
/// If the revision does not exist, a tree does not build, a benchmark fails or none is in both trees.
pub fn bench_diff(root: &Path, diff: &BenchDiff) -> anyhow::Result<Answer> {
    if diff.instructions {
        return instructions(root, diff.record);
    }
    if !(0.0..1.0).contains(&diff.tolerance) {
        bail!("--tolerance is a part from 0 to 1, got {}", diff.tolerance);
    }
    // Inside this tree, so that cargo finds its configuration and links the same libtorch.
    let work = root.join("target/bench-diff");
    let results = work.join("criterion");
    let _ = fs::remove_dir_all(&results);
    let base = Worktree::add(root, &work.join("base"), &diff.base)?;
    let benches: Vec<&str> =
        if diff.benches.is_empty() { vec!["*"] } else { diff.benches.iter().map(String::as_str).collect() };
    let [old, new] = [build(root, &base.path, &benches)?, build(root, root, &benches)?];
    let shared: Vec<&String> = new.keys().filter(|name| old.contains_key(*name)).collect();
    if shared.is_empty() {
        bail!("no benchmark is in both trees");
    }
    if let Some(name) = shared.iter().find(|name| old[**name].executable == new[**name].executable) {
        bail!("both trees have one program for {name}, which cannot be compared with itself");
    }
    for round in 0..diff.rounds {
        for (number, name) in shared.iter().enumerate() {
            eprintln!("round {}/{}, {}/{}: {name}", round + 1, diff.rounds, number + 1, shared.len());
            for (tree, programs) in TREES.iter().zip([&old, &new]) {
                run(&programs[*name], &results, &format!("{tree}-{round}"), &diff.filter)?;
            }
        }
    }
    fs::create_dir_all(&results).with_context(|| format!("cannot make {}", results.display()))?;
    report(&medians(&results)?, diff)
}

/// A line a benchmark; good if none became too slow.
fn report(medians: &BTreeMap<String, BTreeMap<String, f64>>, diff: &BenchDiff) -> anyhow::Result<Answer> {
    let mut text = format!("{:>12} {:>12} {:>8}  benchmark\n", "base", "here", "speed");
    let (mut slower, mut rows) = (0, Vec::new());
    for (name, of) in medians {
        let pair = |round: u32| Some([of.get(&format!("base-{round}"))?, of.get(&format!("here-{round}"))?]);
        let pairs: Vec<[&f64; 2]> = (0..diff.rounds).filter_map(pair).collect();
        if pairs.is_empty() {
            continue;
        }
        // What disturbs a machine only adds time.
        let [base, here] = [0, 1].map(|tree| pairs.iter().map(|pair| *pair[tree]).fold(f64::INFINITY, f64::min));
        let speed = base / here;
        let fell = speed < 1.0 - diff.tolerance;
        slower += u32::from(fell);
        rows.push(json!({"benchmark": name, "base_ns": base, "here_ns": here, "speed": speed, "slower": fell}));
        let mark = if fell { "  slower" } else { "" };
        writeln!(text, "{:>9.3} µs {:>9.3} µs {speed:>7.2}×  {name}{mark}", base / 1e3, here / 1e3)?;
    }
    if rows.is_empty() {
        bail!("no benchmark of both trees has {:?} in its name", diff.filter);
    }
    if slower > 0 {
        writeln!(text, "{slower} benchmarks lost more than {:.0} % of their speed", diff.tolerance * 100.0)?;
    }
    Ok(Answer { text, json: Value::Array(rows), good: slower == 0 })
}

/// Another revision's tree; removed when dropped.
struct Worktree<'a> {
    root: &'a Path,
    path: PathBuf,
}

impl<'a> Worktree<'a> {
    fn add(root: &'a Path, path: &Path, revision: &str) -> anyhow::Result<Self> {
        let tree = Self { root, path: path.to_owned() };
        tree.remove();
        let mut git = Command::new("git");
        git.args(["worktree", "add", "--force", "--detach"]).arg(path).arg(revision).current_dir(root);
        let output = git.output().context("cannot start git")?;
        if !output.status.success() {
            bail!("git: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(tree)
    }

    fn remove(&self) {
        let _ = Command::new("git")
            .args(["worktree", "remove", "--force"])
            .arg(&self.path)
            .current_dir(self.root)
            .stderr(Stdio::null())
            .status();
    }
}

impl Drop for Worktree<'_> {
    fn drop(&mut self) {
        self.remove();
    }
}

/// A benchmark program and the folder that it runs in.
pub struct Program {
    pub executable: PathBuf,
    folder: PathBuf,
}

/// Builds a tree's benches of these names; returns the programs by package and name. Trees share what they depend on.
pub fn build(root: &Path, tree: &Path, benches: &[&str]) -> anyhow::Result<BTreeMap<String, Program>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut settings = Vec::new();
    if tree != root {
        // Cargo names what it builds by a package's place in its workspace: without a setting of its own, the programs of the
        // other tree would stand in the place of this one's, and be compared with themselves. This one moves no instruction.
        for package in packages(tree)? {
            settings.extend(["--config".to_owned(), format!("profile.release.package.{package}.strip=\"symbols\"")]);
        }
    }
    let output = Command::new(cargo)
        .args(["bench", "--workspace", "--no-run", "--quiet", "--message-format=json"])
        .args(benches.iter().flat_map(|name| ["--bench", name]))
        .args(settings)
        .env("CARGO_TARGET_DIR", root.join("target"))
        .current_dir(tree)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!("the benchmarks of {} do not build", tree.display());
    }
    let messages = String::from_utf8(output.stdout).context("cargo's messages are text")?;
    let mut programs = BTreeMap::new();
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let target = &message["target"];
        let bench = target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "bench"));
        let (Some(executable), true) = (message["executable"].as_str(), bench) else { continue };
        let manifest = Path::new(message["manifest_path"].as_str().unwrap_or_default());
        let folder = manifest.parent().unwrap_or(tree);
        let package = folder.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{package}/{}", target["name"].as_str().unwrap_or_default());
        programs.insert(name, Program { executable: executable.into(), folder: folder.to_owned() });
    }
    Ok(programs)
}

/// The names of a tree's packages, which are those of their folders.
fn packages(tree: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in ["crates", "experiments"].map(|name| tree.join(name)) {
        for entry in fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            if entry.path().join("Cargo.toml").is_file() {
                names.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    }
    Ok(names)
}

fn run(program: &Program, results: &Path, baseline: &str, filter: &str) -> anyhow::Result<()> {
    let status = Command::new(&program.executable)
        .args(["--bench", "--noplot", "--warm-up-time", "0.3", "--measurement-time", "1", "--save-baseline", baseline])
        .arg(filter)
        .env("CRITERION_HOME", results)
        .current_dir(&program.folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| format!("cannot start {}", program.executable.display()))?;
    if !status.success() {
        bail!("{} ended with {status}", program.executable.display());
    }
    Ok(())
}

/// Every median of criterion's results by benchmark and baseline, in nanoseconds; a file BENCHMARK/BASELINE/estimates.json
/// has one.
fn medians(results: &Path) -> anyhow::Result<BTreeMap<String, BTreeMap<String, f64>>> {
    let mut medians: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for path in notebook::files(results)?.iter().filter(|path| path.ends_with("estimates.json")) {
        let estimates: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        let place = path.strip_prefix(results)?.parent().and_then(|place| Some((place.parent()?, place.file_name()?)));
        if let (Some(median), Some((name, baseline))) = (estimates["median"]["point_estimate"].as_f64(), place) {
            let baseline = baseline.to_string_lossy().into_owned();
            medians.entry(name.display().to_string()).or_default().insert(baseline, median);
        }
    }
    Ok(medians)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One disturbed round is no loss, a loss in every round is, and no benchmark at all is an error.
    #[test]
    fn the_least_of_the_rounds_counts() {
        let (filter, base, benches) = (String::new(), "HEAD^".to_owned(), Vec::new());
        let diff = BenchDiff { filter, base, benches, rounds: 2, tolerance: 0.1, instructions: false, record: false };
        let of = |base: [f64; 2], here: [f64; 2]| {
            let rounds = [("base-0", base[0]), ("base-1", base[1]), ("here-0", here[0]), ("here-1", here[1])];
            let medians = rounds.map(|(name, median)| (name.to_owned(), median));
            BTreeMap::from([("step".to_owned(), BTreeMap::from(medians))])
        };
        assert!(report(&of([100.0, 100.0], [105.0, 300.0]), &diff).unwrap().good);
        let slower = report(&of([100.0, 300.0], [115.0, 120.0]), &diff).unwrap();
        assert!(!slower.good && slower.text.ends_with("1 benchmarks lost more than 10 % of their speed\n"));
        assert!(report(&BTreeMap::new(), &diff).is_err());
    }
}
