use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::tempdir;

fn search(place: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_search"));
    let output = command.current_dir(place).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_search_without_result_exits_with_1_and_is_not_repeated() {
    let place = tempdir().unwrap();
    let arguments = ["--starts", "0..2", "--threads", "2", "--out", "witness.json"];
    let (code, stdout, stderr) = search(place.path(), &arguments);
    assert_eq!((code, stdout.as_str()), (1, ""), "{stderr}");
    assert!(stderr.contains("starts 0..2: 2 in "), "{stderr}");
    assert!(!place.path().join("witness.json").exists());
    let path = place.path().join("witness.json.journal");
    let journal = fs::read_to_string(&path).unwrap();
    assert_eq!(journal.matches("{\"start\":{\"number\":").count(), 2, "{journal}");
    assert_eq!(search(place.path(), &arguments).0, 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), journal);
}

/// Other results than these would lead to another witness than the committed one.
#[test]
fn starts_are_the_same_with_any_number_of_threads() {
    let journals = ["1", "3"].map(|threads| {
        let place = tempdir().unwrap();
        assert_eq!(search(place.path(), &["--starts", "28..30", "--threads", threads]).0, 1);
        let journal = fs::read_to_string(place.path().join("witness.json.journal")).unwrap();
        let mut lines: Vec<String> = journal.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    });
    assert_eq!(journals[0], journals[1]);
}

#[test]
fn errors_are_one_line_and_an_exit_code() {
    let place = tempdir().unwrap();
    let manifest = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/manifest.yaml")).unwrap();
    let with = |from: &str, to: &str| {
        assert!(manifest.contains(from));
        fs::write(place.path().join("manifest.yaml"), manifest.replace(from, to)).unwrap();
        search(place.path(), &["--manifest", "manifest.yaml", "--starts", "0..1"])
    };
    let (code, _, stderr) = with("loss: mse", "loss: mae");
    let expected = "error: manifest.yaml: the search cannot run it: training.loss: must be mse\n";
    assert_eq!((code, stderr.as_str()), (1, expected));
    assert_eq!(with("epochs: 100", "epochs: 0").0, 65);
    let code = |arguments: &[&str]| search(place.path(), arguments).0;
    assert_eq!(code(&["--middle", "1"]), 2);
    assert_eq!(code(&["--starts", "5..5"]), 2);
    assert_eq!(code(&["--start", "1", "--starts", "0..5"]), 2);
    assert_eq!(code(&["--threads", "0"]), 2);
    assert_eq!(code(&["--starts", "0..1", "--out", "no/such/folder/witness.json"]), 74);
    assert_eq!(code(&["--manifest", "no/such/manifest.yaml"]), 74);
}
