//! A study to be killed: `crash JOURNAL TRIALS JOBS MICROSECONDS` runs the study of the tests until it has so many
//! trials, each report of a trial taking so long, and exits with 0. tests/it/crash.rs kills and resumes it.

#[path = "../tests/it/sample.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod sample;

use std::time::Duration;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, trials, jobs, pause] = &arguments[..] else {
        eprintln!("usage: crash JOURNAL TRIALS JOBS MICROSECONDS");
        std::process::exit(2);
    };
    let pause = Duration::from_micros(pause.parse().expect("MICROSECONDS is a number"));
    let (trials, jobs) = (trials.parse().expect("TRIALS is a number"), jobs.parse().expect("JOBS is a number"));
    sample::run(path.as_ref(), trials, jobs, pause);
}
