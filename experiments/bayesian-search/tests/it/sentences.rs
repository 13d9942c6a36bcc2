/// What the page says is true of the manifest that was run: by its changes, what it says and what it does not say.
#[test]
fn sentences_hold_for_the_manifest_that_was_run() {
    let cases: [(&[&str], &[&str], &[&str]); 3] = [
        (
            &["search.trials=6"],
            &["Sampler `gp` suggests 6 trials, and the smallest", "chosen by held-out data, trial "],
            &["No trial is complete"],
        ),
        (
            &[
                "search.trials=6",
                "training.optimizer.name=sgd",
                "search.parameters={training.optimizer.learning_rate: {min: 1.0e+6, max: 1.0e+7}}",
            ],
            &["No trial is complete, so nothing is chosen: 6 failed"],
            &["Both choices", "The best value"],
        ),
        (
            &["search.trials=6", "search.sampler=tpe", "search.validation_split=null", "search.repeats=2"],
            &["Sampler `tpe`", "the median of 2 trainings", "What is chosen by the test data"],
            &["`gp`", "Both choices"],
        ),
    ];
    notebook::expect::sentences(env!("CARGO_BIN_EXE_bayesian-search"), &cases);
}
