//! `tunebook bench-diff --instructions`: how many instructions the hot loops take, counted by valgrind, beside what is recorded.
//!
//! Counts do not follow the machine's load, so a small loss shows. Valgrind has no AVX-512: the loops run by AVX2.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::bench_diff::build;

/// Where the counts are recorded.
const RECORD: &str = "crates/benchmark/instructions.csv";
/// The part by which a count may differ from its record, and the instructions by which it always may: the system's allocator
/// takes a few more or less.
const TOLERANCE: (f64, u64) = (0.02, 1000);
/// The program that counts, and the Debian package that has it.
const VALGRIND: &str = "valgrind";

/// Benchmarks and the function of theirs whose instructions count.
#[derive(Debug)]
struct Counted {
    /// Package and name of the bench.
    bench: &'static str,
    /// Only benchmarks whose name contains this.
    filter: &'static str,
    /// As valgrind names it; each benchmark calls it once.
    function: &'static str,
}

const COUNTED: [Counted; 3] = [
    Counted { bench: "benchmark/shapes", filter: "", function: "keras::exact::trainer::Trainer::train_from" },
    Counted {
        bench: "search/suggest",
        filter: "Tpe",
        function: "<search::tpe::Tpe as search::sampler::Sampler>::suggest",
    },
    Counted {
        bench: "search/suggest",
        filter: "Gp",
        function: "<search::gp::Gp as search::sampler::Sampler>::suggest",
    },
];

/// Counts the instructions of the hot loops and compares them with the recorded counts, or replaces these; good if none is
/// farther than 2 % from its record. Fewer are as bad as more: a later loss would not show.
///
/// # Errors
/// If valgrind or AVX2 is missing, a benchmark does not build, fails, does not call its function once or calls one of an instruction, or
/// the record cannot be read or written.
pub fn instructions(root: &Path, record: bool) -> anyhow::Result<Answer> {
    let found = Command::new(VALGRIND).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        bail!(
            "bench-diff --instructions needs {VALGRIND}, of the Debian package of that name: apt-get install {VALGRIND}"
        );
    }
    if !has_avx2() {
        bail!("the counts are those of AVX2's code, and this processor has no AVX2");
    }
    let mut benches: Vec<&str> = COUNTED.iter().filter_map(|counted| counted.bench.split('/').nth(1)).collect();
    benches.dedup();
    let programs = build(root, root, &benches)?;
    let mut counts = BTreeMap::new();
    for counted in &COUNTED {
        let program = programs.get(counted.bench).with_context(|| format!("there is no bench {}", counted.bench))?;
        counts.extend(count(&program.executable, counted)?);
    }
    let path = root.join(RECORD);
    if record {
        let mut frame = polars::df!(
            "benchmark" => counts.keys().cloned().collect::<Vec<_>>(),
            "instructions" => counts.values().copied().collect::<Vec<_>>(),
        )?;
        notebook::write_csv(&path, &mut frame)?;
        let text = format!("{} counts are in {RECORD}\n", counts.len());
        return Ok(Answer { text, json: json!(counts), good: true });
    }
    let frame = notebook::read_csv(&path)?;
    let names = frame.column("benchmark")?.str()?.iter().map(|name| name.unwrap_or_default().to_owned());
    let recorded = names.zip(notebook::column(&frame, "instructions")?.into_iter().map(|count| count as u64));
    compare(&recorded.collect(), &counts)
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

/// A line a benchmark; good if every count is near its record, and nothing is counted or recorded alone.
fn compare(recorded: &BTreeMap<String, u64>, counts: &BTreeMap<String, u64>) -> anyhow::Result<Answer> {
    let mut text = format!("{:>14} {:>14} {:>7}  benchmark\n", "recorded", "here", "ratio");
    let (mut far, mut rows) = (0, Vec::new());
    let mut names: Vec<&String> = recorded.keys().chain(counts.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let pair = [recorded, counts].map(|counts| counts.get(name).copied());
        let (ratio, is_near) = match pair {
            [Some(before), Some(now)] => {
                let difference = now.abs_diff(before);
                let is_near = difference as f64 <= TOLERANCE.0 * before as f64 || difference <= TOLERANCE.1;
                (now as f64 / before as f64, is_near)
            }
            _ => (f64::NAN, false),
        };
        far += u32::from(!is_near);
        let [before, now] = pair.map(|count| count.map_or("none".to_owned(), |count| count.to_string()));
        let mark = if is_near { "" } else { "  differs" };
        writeln!(text, "{before:>14} {now:>14} {ratio:>7.4}  {name}{mark}")?;
        rows.push(json!({"benchmark": name, "recorded": pair[0], "here": pair[1], "differs": !is_near}));
    }
    if far > 0 {
        let most = TOLERANCE.0 * 100.0;
        writeln!(
            text,
            "{far} counts differ by more than {most:.0} % or stand alone; --record replaces the recorded ones if that is meant"
        )?;
    }
    Ok(Answer { text, json: Value::Array(rows), good: far == 0 })
}

/// Runs every benchmark of a program once and counts the instructions of its function, by the benchmark's name.
fn count(program: &Path, counted: &Counted) -> anyhow::Result<BTreeMap<String, u64>> {
    let Counted { bench, filter, function } = counted;
    let place = tempfile::tempdir().context("cannot make a temporary folder")?;
    let counts = place.path().join("counts");
    let output = Command::new(VALGRIND)
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", counts.display()))
        // Counts between its start and its end alone, and writes a file at every end.
        .args([format!("--toggle-collect={function}"), format!("--dump-after={function}")])
        .arg(program)
        .args(["--test", filter])
        .output()
        .context("cannot start valgrind")?;
    if !output.status.success() {
        bail!("{bench} under valgrind ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    let said = String::from_utf8(output.stdout).context("criterion's output is text")?;
    let names: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("Testing ")).collect();
    let mut of = BTreeMap::new();
    for (number, name) in (1..).zip(&names) {
        let file = place.path().join(format!("counts.{number}"));
        let text = fs::read_to_string(&file).with_context(|| format!("{name} of {bench} does not call {function}"))?;
        if let Some(instruction) = called_instruction(&text) {
            bail!("{name} of {bench} calls {instruction}: its code is compiled without the processor's instructions");
        }
        let summary = text.lines().find_map(|line| line.strip_prefix("summary: ")).context("no summary of valgrind")?;
        of.insert((*name).to_owned(), summary.trim().parse().context("a count of valgrind")?);
    }
    if of.is_empty() || place.path().join(format!("counts.{}", names.len() + 1)).exists() {
        bail!("a benchmark of {bench} does not call {function} once");
    }
    Ok(of)
}

/// The function of an instruction that a profile has as a call. Code that is compiled for the instruction has it in its place.
fn called_instruction(profile: &str) -> Option<&str> {
    profile.lines().find_map(|line| line.find("core::core_arch::").map(|at| &line[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_that_is_called_is_found() {
        let profile = "fn=(1) keras::exact::step::compiled::avx2::epoch\n12 3\ncfn=(2) core::core_arch::x86::avx::_mm256_mul_ps\n";
        assert_eq!(called_instruction(profile), Some("core::core_arch::x86::avx::_mm256_mul_ps"));
        assert_eq!(called_instruction(profile.split_once("cfn").unwrap().0), None);
    }

    #[test]
    fn more_and_fewer_instructions_and_counts_that_stand_alone_are_found() {
        let counts = |of: &[(&str, u64)]| of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        let recorded = counts(&[("a", 100_000), ("b", 100_000), ("c", 100_000), ("few", 100), ("gone", 100_000)]);
        let here = counts(&[("a", 102_000), ("b", 102_001), ("c", 97_999), ("few", 900), ("new", 100_000)]);
        let answer = compare(&recorded, &here).unwrap();
        assert!(!answer.good);
        let differ: Vec<&str> = answer.text.lines().filter_map(|line| line.strip_suffix("  differs")).collect();
        let names: Vec<&str> = differ.iter().filter_map(|line| line.split_whitespace().last()).collect();
        assert_eq!(names, ["b", "c", "gone", "new"]);
        assert!(compare(&recorded, &recorded).unwrap().good);
    }
}
