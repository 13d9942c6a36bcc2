//! What the tests of experiments share: the program as a user starts it, what it leaves and what its report says.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::Contents;

/// A run that has ended. Its report goes with this.
#[derive(Debug)]
pub struct Run {
    place: TempDir,
    /// The values that it printed.
    pub metrics: Value,
}

impl Run {
    /// Runs the program with these arguments beside `--quiet`, `--json` and `--out`.
    ///
    /// # Panics
    /// If it fails, or says something on stderr.
    pub fn of(program: &str, arguments: &[&str]) -> Self {
        let place = tempfile::tempdir().expect("a temporary folder can be made");
        let mut command = Command::new(program);
        command.args(["--quiet", "--json", "--out"]).arg(place.path().join("report")).args(arguments);
        let output = command.output().expect("the program starts");
        assert_eq!((output.status.code(), &*String::from_utf8_lossy(&output.stderr)), (Some(0), ""), "{arguments:?}");
        let fields: Value = serde_json::from_slice(&output.stdout).expect("the program prints JSON");
        Self { place, metrics: fields["metrics"].clone() }
    }

    /// The folder of the report.
    pub fn report(&self) -> PathBuf {
        self.place.path().join("report")
    }

    /// A file of the report.
    ///
    /// # Panics
    /// If there is none, or it is no text.
    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.report().join(file)).expect(file)
    }
}

/// That each of these changes of the manifest is refused in one line, which says this of it.
///
/// # Panics
/// If one is not.
pub fn refusals(program: &str, cases: &[(&str, &str)]) {
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    for &(change, said) in cases {
        let mut command = Command::new(program);
        command.args(["--quiet", "--set", change, "--out"]).arg(place.path().join("report"));
        let output = command.output().expect("the program starts");
        let error = String::from_utf8_lossy(&output.stderr);
        let is_one_line = error.lines().count() == 1;
        assert!(output.status.code() == Some(65) && is_one_line && error.contains(said), "{change}: {error}");
    }
}

/// Changes of a manifest, what a page then says, and what it does not say.
pub type Case<'case> = (&'case [&'case str], &'case [&'case str], &'case [&'case str]);

/// That what the page says is true of the manifest that was run. It never says NaN or inf.
///
/// # Panics
/// If the program fails with one of the changes, or a sentence is missing or there.
pub fn sentences(program: &str, cases: &[Case]) {
    for &(changes, said, unsaid) in cases {
        let changes: Vec<&str> = changes.iter().flat_map(|change| ["--set", change]).collect();
        let contents = Contents::load(&Run::of(program, &changes).report()).expect("the report has contents");
        let report = contents.paragraphs().join("\n") + "\n" + &contents.result;
        for sentence in said {
            assert!(report.contains(sentence), "{changes:?}: {sentence} in {report}");
        }
        for word in unsaid.iter().chain(&["NaN", " inf"]) {
            assert!(!report.contains(word), "{changes:?}: {word} in {report}");
        }
    }
}
