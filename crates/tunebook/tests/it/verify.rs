use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::tempdir;

use crate::{change_a_digit, copy, refusal, root};

fn verify(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tunebook")).arg("verify").args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn what_is_committed_is_what_a_run_makes() {
    let (code, stdout) = verify(&["raw-relu", "standardized-relu", "published-log"]);
    assert_eq!(code, Some(0), "{stdout}");
    assert!(stdout.ends_with(" artefacts identical\n"), "{stdout}");
}

/// Small changes of the program's numbers: each is found, and named with file, line and column.
#[test]
fn a_changed_constant_seed_or_batch_order_is_found() {
    let changes = [
        "training.optimizer.epsilon=1e-8",
        "training.seed=9",
        "training.shuffle=false",
        "training.flow=keras-set-random-seed",
    ];
    for change in changes {
        let (code, stdout) = verify(&["raw-relu", "--set", change]);
        assert_eq!(code, Some(1), "{change}");
        assert!(stdout.contains("raw-relu/history.csv:") && stdout.contains(": loss: expected "), "{change}: {stdout}");
        // Its figures say what is changed, so all of them differ.
        assert!(stdout.contains("raw-relu/figures/prediction_gap.png: "), "{change}: {stdout}");
    }
}

/// Another order of the witness' rows: the log is no longer the post's.
#[test]
fn a_changed_witness_is_found() {
    let place = tempdir().unwrap();
    let witness = fs::read_to_string(root().join("data/published-log/witness.json")).unwrap();
    let mut witness: serde_json::Value = serde_json::from_str(&witness).unwrap();
    witness["orders"][50].as_array_mut().unwrap().swap(0, 99);
    let path = place.path().join("witness.json");
    fs::write(&path, witness.to_string()).unwrap();
    fs::copy(root().join("data/published-log/replayed.json"), place.path().join("replayed.json")).unwrap();
    let (code, stdout) = verify(&["published-log", "--set", &format!("witness={}", path.display())]);
    assert_eq!(code, Some(1));
    assert!(stdout.contains("not reproduced: "), "a published number is not reproduced: {stdout}");
}

#[test]
fn a_changed_digit_pixel_or_file_of_the_reports_is_found() {
    let place = tempdir().unwrap();
    copy(&root().join("reports/raw-relu"), &place.path().join("raw-relu"));
    let table = place.path().join("raw-relu/history.csv");
    change_a_digit(&table);
    let picture = place.path().join("raw-relu/figures/training_loss.png");
    move_a_pixel(&picture);
    fs::remove_file(place.path().join("raw-relu/metrics.json")).unwrap();
    fs::write(place.path().join("raw-relu/extra.csv"), "a\n1\n").unwrap();
    // Neither is an artefact: a record, and the journal of a search that goes on.
    fs::create_dir(place.path().join("raw-relu/records")).unwrap();
    fs::write(place.path().join("raw-relu/records/journal.log"), "").unwrap();
    fs::write(place.path().join("raw-relu/.journal.log"), "").unwrap();

    let reports = place.path().display().to_string();
    let (code, stdout) = verify(&["raw-relu", "--reports", &reports]);
    assert_eq!(code, Some(1));
    for expected in [
        "raw-relu/history.csv:8: loss: expected ",
        "raw-relu/figures/training_loss.png: 1 pixels differ",
        "raw-relu/metrics.json: not in the committed reports",
        "raw-relu/extra.csv: missing",
    ] {
        assert!(stdout.contains(expected), "{expected}: {stdout}");
    }
    assert!(!stdout.contains("journal"), "{stdout}");
}

#[test]
fn a_half_replaced_report_is_no_report() {
    let place = tempdir().unwrap();
    fs::create_dir(place.path().join("raw-relu")).unwrap();
    fs::write(place.path().join("raw-relu/.replacing"), "").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tunebook"));
    let output = command.args(["verify", "raw-relu", "--reports"]).arg(place.path()).output().unwrap();
    assert!(refusal(&output, 1).contains("raw-relu is half replaced by a run that was killed"));
}

#[test]
fn an_unknown_experiment_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_tunebook")).args(["verify", "no-such-experiment"]).output().unwrap();
    assert!(refusal(&output, 1).contains("there is no experiment no-such-experiment; there are "));
}

/// Gives a pixel of a picture another colour.
fn move_a_pixel(path: &Path) {
    let mut reader = png::Decoder::new(std::io::BufReader::new(fs::File::open(path).unwrap())).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    let pixel = &mut pixels[500 * frame.line_size + 900];
    *pixel = u8::from(*pixel == 0);
    let mut encoder = png::Encoder::new(fs::File::create(path).unwrap(), frame.width, frame.height);
    encoder.set_color(frame.color_type);
    if let Some(palette) = reader.info().palette.clone() {
        encoder.set_palette(palette);
    }
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}
