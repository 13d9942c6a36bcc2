//! The run of `bayesian-search` as a user starts it.

/// What the page says holds for the manifest that was run.
mod sentences;

/// The best trial is linear and reaches the floor of float32; no trial is lost.
#[test]
fn the_best_trial_is_linear() {
    let run = notebook::expect::Run::of(env!("CARGO_BIN_EXE_bayesian-search"), &[]);
    let (metrics, trials) = (&run.metrics, run.read("trials.csv"));
    assert!(metrics["best_value"].as_f64().unwrap() < -4.9, "{metrics}");
    let best = metrics["best_trial"].as_u64().unwrap();
    let row = trials.lines().find(|line| line.starts_with(&format!("{best},"))).unwrap();
    assert!(row.contains(",linear,"), "{row}");
    assert_eq!(trials.lines().count(), 60 + 1);
}
