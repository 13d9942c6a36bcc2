//! `tunebook emulate`: the experiments' programs as other processors, where every digested file must come out the same.
//!
//! A processor is emulated by qemu-user, which runs the same program with another processor's instructions, or limited
//! by environment variables that make glibc, MKL, oneDNN and ATen choose the code of a smaller one.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
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
}

#[derive(Debug)]
enum How {
    /// Under qemu, which calls the processor so.
    Emulated(&'static str),
    /// On this processor, with these variables set.
    Limited(&'static [(&'static str, &'static str)]),
}

const MACHINES: [Machine; 11] = [
    Machine { name: "qemu64", about: "SSE3 and nothing later", how: Emulated("qemu64") },
    Machine { name: "Nehalem", about: "Intel, 2008: SSE4.2", how: Emulated("Nehalem") },
    Machine { name: "SandyBridge", about: "Intel, 2011: AVX", how: Emulated("SandyBridge") },
    Machine { name: "Opteron_G5", about: "AMD, 2012: AVX and FMA", how: Emulated("Opteron_G5") },
    Machine { name: "Haswell", about: "Intel, 2013: AVX2 and FMA", how: Emulated("Haswell") },
    Machine { name: "EPYC", about: "AMD, 2017: AVX2 and FMA", how: Emulated("EPYC") },
    Machine { name: "max", about: "all that qemu has: AVX2 and FMA", how: Emulated("max") },
    Machine { name: "max-without-FMA", about: "AVX2 without FMA", how: Emulated("max,fma=off") },
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
    },
];

/// What an experiment's folder may hold: the overrides with which an emulated processor runs it, a list.
pub const SHORT: &str = "short.yaml";

/// The program that emulates, and the Debian package that has it.
const QEMU: [&str; 2] = ["qemu-x86_64", "qemu-user"];

/// Which experiments run as which machines.
#[derive(Debug, Args)]
pub struct Emulate {
    /// Only these experiments [default: all]
    experiments: Vec<String>,
    /// Only this machine; repeatable [default: all]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(MACHINES.iter().map(Machine::offered)))]
    machine: Vec<String>,
    /// Run again what was identical before
    #[arg(long)]
    force: bool,
    /// Run the committed manifests on emulated processors too, which takes hours
    #[arg(long)]
    whole: bool,
    /// The committed reports [default: reports in the workspace]
    #[arg(long, value_name = "DIR")]
    reports: Option<PathBuf>,
    /// Where the experiments' programs are [default: they are built]
    #[arg(long, value_name = "DIR")]
    binaries: Option<PathBuf>,
}

/// Runs the experiments as every machine and compares what they leave, but for what has times, with the committed
/// reports. Where an experiment is long, an emulated processor runs it with the overrides of its `short.yaml`, and this one
/// too, to compare with. Prints a line a run as it ends, after every difference, unless `silent`; good if all is equal. A run
/// without overrides that had no difference on this machine, with the same programs, data and reports, is not run again: what
/// takes hours may be ended and go on.
///
/// # Errors
/// If the emulator is missing or does not know a machine, an experiment fails, or a file cannot be read.
pub fn emulate(root: &Path, emulate: &Emulate, silent: bool) -> anyhow::Result<Answer> {
    let is_chosen = |name: &str, chosen: &[String]| chosen.is_empty() || chosen.iter().any(|one| one == name);
    let machines: Vec<&Machine> = MACHINES.iter().filter(|machine| is_chosen(machine.name, &emulate.machine)).collect();
    check_host(&machines)?;
    let known = experiments(root)?;
    check_names(&emulate.experiments, &known)?;
    let reports = emulate.reports.clone().unwrap_or_else(|| root.join("reports"));
    let chosen: Vec<&String> = known.iter().filter(|name| is_chosen(name, &emulate.experiments)).collect();
    let mut short = BTreeMap::new();
    for name in chosen.iter().filter(|_| !emulate.whole) {
        short.insert(name.as_str(), overrides(&root.join("experiments").join(name))?);
    }
    let set = |machine: &Machine, experiment: &str| match machine.how {
        Emulated(_) => short.get(experiment).map_or(&[][..], Vec::as_slice),
        Limited(_) => &[],
    };
    let jobs: Vec<(&Machine, &str, &[String])> = machines
        .iter()
        .flat_map(|machine| chosen.iter().map(|name| (*machine, name.as_str(), set(machine, name))))
        .collect();

    let binaries = if let Some(folder) = &emulate.binaries {
        folder.clone()
    } else {
        build(root, &known)?.into_iter().collect::<anyhow::Result<()>>().context("the experiments do not build")?;
        binaries()?
    };
    let native = tempfile::tempdir().context("cannot make a temporary folder")?;
    let changed: BTreeMap<&str, &[String]> =
        jobs.iter().filter(|(_, _, set)| !set.is_empty()).map(|(_, experiment, set)| (*experiment, *set)).collect();
    let each = at_once(changed.into_iter().collect(), |(experiment, set)| {
        run(Command::new(binaries.join(experiment)), &native.path().join(experiment), set)
            .map(drop)
            .with_context(|| format!("experiment {experiment} failed natively"))
    });
    each.into_iter().collect::<anyhow::Result<()>>()?;

    let runs = jobs.len();
    let say = |text: String| if silent { Ok(()) } else { notebook::show(&text) };
    let each = at_once(jobs, |(machine, experiment, set)| {
        let start = Instant::now();
        let name = [&[experiment.to_owned()], set].concat().join(" ");
        let answer = |identical: Option<usize>, differences: &[String]| {
            json!({
                "machine": machine.name, "experiment": experiment, "set": set, "identical": identical,
                "differences": differences,
            })
        };
        let stamp = Stamp { root, name: experiment, report: reports.join(experiment), machine: Some(machine.name) };
        let is_stamped = set.is_empty() && emulate.binaries.is_none();
        if is_stamped && !emulate.force && stamp.is_fresh()? {
            say(format!("{} {name}: was identical\n", machine.name))?;
            return Ok(answer(None, &[]));
        }
        let place = tempfile::tempdir().context("cannot make a temporary folder")?;
        run(machine.command(&binaries.join(experiment)), &place.path().join(experiment), set)
            .with_context(|| format!("experiment {experiment} failed as {}", machine.name))?;
        let expected = if set.is_empty() { &reports } else { native.path() };
        let mut compared = Compared::without(&[PROVENANCE, RECORDS]);
        compared.add(expected, place.path(), Path::new(experiment))?;
        let mut lines: Vec<String> =
            compared.differences.iter().map(|difference| format!("{}: {difference}", machine.name)).collect();
        let remark = match compared.differences.len() {
            0 => String::new(),
            count => format!(", {count} differences"),
        };
        let took = start.elapsed();
        let seconds = took.as_secs_f64();
        lines.push(format!("{} {name}: {} files identical{remark} ({seconds:.1} s)", machine.name, compared.identical));
        say(lines.join("\n") + "\n")?;
        if is_stamped && compared.differences.is_empty() {
            stamp.write(took)?;
        }
        Ok(answer(Some(compared.identical), &compared.differences))
    });
    let each = each.into_iter().collect::<anyhow::Result<Vec<Value>>>()?;
    let differing = each.iter().filter(|run| run["differences"] != json!([])).count();
    let text = format!("{runs} runs, {differing} with differences\n");
    Ok(Answer { text, json: Value::Array(each), good: differing == 0 })
}

impl Machine {
    /// The machine as the command line offers it.
    fn offered(&self) -> PossibleValue {
        PossibleValue::new(self.name).help(self.about)
    }

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

/// The overrides that make an experiment short; none if it has no such file.
fn overrides(experiment: &Path) -> anyhow::Result<Vec<String>> {
    let path = experiment.join(SHORT);
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        text => {
            let text = text.with_context(|| format!("cannot read {}", path.display()))?;
            serde_yaml::from_str(&text).with_context(|| format!("{} is not a list of overrides", path.display()))
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
