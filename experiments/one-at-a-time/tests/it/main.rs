//! The run of `one-at-a-time` as a user starts it.

/// Guards the order of the overview, and that it takes odd numbers.
mod overview;

/// What the page says holds for the manifest that was run.
mod sentences;

/// As the program has it, for its module `overview`.
struct Level {
    name: String,
    accuracies: Vec<f64>,
}

fn run(arguments: &[&str]) -> (serde_json::Value, String) {
    let run = notebook::expect::Run::of(env!("CARGO_BIN_EXE_one-at-a-time"), arguments);
    (run.metrics.clone(), run.read("factors.csv"))
}

/// The activation moves the error by more than four orders of magnitude, nothing else by a half as many.
#[test]
fn the_activation_is_the_knob_that_matters() {
    let (metrics, _) = run(&[]);
    let effect = |name: &str| metrics[format!("log10_effect_{name}")].as_f64().unwrap();
    assert!(effect("activation") < -4.0, "{metrics}");
    for name in ["optimizer", "learning_rate", "loss", "units", "batch_size", "epochs"] {
        assert!(effect(name) <= 0.0 && effect(name) > 0.5 * effect("activation"), "{name}: {metrics}");
    }
}

/// Every factor has the baseline among its values, with the same accuracy, and its effect is 0.
#[test]
fn all_factors_start_from_one_baseline() {
    let (metrics, table) = run(&["--set", "factors.seeds=5"]);
    let rows: Vec<Vec<&str>> =
        table.lines().filter(|row| row.contains("(baseline)")).map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), 7, "{table}");
    for row in rows {
        assert_eq!(row[4].parse(), Ok(metrics["median_accuracy_baseline"].as_f64().unwrap()), "{row:?}");
        assert_eq!(row[6], "0.0", "{row:?}");
    }
}
