//! An experiment's program, timed from its start to its report.

use std::process::Command;

use criterion::SamplingMode;

/// Times the program of `experiment` with these overrides; the name is `<experiment>/<overrides>`.
///
/// # Panics
/// If the program fails.
pub fn program(experiment: &str, program: &str, overrides: &[&str]) {
    let mut criterion = crate::criterion();
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let run = || {
        let mut command = Command::new(program);
        command.arg("--quiet").arg("--out").arg(place.path().join(experiment));
        for change in overrides {
            command.args(["--set", change]);
        }
        let output = command.output().expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let mut group = criterion.benchmark_group(experiment);
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function(overrides.join(" "), |bencher| bencher.iter(run));
    group.finish();
    criterion.final_summary();
}
