//! `tunebook emulate`: the experiments' programs as other processors, where every digested file must come out the same.
//!
//! A processor is emulated by qemu-user, which runs the same program with another processor's instructions, or limited
//! by environment variables that make glibc, MKL, oneDNN and ATen choose the code of a smaller one.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::builder::PossibleValue;
use notebook::{PROVENANCE, RECORDS};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::compare::Compared;
use crate::run::{at_once, binaries, build, check_names, experiments, run};
use crate::stamp::Stamp;
use How::{Emulated, Limited};

/// A processor that the experiments run as.
#[derive(Debug)]
struct Machine {
    /// As `--machine` takes it.
    name: &'static str,
    about: &'static str,
    how: How,
    /// Whether the reduced form runs on it.
    reduced: bool,
}

#[derive(Debug)]
enum How {
    /// Under qemu, which calls the processor so.
    Emulated(&'static str),
    /// On this processor, with these variables set.
    Limited(&'static [(&'static str, &'static str)]),
}

const MACHINES: [Machine; 11] = [
    Machine { name: "qemu64", about: "SSE3 and nothing later", how: Emulated("qemu64"), reduced: true },
    Machine { name: "Nehalem", about: "Intel, 2008: SSE4.2", how: Emulated("Nehalem"), reduced: true },
    Machine { name: "SandyBridge", about: "Intel, 2011: AVX", how: Emulated("SandyBridge"), reduced: false },
    Machine { name: "Opteron_G5", about: "AMD, 2012: AVX and FMA", how: Emulated("Opteron_G5"), reduced: false },
    Machine { name: "Haswell", about: "Intel, 2013: AVX2 and FMA", how: Emulated("Haswell"), reduced: true },
    Machine { name: "EPYC", about: "AMD, 2017: AVX2 and FMA", how: Emulated("EPYC"), reduced: true },
    Machine { name: "max", about: "all that qemu has: AVX2 and FMA", how: Emulated("max"), reduced: false },
    Machine { name: "max-without-FMA", about: "AVX2 without FMA", how: Emulated("max,fma=off"), reduced: true },
    Machine {
        name: "native-AVX2",
        about: "this processor, its libraries limited to AVX2",
        how: Limited(&[
            // Spelled like this since glibc 2.33.
            ("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX512CD"),
            ("ONEDNN_MAX_CPU_ISA", "AVX2"),
            ("MKL_ENABLE_INSTRUCTIONS", "AVX2"),
            ("ATEN_CPU_CAPABILITY", "avx2"),
        ]),
        reduced: true,
    },
    Machine {
        name: "native-SSE4",
        about: "this processor, its libraries limited to SSE4",
        how: Limited(&[
            (
                "GLIBC_TUNABLES",
                "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX512CD,-AVX2,-AVX,-FMA,-FMA4",
            ),
            ("ONEDNN_MAX_CPU_ISA", "SSE41"),
            ("MKL_ENABLE_INSTRUCTIONS", "SSE4_2"),
        ]),
        reduced: true,
    },
    Machine {
        name: "native-unpinned",
        about: "this processor, with other values of what the programs pin",
        how: Limited(&[
            ("ATEN_CPU_CAPABILITY", "avx512"),
            ("MKL_CBWR", "AUTO"),
            ("MKL_DYNAMIC", "TRUE"),
            ("MKL_NUM_THREADS", "3"),
            ("OMP_NUM_THREADS", "3"),
            ("RAYON_NUM_THREADS", "3"),
        ]),
        reduced: true,
    },
];

/// What runs on every machine.
#[derive(Debug)]
struct Task<'a> {
    experiment: &'a str,
    /// Overrides that make it short. It is then compared with a native run of the same overrides, not with the committed
    /// report.
    set: &'a [&'a str],
}

/// The reduced form: every kind of computation, each as long as it must be, the longest first.
const REDUCED: [Task; 6] = [
    // Every sampler; the Gaussian process and TPE suggest from their eleventh trial on.
    Task {
        experiment: "search-comparison",
        set: &["comparison.seeds=1", "comparison.functions=[branin]", "search.trials=12", "training.epochs=20"],
    },
    Task { experiment: "published-log", set: &[] },
    Task { experiment: "linear-activation", set: &["seed_scan.last=4"] },
    Task { experiment: "standardized-relu", set: &[] },
    Task { experiment: "raw-relu", set: &[] },
    Task { experiment: "seed-study", set: &["seed_scan.last=19", "training.epochs=20"] },
];

/// The program that emulates, and the Debian package that has it.
const QEMU: [&str; 2] = ["qemu-x86_64", "qemu-user"];

/// Which experiments run as which machines.
#[derive(Debug)]
pub struct Emulate<'a> {
    /// The committed reports.
    pub reports: &'a Path,
    /// Names of experiments; all if empty.
    pub only: &'a [String],
    /// Names of machines; all that the form has if empty.
    pub machines: &'a [String],
    /// Whether few experiments run, short ones, on fewer machines.
    pub reduced: bool,
    /// Whether what was seen before on this machine is run again too.
    pub force: bool,
    /// Where the experiments' programs are; built if left out.
    pub binaries: Option<&'a Path>,
    /// Whether nothing is printed while the runs go on.
    pub silent: bool,
}

/// The machines as a command line offers them.
pub fn machines() -> impl Iterator<Item = PossibleValue> {
    MACHINES.iter().map(|machine| PossibleValue::new(machine.name).help(machine.about))
}

/// Runs the experiments as every machine and compares what they leave, but for what has times, with the committed
/// reports; those with overrides with a native run of the same overrides. Prints a line a run as it ends, after every
/// difference; good if all is equal. A run without overrides that had no difference on this machine, with the same
/// programs, data and reports, is not run again: what takes hours may be ended and go on.
///
/// # Errors
/// If the emulator is missing or does not know a machine, an experiment fails, or a file cannot be read.
pub fn emulate(root: &Path, emulate: &Emulate) -> anyhow::Result<Answer> {
    let machines = MACHINES.iter().filter(|machine| match emulate.machines {
        [] => machine.reduced || !emulate.reduced,
        chosen => chosen.iter().any(|name| name == machine.name),
    });
    let machines: Vec<&Machine> = machines.collect();
    check_host(&machines)?;
    let known = experiments(root)?;
    let all: Vec<Task> = known.iter().map(|experiment| Task { experiment, set: &[] }).collect();
    let tasks = if emulate.reduced { &REDUCED[..] } else { &all };
    check_names(emulate.only, &tasks.iter().map(|task| task.experiment).collect::<Vec<_>>())?;
    let is_chosen = |task: &&Task| emulate.only.is_empty() || emulate.only.iter().any(|name| name == task.experiment);
    let tasks: Vec<&Task> = tasks.iter().filter(is_chosen).collect();

    let binaries = if let Some(folder) = emulate.binaries {
        folder.to_owned()
    } else {
        build(root, &known)?.into_iter().collect::<anyhow::Result<()>>().context("the experiments do not build")?;
        binaries()?
    };
    let native = tempfile::tempdir().context("cannot make a temporary folder")?;
    let changed = tasks.iter().filter(|task| !task.set.is_empty()).collect();
    let each = at_once(changed, |task| {
        run(Command::new(binaries.join(task.experiment)), &native.path().join(task.experiment), task.set)
            .map(drop)
            .with_context(|| format!("experiment {} failed natively", task.experiment))
    });
    each.into_iter().collect::<anyhow::Result<()>>()?;

    let jobs: Vec<(&Machine, &Task)> =
        machines.iter().flat_map(|machine| tasks.iter().map(move |task| (*machine, *task))).collect();
    let runs = jobs.len();
    let differing = AtomicUsize::new(0);
    let each = at_once(jobs, |(machine, task)| {
        let start = Instant::now();
        let name = [&[task.experiment], task.set].concat().join(" ");
        let answer = |identical: Option<usize>, differences: &[String]| {
            json!({
                "machine": machine.name, "experiment": task.experiment, "set": task.set, "identical": identical,
                "differences": differences,
            })
        };
        let report = &emulate.reports.join(task.experiment);
        let stamp = Stamp { root, name: task.experiment, report, machine: Some(machine.name) };
        let is_stamped = task.set.is_empty() && emulate.binaries.is_none();
        if is_stamped && !emulate.force && stamp.is_fresh()? {
            if !emulate.silent {
                notebook::show(&format!("{} {name}: was identical\n", machine.name))?;
            }
            return Ok(answer(None, &[]));
        }
        let place = tempfile::tempdir().context("cannot make a temporary folder")?;
        run(machine.command(&binaries.join(task.experiment)), &place.path().join(task.experiment), task.set)
            .with_context(|| format!("experiment {} failed as {}", task.experiment, machine.name))?;
        let expected = if task.set.is_empty() { emulate.reports } else { native.path() };
        let mut compared = Compared::without(&[PROVENANCE, RECORDS]);
        compared.add(expected, place.path(), Path::new(task.experiment))?;
        let mut lines: Vec<String> =
            compared.differences.iter().map(|difference| format!("{}: {difference}", machine.name)).collect();
        let remark = if compared.differences.is_empty() {
            String::new()
        } else {
            differing.fetch_add(1, Ordering::Relaxed);
            format!(", {} differences", compared.differences.len())
        };
        let took = start.elapsed();
        let seconds = took.as_secs_f64();
        lines.push(format!("{} {name}: {} files identical{remark} ({seconds:.1} s)", machine.name, compared.identical));
        if !emulate.silent {
            notebook::show(&(lines.join("\n") + "\n"))?;
        }
        if is_stamped && compared.differences.is_empty() {
            stamp.write(took)?;
        }
        let differences: Vec<String> = compared.differences.iter().map(ToString::to_string).collect();
        Ok(answer(Some(compared.identical), &differences))
    });
    let each = each.into_iter().collect::<anyhow::Result<Vec<Value>>>()?;
    let differing = differing.into_inner();
    let text = format!("{runs} runs, {differing} with differences\n");
    Ok(Answer { text, json: Value::Array(each), good: differing == 0 })
}

impl Machine {
    /// A command that runs the program as this machine.
    fn command(&self, program: &Path) -> Command {
        match self.how {
            Emulated(model) => {
                let mut command = Command::new(QEMU[0]);
                command.arg("-cpu").arg(model).arg(program);
                command
            }
            Limited(variables) => {
                let mut command = Command::new(program);
                command.envs(variables.iter().copied());
                command
            }
        }
    }
}

/// Refuses what cannot be run here.
fn check_host(machines: &[&Machine]) -> anyhow::Result<()> {
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    if (system, processor) != ("linux", "x86_64") {
        bail!(
            "emulate runs the programs of this machine as other x86-64 processors, on Linux; this is {system} on {processor}"
        );
    }
    let [program, package] = QEMU;
    if machines.iter().any(|machine| matches!(machine.how, Emulated(_))) {
        let found = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            bail!("emulate needs {program}, of the Debian package {package}: apt-get install {package}");
        }
    }
    Ok(())
}
