use serde_json::{Value, json};
use tempfile::tempdir;

/// What the page says is true of the recorded runs that are compared: some that are repeated, one of another last bit, one that
/// diverges.
#[test]
fn sentences_hold_for_the_runs_that_were_compared() {
    let text = include_str!("../../../../data/keras/recorded.json");
    let cases = serde_json::from_str::<Value>(text).unwrap()["cases"].clone();
    let case = |name: &str, runs: usize| {
        let mut case = cases.as_array().unwrap().iter().find(|case| case["name"] == name).unwrap().clone();
        case["runs"].as_array_mut().unwrap().truncate(runs);
        case
    };
    let mut altered = case("base", 1);
    let run = &mut altered["runs"][0];
    let losses = run["losses"].as_str().unwrap();
    let digit = if losses.ends_with('0') { "1" } else { "0" };
    run["losses"] = json!(losses[..losses.len() - 1].to_owned() + digit);
    let diverged = case("relu-huber-diverged", 1);
    let no_map = "Engine `exact`: every distance is 0 in every epoch, so there is no map of it.";
    let tables: [(Value, &[&str], &[&str]); 3] = [
        (
            json!([case("base", 2), case("batch-64", 1)]),
            &["Of 3 recorded runs of real Keras, in 2 configurations, 3 are repeated", "in the first 10.", no_map],
            &["none is"],
        ),
        (
            json!([altered]),
            &[
                "1 run of real Keras in 1 configuration,",
                "Of 1 recorded run of real Keras, in 1 configuration, none is repeated",
            ],
            &["1 is repeated", no_map],
        ),
        (
            json!([diverged]),
            &["Of 1 recorded run of real Keras, in 1 configuration, 1 is repeated", "in the first epoch."],
            &["none is", "in the first 1"],
        ),
    ];
    for (cases, said, unsaid) in tables {
        let place = tempdir().unwrap();
        let file = place.path().join("recorded.json");
        std::fs::write(&file, json!({"cases": cases}).to_string()).unwrap();
        let change = format!("recorded=[{}]", file.display());
        notebook::expect::sentences(env!("CARGO_BIN_EXE_keras-parity"), &[(&[&change], said, unsaid)]);
    }
}
